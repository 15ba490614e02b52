package storetest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/sync/errgroup"

	"github.com/ipdm-network/ipdm/sdk/go/format"
	"github.com/ipdm-network/ipdm/sdk/go/format/envelope"
	"github.com/ipdm-network/ipdm/sidecar/data/store"
)

// Disk is what a store lies on.
type Disk interface {
	// Open opens the store, and creates it if there is none.
	Open() (store.Store, error)
	// Crash returns a disk in the state a power failure would leave now: everything durable, and of the rest any part.
	Crash(seed uint64) Disk
	// Damage flips a bit in the first place where data, part of an envelope, is stored.
	Damage(tb testing.TB, data []byte)
	// SetFull makes writes fail for want of space, or ends that.
	SetFull(full bool)
}

// Run runs the suite; newDisk returns an empty disk.
func Run(t *testing.T, newDisk func(t *testing.T) Disk) {
	for _, tc := range []struct {
		name string
		run  func(t *testing.T, d Disk)
	}{
		{"BlocksAndEncodings", testBlocks},
		{"SameDigestInTwoIndexes", testEncodingAsBlock},
		{"Deletion", testDeletion},
		{"Metadata", testMeta},
		{"BatchIsAtomicAcrossCrashes", testCrash},
		{"DurableSurvivesReopen", testReopen},
		{"SecondOpenIsLocked", testLocked},
		{"DamageIsFoundAndHealed", testDamage},
		{"DiskFull", testFull},
		{"DiskFullAtStart", testFullAtStart},
		{"Concurrency", testConcurrency},
		{"ReclaimKeepsWhatIsLive", testReclaim},
		{"ClosedStore", testClosed},
		{"CancelledContext", testCancelled},
		{"InvalidArguments", testInvalid},
		{"PowerLossUnderContent", testPowerLoss},
		{"DiskFullAtEveryStep", func(t *testing.T, d Disk) {
			testFullAtEveryStep(t, d, func() Disk { return newDisk(t) })
		}},
	} {
		t.Run(tc.name, func(t *testing.T) { tc.run(t, newDisk(t)) })
	}
}

// random returns n bytes that do not compress.
func random(seed uint64, n int) []byte {
	var key [32]byte
	for i := range 8 {
		key[i] = byte(seed >> (8 * i))
	}
	b := make([]byte, n)
	_, _ = rand.NewChaCha8(key).Read(b)
	return b
}

// Pack returns an encoding of count random blocks of size bytes each, and the blocks.
func Pack(tb testing.TB, seed uint64, count, size int) (store.Checked, []format.Block) {
	tb.Helper()
	blocks := make([]format.Block, count)
	for i := range blocks {
		blocks[i] = format.NewBlock(format.Raw, random(seed<<16|uint64(i), size))
	}
	enc, err := store.Encode(envelope.Zstd, envelope.LevelFastest, blocks)
	require.NoError(tb, err)
	return enc, blocks
}

func open(t *testing.T, d Disk) store.Store {
	t.Helper()
	s, err := d.Open()
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.Close()) })
	return s
}

func put(t *testing.T, s store.Store, encodings ...store.Checked) {
	t.Helper()
	var b store.Batch
	for _, e := range encodings {
		b.PutEncoding(e)
	}
	require.NoError(t, s.Apply(t.Context(), &b, store.Durable))
}

func requireBlocks(t *testing.T, s store.Store, blocks []format.Block) {
	t.Helper()
	for _, want := range blocks {
		got, err := s.Open(t.Context(), want.Digest)
		require.NoError(t, err)
		require.True(t, bytes.Equal(want.Data, got.Data))
		require.Equal(t, want.Codec, got.Codec)
		info, err := s.Stat(t.Context(), want.Digest)
		require.NoError(t, err)
		require.Equal(t, store.BlockInfo{Codec: want.Codec, SizeBytes: uint32(len(want.Data))}, info)
		has, err := s.Has(t.Context(), want.Digest)
		require.NoError(t, err)
		require.True(t, has)
		may, err := s.MayHave(t.Context(), []format.Digest{format.Sum([]byte("something else")), want.Digest})
		require.NoError(t, err)
		require.Len(t, may, 2)
		require.True(t, may[1])
	}
}

func requireAbsent(t *testing.T, s store.Store, blocks []format.Block) {
	t.Helper()
	for _, b := range blocks {
		_, err := s.Open(t.Context(), b.Digest)
		require.ErrorIs(t, err, store.ErrNotFound)
		_, err = s.Stat(t.Context(), b.Digest)
		require.ErrorIs(t, err, store.ErrNotFound)
		has, err := s.Has(t.Context(), b.Digest)
		require.NoError(t, err)
		require.False(t, has)
		at, err := s.Locate(t.Context(), b.Digest)
		require.NoError(t, err)
		require.Empty(t, at)
	}
}

