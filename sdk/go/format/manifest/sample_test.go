package manifest_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/ipfs/go-cid"
	"github.com/stretchr/testify/require"

	"github.com/ipdm-network/ipdm/sdk/go/format"
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

// rawEntries returns n entries of made-up leaves under a made-up root.
func rawEntries(n int) []manifest.Entry {
	entries := make([]manifest.Entry, n)
	for i := range entries {
		entries[i] = manifest.Entry{Codec: format.Raw, Digest: format.Sum([]byte(fmt.Sprint(i))), Size: uint32(i % format.MaxBlockSize)}
	}
	entries[0].Codec = format.DagPB
	return entries
}

// build makes a signed manifest of the entries in a store of its own.
func build(t testing.TB, entries []manifest.Entry, change func(*manifest.Meta)) (cid.Cid, blocks, *manifest.Header) {
	t.Helper()
	store := blocks{}
	b := manifest.NewBuilder(store.put)
	for _, e := range entries {
		require.NoError(t, b.Append(e))
	}
	signer := ed25519Signer(t)
	meta := manifest.Meta{Creator: signer.creator, UnixMilli: 1_700_000_000_123, Tags: []string{"a=1", "b=2"}, ContentType: "text/plain"}
	if change != nil {
		change(&meta)
	}
	h, err := b.Finish(meta)
	require.NoError(t, err)
	require.NoError(t, h.Sign(signer.sign))
	block, err := h.Encode()
	require.NoError(t, err)
	require.NoError(t, store.put(block))
	return block.CID(), store, h
}
