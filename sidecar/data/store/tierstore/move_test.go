package tierstore_test

import (
	"bytes"
	"context"
	"errors"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/cockroachdb/pebble/v2/vfs/errorfs"
	"github.com/stretchr/testify/require"
	"golang.org/x/sync/errgroup"

	"github.com/ipdm-network/ipdm/sdk/go/format"
	"github.com/ipdm-network/ipdm/sidecar/data/store"
	"github.com/ipdm-network/ipdm/sidecar/data/store/pebblestore"
	"github.com/ipdm-network/ipdm/sidecar/data/store/tierstore"
	"github.com/ipdm-network/ipdm/testutil/storetest"
)

const packBytes = 20_000

// content are encodings of two blocks each.
type content struct {
	encodings []store.Checked
	blocks    [][]format.Block
}

func makeContent(tb testing.TB, n int) content {
	tb.Helper()
	var c content
	for i := range n {
		e, blocks := storetest.Pack(tb, uint64(i), 2, packBytes/2)
		c.encodings, c.blocks = append(c.encodings, e), append(c.blocks, blocks)
	}
	return c
}

func openOn(t *testing.T, fs vfs.FS, o tierstore.Options) *tierstore.Store {
	t.Helper()
	s, err := openPair(fs, o)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.Close()) })
	return s
}

func put(t *testing.T, s store.Store, d store.Durability, encodings ...store.Checked) {
	t.Helper()
	var b store.Batch
	for _, e := range encodings {
		b.PutEncoding(e)
	}
	require.NoError(t, s.Apply(t.Context(), &b, d))
}

func remove(t *testing.T, s store.Store, d store.Durability, encodings ...store.Checked) {
	t.Helper()
	var b store.Batch
	for _, e := range encodings {
		b.DeleteEncoding(e.Digest())
	}
	require.NoError(t, s.Apply(t.Context(), &b, d))
}

func readAll(t *testing.T, s store.Store, blocks []format.Block) {
	t.Helper()
	for _, b := range blocks {
		got, err := s.Open(t.Context(), b.Digest)
		require.NoError(t, err)
		require.True(t, bytes.Equal(b.Data, got.Data))
	}
}

func requireGone(t *testing.T, s store.Store, c content, i int) {
	t.Helper()
	_, err := s.Encoding(t.Context(), c.encodings[i].Digest())
	require.ErrorIs(t, err, store.ErrNotFound)
	for _, b := range c.blocks[i] {
		_, err := s.Open(t.Context(), b.Digest)
		require.ErrorIs(t, err, store.ErrNotFound)
		has, err := s.Has(t.Context(), b.Digest)
		require.NoError(t, err)
		require.False(t, has)
	}
}

// requireOnce checks that exactly the given encodings are listed, each once, and counted so.
func requireOnce(t *testing.T, s store.Store, want ...store.Checked) {
	t.Helper()
	times := map[format.Digest]int{}
	require.NoError(t, s.IterateEncodings(t.Context(), func(e store.Encoding) error {
		times[e.Digest]++
		require.False(t, e.Damaged)
		return nil
	}))
	var bytes, blocks uint64
	for _, e := range want {
		require.Equal(t, 1, times[e.Digest()])
		bytes += uint64(len(e.Bytes()))
		for _, block := range e.Header().Entries {
			blocks++
			at, err := s.Locate(t.Context(), block.Digest)
			require.NoError(t, err)
			require.Equal(t, []format.Digest{e.Digest()}, at)
		}
	}
	require.Len(t, times, len(want))
	stats, err := s.Stats(t.Context())
	require.NoError(t, err)
	require.EqualValues(t, len(want), stats.Encodings)
	require.Equal(t, bytes, stats.EnvelopeBytes)
	require.Equal(t, blocks, stats.Blocks)
}

func figures(t *testing.T, s *tierstore.Store) tierstore.Figures {
	t.Helper()
	f, err := s.Figures(t.Context())
	require.NoError(t, err)
	return f
}

