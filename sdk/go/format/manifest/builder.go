package manifest

import (
	"fmt"

	"github.com/ipdm-network/ipdm/sdk/go/format"
)

// Builder makes a manifest from a stream of entries. Memory does not grow with their number but for 32 bytes a page.
type Builder struct {
	emit   func(page format.Block) error
	header Header
	body   []byte // entries of the page under construction
	count  int    // how many
}

// NewBuilder returns a Builder that hands each finished page to emit, which may keep it.
func NewBuilder(emit func(page format.Block) error) *Builder {
	return &Builder{emit: emit}
}

// Append adds the next entry. The caller appends every distinct block once, in depth-first first-visit order, the root
// first; it is not checked here. It fails with ErrTooLarge, ErrCodec or what emit fails with.
func (b *Builder) Append(e Entry) error {
	if err := e.check(); err != nil {
		return err
	}
	if b.header.Entries == MaxEntries {
		return fmt.Errorf("%w: more than %d entries", ErrTooLarge, MaxEntries)
	}
	if b.count == EntriesPerPage {
		if err := b.flush(); err != nil {
			return err
		}
	}
	if b.header.Entries == 0 {
		b.header.Root = e.CID()
	}
	b.body = appendEntry(b.body, e)
	b.count++
	b.header.Entries++
	b.header.PlainSize += uint64(e.Size)
	if e.Codec == format.Raw {
		b.header.Leaves++
	}
	return nil
}

// Finish emits the last page and returns the header, valid but not signed: see Header.Sign and Header.Encode.
// The Builder must not be used afterwards.
func (b *Builder) Finish(meta Meta) (*Header, error) {
	if b.count > 0 {
		if err := b.flush(); err != nil {
			return nil, err
		}
	}
	b.header.Meta = meta
	if err := b.header.Validate(); err != nil {
		return nil, err
	}
	return &b.header, nil
}

func (b *Builder) flush() error {
	page := encodePage(b.header.Entries-uint32(b.count), b.count, b.body)
	if err := b.emit(page); err != nil {
		return fmt.Errorf("failed to emit manifest page: %w", err)
	}
	b.header.Pages = append(b.header.Pages, page.Digest)
	b.body, b.count = b.body[:0], 0
	return nil
}
