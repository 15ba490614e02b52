package layout

import (
	"fmt"

	"github.com/ipdm-network/ipdm/sdk/go/format"
	"github.com/ipdm-network/ipdm/sdk/go/format/envelope"
	"github.com/ipdm-network/ipdm/sdk/go/format/internal/dagcbor"
)

const (
	// pageOverhead is more than a page is longer than the encodings in it.
	pageOverhead = 64
	// minEncodingSize is the length of the shortest encoded Encoding: array head, digest, length, algorithm, one block.
	minEncodingSize = 1 + 2 + format.DigestSize + 2 + 1 + 2
	// maxPageEncodings is more than the number of encodings that fit into a page.
	maxPageEncodings = MaxBlockSize / minEncodingSize
)

// Page is the content of one page.
type Page struct {
	First     uint32 // number of its first encoding
	Encodings []Encoding
}

func appendEncoding(dst []byte, e Encoding) []byte {
	dst = dagcbor.AppendArray(dst, 4)
	dst = dagcbor.AppendBytes(dst, e.Digest[:])
	dst = dagcbor.AppendUint(dst, uint64(e.Length))
	dst = dagcbor.AppendUint(dst, uint64(e.Algorithm))
	dst = dagcbor.AppendArray(dst, len(e.Blocks))
	for _, block := range e.Blocks {
		dst = dagcbor.AppendUint(dst, uint64(block))
	}
	return dst
}

// encodePage returns the page of count encodings, whose dag-cbor is body.
func encodePage(first uint32, offset uint64, count int, body []byte) format.Block {
	data := make([]byte, 0, len(body)+pageOverhead)
	data = dagcbor.AppendMap(data, 3)
	data = dagcbor.AppendUint(dagcbor.AppendText(data, "first"), uint64(first))
	data = dagcbor.AppendUint(dagcbor.AppendText(data, "offset"), offset)
	data = dagcbor.AppendArray(dagcbor.AppendText(data, "encodings"), count)
	return format.NewBlock(format.DagCBOR, append(data, body...))
}

// DecodePage reads a page. It fails with ErrEncoding, ErrTooLarge, ErrAlgorithm, ErrNoBlocks, ErrIndex, ErrOrder or
// ErrCount (no encodings). The result does not alias data.
func DecodePage(data []byte) (*Page, error) {
	if len(data) > MaxBlockSize {
		return nil, fmt.Errorf("%w: page of %d bytes", ErrTooLarge, len(data))
	}
	d := dagcbor.NewDecoder(data)
	d.Map(3)
	d.Key("first")
	p := &Page{First: uint32(d.Uint(MaxIndices - 1))}
	d.Key("offset")
	offset := d.Uint(MaxIndices * MaxLength)
	d.Key("encodings")
	p.Encodings = make([]Encoding, d.Array(maxPageEncodings, minEncodingSize))
	for i := range p.Encodings {
		e, err := decodeEncoding(d)
		if err != nil {
			return nil, err
		}
		e.Offset = offset
		offset += uint64(e.Length)
		p.Encodings[i] = e
	}
	if err := d.End(); err != nil {
		return nil, encodingError("page", err)
	}
	if len(p.Encodings) == 0 {
		return nil, fmt.Errorf("%w: empty page", ErrCount)
	}
	return p, nil
}

func decodeEncoding(d *dagcbor.Decoder) (Encoding, error) {
	if n := d.Array(4, 1); d.Err() == nil && n != 4 {
		return Encoding{}, fmt.Errorf("%w: encoding of %d elements", ErrEncoding, n)
	}
	e := Encoding{
		Digest:    d.Digest(),
		Length:    uint32(d.Uint(MaxLength)),
		Algorithm: envelope.Algorithm(d.Uint(255)),
	}
	e.Blocks = make([]uint32, d.Array(envelope.MaxBlocks, 1))
	for i := range e.Blocks {
		e.Blocks[i] = uint32(d.Uint(MaxIndices - 1))
	}
	if err := d.Err(); err != nil {
		return Encoding{}, encodingError("page", err)
	}
	return e, e.check()
}