// TestOldestLeaveFirst: without any reads what came first is moved out, down to nine tenths, and nothing is lost by it.
func TestOldestLeaveFirst(t *testing.T) {
	s := openOn(t, vfs.NewMem(), tierstore.Options{HotMaxBytes: 10 * packBytes})
	c := makeContent(t, 30)
	for _, e := range c.encodings {
		put(t, s, store.Durable, e)
	}
	require.NoError(t, s.Settle(t.Context()))
	f := figures(t, s)
	require.LessOrEqual(t, f.Hot.Bytes, uint64(10*packBytes))
	require.GreaterOrEqual(t, f.Hot.Bytes, uint64(8*packBytes), "no more is moved than needs be")
	require.GreaterOrEqual(t, f.Demoted, uint64(20))
	requireOnce(t, s, c.encodings...)

	readAll(t, s, c.blocks[29])
	require.EqualValues(t, 2, figures(t, s).Hot.Hits, "the youngest is hot")
	readAll(t, s, c.blocks[0])
	f = figures(t, s)
	require.EqualValues(t, 2, f.Cold.Hits, "the oldest is cold")
	require.EqualValues(t, 2, f.Hot.Misses)
	require.Zero(t, f.Cold.Misses)
}

// TestReadTwiceComesBack: what is read twice is copied to the fast tier and counts once; moved out again it is not
// written again.
func TestReadTwiceComesBack(t *testing.T) {
	s := openOn(t, vfs.NewMem(), tierstore.Options{HotMaxBytes: 10 * packBytes})
	c := makeContent(t, 20)
	put(t, s, store.Durable, c.encodings...)
	require.NoError(t, s.Settle(t.Context()))
	for range 2 {
		readAll(t, s, c.blocks[3])
	}
	require.NoError(t, s.Settle(t.Context()))
	f := figures(t, s)
	require.EqualValues(t, 1, f.Promoted)
	require.EqualValues(t, 1, f.CopiedEncodings)
	readAll(t, s, c.blocks[3])
	require.Equal(t, f.Hot.Hits+2, figures(t, s).Hot.Hits)
	requireOnce(t, s, c.encodings...)

	// What is hotter displaces it.
	coldBytes := f.Cold.Bytes
	for i := 10; i < 20; i++ {
		for range 9 {
			readAll(t, s, c.blocks[i])
		}
	}
	more := makeContent(t, 40)
	for _, e := range more.encodings[20:] {
		put(t, s, store.Durable, e)
	}
	require.NoError(t, s.Settle(t.Context()))
	requireOnce(t, s, more.encodings...)
	after := figures(t, s)
	require.Equal(t, sum(more.encodings), after.Hot.Bytes+after.Cold.Bytes-after.CopiedBytes)
	require.Greater(t, after.Cold.Bytes, coldBytes)
}

func sum(encodings []store.Checked) (bytes uint64) {
	for _, e := range encodings {
		bytes += uint64(len(e.Bytes()))
	}
	return bytes
}

// TestScanFlushesNothing: reading everything once, packs included, moves nothing into the fast tier, and what was read
// often before stays there.
func TestScanFlushesNothing(t *testing.T) {
	s := openOn(t, vfs.NewMem(), tierstore.Options{HotMaxBytes: 10 * packBytes})
	c := makeContent(t, 40)
	put(t, s, store.Durable, c.encodings...)
	require.NoError(t, s.Settle(t.Context()))
	favourites := c.blocks[35]
	for range 3 {
		readAll(t, s, favourites)
	}
	before := figures(t, s)
	for i := range c.blocks {
		if i != 35 {
			readAll(t, s, c.blocks[i])
		}
	}
	require.NoError(t, s.Settle(t.Context()))
	after := figures(t, s)
	require.Zero(t, after.Promoted)
	require.Equal(t, before.Hot.Bytes, after.Hot.Bytes)
	// New content displaces what was read once, not the favourites.
	more := makeContent(t, 46)
	put(t, s, store.Durable, more.encodings[40:]...)
	require.NoError(t, s.Settle(t.Context()))
	before = figures(t, s)
	readAll(t, s, favourites)
	require.Equal(t, before.Cold.Hits, figures(t, s).Cold.Hits)
}

