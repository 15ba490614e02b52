package data

import (
	"sync"

	"github.com/ipdm-network/ipdm/sdk/go/format"
)

const (
	// smallBytes is the block length below which blocks are packed.
	smallBytes = 64 << 10
	// maxPackBlocks is the number of blocks at which a pack is full whatever their size.
	maxPackBlocks = 4096
)

// job is a group of blocks that one worker hashes, deduplicates and encodes: one large block or many small ones.
type job struct {
	blocks []format.Block
	hashed bool    // the digests are there already (nodes)
	arena  *[]byte // pooled memory behind the blocks' data, or nil

	ready   chan struct{}   // closed when digests is set
	digests []format.Digest // of the blocks
}

// arenas holds *[]byte with room for the largest block or pack.
var arenas = sync.Pool{New: func() any {
	b := make([]byte, 0, format.MaxBlockSize)
	return &b
}}

func newJob(hashed bool) *job { return &job{hashed: hashed, ready: make(chan struct{})} }

// release gives the memory of the blocks back.
func (j *job) release() {
	if j.arena != nil {
		*j.arena = (*j.arena)[:0]
		arenas.Put(j.arena)
		j.arena = nil
	}
	j.blocks = nil
}

// packer groups small blocks in the order they come.
type packer struct {
	limit int // plain bytes of a full pack
	cur   *job
	used  int
}

// full tells whether a block of size bytes does not fit the group in the making.
func (p *packer) full(size int) bool {
	return p.cur != nil && (p.used+size > p.limit || len(p.cur.blocks) >= maxPackBlocks)
}

// take returns the group in the making, nil if there is none, and begins another.
func (p *packer) take() *job {
	j := p.cur
	p.cur, p.used = nil, 0
	return j
}

// copyIn adds a copy of data, which must fit, and returns where it is.
func (p *packer) copyIn(codec uint64, data []byte) (*job, int) {
	if p.cur == nil {
		p.cur = newJob(false)
		p.cur.arena = arenas.Get().(*[]byte)
	}
	start := len(*p.cur.arena)
	*p.cur.arena = append(*p.cur.arena, data...)
	end := len(*p.cur.arena)
	p.cur.blocks = append(p.cur.blocks, format.Block{Codec: codec, Data: (*p.cur.arena)[start:end:end]})
	p.used += len(data)
	return p.cur, len(p.cur.blocks) - 1
}

// refer adds a block that is yet to be hashed, which must fit, and keeps its data.
func (p *packer) refer(codec uint64, data []byte) {
	if p.cur == nil {
		p.cur = newJob(false)
	}
	p.cur.blocks = append(p.cur.blocks, format.Block{Codec: codec, Data: data})
	p.used += len(data)
}

// add adds a hashed block, which must fit, and keeps its data.
func (p *packer) add(b format.Block) {
	if p.cur == nil {
		p.cur = newJob(true)
	}
	p.cur.blocks = append(p.cur.blocks, b)
	p.used += len(b.Data)
}
