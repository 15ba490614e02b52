package storetest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/ipdm-network/ipdm/sdk/go/format"
	"github.com/ipdm-network/ipdm/sidecar/data/store"
)

// testCrash: after a power failure what was acknowledged as durable is there, and of every other batch all or nothing.
func testCrash(t *testing.T, d Disk) {
	s := open(t, d)
	batches := make([][]format.Block, 24)
	durable := -1
	for i := range batches {
		a, aBlocks := Pack(t, uint64(2*i), 3, 5000)
		b, bBlocks := Pack(t, uint64(2*i+1), 1, 150_000)
		var batch store.Batch
		batch.PutEncoding(a)
		batch.PutEncoding(b)
		require.NoError(t, batch.SetMeta(fmt.Appendf(nil, "batch/%d", i), []byte("x")))
		mode := store.Lazy
		if i%5 == 0 {
			mode, durable = store.Durable, i
		}
		require.NoError(t, s.Apply(t.Context(), &batch, mode))
		batches[i] = append(aBlocks, bBlocks...)

		after, err := d.Crash(uint64(i)).Open()
		require.NoError(t, err)
		for j := range i + 1 {
			_, err := after.Meta(t.Context(), fmt.Appendf(nil, "batch/%d", j))
			if errors.Is(err, store.ErrNotFound) {
				require.Greater(t, j, durable, "a durable batch is lost")
				requireAbsent(t, after, batches[j])
				continue
			}
			require.NoError(t, err)
			requireBlocks(t, after, batches[j])
		}
		stats, err := after.Stats(t.Context())
		require.NoError(t, err)
		require.Zero(t, stats.Damaged, "the index never names what a power failure takes away")
		require.NoError(t, after.Close())
	}
}

func testDamage(t *testing.T, d Disk) {
	s, err := d.Open()
	require.NoError(t, err)
	bad, badBlocks := Pack(t, 1, 6, 4000)
	good, goodBlocks := Pack(t, 2, 6, 4000)
	put(t, s, bad, good)
	d.Damage(t, badBlocks[2].Data)

	_, err = s.Open(t.Context(), badBlocks[2].Digest)
	require.ErrorIs(t, err, store.ErrCorrupt)
	_, err = s.Encoding(t.Context(), bad.Digest())
	require.ErrorIs(t, err, store.ErrCorrupt)
	has, err := s.Has(t.Context(), badBlocks[2].Digest)
	require.NoError(t, err)
	require.False(t, has, "what is known to be damaged counts as absent")
	info, err := s.StatEncoding(t.Context(), bad.Digest())
	require.NoError(t, err)
	require.True(t, info.Damaged)
	requireBlocks(t, s, goodBlocks)

	// Another copy answers for the blocks it has.
	one, err := store.Check(single(t, badBlocks[2]))
	require.NoError(t, err)
	put(t, s, one)
	requireBlocks(t, s, badBlocks[2:3])

	// Stored again, the encoding is whole, after a reopening too.
	put(t, s, bad)
	requireBlocks(t, s, badBlocks)
	data, err := s.Encoding(t.Context(), bad.Digest())
	require.NoError(t, err)
	require.True(t, bytes.Equal(bad.Bytes(), data))
	require.NoError(t, s.Close())
	s = open(t, d)
	requireBlocks(t, s, append(badBlocks, goodBlocks...))
}

func testFull(t *testing.T, d Disk) {
	s, err := d.Open()
	require.NoError(t, err)
	a, aBlocks := Pack(t, 1, 5, 50_000)
	b, bBlocks := Pack(t, 2, 5, 50_000)
	put(t, s, a)
	d.SetFull(true)
	var batch store.Batch
	batch.PutEncoding(b)
	require.ErrorIs(t, s.Apply(t.Context(), &batch, store.Durable), store.ErrFull)
	requireBlocks(t, s, aBlocks)
	requireAbsent(t, s, bBlocks)
	d.SetFull(false)
	put(t, s, b)
	requireBlocks(t, s, append(aBlocks, bBlocks...))
	require.NoError(t, s.Close())
	s = open(t, d)
	requireBlocks(t, s, append(aBlocks, bBlocks...))
}