// TestDeletedStaysDeleted: a deletion counts at once in both tiers, after a power failure too, and only then is the cold
// copy deleted.
func TestDeletedStaysDeleted(t *testing.T) {
	for name, readBefore := range map[string]bool{"cold": false, "in both": true} {
		t.Run(name, func(t *testing.T) {
			mem := vfs.NewCrashableMem()
			s := openOn(t, mem, tierstore.Options{HotMaxBytes: 10 * packBytes})
			c := makeContent(t, 20)
			put(t, s, store.Durable, c.encodings...)
			require.NoError(t, s.Settle(t.Context()))
			if readBefore {
				for range 2 {
					readAll(t, s, c.blocks[0])
				}
				require.NoError(t, s.Settle(t.Context()))
				require.EqualValues(t, 1, figures(t, s).CopiedEncodings)
			}
			remove(t, s, store.Durable, c.encodings[0])
			crashed := mem.CrashClone(vfs.CrashCloneCfg{})
			for _, s := range []*tierstore.Store{s, openOn(t, crashed, tierstore.Options{HotMaxBytes: 10 * packBytes})} {
				requireGone(t, s, c, 0)
				requireOnce(t, s, c.encodings[1:]...)
				require.NoError(t, s.Settle(t.Context()))
				requireGone(t, s, c, 0)
				requireOnce(t, s, c.encodings[1:]...)
				f := figures(t, s)
				require.Equal(t, sum(c.encodings[1:]), f.Hot.Bytes+f.Cold.Bytes, "the copy is gone as well")
				put(t, s, store.Durable, c.encodings[0])
				requireOnce(t, s, c.encodings...)
				readAll(t, s, c.blocks[0])
			}
		})
	}
}

// TestRecordsAreHidden: callers neither see nor write the tiers' records.
func TestRecordsAreHidden(t *testing.T) {
	s := openOn(t, vfs.NewMem(), tierstore.Options{HotMaxBytes: 1})
	c := makeContent(t, 3)
	put(t, s, store.Durable, c.encodings...)
	var b store.Batch
	require.NoError(t, b.SetMeta([]byte("k"), []byte("v")))
	require.NoError(t, s.Apply(t.Context(), &b, store.Durable))
	require.NoError(t, s.Settle(t.Context()))
	for _, prefix := range []string{"", "\x00", "\x00tier/"} {
		require.NoError(t, s.IterateMeta(t.Context(), []byte(prefix), func(key, _ []byte) error {
			require.Equal(t, "k", string(key))
			return nil
		}))
	}
	_, err := s.Meta(t.Context(), []byte("\x00tier/id"))
	require.ErrorIs(t, err, store.ErrNotFound)
	for _, change := range []func(*store.Batch) error{
		func(b *store.Batch) error { return b.SetMeta([]byte("\x00tier/id"), []byte("x")) },
		func(b *store.Batch) error { return b.DeleteMeta([]byte("\x00tier/id")) },
	} {
		var b store.Batch
		require.NoError(t, change(&b))
		require.ErrorIs(t, s.Apply(t.Context(), &b, store.Durable), store.ErrInvalid)
	}
}

// TestPairs: tiers that do not belong together are not opened, and change nothing.
func TestPairs(t *testing.T) {
	mem := vfs.NewMem()
	open := func(hotDir, coldDir string) (*tierstore.Store, error) {
		hot, err := pebblestore.Open(hotDir, pebblestore.Options{FS: mem})
		require.NoError(t, err)
		cold, err := pebblestore.Open(coldDir, pebblestore.Options{FS: mem})
		require.NoError(t, err)
		return tierstore.Open(t.Context(), hot, cold, tierstore.Options{HotMaxBytes: 1})
	}
	c := makeContent(t, 3)
	for _, name := range []string{"1", "2"} {
		s, err := open("hot"+name, "cold"+name)
		require.NoError(t, err)
		put(t, s, store.Durable, c.encodings...)
		require.NoError(t, s.Settle(t.Context()))
		require.NoError(t, s.Close())
	}
	for _, wrong := range [][2]string{{"hot1", "cold2"}, {"hot1", "empty"}, {"new", "cold1"}} {
		_, err := open(wrong[0], wrong[1])
		require.ErrorIs(t, err, tierstore.ErrPair)
	}
	s, err := open("hot1", "cold1")
	require.NoError(t, err)
	requireOnce(t, s, c.encodings...)
	require.NoError(t, s.Close())

	hot, err := pebblestore.Open("hot1", pebblestore.Options{FS: mem})
	require.NoError(t, err)
	paired, err := tierstore.Paired(t.Context(), hot)
	require.NoError(t, err)
	require.True(t, paired)
	require.NoError(t, hot.Close())
}

