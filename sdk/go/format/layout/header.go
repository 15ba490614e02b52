package layout

import (
	"errors"
	"fmt"
	"math"

	"github.com/ipfs/go-cid"

	"github.com/ipdm-network/ipdm/sdk/go/format"
	"github.com/ipdm-network/ipdm/sdk/go/format/internal/dagcbor"
)

const kind = "layout"

// Header is the first block of a layout.
type Header struct {
	Manifest  cid.Cid         // the manifest it belongs to
	CommD     format.Digest   // commitment to the encodings, see package commitment
	Length    uint64          // sum of the lengths of all encodings, in bytes
	Encodings uint32          // number of encodings
	Pages     []format.Digest // digests of the pages, in order
}

// Validate checks the fields against their bounds and each other.
func (h *Header) Validate() error {
	if _, err := format.DigestOf(h.Manifest); err != nil {
		return fmt.Errorf("%w: manifest: %w", ErrEncoding, err)
	}
	n := uint64(h.Encodings)
	switch {
	case h.Manifest.Prefix().Codec != format.DagCBOR:
		return fmt.Errorf("%w: %s is no manifest", ErrEncoding, h.Manifest)
	case n > MaxIndices || len(h.Pages) > maxPages:
		return fmt.Errorf("%w: %d encodings in %d pages", ErrTooLarge, n, len(h.Pages))
	case n == 0:
		return fmt.Errorf("%w: no encodings", ErrCount)
	case h.Length < n*MinLength || h.Length > n*MaxLength:
		return fmt.Errorf("%w: %d encodings cannot have %d bytes", ErrCount, n, h.Length)
	case len(h.Pages) == 0 || uint64(len(h.Pages)) > n:
		return fmt.Errorf("%w: %d encodings in %d pages", ErrCount, n, len(h.Pages))
	}
	return nil
}

// Encode returns the header as a block, whose CID is the layout's.
func (h *Header) Encode() (format.Block, error) {
	if err := h.Validate(); err != nil {
		return format.Block{}, err
	}
	data := dagcbor.AppendMap(make([]byte, 0, 256+len(h.Pages)*dagcbor.LinkSize), 7)
	data = dagcbor.AppendUint(dagcbor.AppendText(data, "v"), Version)
	data = dagcbor.AppendText(dagcbor.AppendText(data, "kind"), kind)
	data = dagcbor.AppendArray(dagcbor.AppendText(data, "pages"), len(h.Pages))
	for _, page := range h.Pages {
		data = dagcbor.AppendLink(data, format.CBORCID(page))
	}
	data = dagcbor.AppendBytes(dagcbor.AppendText(data, "comm_d"), h.CommD[:])
	data = dagcbor.AppendUint(dagcbor.AppendText(data, "length"), h.Length)
	data = dagcbor.AppendLink(dagcbor.AppendText(data, "manifest"), h.Manifest)
	data = dagcbor.AppendUint(dagcbor.AppendText(data, "encodings"), uint64(h.Encodings))
	return format.NewBlock(format.DagCBOR, data), nil
}

// DecodeHeader reads the header block of a layout and validates it.
// It fails with ErrEncoding, ErrVersion, ErrTooLarge or ErrCount. The result does not alias data.
func DecodeHeader(data []byte) (*Header, error) {
	if len(data) > MaxBlockSize {
		return nil, fmt.Errorf("%w: header of %d bytes", ErrTooLarge, len(data))
	}
	h := &Header{}
	d := dagcbor.NewDecoder(data)
	d.Map(7)
	d.Key("v")
	if v := d.Uint(math.MaxUint64); d.Err() == nil && v != Version {
		return nil, fmt.Errorf("%w: %d", ErrVersion, v)
	}
	d.Key("kind")
	got := d.Text(len("manifest"))
	d.Key("pages")
	h.Pages = make([]format.Digest, d.Array(maxPages, dagcbor.LinkSize))
	for i := range h.Pages {
		h.Pages[i] = d.LinkTo(format.DagCBOR)
	}
	d.Key("comm_d")
	h.CommD = d.Digest()
	d.Key("length")
	h.Length = d.Uint(math.MaxInt64)
	d.Key("manifest")
	h.Manifest = format.CBORCID(d.LinkTo(format.DagCBOR))
	d.Key("encodings")
	h.Encodings = uint32(d.Uint(MaxIndices))
	if err := d.End(); err != nil {
		return nil, encodingError("header", err)
	}
	if got != kind {
		return nil, fmt.Errorf("%w: block is a %q", ErrEncoding, got)
	}
	if err := h.Validate(); err != nil {
		return nil, err
	}
	return h, nil
}

// encodingError makes of a decoder's error ErrTooLarge or ErrEncoding.
func encodingError(what string, err error) error {
	if errors.Is(err, dagcbor.ErrRange) {
		return fmt.Errorf("%w: %s: %w", ErrTooLarge, what, err)
	}
	return fmt.Errorf("%w: %s: %w", ErrEncoding, what, err)
}
