package layout

import (
	"context"
	"fmt"
	"iter"

	"github.com/ipfs/go-cid"

	"github.com/ipdm-network/ipdm/sdk/go/format"
	"github.com/ipdm-network/ipdm/sdk/go/format/commitment"
)

// Fetch returns the plain bytes of a block. They are verified by whoever asked.
type Fetch func(ctx context.Context, c cid.Cid) ([]byte, error)

// Reader reads a layout, its pages one at a time as they are needed. It is safe for concurrent use if its Fetch is.
type Reader struct {
	header *Header
	cid    cid.Cid
	fetch  Fetch
}

// Open fetches the header of the layout c and verifies digest and form.
func Open(ctx context.Context, c cid.Cid, fetch Fetch) (*Reader, error) {
	digest, err := format.DigestOf(c)
	if err != nil {
		return nil, fmt.Errorf("failed to open layout: %w", err)
	}
	if c.Prefix().Codec != format.DagCBOR {
		return nil, fmt.Errorf("failed to open layout: %w: %s is no dag-cbor", ErrEncoding, c)
	}
	data, err := fetchVerified(ctx, fetch, digest)
	if err != nil {
		return nil, fmt.Errorf("failed to open layout: %w", err)
	}
	h, err := DecodeHeader(data)
	if err != nil {
		return nil, fmt.Errorf("failed to open layout %s: %w", c, err)
	}
	return &Reader{header: h, cid: c, fetch: fetch}, nil
}

// Header returns the header, which must not be changed.
func (r *Reader) Header() *Header { return r.header }

// CID returns the CID of the layout.
func (r *Reader) CID() cid.Cid { return r.cid }

// Page fetches page p, from 0, and verifies its digest and form.
func (r *Reader) Page(ctx context.Context, p int) (*Page, error) {
	if p < 0 || p >= len(r.header.Pages) {
		return nil, fmt.Errorf("%w: page %d of %d", ErrCount, p, len(r.header.Pages))
	}
	data, err := fetchVerified(ctx, r.fetch, r.header.Pages[p])
	if err != nil {
		return nil, fmt.Errorf("failed to read layout page %d: %w", p, err)
	}
	page, err := DecodePage(data)
	if err != nil {
		return nil, fmt.Errorf("failed to read layout page %d: %w", p, err)
	}
	return page, nil
}

// Encodings yields all encodings in order. An error is yielded once, with a zero Encoding, and ends the sequence; when
// the sequence ends without one, pages, offsets, totals and comm_d of the header were right.
func (r *Reader) Encodings(ctx context.Context) iter.Seq2[Encoding, error] {
	return func(yield func(Encoding, error) bool) {
		var commit commitment.Builder
		for p := range r.header.Pages {
			page, err := r.Page(ctx, p)
			if err == nil && page.First != commit.LeafCount() {
				err = fmt.Errorf("%w: page %d begins with encoding %d, want %d", ErrOrder, p, page.First, commit.LeafCount())
			}
			if err != nil {
				yield(Encoding{}, err)
				return
			}
			for _, e := range page.Encodings {
				if e.Offset != commit.TotalLength() {
					yield(Encoding{}, fmt.Errorf("%w: encoding %d at offset %d, want %d", ErrOrder, commit.LeafCount(), e.Offset, commit.TotalLength()))
					return
				}
				if err := commit.Add(e.Leaf()); err != nil {
					yield(Encoding{}, fmt.Errorf("%w: %w", ErrOrder, err))
					return
				}
				if !yield(e, nil) {
					return
				}
			}
		}
		if err := r.checkTotals(&commit); err != nil {
			yield(Encoding{}, err)
		}
	}
}

// Leaves yields the leaves of the commitment in order, verified as by Encodings.
func (r *Reader) Leaves(ctx context.Context) iter.Seq2[commitment.Leaf, error] {
	return func(yield func(commitment.Leaf, error) bool) {
		for e, err := range r.Encodings(ctx) {
			if !yield(e.Leaf(), err) {
				return
			}
		}
	}
}

func (r *Reader) checkTotals(commit *commitment.Builder) error {
	if commit.LeafCount() != r.header.Encodings || commit.TotalLength() != r.header.Length {
		return fmt.Errorf("%w: %d encodings of %d bytes, header states %d of %d",
			ErrCount, commit.LeafCount(), commit.TotalLength(), r.header.Encodings, r.header.Length)
	}
	commD, err := commit.CommD()
	if err != nil {
		return fmt.Errorf("%w: %w", ErrCount, err)
	}
	if commD != r.header.CommD {
		return fmt.Errorf("%w: encodings give %s, header states %s", ErrCommitment, commD, r.header.CommD)
	}
	return nil
}

// fetchVerified fetches a dag-cbor block and checks length and digest.
func fetchVerified(ctx context.Context, fetch Fetch, want format.Digest) ([]byte, error) {
	c := format.CBORCID(want)
	data, err := fetch(ctx, c)
	if err != nil {
		return nil, fmt.Errorf("failed to fetch %s: %w", c, err)
	}
	if len(data) > MaxBlockSize {
		return nil, fmt.Errorf("%w: %s has %d bytes", ErrTooLarge, c, len(data))
	}
	if format.Sum(data) != want {
		return nil, fmt.Errorf("%w: %s", ErrDigest, c)
	}
	return data, nil
}
