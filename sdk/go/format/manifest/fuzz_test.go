package manifest_test

import (
	"context"
	"testing"

	"github.com/ipfs/go-cid"
	"github.com/stretchr/testify/require"

	"github.com/ipdm-network/ipdm/sdk/go/format"
	"github.com/ipdm-network/ipdm/sdk/go/format/manifest"
)

// FuzzDecodeHeader: what the decoder accepts has exactly one encoding.
func FuzzDecodeHeader(f *testing.F) {
	c, store, _ := build(f, rawEntries(10), nil)
	f.Add(store[c])
	c, store, _ = build(f, rawEntries(manifest.EntriesPerPage+1), func(m *manifest.Meta) {
		m.Tags, m.Supersedes = nil, format.CBORCID(format.Sum(nil))
	})
	f.Add(store[c])
	f.Fuzz(func(t *testing.T, data []byte) {
		h, err := manifest.DecodeHeader(data)
		if err != nil {
			return
		}
		block, err := h.Encode()
		require.NoError(t, err)
		require.Equal(t, data, block.Data)
	})
}

// FuzzDecodePage: what the decoder accepts is what a Builder writes for the same entries.
func FuzzDecodePage(f *testing.F) {
	_, store, h := build(f, rawEntries(10), nil)
	f.Add(store[format.CBORCID(h.Pages[0])])
	f.Fuzz(func(t *testing.T, data []byte) {
		first, entries, err := manifest.DecodePage(data)
		if err != nil || first != 0 {
			return
		}
		var got []byte
		b := manifest.NewBuilder(func(page format.Block) error {
			got = page.Data
			return nil
		})
		for _, e := range entries {
			require.NoError(t, b.Append(e))
		}
		_, _ = b.Finish(manifest.Meta{})
		require.Equal(t, data, got)
	})
}

// FuzzVerifyDAG feeds arbitrary bytes as the root node of a DAG.
func FuzzVerifyDAG(f *testing.F) {
	field := func(head byte, value []byte) []byte { return append([]byte{head, byte(len(value))}, value...) }
	link := field(0x12, append(field(0x0a, format.RawCID(format.Sum(nil)).Bytes()), 0x12, 0x01, 'n', 0x18, 0x05))
	f.Add(field(0x0a, []byte{0x08, 0x01}))                              // an empty directory
	f.Add(append(link, field(0x0a, []byte{0x08, 0x01})...))             // a directory of one file
	f.Add(field(0x0a, []byte{0x08, 0x02, 0x12, 0x01, 'x', 0x18, 0x01})) // a file of one byte
	f.Add(field(0x0a, []byte{0x08, 0x04, 0x12, 0x01, 'x'}))             // a symbolic link
	s := ed25519Signer(f)
	f.Fuzz(func(t *testing.T, data []byte) {
		if len(data) > format.MaxBlockSize {
			return
		}
		store := blocks{}
		b := manifest.NewBuilder(store.put)
		root := format.NewBlock(format.DagPB, data)
		require.NoError(t, b.Append(manifest.Entry{Codec: root.Codec, Digest: root.Digest, Size: uint32(len(data))}))
		h, err := b.Finish(manifest.Meta{Creator: s.creator})
		require.NoError(t, err)
		require.NoError(t, h.Sign(s.sign))
		block, err := h.Encode()
		require.NoError(t, err)
		require.NoError(t, store.put(block))
		r, err := manifest.Open(t.Context(), block.CID(), store.fetch)
		require.NoError(t, err)
		_ = manifest.VerifyDAG(t.Context(), r, func(_ context.Context, _ cid.Cid) ([]byte, error) { return data, nil })
	})
}
