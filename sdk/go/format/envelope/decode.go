package envelope

import (
	"fmt"
	"slices"

	"github.com/ipdm-network/ipdm/sdk/go/format"
	"github.com/ipdm-network/ipdm/sdk/go/format/bitpack"
	"github.com/ipdm-network/ipdm/sdk/go/format/rle"
)

// Decode appends the plain bytes of all blocks to dst and returns the extended slice. Every digest is verified: that
// of the whole and, in a pack, that of each block. Block i is at Entries[i].Offset behind the old end of dst.
//
// It fails with ErrPayload or ErrDigest, and then returns dst unchanged. At most PlainSize bytes are allocated for the
// result.
func (h *Header) Decode(dst []byte) ([]byte, error) {
	out, err := h.decompress(dst)
	if err != nil {
		return dst, err
	}
	if err := h.verify(out[len(dst):]); err != nil {
		return dst, err
	}
	return out, nil
}

// Plain returns the plain bytes of all blocks, verified as Decode does. Without compression they are the envelope's own
// bytes, which must not be modified. It fails with ErrPayload or ErrDigest.
func (h *Header) Plain() ([]byte, error) {
	if h.Algorithm != None {
		return h.Decode(nil)
	}
	plain := h.payload[:len(h.payload):len(h.payload)]
	if err := h.verify(plain); err != nil {
		return nil, err
	}
	return plain, nil
}

// verify compares plain bytes with every digest.
func (h *Header) verify(plain []byte) error {
	if format.Sum(plain) != h.PlainDigest {
		return fmt.Errorf("%w: plain bytes", ErrDigest)
	}
	if h.IsPack() {
		return h.verifyEntries(plain)
	}
	return nil
}

// verifyEntries compares each block with its digest, some at a time.
func (h *Header) verifyEntries(plain []byte) error {
	var sums format.Sums
	var digests [64]format.Digest
	for first := 0; first < len(h.Entries); first += len(digests) {
		some := h.Entries[first:min(first+len(digests), len(h.Entries))]
		for i, e := range some {
			sums.Add(&digests[i], plain[e.Offset:e.Offset+e.Size])
		}
		sums.Flush()
		for i, e := range some {
			if digests[i] != e.Digest {
				return fmt.Errorf("%w: block %d", ErrDigest, first+i)
			}
		}
	}
	return nil
}

// DecodeEntry appends the plain bytes of block i to dst and returns the extended slice. The digest of that block is
// verified, not that of the others. It fails with ErrIndex, ErrPayload or ErrDigest, and then returns dst unchanged.
func (h *Header) DecodeEntry(dst []byte, i int) ([]byte, error) {
	if i < 0 || i >= len(h.Entries) {
		return dst, fmt.Errorf("%w: %d of %d", ErrIndex, i, len(h.Entries))
	}
	e := h.Entries[i]
	if !h.IsPack() {
		return h.Decode(dst)
	}
	plain := h.payload
	if h.Algorithm != None {
		buf := plainBuffers.Get().(*[]byte)
		defer plainBuffers.Put(buf)
		var err error
		if plain, err = h.decompress((*buf)[:0]); err != nil {
			return dst, err
		}
	}
	data := plain[e.Offset : e.Offset+e.Size]
	if format.Sum(data) != e.Digest {
		return dst, fmt.Errorf("%w: block %d", ErrDigest, i)
	}
	return append(dst, data...), nil
}

// decompress appends exactly PlainSize unverified bytes to dst.
func (h *Header) decompress(dst []byte) ([]byte, error) {
	plainSize := int(h.PlainSize)
	switch h.Algorithm {
	case None:
		return append(dst, h.payload...), nil
	case Zstd:
		return decompressZstd(slices.Grow(dst, plainSize), h.payload, plainSize)
	case S2:
		return decompressS2(slices.Grow(dst, plainSize), h.payload, plainSize)
	case Bitpack:
		shape, err := bitpack.ParseShape(byte(h.Params))
		if err != nil {
			return dst, fmt.Errorf("%w: %w", ErrParams, err)
		}
		out, err := bitpack.Decode(dst, h.payload, shape, plainSize)
		if err != nil {
			return dst, fmt.Errorf("%w: %w", ErrPayload, err)
		}
		return out, nil
	case RLE:
		out, err := rle.Decode(dst, h.payload, plainSize)
		if err != nil {
			return dst, fmt.Errorf("%w: %w", ErrPayload, err)
		}
		return out, nil
	}
	return dst, fmt.Errorf("%w: %s", ErrAlgorithm, h.Algorithm)
}
