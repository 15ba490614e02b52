package layout

import (
	"context"
	"fmt"

	"github.com/ipdm-network/ipdm/sdk/go/format"
	"github.com/ipdm-network/ipdm/sdk/go/format/envelope"
	"github.com/ipdm-network/ipdm/sdk/go/format/manifest"
)

// Targets are the blocks a layout of one manifest covers, by index. It is safe for concurrent use.
type Targets struct {
	entries []manifest.Entry
	tail    []format.Digest // header, then pages
}

// ReadTargets reads the whole manifest. Memory grows by 48 bytes for each entry.
func ReadTargets(ctx context.Context, m *manifest.Reader) (*Targets, error) {
	digest, err := format.DigestOf(m.CID())
	if err != nil {
		return nil, fmt.Errorf("failed to read layout targets: %w", err)
	}
	t := &Targets{tail: append([]format.Digest{digest}, m.Header().Pages...)}
	for e, err := range m.Entries(ctx) {
		if err != nil {
			return nil, fmt.Errorf("failed to read layout targets: %w", err)
		}
		t.entries = append(t.entries, e)
	}
	return t, nil
}

// Len returns the number of blocks.
func (t *Targets) Len() uint32 { return uint32(len(t.entries) + len(t.tail)) }

// At returns codec and digest of block i. It fails with ErrIndex if there is none.
func (t *Targets) At(i uint32) (codec uint64, digest format.Digest, err error) {
	if n := uint32(len(t.entries)); i < n {
		return t.entries[i].Codec, t.entries[i].Digest, nil
	} else if i < t.Len() {
		return format.DagCBOR, t.tail[i-n], nil
	}
	return 0, format.Digest{}, fmt.Errorf("%w: %d of %d", ErrIndex, i, t.Len())
}

// Check compares an envelope with what the layout says of it: digest, length, algorithm, and that it holds the blocks
// it is listed for, with the sizes the manifest states. It returns the parsed envelope; the payload is not decoded,
// which Header.Decode does. It fails with ErrEnvelope, ErrIndex, or what envelope.Parse fails with.
func (t *Targets) Check(e Encoding, env []byte) (*envelope.Header, error) {
	if len(env) != int(e.Length) || envelope.EncodingDigest(env) != e.Digest {
		return nil, fmt.Errorf("%w: not the bytes of %s", ErrEnvelope, e.CID())
	}
	h, err := envelope.Parse(env)
	if err != nil {
		return nil, fmt.Errorf("failed to check %s: %w", e.CID(), err)
	}
	if err := t.CheckHeader(e, h); err != nil {
		return nil, err
	}
	return h, nil
}

// CheckHeader is Check of an envelope that was parsed, and whose digest was found to be the one listed, before.
func (t *Targets) CheckHeader(e Encoding, h *envelope.Header) error {
	if h.Length() != int(e.Length) {
		return fmt.Errorf("%w: %s has %d bytes, listed as %d", ErrEnvelope, e.CID(), h.Length(), e.Length)
	}
	if h.Algorithm != e.Algorithm {
		return fmt.Errorf("%w: algorithm %s, listed as %s", ErrEnvelope, h.Algorithm, e.Algorithm)
	}
	type block struct {
		codec  uint64
		digest format.Digest
	}
	sizes := make(map[block]uint32, len(h.Entries))
	for _, held := range h.Entries {
		sizes[block{held.Codec, held.Digest}] = held.Size
	}
	for _, i := range e.Blocks {
		codec, digest, err := t.At(i)
		if err != nil {
			return err
		}
		size, held := sizes[block{codec, digest}]
		if !held {
			return fmt.Errorf("%w: %s lacks %s", ErrEnvelope, e.CID(), format.BlockCID(codec, digest))
		}
		if i < uint32(len(t.entries)) && t.entries[i].Size != size {
			return fmt.Errorf("%w: %s has %d bytes, manifest states %d", ErrEnvelope, format.BlockCID(codec, digest), size, t.entries[i].Size)
		}
	}
	return nil
}
