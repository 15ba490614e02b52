package storetest

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"

	"github.com/ipfs/go-cid"
	"github.com/stretchr/testify/require"

	"github.com/ipdm-network/ipdm/sdk/go/format/manifest"
	"github.com/ipdm-network/ipdm/sidecar/data"
	"github.com/ipdm-network/ipdm/sidecar/data/store"
	"github.com/ipdm-network/ipdm/testutil/raced"
)

// crashes is how many power failures a random workload is made to survive on a disk that is not Slow.
const crashes = 30

// Slow is a Disk on which a power failure takes long.
type Slow interface {
	Disk
	// Crashes is how many power failures the random workload is made to survive.
	Crashes() int
}

// Exhaustible is a Disk that can run out of space at a given step.
type Exhaustible interface {
	Disk
	// FailFrom makes the n-th write, sync, creation or renaming from now on fail for want of space, and all behind it
	// until SetFull(false) if they are to stay. The function returned tells whether it came to that.
	FailFrom(n int, stay bool) (reached func() bool)
}

// trees makes content and remembers what was acknowledged.
type trees struct {
	engine *data.Engine

	mu    sync.Mutex
	acked map[cid.Cid]uint64 // seeds of the trees that are pinned; guarded by mu
}

// tree returns the files of the tree with the given seed.
func tree(seed uint64) map[string][]byte {
	rng := rand.New(rand.NewPCG(seed, 7))
	files := map[string][]byte{}
	for i := range 1 + rng.IntN(12) {
		size := rng.IntN(5000)
		if rng.IntN(6) == 0 {
			size = rng.IntN(400_000)
		}
		files[fmt.Sprintf("f%02d", i)] = random(seed<<8|uint64(i), size)
	}
	return files
}

