package layout

import (
	"fmt"
	"math"

	"github.com/ipfs/go-cid"

	"github.com/ipdm-network/ipdm/sdk/go/format"
	"github.com/ipdm-network/ipdm/sdk/go/format/commitment"
)

// Builder makes a layout from a stream of encodings and computes their commitment. Memory does not grow with their
// number but for 32 bytes a page.
type Builder struct {
	emit       func(page format.Block) error
	header     Header
	commitment commitment.Builder
	body       []byte // encodings of the page under construction
	count      int    // how many
	offset     uint64 // offset of the first of them
}

// NewBuilder returns a Builder of a layout of the manifest m. It hands each finished page to emit, which may keep it.
func NewBuilder(m cid.Cid, emit func(page format.Block) error) *Builder {
	return &Builder{emit: emit, header: Header{Manifest: m}}
}

// Append adds the next encoding; its Offset is not looked at. That every block is covered exactly once and no encoding
// is repeated is not checked here: see Validate. It fails with ErrTooLarge, ErrAlgorithm, ErrNoBlocks, ErrIndex,
// ErrOrder or what emit fails with; in the last case the Builder must not be used further.
func (b *Builder) Append(e Encoding) error {
	if err := e.check(); err != nil {
		return err
	}
	if b.header.Encodings == MaxIndices {
		return fmt.Errorf("%w: more than %d encodings", ErrTooLarge, MaxIndices)
	}
	e.Offset = b.header.Length
	if err := b.commitment.Add(e.Leaf()); err != nil {
		return fmt.Errorf("failed to commit to encoding: %w", err)
	}
	before := len(b.body)
	b.body = appendEncoding(b.body, e)
	if len(b.body) > MaxBlockSize-pageOverhead {
		added := append([]byte(nil), b.body[before:]...)
		b.body = b.body[:before]
		if err := b.flush(); err != nil {
			return err
		}
		b.body = append(b.body, added...)
	}
	if b.count == 0 {
		b.offset = e.Offset
	}
	b.count++
	b.header.Encodings++
	b.header.Length += uint64(e.Length)
	return nil
}

// Finish emits the last page and returns the header: see Header.Encode. The Builder must not be used afterwards.
func (b *Builder) Finish() (*Header, error) {
	if b.header.Encodings == 0 {
		return nil, fmt.Errorf("%w: no encodings", ErrCount)
	}
	if err := b.flush(); err != nil {
		return nil, err
	}
	commD, err := b.commitment.CommD()
	if err != nil {
		return nil, fmt.Errorf("failed to commit to layout: %w", err)
	}
	b.header.CommD = commD
	if err := b.header.Validate(); err != nil {
		return nil, err
	}
	return &b.header, nil
}

func (b *Builder) flush() error {
	page := encodePage(b.header.Encodings-uint32(b.count), b.offset, b.count, b.body)
	if err := b.emit(page); err != nil {
		return fmt.Errorf("failed to emit layout page: %w", err)
	}
	b.header.Pages = append(b.header.Pages, page.Digest)
	b.body, b.count, b.offset = b.body[:0], 0, math.MaxUint64
	return nil
}
