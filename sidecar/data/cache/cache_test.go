package cache_test

import (
	"context"
	"sync"
	"testing"

	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/stretchr/testify/require"

	"github.com/ipdm-network/ipdm/sdk/go/format"
	"github.com/ipdm-network/ipdm/sdk/go/format/envelope"
	"github.com/ipdm-network/ipdm/sidecar/data/cache"
	"github.com/ipdm-network/ipdm/sidecar/data/store"
	"github.com/ipdm-network/ipdm/sidecar/data/store/pebblestore"
	"github.com/ipdm-network/ipdm/testutil/storetest"
)

// counted counts the blocks that are read from a store, and can be told to wait before it returns one.
type counted struct {
	store.Store

	mu    sync.Mutex
	reads map[format.Digest]int // guarded by mu
	after func()                // called when a block has been read; nil for nothing
}

func (c *counted) Open(ctx context.Context, block format.Digest) (format.Block, error) {
	b, err := c.Store.Open(ctx, block)
	c.mu.Lock()
	c.reads[block]++
	c.mu.Unlock()
	if c.after != nil {
		c.after()
	}
	return b, err
}

func (c *counted) of(block format.Digest) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.reads[block]
}

func newCache(tb testing.TB, maxBytes uint64) (*cache.Store, *counted) {
	tb.Helper()
	s, err := pebblestore.Open("home", pebblestore.Options{FS: vfs.NewMem()})
	require.NoError(tb, err)
	below := &counted{Store: s, reads: map[format.Digest]int{}}
	c, err := cache.New(below, maxBytes)
	require.NoError(tb, err)
	tb.Cleanup(func() { require.NoError(tb, c.Close()) })
	return c, below
}

func put(tb testing.TB, s store.Store, encodings ...store.Checked) {
	tb.Helper()
	var b store.Batch
	for _, e := range encodings {
		b.PutEncoding(e)
	}
	require.NoError(tb, s.Apply(tb.Context(), &b, store.Lazy))
}

func remove(tb testing.TB, s store.Store, encodings ...store.Checked) {
	tb.Helper()
	var b store.Batch
	for _, e := range encodings {
		b.DeleteEncoding(e.Digest())
	}
	require.NoError(tb, s.Apply(tb.Context(), &b, store.Lazy))
}

func read(tb testing.TB, s store.Store, blocks ...format.Block) {
	tb.Helper()
	for _, want := range blocks {
		got, err := s.Open(tb.Context(), want.Digest)
		require.NoError(tb, err)
		require.Equal(tb, want, got)
	}
}

// TestOpen: a block is read from the store once, also a large one, and its neighbours in a pack are not.
func TestOpen(t *testing.T) {
	s, below := newCache(t, 8<<20)
	pack, small := storetest.Pack(t, 1, 20, 500)
	one, large := storetest.Pack(t, 2, 1, 1<<20)
	put(t, s, pack, one)
	for range 3 {
		read(t, s, small[3], large[0])
	}
	require.Equal(t, 1, below.of(small[3].Digest))
	require.Equal(t, 1, below.of(large[0].Digest))
	f := s.Figures()
	require.EqualValues(t, 4, f.Hits)
	require.EqualValues(t, 2, f.Misses)
	require.EqualValues(t, 2, f.Blocks)
	require.Greater(t, f.Bytes, uint64(1<<20+500))
	require.Less(t, f.Bytes, uint64(1<<20+2000))
}

// TestDeletedIsForgotten: what is deleted cannot be read from memory, unless another encoding still holds it.
func TestDeletedIsForgotten(t *testing.T) {
	s, _ := newCache(t, 8<<20)
	pack, blocks := storetest.Pack(t, 1, 4, 500)
	second, err := store.Encode(envelope.None, 0, blocks[:1])
	require.NoError(t, err)
	put(t, s, pack, second)
	read(t, s, blocks...)
	remove(t, s, pack)
	read(t, s, blocks[0])
	for _, b := range blocks[1:] {
		_, err := s.Open(t.Context(), b.Digest)
		require.ErrorIs(t, err, store.ErrNotFound)
	}
	put(t, s, pack)
	read(t, s, blocks...)
}