// put stores a tree.
func (t *trees) put(ctx context.Context, seed uint64) error {
	key := ed25519.NewKeyFromSeed(make([]byte, ed25519.SeedSize))
	p, err := t.engine.NewPut(ctx, data.PutOptions{
		Creator: manifest.Creator{Kind: manifest.Ed25519, Key: key.Public().(ed25519.PublicKey)},
		Sign:    func(_ context.Context, m []byte) ([]byte, error) { return ed25519.Sign(key, m), nil },
	})
	if err != nil {
		return err
	}
	defer p.Abort()
	if err := p.BeginDir("", data.FileInfo{}); err != nil {
		return err
	}
	files := tree(seed)
	for i := range len(files) {
		name := fmt.Sprintf("f%02d", i)
		if err := p.BeginFile(name, data.FileInfo{}); err != nil {
			return err
		}
		if _, err := p.Write(files[name]); err != nil {
			return err
		}
	}
	r, err := p.Finish()
	if err != nil {
		return err
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.acked[r.Root] = seed
	return nil
}

// remove unpins one tree, if there is any, which from then on may be there or not.
func (t *trees) remove(ctx context.Context) error {
	t.mu.Lock()
	var root cid.Cid
	for root = range t.acked {
		break
	}
	delete(t.acked, root)
	t.mu.Unlock()
	if !root.Defined() {
		return nil
	}
	_, err := t.engine.Unpin(ctx, root)
	return err
}

// acknowledged returns what must be there now.
func (t *trees) acknowledged() map[cid.Cid]uint64 {
	t.mu.Lock()
	defer t.mu.Unlock()
	out := make(map[cid.Cid]uint64, len(t.acked))
	for root, seed := range t.acked {
		out[root] = seed
	}
	return out
}

// files collects a tree that is read.
type files struct {
	all  map[string][]byte
	last string
}

// Entry implements data.Sink.
func (f *files) Entry(e data.Entry) error {
	if e.Kind == data.KindFile {
		f.last = e.Path
		f.all[e.Path] = []byte{}
	}
	return nil
}

// Data implements data.Sink.
func (f *files) Data(p []byte) error {
	f.all[f.last] = append(f.all[f.last], p...)
	return nil
}

// requireContent checks that every tree reads back byte for byte.
func requireContent(t *testing.T, e *data.Engine, acked map[cid.Cid]uint64) {
	t.Helper()
	for root, seed := range acked {
		got := &files{all: map[string][]byte{}}
		require.NoError(t, e.Get(t.Context(), root, data.GetOptions{LocalOnly: true}, got), "an acknowledged put is lost")
		want := tree(seed)
		require.Len(t, got.all, len(want))
		for name, body := range want {
			require.True(t, bytes.Equal(body, got.all[name]), "%s of tree %d", name, seed)
		}
	}
}

// requireSound checks that everything acknowledged is there, that nothing is damaged or missing, and that a collection
// of garbage leaves no orphan and takes nothing that is kept.
func requireSound(t *testing.T, s store.Store, acked map[cid.Cid]uint64) {
	t.Helper()
	e := data.New(s, data.Options{Workers: 2})
	requireContent(t, e, acked)
	for _, collected := range []bool{false, true} {
		if collected {
			_, err := e.GC(t.Context())
			require.NoError(t, err)
		}
		var problems []string
		r, err := e.Audit(t.Context(), func(text string) error {
			problems = append(problems, text)
			return nil
		})
		require.NoError(t, err)
		require.Empty(t, problems)
		if collected {
			require.Zero(t, r.Orphans)
		}
	}
	requireContent(t, e, acked)
	progress, err := e.Verify(t.Context(), cid.Undef, nil)
	require.NoError(t, err)
	require.Zero(t, progress.Problems)
}

// testPowerLoss: whenever the power fails during puts, removals and collections of garbage, every put that was
// acknowledged before reads back.
func testPowerLoss(t *testing.T, d Disk) {
	s := open(t, d)
	work := &trees{engine: data.New(s, data.Options{Workers: 2}), acked: map[cid.Cid]uint64{}}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() {
		rng := rand.New(rand.NewPCG(1, 1))
		var err error
		for seed := uint64(1); err == nil && ctx.Err() == nil; seed++ {
			switch rng.IntN(8) {
			case 0, 1:
				err = work.remove(ctx)
			case 2:
				_, err = work.engine.GC(ctx)
			default:
				err = work.put(ctx, seed)
			}
			if err == nil && len(work.acknowledged()) > 20 {
				err = work.remove(ctx)
			}
		}
		if errors.Is(err, context.Canceled) {
			err = nil
		}
		ended <- err
	}()
	defer func() {
		cancel()
		require.NoError(t, <-ended)
	}()
	failures := raced.Some(crashes)
	if slow, ok := d.(Slow); ok {
		failures = slow.Crashes()
	}
	for i := range uint64(failures) {
		// The moments are wherever the workload is when the last check is done.
		acked := work.acknowledged()
		after, err := d.Crash(i).Open()
		require.NoError(t, err)
		for root, seed := range acked {
			if now := work.acknowledged(); now[root] != seed {
				delete(acked, root) // it was being removed
			}
		}
		requireSound(t, after, acked)
		require.NoError(t, after.Close())
	}
}

// testFullAtEveryStep: wherever space runs out, what was acknowledged stays, the error says so, and with space the
// store works again, after a reopening if it asks for one.
func testFullAtEveryStep(t *testing.T, d Disk, newDisk func() Disk) {
	if _, ok := d.(Exhaustible); !ok {
		t.Skip("this disk cannot run out of space at a given step")
	}
	for _, stay := range []bool{false, true} {
		// Every step at first; those of a long workload resemble each other.
		dense := raced.Some(10)
		for n := 0; fillUp(t, newDisk().(Exhaustible), n, stay); n += 1 + n/dense {
		}
	}
}

// fillUp makes space run out at step n of a workload and tells whether it came to that.
func fillUp(t *testing.T, d Exhaustible, n int, stay bool) bool {
	t.Helper()
	s, err := d.Open()
	require.NoError(t, err)
	work := &trees{engine: data.New(s, data.Options{Workers: 2}), acked: map[cid.Cid]uint64{}}
	for seed := uint64(1); seed <= 3; seed++ {
		require.NoError(t, work.put(t.Context(), seed))
	}
	reached := d.FailFrom(n, stay)
	steps := []func() error{
		func() error { return work.put(t.Context(), 4) },
		func() error { return work.remove(t.Context()) },
		func() error { _, err := work.engine.GC(t.Context()); return err },
		func() error { return work.put(t.Context(), 5) },
		func() error { return s.Sync(t.Context()) },
	}
	failed := false
	for _, step := range steps {
		if err := step(); err != nil {
			require.True(t, errors.Is(err, store.ErrFull) || errors.Is(err, store.ErrFailed), "step %d: %v", n, err)
			failed = failed || errors.Is(err, store.ErrFailed)
		}
	}
	requireContent(t, work.engine, work.acknowledged())
	ranOut := reached()
	d.SetFull(false)
	if !failed {
		// What fails behind a call that succeeded shows at the next.
		if err := work.put(t.Context(), 6); !errors.Is(err, store.ErrFailed) {
			require.NoError(t, err, "step %d: with space the store works again", n)
		}
		requireContent(t, work.engine, work.acknowledged())
	}
	_ = s.Close() // of a store that failed this may fail as well; nothing may be lost by it
	again, err := d.Open()
	require.NoError(t, err, "step %d", n)
	requireSound(t, again, work.acknowledged())
	work.engine = data.New(again, data.Options{Workers: 2})
	require.NoError(t, work.put(t.Context(), 7))
	requireSound(t, again, work.acknowledged())
	require.NoError(t, again.Close())
	return ranOut
}
