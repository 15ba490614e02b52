package format

import "github.com/ipdm-network/ipdm/sdk/go/format/internal/blake3lanes"

// fewLanes is how many short messages it takes to be hashed side by side in less time than one after the other.
const fewLanes = 3

// Sums computes the digests of many messages. Those of up to a chunk (1 KiB) are hashed some at a time where the processor
// can, which takes a small part of the time of one after the other. The zero value is ready; it is for one goroutine.
type Sums struct {
	short [blake3lanes.ChunkBytes / blake3lanes.BlockBytes]lanes
}

// lanes are messages of the same number of blocks that wait to be hashed.
type lanes struct {
	count    int
	messages [blake3lanes.Lanes][]byte
	digests  [blake3lanes.Lanes]*[DigestSize]byte
}

// Add sets a digest to that of data, now or by the end of Flush. Until then data must not change.
func (s *Sums) Add(digest *Digest, data []byte) {
	if !blake3lanes.Available || len(data) > blake3lanes.ChunkBytes {
		*digest = Sum(data)
		return
	}
	l := &s.short[blake3lanes.Blocks(len(data))-1]
	l.messages[l.count], l.digests[l.count] = data, (*[DigestSize]byte)(digest)
	if l.count++; l.count == blake3lanes.Lanes {
		l.flush()
	}
}

// Flush sets the digests that are not set yet.
func (s *Sums) Flush() {
	for i := range s.short {
		if l := &s.short[i]; l.count > 0 {
			l.flush()
		}
	}
}

func (l *lanes) flush() {
	if l.count >= fewLanes {
		blake3lanes.SumShort(l.messages[:l.count], l.digests[:l.count])
	} else {
		for i := range l.count {
			*l.digests[i] = Sum(l.messages[i])
		}
	}
	l.count = 0
}
