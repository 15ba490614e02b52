package blockstore_test

import (
	"testing"

	boxo "github.com/ipfs/boxo/blockstore"
	blocks "github.com/ipfs/go-block-format"
	"github.com/ipfs/go-cid"
	ipld "github.com/ipfs/go-ipld-format"
	"github.com/multiformats/go-multihash"
	"github.com/stretchr/testify/require"

	"github.com/ipdm-network/ipdm/sdk/go/format"
	"github.com/ipdm-network/ipdm/sidecar/data/blockstore"
	"github.com/ipdm-network/ipdm/sidecar/data/store"
	"github.com/ipdm-network/ipdm/sidecar/data/store/pebblestore"
	"github.com/ipdm-network/ipdm/testutil/storetest"
)

func newBlockstore(t *testing.T) (*blockstore.Blockstore, store.Store) {
	s, err := pebblestore.Open(t.TempDir(), pebblestore.Options{})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.Close()) })
	return blockstore.New(s, nil), s
}

func requireGet(t *testing.T, b boxo.Blockstore, c cid.Cid, want []byte) {
	t.Helper()
	got, err := b.Get(t.Context(), c)
	require.NoError(t, err)
	require.Equal(t, want, got.RawData())
	require.True(t, got.Cid().Equals(c))
	size, err := b.GetSize(t.Context(), c)
	require.NoError(t, err)
	require.Len(t, want, size)
	has, err := b.Has(t.Context(), c)
	require.NoError(t, err)
	require.True(t, has)
}

func requireNotFound(t *testing.T, b boxo.Blockstore, c cid.Cid) {
	t.Helper()
	_, err := b.Get(t.Context(), c)
	require.True(t, ipld.IsNotFound(err), err)
	_, err = b.GetSize(t.Context(), c)
	require.True(t, ipld.IsNotFound(err), err)
	has, err := b.Has(t.Context(), c)
	require.NoError(t, err)
	require.False(t, has)
}

func TestBothKindsOfCidAreAnswered(t *testing.T) {
	b, s := newBlockstore(t)
	enc, plain := storetest.Pack(t, 1, 30, 400)
	_, err := store.PutEncoding(t.Context(), s, enc.Bytes())
	require.NoError(t, err)
	for _, p := range plain {
		requireGet(t, b, format.RawCID(p.Digest), p.Data)
	}
	requireGet(t, b, format.EncodingCID(enc.Digest()), enc.Bytes())
	requireNotFound(t, b, format.NodeCID(enc.Digest()))
}

// TestFetchedEncodingIsNotEnvelopedTwice does what boxo's block service does after a fetch: it puts what it got.
func TestFetchedEncodingIsNotEnvelopedTwice(t *testing.T) {
	b, s := newBlockstore(t)
	enc, plain := storetest.Pack(t, 1, 3, 400)
	_, err := store.PutEncoding(t.Context(), s, enc.Bytes())
	require.NoError(t, err)
	fetched, err := blocks.NewBlockWithCid(enc.Bytes(), format.EncodingCID(enc.Digest()))
	require.NoError(t, err)
	require.NoError(t, b.Put(t.Context(), fetched))
	stats, err := s.Stats(t.Context())
	require.NoError(t, err)
	require.EqualValues(t, 1, stats.Encodings)
	requireGet(t, b, format.RawCID(plain[1].Digest), plain[1].Data)
}

func TestPutDeleteAndList(t *testing.T) {
	b, _ := newBlockstore(t)
	want := map[cid.Cid][]byte{}
	var many []blocks.Block
	for i, codec := range []uint64{format.Raw, format.DagPB, format.DagCBOR} {
		block := format.NewBlock(codec, []byte{1, 2, byte(i)})
		c := format.BlockCID(codec, block.Digest)
		bl, err := blocks.NewBlockWithCid(block.Data, c)
		require.NoError(t, err)
		many = append(many, bl)
		want[c] = block.Data
	}
	require.NoError(t, b.PutMany(t.Context(), many))
	require.NoError(t, b.PutMany(t.Context(), many))
	for c, data := range want {
		requireGet(t, b, c, data)
	}
	keys, done, err := b.AllKeysChanWithErr(t.Context())
	require.NoError(t, err)
	seen := 0
	for c := range keys {
		require.Contains(t, want, c)
		seen++
	}
	require.NoError(t, done())
	require.Equal(t, 3, seen)
	require.NoError(t, b.DeleteBlock(t.Context(), many[0].Cid()))
	requireNotFound(t, b, many[0].Cid())
	requireGet(t, b, many[1].Cid(), many[1].RawData())
}

func TestForeignAndForgedBlocksAreRefused(t *testing.T) {
	b, s := newBlockstore(t)
	sha, err := cid.Prefix{Version: 1, Codec: cid.Raw, MhType: multihash.SHA2_256, MhLength: -1}.Sum([]byte("x"))
	require.NoError(t, err)
	foreign, err := blocks.NewBlockWithCid([]byte("x"), sha)
	require.NoError(t, err)
	require.ErrorIs(t, b.Put(t.Context(), foreign), blockstore.ErrRefused)
	requireNotFound(t, b, sha)
	forged, err := blocks.NewBlockWithCid([]byte("y"), format.RawCID(format.Sum([]byte("x"))))
	require.NoError(t, err)
	require.ErrorIs(t, b.Put(t.Context(), forged), blockstore.ErrRefused)
	stats, err := s.Stats(t.Context())
	require.NoError(t, err)
	require.Zero(t, stats.Encodings)
}
