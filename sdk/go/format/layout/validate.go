package layout

import (
	"context"
	"fmt"

	"github.com/ipdm-network/ipdm/sdk/go/format"
	"github.com/ipdm-network/ipdm/sdk/go/format/manifest"
)

// Validate reads the whole layout and compares it with its manifest: the encodings must cover every entry, the header
// and every page exactly once, and no encoding may be listed twice. Offsets, totals and comm_d are verified as by
// Reader.Encodings. Memory grows by some 80 bytes for each encoding.
//
// It fails with ErrManifest, ErrIndex, ErrDuplicate, ErrUncovered, or what Reader.Encodings fails with.
func Validate(ctx context.Context, l *Reader, m *manifest.Reader) error {
	if !l.header.Manifest.Equals(m.CID()) {
		return fmt.Errorf("%w: %s, want %s", ErrManifest, l.header.Manifest, m.CID())
	}
	total := targetCount(m.Header())
	if l.header.Encodings > total {
		return fmt.Errorf("%w: %d encodings for %d blocks", ErrDuplicate, l.header.Encodings, total)
	}
	covered := make([]uint64, (total+63)/64)
	listed := make(map[format.Digest]struct{})
	var count uint32
	for e, err := range l.Encodings(ctx) {
		if err != nil {
			return err
		}
		if _, twice := listed[e.Digest]; twice {
			return fmt.Errorf("%w: encoding %s", ErrDuplicate, e.CID())
		}
		listed[e.Digest] = struct{}{}
		for _, block := range e.Blocks {
			if block >= total {
				return fmt.Errorf("%w: %d of %d", ErrIndex, block, total)
			}
			bit := uint64(1) << (block % 64)
			if covered[block/64]&bit != 0 {
				return fmt.Errorf("%w: block %d", ErrDuplicate, block)
			}
			covered[block/64] |= bit
			count++
		}
	}
	if count != total {
		return fmt.Errorf("%w: %d of %d, first missing is block %d", ErrUncovered, count, total, firstClear(covered))
	}
	return nil
}

// targetCount returns how many blocks a layout of the manifest covers.
func targetCount(h *manifest.Header) uint32 {
	return h.Entries + 1 + uint32(len(h.Pages))
}

// firstClear returns the index of the first bit that is zero.
func firstClear(bits []uint64) int {
	for i := range len(bits) * 64 {
		if bits[i/64]&(1<<(i%64)) == 0 {
			return i
		}
	}
	return len(bits) * 64
}