// faulty fails writes below a folder when asked to, for want of space.
type faulty struct {
	dir  string
	full atomic.Bool
}

func (f *faulty) wrap(fs vfs.FS) vfs.FS {
	return errorfs.Wrap(fs, errorfs.InjectorFunc(func(op errorfs.Op) error {
		isWrite := op.Kind == errorfs.OpFileWrite || op.Kind == errorfs.OpCreate
		if f.full.Load() && isWrite && len(op.Path) > len(f.dir) && op.Path[:len(f.dir)] == f.dir {
			return syscall.ENOSPC
		}
		return nil
	}))
}

// TestColdFull: what the cold tier has no room for stays in the hot one, and is moved when there is room.
func TestColdFull(t *testing.T) {
	f := &faulty{dir: coldDir + "/segments"}
	f.full.Store(true)
	s := openOn(t, f.wrap(vfs.NewMem()), tierstore.Options{HotMaxBytes: 5 * packBytes})
	c := makeContent(t, 10)
	put(t, s, store.Durable, c.encodings...)
	require.ErrorIs(t, s.Settle(t.Context()), store.ErrFull)
	requireOnce(t, s, c.encodings...)
	require.EqualValues(t, 0, figures(t, s).Demoted)
	remove(t, s, store.Durable, c.encodings[0])
	requireOnce(t, s, c.encodings[1:]...)
	f.full.Store(false)
	require.NoError(t, s.Settle(t.Context()))
	requireOnce(t, s, c.encodings[1:]...)
	require.NotZero(t, figures(t, s).Demoted)
	requireGone(t, s, c, 0)
}

// TestColdFails: what can be read from a slow disk that took no more is not taken for stored there.
func TestColdFails(t *testing.T) {
	mem := vfs.NewCrashableMem()
	f := &faulty{dir: coldDir + "/index"}
	s, err := openPair(f.wrap(mem), tierstore.Options{HotMaxBytes: 5 * packBytes})
	require.NoError(t, err)
	require.NoError(t, s.Settle(t.Context()))
	f.full.Store(true)
	c := makeContent(t, 10)
	put(t, s, store.Durable, c.encodings...)
	for range 3 {
		require.ErrorIs(t, s.Settle(t.Context()), store.ErrFailed)
		requireOnce(t, s, c.encodings...)
	}
	require.EqualValues(t, 0, figures(t, s).Demoted)
	crashed := mem.CrashClone(vfs.CrashCloneCfg{})
	_ = s.Close() // of a failed store this fails too
	again := openOn(t, crashed, tierstore.Options{HotMaxBytes: 5 * packBytes})
	require.NoError(t, again.Settle(t.Context()))
	requireOnce(t, again, c.encodings...)
	for _, blocks := range c.blocks {
		readAll(t, again, blocks)
	}
}

// TestHotFull: a put into a full hot tier moves something out and succeeds.
func TestHotFull(t *testing.T) {
	mem := vfs.NewMem()
	hot, err := pebblestore.Open(hotDir, pebblestore.Options{FS: mem, QuotaBytes: 400_000, SegmentBytes: 50_000})
	require.NoError(t, err)
	cold, err := pebblestore.Open(coldDir, pebblestore.Options{FS: mem})
	require.NoError(t, err)
	s, err := tierstore.Open(t.Context(), hot, cold, tierstore.Options{HotMaxBytes: 1 << 40})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.Close()) })
	c := makeContent(t, 60)
	for _, e := range c.encodings {
		put(t, s, store.Durable, e)
	}
	require.NotZero(t, figures(t, s).Demoted)
	requireOnce(t, s, c.encodings...)
}

