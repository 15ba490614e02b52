package manifest

import (
	"context"
	"fmt"
	"iter"

	"github.com/ipfs/go-cid"

	"github.com/ipdm-network/ipdm/sdk/go/format"
)

// Fetch returns the plain bytes of a block. They are verified by whoever asked.
type Fetch func(ctx context.Context, c cid.Cid) ([]byte, error)

// Reader reads a manifest, its pages one at a time as they are needed. It is safe for concurrent use if its Fetch is.
type Reader struct {
	header *Header
	cid    cid.Cid
	fetch  Fetch
}

// Open fetches the header of the manifest c and verifies digest, form and signature.
func Open(ctx context.Context, c cid.Cid, fetch Fetch) (*Reader, error) {
	if _, err := format.DigestOf(c); err != nil {
		return nil, fmt.Errorf("failed to open manifest: %w", err)
	}
	if c.Prefix().Codec != format.DagCBOR {
		return nil, fmt.Errorf("failed to open manifest: %w: %s is no dag-cbor", ErrEncoding, c)
	}
	data, err := fetchVerified(ctx, fetch, c, MaxBlockSize)
	if err != nil {
		return nil, fmt.Errorf("failed to open manifest: %w", err)
	}
	h, err := DecodeHeader(data)
	if err != nil {
		return nil, fmt.Errorf("failed to open manifest %s: %w", c, err)
	}
	if err := h.Verify(); err != nil {
		return nil, fmt.Errorf("failed to open manifest %s: %w", c, err)
	}
	return &Reader{header: h, cid: c, fetch: fetch}, nil
}

// Header returns the verified header, which must not be changed.
func (r *Reader) Header() *Header { return r.header }

// CID returns the CID of the manifest.
func (r *Reader) CID() cid.Cid { return r.cid }

// Page fetches page p, from 0, and verifies its digest, form, place and length.
func (r *Reader) Page(ctx context.Context, p int) ([]Entry, error) {
	if p < 0 || p >= len(r.header.Pages) {
		return nil, fmt.Errorf("%w: page %d of %d", ErrCount, p, len(r.header.Pages))
	}
	data, err := fetchVerified(ctx, r.fetch, format.CBORCID(r.header.Pages[p]), MaxBlockSize)
	if err != nil {
		return nil, fmt.Errorf("failed to read manifest page %d: %w", p, err)
	}
	first, entries, err := DecodePage(data)
	if err != nil {
		return nil, fmt.Errorf("failed to read manifest page %d: %w", p, err)
	}
	wantFirst := uint32(p) * EntriesPerPage
	if first != wantFirst {
		return nil, fmt.Errorf("%w: page %d begins with entry %d, want %d", ErrOrder, p, first, wantFirst)
	}
	if want := min(EntriesPerPage, r.header.Entries-wantFirst); uint32(len(entries)) != want {
		return nil, fmt.Errorf("%w: page %d has %d entries, want %d", ErrCount, p, len(entries), want)
	}
	if p == 0 && !entries[0].CID().Equals(r.header.Root) {
		return nil, fmt.Errorf("%w: root %s, first entry %s", ErrRoot, r.header.Root, entries[0].CID())
	}
	return entries, nil
}

// Entry returns entry i, from 0. It fetches the page the entry is in.
func (r *Reader) Entry(ctx context.Context, i uint32) (Entry, error) {
	if i >= r.header.Entries {
		return Entry{}, fmt.Errorf("%w: entry %d of %d", ErrCount, i, r.header.Entries)
	}
	page, err := r.Page(ctx, int(i/EntriesPerPage))
	if err != nil {
		return Entry{}, err
	}
	return page[i%EntriesPerPage], nil
}

// Entries yields all entries in order. An error is yielded once, with a zero Entry, and ends the sequence; when the
// sequence ends without one, the totals of the header were right.
func (r *Reader) Entries(ctx context.Context) iter.Seq2[Entry, error] {
	return func(yield func(Entry, error) bool) {
		var size uint64
		var leaves uint32
		for p := range r.header.Pages {
			page, err := r.Page(ctx, p)
			if err != nil {
				yield(Entry{}, err)
				return
			}
			for _, e := range page {
				size += uint64(e.Size)
				if e.Codec == format.Raw {
					leaves++
				}
				if !yield(e, nil) {
					return
				}
			}
		}
		if size != r.header.PlainSize || leaves != r.header.Leaves {
			yield(Entry{}, fmt.Errorf("%w: %d bytes and %d leaves, header states %d and %d",
				ErrCount, size, leaves, r.header.PlainSize, r.header.Leaves))
		}
	}
}

// fetchVerified fetches c and checks length and digest.
func fetchVerified(ctx context.Context, fetch Fetch, c cid.Cid, limit int) ([]byte, error) {
	want, err := format.DigestOf(c)
	if err != nil {
		return nil, err
	}
	data, err := fetch(ctx, c)
	if err != nil {
		return nil, fmt.Errorf("failed to fetch %s: %w", c, err)
	}
	if len(data) > limit {
		return nil, fmt.Errorf("%w: %s has %d bytes, at most %d", ErrTooLarge, c, len(data), limit)
	}
	if format.Sum(data) != want {
		return nil, fmt.Errorf("%w: %s", ErrDigest, c)
	}
	return data, nil
}