// TestDeletedWhileRead: a block that is deleted between being read and being kept is not kept.
func TestDeletedWhileRead(t *testing.T) {
	s, below := newCache(t, 8<<20)
	pack, blocks := storetest.Pack(t, 1, 4, 500)
	put(t, s, pack)
	below.after = func() {
		below.after = nil
		remove(t, s, pack)
	}
	read(t, s, blocks[0])
	_, err := s.Open(t.Context(), blocks[0].Digest)
	require.ErrorIs(t, err, store.ErrNotFound)
}

// TestScan: reading much content once leaves in memory what is read often.
func TestScan(t *testing.T) {
	const size = 100_000
	s, below := newCache(t, 4<<20)
	var daily, scanned []format.Block
	for i := range 130 {
		e, blocks := storetest.Pack(t, uint64(i), 1, size)
		put(t, s, e)
		if i < 30 {
			daily = append(daily, blocks...)
		} else {
			scanned = append(scanned, blocks...)
		}
	}
	for range 5 {
		read(t, s, daily...)
	}
	read(t, s, scanned...)
	read(t, s, daily...)
	again := 0
	for _, b := range daily {
		again += below.of(b.Digest) - 1
	}
	require.LessOrEqual(t, again, 2, "the scan displaced what is read often")
	require.LessOrEqual(t, s.Figures().Bytes, uint64(4<<20))
	require.Positive(t, s.Figures().Evictions)
}

// TestDamage: a block in memory can be read while its only copy is damaged, and the store says so all the same.
func TestDamage(t *testing.T) {
	fs := vfs.NewMem()
	below, err := pebblestore.Open("home", pebblestore.Options{FS: fs})
	require.NoError(t, err)
	s, err := cache.New(below, 1<<20)
	require.NoError(t, err)
	defer func() { require.NoError(t, s.Close()) }()
	pack, blocks := storetest.Pack(t, 1, 4, 500)
	put(t, s, pack)
	read(t, s, blocks[0])
	require.NoError(t, fs.Remove("home/segments/00000000.seg"))
	_, err = s.Encoding(t.Context(), pack.Digest())
	require.ErrorIs(t, err, store.ErrCorrupt)
	read(t, s, blocks[0])
	has, err := s.Has(t.Context(), blocks[0].Digest)
	require.NoError(t, err)
	require.False(t, has)
}

// TestFill: a block that nobody asked for is read into memory, and looked at there, without counting as a read.
func TestFill(t *testing.T) {
	s, below := newCache(t, 8<<20)
	pack, blocks := storetest.Pack(t, 1, 4, 500)
	put(t, s, pack)
	_, ok := s.Peek(blocks[0].Digest)
	require.False(t, ok)
	for range 2 {
		used, err := s.Fill(t.Context(), blocks[0].Digest)
		require.NoError(t, err)
		require.Equal(t, s.Figures().Bytes, used)
	}
	require.Equal(t, 1, below.of(blocks[0].Digest))
	got, ok := s.Peek(blocks[0].Digest)
	require.True(t, ok)
	require.Equal(t, blocks[0], got)
	f := s.Figures()
	require.Zero(t, f.Hits)
	require.Zero(t, f.Misses)
	require.EqualValues(t, 1, f.Blocks)
	read(t, s, blocks[0])
	require.EqualValues(t, 1, s.Figures().Hits)

	_, err := s.Fill(t.Context(), format.Sum([]byte("not stored")))
	require.ErrorIs(t, err, store.ErrNotFound)
	require.NoError(t, s.Close())
	_, ok = s.Peek(blocks[0].Digest)
	require.False(t, ok)
	_, err = s.Fill(t.Context(), blocks[0].Digest)
	require.ErrorIs(t, err, store.ErrClosed)
}