// TestHotIsReclaimed: the fast disk gets back the space of what has moved.
func TestHotIsReclaimed(t *testing.T) {
	s := openOn(t, vfs.NewMem(), tierstore.Options{HotMaxBytes: packBytes, GarbageMaxBytes: 500_000})
	put(t, s, store.Durable, makeContent(t, 100).encodings...)
	require.NoError(t, s.Settle(t.Context()))
	f := figures(t, s)
	require.Greater(t, f.Cold.DiskBytes, uint64(99*packBytes))
	require.Less(t, f.Hot.DiskBytes, uint64(600_000))
}

// TestQuota: the quota is for both tiers together.
func TestQuota(t *testing.T) {
	s := openOn(t, vfs.NewMem(), tierstore.Options{HotMaxBytes: packBytes, QuotaBytes: 500_000})
	var err error
	stored := 0
	for _, e := range makeContent(t, 60).encodings {
		if _, err = store.PutEncoding(t.Context(), s, e.Bytes()); err != nil {
			break
		}
		require.NoError(t, s.Settle(t.Context()))
		stored++
	}
	require.ErrorIs(t, err, store.ErrQuota)
	require.Greater(t, stored, 5)
	stats, err := s.Stats(t.Context())
	require.NoError(t, err)
	require.EqualValues(t, 500_000, stats.QuotaBytes)
}

// TestDamageInOneTier: what is damaged in one tier and sound in the other is read from that.
func TestDamageInOneTier(t *testing.T) {
	for _, dir := range []string{hotDir, coldDir} {
		t.Run(dir, func(t *testing.T) {
			d := newDisk(tierstore.Options{HotMaxBytes: 10 * packBytes})
			opened, err := d.Open()
			require.NoError(t, err)
			s := opened.(*tierstore.Store)
			t.Cleanup(func() { require.NoError(t, s.Close()) })
			c := makeContent(t, 20)
			put(t, s, store.Durable, c.encodings...)
			require.NoError(t, s.Settle(t.Context()))
			for range 2 {
				readAll(t, s, c.blocks[3])
			}
			require.NoError(t, s.Settle(t.Context()))
			require.EqualValues(t, 1, figures(t, s).CopiedEncodings)
			d.DamageIn(t, dir, c.blocks[3][1].Data)
			data, err := s.Encoding(t.Context(), c.encodings[3].Digest())
			require.NoError(t, err)
			require.True(t, bytes.Equal(c.encodings[3].Bytes(), data))
			info, err := s.StatEncoding(t.Context(), c.encodings[3].Digest())
			require.NoError(t, err)
			require.False(t, info.Damaged)
			requireOnce(t, s, c.encodings...)

			// Moved out of the hot tier it is there, whichever copy was damaged.
			more := makeContent(t, 80)
			for _, e := range more.encodings[20:] {
				put(t, s, store.Durable, e)
			}
			require.NoError(t, s.Settle(t.Context()))
			readAll(t, s, c.blocks[3])
		})
	}
}