func testBlocks(t *testing.T, d Disk) {
	s := open(t, d)
	one, oneBlocks := Pack(t, 1, 1, 300_000)
	pack, packBlocks := Pack(t, 2, 50, 700)
	empty, err := store.Encode(envelope.None, 0, []format.Block{format.NewBlock(format.DagPB, nil)})
	require.NoError(t, err)
	requireAbsent(t, s, append(oneBlocks, packBlocks...))
	put(t, s, one, pack, empty)
	put(t, s, pack)
	requireBlocks(t, s, append(oneBlocks, packBlocks...))
	requireBlocks(t, s, []format.Block{format.NewBlock(format.DagPB, nil)})
	var order []format.Digest
	require.NoError(t, s.IterateEncodings(t.Context(), func(e store.Encoding) error {
		order = append(order, e.Digest)
		return nil
	}))
	require.Equal(t, []format.Digest{one.Digest(), pack.Digest(), empty.Digest()}, order)
	for _, e := range []store.Checked{one, pack} {
		data, err := s.Encoding(t.Context(), e.Digest())
		require.NoError(t, err)
		require.True(t, bytes.Equal(e.Bytes(), data))
		info, err := s.StatEncoding(t.Context(), e.Digest())
		require.NoError(t, err)
		require.EqualValues(t, len(e.Bytes()), info.LengthBytes)
		require.Equal(t, e.Header().Entries, info.Entries)
		require.False(t, info.Damaged)
	}
	stats, err := s.Stats(t.Context())
	require.NoError(t, err)
	require.EqualValues(t, 3, stats.Encodings)
	require.EqualValues(t, 52, stats.Blocks)
	require.EqualValues(t, 300_000+50*700, stats.PlainBytes)
	require.GreaterOrEqual(t, stats.DiskBytes, stats.EnvelopeBytes)

	stop := errors.New("stop")
	require.ErrorIs(t, s.IterateEncodings(t.Context(), func(store.Encoding) error { return stop }), stop)

	// A second encoding of one of the blocks.
	second, err := store.Encode(envelope.None, 0, packBlocks[3:4])
	require.NoError(t, err)
	put(t, s, second)
	at, err := s.Locate(t.Context(), packBlocks[3].Digest)
	require.NoError(t, err)
	require.Equal(t, []format.Digest{pack.Digest(), second.Digest()}, at)
}

// testEncodingAsBlock stores the bytes of an envelope as a block: each kind of digest is answered for what it is.
func testEncodingAsBlock(t *testing.T, d Disk) {
	s := open(t, d)
	inner, innerBlocks := Pack(t, 1, 3, 1000)
	outer, err := store.Encode(envelope.None, 0, []format.Block{format.NewBlock(format.Raw, inner.Bytes())})
	require.NoError(t, err)
	put(t, s, outer)
	_, err = s.Encoding(t.Context(), inner.Digest())
	require.ErrorIs(t, err, store.ErrNotFound)
	requireAbsent(t, s, innerBlocks)
	requireBlocks(t, s, []format.Block{format.NewBlock(format.Raw, inner.Bytes())})
}

func testDeletion(t *testing.T, d Disk) {
	s := open(t, d)
	a, aBlocks := Pack(t, 1, 20, 500)
	copyOf, err := store.Encode(envelope.None, 0, aBlocks[:2])
	require.NoError(t, err)
	put(t, s, a, copyOf)
	requireBlocks(t, s, aBlocks)
	var b store.Batch
	b.DeleteEncoding(a.Digest())
	b.DeleteEncoding(format.Sum([]byte("never stored")))
	require.NoError(t, s.Apply(t.Context(), &b, store.Lazy))
	_, err = s.Encoding(t.Context(), a.Digest())
	require.ErrorIs(t, err, store.ErrNotFound)
	requireAbsent(t, s, aBlocks[2:])
	requireBlocks(t, s, aBlocks[:2])

	b.Reset()
	b.PutEncoding(a)
	b.DeleteEncoding(a.Digest())
	b.PutEncoding(a)
	require.NoError(t, s.Apply(t.Context(), &b, store.Lazy))
	requireBlocks(t, s, aBlocks)
}