// testFullAtStart: a store on a disk without room opens to be read, or says why it does not; with room all is there.
func testFullAtStart(t *testing.T, d Disk) {
	s, err := d.Open()
	require.NoError(t, err)
	a, aBlocks := Pack(t, 1, 5, 50_000)
	b, bBlocks := Pack(t, 2, 5, 50_000)
	put(t, s, a)
	require.NoError(t, s.Close())
	d.SetFull(true)
	if e, ok := d.(Exhaustible); ok {
		e.FailFrom(0, true) // there is no room for anything
	}
	if s, err = d.Open(); err == nil {
		requireBlocks(t, s, aBlocks)
		var batch store.Batch
		batch.PutEncoding(b)
		require.ErrorIs(t, s.Apply(t.Context(), &batch, store.Durable), store.ErrFull)
		_ = s.Close() // it may fail; nothing may be lost by it
	} else {
		require.ErrorIs(t, err, store.ErrFull)
	}
	d.SetFull(false)
	s = open(t, d)
	requireBlocks(t, s, aBlocks)
	put(t, s, b)
	requireBlocks(t, s, bBlocks)
}

func testClosed(t *testing.T, d Disk) {
	s, err := d.Open()
	require.NoError(t, err)
	a, aBlocks := Pack(t, 1, 2, 100)
	put(t, s, a)
	// Closing while an iteration runs ends the iteration.
	inside, ended := make(chan struct{}), make(chan error, 1)
	closing := make(chan struct{})
	go func() {
		ended <- s.IterateEncodings(context.Background(), func(store.Encoding) error {
			close(inside)
			<-closing
			for {
				if _, err := s.Has(context.Background(), aBlocks[0].Digest); err != nil {
					return err
				}
			}
		})
	}()
	<-inside
	close(closing)
	require.NoError(t, s.Close())
	require.ErrorIs(t, <-ended, store.ErrClosed)
	require.NoError(t, s.Close())
	_, err = s.Open(t.Context(), aBlocks[0].Digest)
	require.ErrorIs(t, err, store.ErrClosed)
	require.ErrorIs(t, s.Sync(t.Context()), store.ErrClosed)
	_, err = s.Stats(t.Context())
	require.ErrorIs(t, err, store.ErrClosed)
}

func testCancelled(t *testing.T, d Disk) {
	s := open(t, d)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	a, aBlocks := Pack(t, 1, 2, 100)
	var b store.Batch
	b.PutEncoding(a)
	require.ErrorIs(t, s.Apply(ctx, &b, store.Durable), context.Canceled)
	requireAbsent(t, s, aBlocks)
	_, err := s.Reclaim(ctx)
	require.ErrorIs(t, err, context.Canceled)
	require.ErrorIs(t, s.IterateMeta(ctx, []byte("x"), func(_, _ []byte) error { return nil }), context.Canceled)
}

func testInvalid(t *testing.T, d Disk) {
	s := open(t, d)
	var b store.Batch
	require.ErrorIs(t, b.SetMeta(nil, nil), store.ErrInvalid)
	require.ErrorIs(t, b.SetMeta(make([]byte, store.MaxMetaKeyBytes+1), nil), store.ErrInvalid)
	require.ErrorIs(t, b.SetMeta([]byte("k"), make([]byte, store.MaxMetaValueBytes+1)), store.ErrInvalid)
	require.ErrorIs(t, b.DeleteMeta(nil), store.ErrInvalid)
	b.PutEncoding(store.Checked{})
	require.ErrorIs(t, s.Apply(t.Context(), &b, store.Durable), store.ErrInvalid)
	_, err := store.PutEncoding(t.Context(), s, []byte("not an envelope"))
	require.Error(t, err)
	a, _ := Pack(t, 1, 3, 1000)
	flipped := bytes.Clone(a.Bytes())
	flipped[len(flipped)-1] ^= 1
	_, err = store.PutEncoding(t.Context(), s, flipped)
	require.Error(t, err, "an envelope whose payload does not match is not stored")
}

func single(t *testing.T, b format.Block) []byte {
	t.Helper()
	e, err := store.Encode(0, 0, []format.Block{b})
	require.NoError(t, err)
	return e.Bytes()
}
