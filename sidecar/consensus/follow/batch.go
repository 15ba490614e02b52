package follow

import (
	"bytes"
	"fmt"

	"github.com/ipdm-network/ipdm/sidecar/consensus/follow/feed"
)

const (
	// contentType is that of every batch.
	contentType = "application/x-ndjson"
	// maxBatchBytes is the length at which a batch is stored however few changes it has.
	maxBatchBytes = 16 << 20
)

// batch is changes that were read and are not stored yet.
type batch struct {
	lines   bytes.Buffer
	changes int
	// from and to are the least and the greatest slot or block of a change.
	from, to uint64
}

func (b *batch) add(c feed.Change) {
	if b.changes == 0 {
		b.from, b.to = c.Position, c.Position
	}
	b.from, b.to = min(b.from, c.Position), max(b.to, c.Position)
	b.changes++
	b.lines.Write(c.Line)
	b.lines.WriteByte('\n')
}

func (b *batch) reset() {
	b.lines.Reset()
	b.changes, b.from, b.to = 0, 0, 0
}

// tags are those of a batch. Positions have a fixed width so that they compare as numbers do.
func (c *Config) tags(addresses []string, from, to uint64) []string {
	tags := []string{
		"chain=" + c.chain(), "follow=" + c.Name, "kind=" + c.Kind, fmt.Sprintf("from=%012d", from), fmt.Sprintf("to=%012d", to),
	}
	for _, address := range addresses {
		tags = append(tags, "address="+address)
	}
	return tags
}
