package sealer

import (
	"fmt"
	"log/slog"

	"github.com/ipdm-network/ipdm/x/porep/proof/sdr"
)

// MinMemoryBytes is the least that Options.MemoryBytes can bound: the buffers of a sealer and a few dozen labels.
const MinMemoryBytes = 64 << 20

const (
	// bufferBytes is what a sealer keeps in memory besides layers and parents: stream buffers, and an encoding.
	bufferBytes = 8 << 20
	// workerBytes is what each worker of a tree keeps in memory.
	workerBytes = 2 << 20
	// faultBytes is what one look at a mapped file brings into memory at most: a system maps some pages around the one it is asked for.
	faultBytes = 64 << 10
)

// Options say how sectors are made.
type Options struct {
	// MemoryBytes bounds what one sealer keeps in memory: two layers, the mapped parents of all nodes, and buffers. 0 is for no bound; see
	// Validate. What does not hold them, 120 bytes a node and bufferBytes, is slow: layers are mapped from their files then.
	MemoryBytes uint64
	// Workers hash trees at a time; 0 for as many as there are processors. A small MemoryBytes allows fewer.
	Workers int
	// Log may be nil.
	Log *slog.Logger
	// BenchNodes is the number of nodes of every sector instead of that of its class, 0 for that. It is for measurements: no chain takes such
	// a sector, and a store without the same option does not read it.
	BenchNodes uint64
}

// Validate fails with ErrOptions when the memory is bounded by less than MinMemoryBytes, which a sealer exceeds, or for a number of
// nodes that no sector has.
func (o Options) Validate() error {
	if o.MemoryBytes != 0 && o.MemoryBytes < MinMemoryBytes {
		return fmt.Errorf("%w: %d bytes of memory, a sealer needs %d", ErrOptions, o.MemoryBytes, MinMemoryBytes)
	}
	if o.BenchNodes != 0 && (sdr.CheckNodes(o.BenchNodes) != nil || o.BenchNodes < 2*groupNodes) {
		return fmt.Errorf("%w: sectors of %d nodes", ErrOptions, o.BenchNodes)
	}
	return nil
}

// mappedBytes is how much of layers and parents a sealer of a sector of so many nodes may keep in memory; bounded tells whether that is less
// than all.
func (o Options) mappedBytes(nodes uint64) (most uint64, bounded bool) {
	all := nodes * (2*sdr.NodeSize + sdr.ParentsSize)
	if o.MemoryBytes == 0 || all+bufferBytes <= o.MemoryBytes {
		return all, false
	}
	return max(o.MemoryBytes, bufferBytes) - bufferBytes, true
}

// lookAfter is after how many labels of a sector a sealer looks at how much it keeps in memory: a quarter of what it may is added
// meanwhile at most.
func (o Options) lookAfter(nodes uint64) uint64 {
	const (
		perLabel = sdr.Parents * faultBytes
		atLeast  = 16
	)
	most, bounded := o.mappedBytes(nodes)
	if !bounded {
		return 1 << 62
	}
	return max(most/4/perLabel, atLeast)
}

// workers is how many workers hash a tree.
func (o Options) workers() int {
	if o.MemoryBytes == 0 {
		return o.Workers
	}
	return int(max(1, min(uint64(o.Workers), o.MemoryBytes/workerBytes)))
}
