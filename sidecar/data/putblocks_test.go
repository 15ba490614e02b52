package data_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/binary"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/ipdm-network/ipdm/sdk/go/format"
	"github.com/ipdm-network/ipdm/sidecar/data"
	"github.com/ipdm-network/ipdm/sidecar/data/compress"
	"github.com/ipdm-network/ipdm/sidecar/data/store/pebblestore"
)

// TestPutBlocks: blocks of any sizes come back by the digests returned, in order, and only what is new is stored.
func TestPutBlocks(t *testing.T) {
	e := newEngine(t, data.Options{})
	var blocks [][]byte
	for i, size := range []int{0, 1, 256, 256, 64<<10 - 1, 64 << 10, 300, format.MaxBlockSize, 7} {
		blocks = append(blocks, randomBytes(uint64(i), size))
	}
	for i := range 5000 {
		blocks = append(blocks, binary.BigEndian.AppendUint64(nil, uint64(i)))
	}
	blocks = append(blocks, blocks[2]) // twice
	digests, err := e.PutBlocks(t.Context(), format.DagPB, blocks, compress.Fast)
	require.NoError(t, err)
	require.Len(t, digests, len(blocks))
	for i, data := range blocks {
		require.Equal(t, format.Sum(data), digests[i])
		got, err := e.Store().Open(t.Context(), digests[i])
		require.NoError(t, err)
		require.True(t, bytes.Equal(data, got.Data))
		require.Equal(t, format.DagPB, got.Codec)
	}
	before, err := e.Store().Stats(t.Context())
	require.NoError(t, err)
	require.EqualValues(t, len(blocks)-1, before.Blocks)

	extra := []byte("one more")
	_, err = e.PutBlocks(t.Context(), format.DagPB, append(blocks, extra), compress.Dense)
	require.NoError(t, err)
	after, err := e.Store().Stats(t.Context())
	require.NoError(t, err)
	require.Equal(t, before.Blocks+1, after.Blocks)

	none, err := e.PutBlocks(t.Context(), format.Raw, nil, compress.Fast)
	require.NoError(t, err)
	require.Empty(t, none)
}

// TestPutBlocksAreCache: a collection deletes the blocks that no pinned manifest names.
func TestPutBlocksAreCache(t *testing.T) {
	e := newEngine(t, data.Options{})
	content := randomBytes(1, 5000)
	digests, err := e.PutBlocks(t.Context(), format.Raw, [][]byte{content, randomBytes(2, 5000)}, compress.Fast)
	require.NoError(t, err)
	pinned, err := putItems(t.Context(), e, putOptions(t), []item{file("", content)})
	require.NoError(t, err)
	require.Zero(t, pinned.NewBlocks, "the file's only leaf was stored before")
	require.NoError(t, err)
	_, err = e.PutBlocks(t.Context(), format.Raw, [][]byte{randomBytes(3, 5000)}, compress.Fast)
	require.NoError(t, err)
	_, err = e.GC(t.Context())
	require.NoError(t, err)
	has, err := e.Store().Has(t.Context(), digests[0])
	require.NoError(t, err)
	require.True(t, has)
	has, err = e.Store().Has(t.Context(), format.Sum(randomBytes(3, 5000)))
	require.NoError(t, err)
	require.False(t, has)
}

func TestPutBlocksRefuses(t *testing.T) {
	e := newEngine(t, data.Options{})
	ok := []byte("a block")
	for _, tc := range []struct {
		codec  uint64
		block  []byte
		effort compress.Effort
		want   error
	}{
		{format.Raw, make([]byte, format.MaxBlockSize+1), compress.Fast, data.ErrTooLarge},
		{0x99, ok, compress.Fast, data.ErrOptions},
		{format.Raw, ok, compress.Dense + 1, data.ErrOptions},
	} {
		_, err := e.PutBlocks(t.Context(), tc.codec, [][]byte{ok, tc.block}, tc.effort)
		require.ErrorIs(t, err, tc.want)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := e.PutBlocks(ctx, format.Raw, [][]byte{ok}, compress.Fast)
	require.ErrorIs(t, err, context.Canceled)
	stats, err := e.Store().Stats(t.Context())
	require.NoError(t, err)
	require.Zero(t, stats.Blocks)
}

// BenchmarkPutBlocks puts 256-byte blocks that do not compress, durably, 65,536 with each call.
func BenchmarkPutBlocks(b *testing.B) {
	s, err := pebblestore.Open(b.TempDir(), pebblestore.Options{})
	require.NoError(b, err)
	defer func() { require.NoError(b, s.Close()) }()
	e := data.New(s, data.Options{})
	const size, perCall = 256, 1 << 16
	buf := make([]byte, size*perCall)
	_, _ = rand.Read(buf)
	blocks := make([][]byte, perCall)
	for i := range blocks {
		blocks[i] = buf[i*size : (i+1)*size]
	}
	b.ReportAllocs()
	b.SetBytes(size)
	for n := uint64(0); n < uint64(b.N); n += perCall {
		for i, block := range blocks {
			binary.LittleEndian.PutUint64(block, n+uint64(i))
		}
		_, err := e.PutBlocks(b.Context(), format.Raw, blocks, compress.Fast)
		require.NoError(b, err)
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "blocks/s")
}
