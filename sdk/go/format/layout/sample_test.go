package layout_test

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"errors"
	"fmt"
	"testing"

	"github.com/ipfs/go-cid"
	"github.com/stretchr/testify/require"

	"github.com/ipdm-network/ipdm/sdk/go/format"
	"github.com/ipdm-network/ipdm/sdk/go/format/envelope"
	"github.com/ipdm-network/ipdm/sdk/go/format/layout"
	"github.com/ipdm-network/ipdm/sdk/go/format/manifest"
)

var errMissing = errors.New("no such block")

// blocks is a block store in memory.
type blocks map[cid.Cid][]byte

func (b blocks) put(block format.Block) error {
	b[block.CID()] = block.Data
	return nil
}

func (b blocks) fetch(_ context.Context, c cid.Cid) ([]byte, error) {
	data, ok := b[c]
	if !ok {
		return nil, fmt.Errorf("%w: %s", errMissing, c)
	}
	return data, nil
}

// sample is a signed manifest, the encodings of its blocks and of those of the manifest itself.
type sample struct {
	store     blocks
	manifest  *manifest.Reader
	encodings []layout.Encoding
	envelopes map[format.Digest][]byte
}

// newSample makes a manifest of n blocks and encodes them in packs, each with one foreign block, but for the first,
// which has an envelope of its own.
func newSample(t testing.TB, n int) *sample {
	t.Helper()
	s := &sample{store: blocks{}, envelopes: map[format.Digest][]byte{}}
	key := ed25519.NewKeyFromSeed(bytes.Repeat([]byte{42}, 32))
	b := manifest.NewBuilder(s.store.put)
	content := make([]format.Block, n)
	for i := range content {
		content[i] = format.NewBlock(format.Raw, []byte(fmt.Sprintf("the text of block %d, which is the text of block %d", i, i)))
		require.NoError(t, b.Append(manifest.Entry{Codec: content[i].Codec, Digest: content[i].Digest, Size: uint32(len(content[i].Data))}))
	}
	h, err := b.Finish(manifest.Meta{Creator: manifest.Creator{Kind: manifest.Ed25519, Key: key.Public().(ed25519.PublicKey)}})
	require.NoError(t, err)
	require.NoError(t, h.Sign(func(message []byte) ([]byte, error) { return ed25519.Sign(key, message), nil }))
	header, err := h.Encode()
	require.NoError(t, err)
	require.NoError(t, s.store.put(header))
	s.manifest, err = manifest.Open(t.Context(), header.CID(), s.store.fetch)
	require.NoError(t, err)

	s.encode(t, 0, content[:1])
	foreign := format.NewBlock(format.Raw, []byte("a block of another manifest"))
	for at := 1; at < n; at += 50 {
		s.encode(t, uint32(at), content[at:min(at+50, n)], foreign)
	}
	s.encode(t, uint32(n), []format.Block{header})
	for p, digest := range h.Pages {
		s.encode(t, uint32(n+1+p), []format.Block{{Codec: format.DagCBOR, Digest: digest, Data: s.store[format.CBORCID(digest)]}})
	}
	return s
}

// encode adds an encoding of the blocks, which have the indices from first, and of others that are not listed.
func (s *sample) encode(t testing.TB, first uint32, listed []format.Block, others ...format.Block) {
	t.Helper()
	env, err := envelope.Encode(nil, envelope.Zstd, envelope.LevelDefault, append(append([]format.Block(nil), others...), listed...))
	require.NoError(t, err)
	h, err := envelope.Parse(env)
	require.NoError(t, err)
	e := layout.Encoding{Digest: h.Digest(), Length: uint32(len(env)), Algorithm: h.Algorithm}
	for i := range listed {
		e.Blocks = append(e.Blocks, first+uint32(i))
	}
	s.encodings = append(s.encodings, e)
	s.envelopes[e.Digest] = env
}

// layout builds the layout of the encodings after a change and opens it.
func (s *sample) layout(t testing.TB, encodings []layout.Encoding, change func(*layout.Header)) *layout.Reader {
	t.Helper()
	b := layout.NewBuilder(s.manifest.CID(), s.store.put)
	for _, e := range encodings {
		require.NoError(t, b.Append(e))
	}
	h, err := b.Finish()
	require.NoError(t, err)
	if change != nil {
		change(h)
	}
	block, err := h.Encode()
	require.NoError(t, err)
	require.NoError(t, s.store.put(block))
	r, err := layout.Open(t.Context(), block.CID(), s.store.fetch)
	require.NoError(t, err)
	return r
}

func readAll(ctx context.Context, r *layout.Reader) ([]layout.Encoding, error) {
	var encodings []layout.Encoding
	for e, err := range r.Encodings(ctx) {
		if err != nil {
			return encodings, err
		}
		encodings = append(encodings, e)
	}
	return encodings, nil
}

// madeUp returns n encodings of one made-up block each.
func madeUp(n int) []layout.Encoding {
	encodings := make([]layout.Encoding, n)
	for i := range encodings {
		encodings[i] = layout.Encoding{
			Digest:    format.Sum([]byte(fmt.Sprint(i))),
			Length:    layout.MinLength + uint32(i*7919)%(layout.MaxLength-layout.MinLength),
			Algorithm: envelope.Algorithm(i % 2),
			Blocks:    []uint32{uint32(i)},
		}
	}
	return encodings
}
