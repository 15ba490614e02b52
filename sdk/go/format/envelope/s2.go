package envelope

import (
	"fmt"
	"slices"

	"github.com/klauspost/compress/s2"
)

// compressS2 appends one s2 block of plain to dst.
func compressS2(dst, plain []byte, level int) []byte {
	dst = slices.Grow(dst, s2.MaxEncodedLen(len(plain)))
	free := dst[len(dst):cap(dst)]
	var made []byte
	switch level {
	case LevelFastest:
		made = s2.Encode(free, plain)
	case LevelBest:
		made = s2.EncodeBest(free, plain)
	default:
		made = s2.EncodeBetter(free, plain)
	}
	return dst[:len(dst)+len(made)]
}

// decompressS2 appends the plain bytes of payload to dst, whose spare capacity is at least plainSize. It fails with
// ErrPayload unless payload is one block of exactly plainSize bytes.
func decompressS2(dst, payload []byte, plainSize int) ([]byte, error) {
	stated, err := s2.DecodedLen(payload)
	if err != nil {
		return dst, fmt.Errorf("%w: %w", ErrPayload, err)
	}
	if stated != plainSize {
		return dst, fmt.Errorf("%w: s2 block states %d plain bytes, want %d", ErrPayload, stated, plainSize)
	}
	out := dst[:len(dst)+plainSize]
	if _, err := s2.Decode(out[len(dst):], payload); err != nil {
		return dst, fmt.Errorf("%w: %w", ErrPayload, err)
	}
	return out, nil
}
