package commitment

import (
	"bytes"
	"encoding/binary"
	"fmt"

	"github.com/ipdm-network/ipdm/sdk/go/format"
)

const (
	// openingVersion is the first byte of a binary opening.
	openingVersion = 1
	// leafProofHeaderSize is the size of a binary LeafProof without its path.
	leafProofHeaderSize = 4 + 4 + format.DigestSize + 8 + 4

	// MaxLeafProofSize is the largest binary LeafProof, in bytes.
	MaxLeafProofSize = leafProofHeaderSize + maxPathLength*format.DigestSize
	// MaxOpeningSize is the largest binary Opening, in bytes.
	MaxOpeningSize = 1 + MaxLeafProofSize + 2 + maxSliceSize
)

// AppendBinary appends the binary form of the leaf proof to dst:
//
//	index u32 | count u32 | digest 32 | offset u64 | length u32 | path 32 each
//
// The number of digests in the path follows from index and count. It fails with ErrMalformed when the value has no binary form.
func (p *LeafProof) AppendBinary(dst []byte) ([]byte, error) {
	if err := p.checkShape(); err != nil {
		return nil, err
	}
	dst = binary.LittleEndian.AppendUint32(dst, p.Index)
	dst = binary.LittleEndian.AppendUint32(dst, p.Count)
	dst = append(dst, p.Leaf.Digest[:]...)
	dst = binary.LittleEndian.AppendUint64(dst, p.Leaf.Offset)
	dst = binary.LittleEndian.AppendUint32(dst, p.Leaf.Length)
	for i := range p.Path {
		dst = append(dst, p.Path[i][:]...)
	}
	return dst, nil
}

func (p *LeafProof) checkShape() error {
	if p.Index >= p.Count {
		return fmt.Errorf("%w: leaf %d of %d", ErrMalformed, p.Index, p.Count)
	}
	if want := pathLength(p.Index, p.Count); len(p.Path) != want {
		return fmt.Errorf("%w: path of %d digests, want %d", ErrMalformed, len(p.Path), want)
	}
	if p.Leaf.Length == 0 || p.Leaf.Length > MaxLeafLength {
		return fmt.Errorf("%w: leaf of %d bytes", ErrMalformed, p.Leaf.Length)
	}
	return nil
}

// ConsumeLeafProof reads a LeafProof from the front of b and returns it with what follows. It keeps no reference to b. It
// fails with ErrMalformed when b does not begin with the binary form of one.
func ConsumeLeafProof(b []byte) (*LeafProof, []byte, error) {
	if len(b) < leafProofHeaderSize {
		return nil, nil, fmt.Errorf("%w: leaf cut short at %d bytes", ErrMalformed, len(b))
	}
	p := &LeafProof{
		Index: binary.LittleEndian.Uint32(b),
		Count: binary.LittleEndian.Uint32(b[4:]),
		Leaf: Leaf{
			Digest: format.Digest(b[8 : 8+format.DigestSize]),
			Offset: binary.LittleEndian.Uint64(b[8+format.DigestSize:]),
			Length: binary.LittleEndian.Uint32(b[16+format.DigestSize:]),
		},
	}
	b = b[leafProofHeaderSize:]
	if p.Index >= p.Count {
		return nil, nil, fmt.Errorf("%w: leaf %d of %d", ErrMalformed, p.Index, p.Count)
	}
	n := pathLength(p.Index, p.Count)
	if len(b) < n*format.DigestSize {
		return nil, nil, fmt.Errorf("%w: path cut short", ErrMalformed)
	}
	p.Path = make([]format.Digest, n)
	for i := range p.Path {
		p.Path[i] = format.Digest(b[:format.DigestSize])
		b = b[format.DigestSize:]
	}
	if err := p.checkShape(); err != nil {
		return nil, nil, err
	}
	return p, b, nil
}

// AppendBinary appends the binary form of the opening to dst:
//
//	version u8 = 1 | leaf proof | chunk u16 | Bao slice
//
// The size of the slice follows from the leaf's length and the chunk. It fails with ErrMalformed when the value has no binary form.
func (o *Opening) AppendBinary(dst []byte) ([]byte, error) {
	dst, err := o.LeafProof.AppendBinary(append(dst, openingVersion))
	if err != nil {
		return nil, err
	}
	if err := checkSlice(o.Leaf, o.Chunk, o.Slice); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrMalformed, err)
	}
	dst = binary.LittleEndian.AppendUint16(dst, o.Chunk)
	return append(dst, o.Slice...), nil
}

// MarshalBinary returns the binary form of the opening; see AppendBinary.
func (o *Opening) MarshalBinary() ([]byte, error) {
	return o.AppendBinary(nil)
}

// ConsumeOpening reads an Opening from the front of b and returns it with what follows. It keeps no reference to b. It
// fails with ErrMalformed when b does not begin with the binary form of one.
func ConsumeOpening(b []byte) (*Opening, []byte, error) {
	if len(b) == 0 {
		return nil, nil, fmt.Errorf("%w: empty", ErrMalformed)
	}
	if b[0] != openingVersion {
		return nil, nil, fmt.Errorf("%w: version %d, want %d", ErrMalformed, b[0], openingVersion)
	}
	p, b, err := ConsumeLeafProof(b[1:])
	if err != nil {
		return nil, nil, err
	}
	if len(b) < 2 {
		return nil, nil, fmt.Errorf("%w: chunk cut short", ErrMalformed)
	}
	chunk := binary.LittleEndian.Uint16(b)
	b = b[2:]
	if uint32(chunk) >= chunkCount(p.Leaf.Length) {
		return nil, nil, fmt.Errorf("%w: chunk %d of %d", ErrMalformed, chunk, chunkCount(p.Leaf.Length))
	}
	size := sliceSize(p.Leaf.Length, chunk)
	if len(b) < size {
		return nil, nil, fmt.Errorf("%w: slice cut short", ErrMalformed)
	}
	if err := checkSlice(p.Leaf, chunk, b[:size]); err != nil {
		return nil, nil, fmt.Errorf("%w: %w", ErrMalformed, err)
	}
	return &Opening{LeafProof: *p, Chunk: chunk, Slice: bytes.Clone(b[:size])}, b[size:], nil
}

// DecodeOpening reads the opening that b is the binary form of. It keeps no reference to b. It fails with ErrMalformed when b is
// anything else, which includes bytes after the opening.
func DecodeOpening(b []byte) (*Opening, error) {
	if len(b) > MaxOpeningSize {
		return nil, fmt.Errorf("%w: %d bytes, at most %d", ErrMalformed, len(b), MaxOpeningSize)
	}
	o, rest, err := ConsumeOpening(b)
	if err != nil {
		return nil, err
	}
	if len(rest) != 0 {
		return nil, fmt.Errorf("%w: %d bytes after the end", ErrMalformed, len(rest))
	}
	return o, nil
}