func testMeta(t *testing.T, d Disk) {
	s := open(t, d)
	_, err := s.Meta(t.Context(), []byte("k"))
	require.ErrorIs(t, err, store.ErrNotFound)
	var b store.Batch
	for i := range 20 {
		require.NoError(t, b.SetMeta(fmt.Appendf(nil, "p/%02d", i), fmt.Appendf(nil, "%d", i)))
	}
	require.NoError(t, b.SetMeta([]byte("p0"), nil))
	require.NoError(t, b.SetMeta([]byte("p/\xff\xff"), []byte("last")))
	require.NoError(t, b.DeleteMeta([]byte("p/07")))
	require.NoError(t, s.Apply(t.Context(), &b, store.Durable))
	var keys []string
	require.NoError(t, s.IterateMeta(t.Context(), []byte("p/"), func(k, _ []byte) error {
		keys = append(keys, string(k))
		return nil
	}))
	require.Len(t, keys, 20)
	require.Equal(t, "p/00", keys[0])
	require.Equal(t, "p/08", keys[7])
	require.Equal(t, "p/\xff\xff", keys[19])
	value, err := s.Meta(t.Context(), []byte("p/03"))
	require.NoError(t, err)
	require.Equal(t, "3", string(value))
}

func testReopen(t *testing.T, d Disk) {
	a, aBlocks := Pack(t, 1, 20, 500)
	b, bBlocks := Pack(t, 2, 1, 1<<20)
	for range 3 {
		s, err := d.Open()
		require.NoError(t, err)
		put(t, s, a, b)
		require.NoError(t, s.Close())
	}
	s := open(t, d)
	requireBlocks(t, s, append(aBlocks, bBlocks...))
	stats, err := s.Stats(t.Context())
	require.NoError(t, err)
	require.EqualValues(t, 2, stats.Encodings)
}

func testLocked(t *testing.T, d Disk) {
	open(t, d)
	_, err := d.Open()
	require.ErrorIs(t, err, store.ErrLocked)
}

func testReclaim(t *testing.T, d Disk) {
	s := open(t, d)
	var kept []format.Block
	for i := range 12 {
		e, blocks := Pack(t, uint64(i), 4, 200_000)
		put(t, s, e)
		if i%3 == 0 {
			kept = append(kept, blocks...)
			continue
		}
		var b store.Batch
		b.DeleteEncoding(e.Digest())
		require.NoError(t, s.Apply(t.Context(), &b, store.Lazy))
	}
	before, err := s.Stats(t.Context())
	require.NoError(t, err)
	freed, err := s.Reclaim(t.Context())
	require.NoError(t, err)
	require.Greater(t, freed, uint64(4_000_000))
	after, err := s.Stats(t.Context())
	require.NoError(t, err)
	require.Less(t, after.DiskBytes, before.DiskBytes-4_000_000)
	requireBlocks(t, s, kept)
	freed, err = s.Reclaim(t.Context())
	require.NoError(t, err)
	require.Zero(t, freed)
}

func testConcurrency(t *testing.T, d Disk) {
	s := open(t, d)
	var g errgroup.Group
	for w := range 8 {
		var encodings []store.Checked
		var blocks [][]format.Block
		for i := range 12 {
			// Neighbouring workers store the same encodings.
			e, b := Pack(t, uint64(w/2*100+i), 10, 3000)
			encodings, blocks = append(encodings, e), append(blocks, b)
		}
		g.Go(func() error {
			for i, e := range encodings {
				var b store.Batch
				b.PutEncoding(e)
				if err := s.Apply(context.Background(), &b, store.Durability(i%2)); err != nil {
					return err
				}
				for _, want := range blocks[i] {
					got, err := s.Open(context.Background(), want.Digest)
					if err != nil {
						return err
					}
					if !bytes.Equal(got.Data, want.Data) {
						return errors.New("another block came back")
					}
				}
			}
			return nil
		})
	}
	g.Go(func() error {
		for i := range 20 {
			var b store.Batch
			e, _ := Pack(t, uint64(1000+i), 2, 100_000)
			b.PutEncoding(e)
			if err := s.Apply(context.Background(), &b, store.Lazy); err != nil {
				return err
			}
			b.Reset()
			b.DeleteEncoding(e.Digest())
			if err := s.Apply(context.Background(), &b, store.Lazy); err != nil {
				return err
			}
			if _, err := s.Reclaim(context.Background()); err != nil {
				return err
			}
		}
		return nil
	})
	require.NoError(t, g.Wait())
	stats, err := s.Stats(t.Context())
	require.NoError(t, err)
	require.EqualValues(t, 4*12, stats.Encodings)
}