// TestReadersDuringMoves: whatever moves, and while blocks are put into other encodings, readers find everything.
func TestReadersDuringMoves(t *testing.T) {
	s := openOn(t, vfs.NewMem(), tierstore.Options{HotMaxBytes: 5 * packBytes})
	c := makeContent(t, 12)
	put(t, s, store.Durable, c.encodings...)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var g errgroup.Group
	for reader := range 4 {
		g.Go(func() error {
			for i := reader; ctx.Err() == nil; i++ {
				for _, b := range c.blocks[i%len(c.blocks)] {
					got, err := s.Open(context.Background(), b.Digest)
					if err != nil {
						return err
					}
					if !bytes.Equal(got.Data, b.Data) {
						return errors.New("another block came back")
					}
				}
				if reader == 0 {
					seen := map[format.Digest]bool{}
					err := s.IterateEncodings(context.Background(), func(e store.Encoding) error {
						for _, b := range e.Entries {
							seen[b.Digest] = true
						}
						return nil
					})
					if err != nil {
						return err
					}
				}
			}
			return nil
		})
	}
	for i := range 60 {
		// Each block of an encoding goes into one of its own, and back.
		which := i % len(c.blocks)
		var singles [2]store.Checked
		for j, b := range c.blocks[which] {
			one, err := store.Encode(0, 0, []format.Block{b})
			require.NoError(t, err)
			singles[j] = one
		}
		var b store.Batch
		b.PutEncoding(singles[0])
		b.PutEncoding(singles[1])
		b.DeleteEncoding(c.encodings[which].Digest())
		require.NoError(t, s.Apply(t.Context(), &b, store.Lazy))
		require.NoError(t, s.Settle(t.Context()))
		b.Reset()
		b.PutEncoding(c.encodings[which])
		b.DeleteEncoding(singles[0].Digest())
		b.DeleteEncoding(singles[1].Digest())
		require.NoError(t, s.Apply(t.Context(), &b, store.Lazy))
	}
	cancel()
	require.NoError(t, g.Wait())
	require.NoError(t, s.Settle(t.Context()))
	requireOnce(t, s, c.encodings...)
	f := figures(t, s)
	require.NotZero(t, f.Promoted)
	require.NotZero(t, f.Demoted)
}

// TestPowerLossAtEveryStep: the power fails after each write to either disk while encodings are moved out, brought back
// and deleted. Nothing that was stored is lost, and nothing that was deleted comes back.
func TestPowerLossAtEveryStep(t *testing.T) {
	for step := 0; ; step++ {
		mem := vfs.NewCrashableMem()
		var clone *vfs.MemFS
		var left atomic.Int64
		left.Store(1 << 40)
		fs := errorfs.Wrap(mem, errorfs.InjectorFunc(func(op errorfs.Op) error {
			switch op.Kind {
			case errorfs.OpFileWrite, errorfs.OpFileSync, errorfs.OpFileSyncData, errorfs.OpFileSyncTo, errorfs.OpCreate, errorfs.OpRename, errorfs.OpRemove:
				if left.Add(-1) == -1 {
					clone = mem.CrashClone(vfs.CrashCloneCfg{})
				}
			}
			return nil
		}))
		options := tierstore.Options{HotMaxBytes: 4 * packBytes, Now: func() time.Time { return time.Unix(1, 0) }}
		s, err := openPair(fs, options)
		require.NoError(t, err)
		c := makeContent(t, 10)
		put(t, s, store.Durable, c.encodings[:3]...)
		require.NoError(t, s.Settle(t.Context()))
		left.Store(int64(step))

		put(t, s, store.Lazy, c.encodings[3:]...)
		require.NoError(t, s.Settle(t.Context()))
		for range 2 {
			readAll(t, s, c.blocks[0])
		}
		require.NoError(t, s.Settle(t.Context()))
		stored := left.Load() < 0 // the power failed before anything was deleted
		remove(t, s, store.Durable, c.encodings[0], c.encodings[1], c.encodings[9])
		deleted := left.Load() >= 0
		require.NoError(t, s.Settle(t.Context()))
		reached := left.Load() < 0
		require.NoError(t, s.Close())
		if !reached {
			require.Greater(t, step, 10, "the workload writes to the disks")
			return
		}
		after, err := openPair(clone, options)
		require.NoError(t, err, "step %d", step)
		for range 2 {
			readAll(t, after, c.blocks[2])
			if stored {
				readAll(t, after, c.blocks[0])
				readAll(t, after, c.blocks[1])
			}
			if deleted {
				requireGone(t, after, c, 0)
				requireGone(t, after, c, 1)
				requireGone(t, after, c, 9)
				requireOnce(t, after, c.encodings[2:9]...)
			}
			var all []store.Checked
			for _, e := range c.encodings {
				if _, err := after.StatEncoding(t.Context(), e.Digest()); err == nil {
					all = append(all, e)
				}
			}
			requireOnce(t, after, all...)
			require.NoError(t, after.Settle(t.Context()), "step %d", step)
		}
		require.NoError(t, after.Close())
	}
}
