package s3store

import (
	"errors"
	"fmt"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/ipdm-network/ipdm/sdk/go/format"
	"github.com/ipdm-network/ipdm/sidecar/data/store"
	"github.com/ipdm-network/ipdm/testutil/storetest"
)

func writeFile(t *testing.T, path, text string) {
	t.Helper()
	require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
}

// contents is everything that a store tells without reading segments.
func contents(t *testing.T, s *Store) (encodings []store.Encoding, meta map[string]string, stats store.Stats) {
	t.Helper()
	require.NoError(t, s.IterateEncodings(t.Context(), func(e store.Encoding) error {
		encodings = append(encodings, e)
		return nil
	}))
	meta = map[string]string{}
	for _, prefix := range []string{"batch/", "x"} {
		require.NoError(t, s.IterateMeta(t.Context(), []byte(prefix), func(key, value []byte) error {
			meta[string(key)] = string(value)
			return nil
		}))
	}
	stats, err := s.Stats(t.Context())
	require.NoError(t, err)
	stats.DiskBytes = 0
	return encodings, meta, stats
}

// TestLostFolder: a node whose local folder is gone has the same store again, made from a checkpoint and the journal.
func TestLostFolder(t *testing.T) {
	d := newDisk(t, Options{SegmentBytes: 200_000, CheckpointEntries: 5})
	s := mustOpen(t, d)
	var kept []format.Block
	for i := range 13 {
		a, aBlocks := storetest.Pack(t, uint64(2*i), 4, 30_000)
		b, bBlocks := storetest.Pack(t, uint64(2*i+1), 4, 30_000)
		require.NoError(t, apply(s, store.Durable, fmt.Sprintf("batch/%d", i), a, b))
		kept = append(kept, aBlocks...)
		if i%2 == 0 {
			kept = append(kept, bBlocks...)
			continue
		}
		var gone store.Batch
		gone.DeleteEncoding(b.Digest())
		require.NoError(t, gone.DeleteMeta(fmt.Appendf(nil, "batch/%d", i-1)))
		require.NoError(t, s.Apply(t.Context(), &gone, store.Durable))
	}
	_, err := s.Reclaim(t.Context())
	require.NoError(t, err)
	encodings, meta, stats := contents(t, s)
	require.Len(t, meta, 7)
	require.NoError(t, s.Close())
	require.True(t, slices.ContainsFunc(d.keys(), func(key string) bool { return strings.HasSuffix(key, headName) }), "there is a checkpoint")

	for name, disk := range map[string]*s3Disk{"lost": d.elsewhere(), "kept": d} {
		s := mustOpen(t, disk)
		gotEncodings, gotMeta, gotStats := contents(t, s)
		require.Equal(t, encodings, gotEncodings, name)
		require.Equal(t, meta, gotMeta, name)
		require.Equal(t, stats, gotStats, name)
		requireBlocks(t, s, kept)
		more, moreBlocks := storetest.Pack(t, 1000, 1, 1000)
		require.NoError(t, apply(s, store.Durable, "", more))
		requireBlocks(t, s, moreBlocks)
		var gone store.Batch
		gone.DeleteEncoding(more.Digest())
		require.NoError(t, s.Apply(t.Context(), &gone, store.Durable))
		require.NoError(t, s.Close())
	}
}

// TestDamagedIndex: a local index that cannot be read is made again.
func TestDamagedIndex(t *testing.T) {
	d := newDisk(t, Options{})
	s := mustOpen(t, d)
	a, blocks := storetest.Pack(t, 1, 4, 3000)
	require.NoError(t, apply(s, store.Durable, "", a))
	require.NoError(t, s.Close())
	names, err := d.folder.List("home/index")
	require.NoError(t, err)
	for _, name := range names {
		if !strings.HasPrefix(name, "MANIFEST") {
			continue
		}
		f, err := d.folder.OpenReadWrite("home/index/"+name, "test")
		require.NoError(t, err)
		_, err = f.WriteAt([]byte("this is no manifest"), 0)
		require.NoError(t, errors.Join(err, f.Close()))
	}
	_, err = d.bucket().put(t.Context(), lockKey, lockObject{}.seal(), condition{}) // the lease has run out
	require.NoError(t, err)
	s = mustOpen(t, d)
	requireBlocks(t, s, blocks)
}

// TestBucketOlderThanIndex: a bucket that was restored from a copy counts, not what the index remembers.
func TestBucketOlderThanIndex(t *testing.T) {
	d := newDisk(t, Options{})
	s := mustOpen(t, d)
	a, aBlocks := storetest.Pack(t, 1, 4, 3000)
	b, bBlocks := storetest.Pack(t, 2, 4, 3000)
	require.NoError(t, apply(s, store.Durable, "", a))
	before := d.objects()
	require.NoError(t, apply(s, store.Durable, "", b))
	require.NoError(t, s.Close())
	for _, key := range d.keys() {
		if _, ok := before[key]; !ok {
			require.NoError(t, d.bucket().remove(t.Context(), key))
		}
	}
	s = mustOpen(t, d)
	requireBlocks(t, s, aBlocks)
	has, err := s.Has(t.Context(), bBlocks[0].Digest)
	require.NoError(t, err)
	require.False(t, has)
	require.NoError(t, apply(s, store.Durable, "", b))
	requireBlocks(t, s, bBlocks)
}

// TestDamagedJournal: a bucket that lacks a part of its journal, or has another in its place, is refused rather than
// opened without it.
func TestDamagedJournal(t *testing.T) {
	for name, damage := range map[string]func(d *s3Disk){
		"missing": func(d *s3Disk) { require.NoError(d.t, d.bucket().remove(d.t.Context(), entryKey(2))) },
		"flipped": func(d *s3Disk) {
			data := d.objects()[entryKey(2)]
			data[len(data)/2] ^= 1
			d.put(entryKey(2), data)
		},
		"another":  func(d *s3Disk) { d.put(entryKey(2), d.objects()[entryKey(3)]) },
		"cut":      func(d *s3Disk) { d.put(entryKey(2), d.objects()[entryKey(2)][:40]) },
		"no store": func(d *s3Disk) { d.put(storeKey, []byte("something else")) },
	} {
		t.Run(name, func(t *testing.T) {
			d := newDisk(t, Options{})
			s := mustOpen(t, d)
			for i := range 3 {
				a, _ := storetest.Pack(t, uint64(i), 4, 3000)
				require.NoError(t, apply(s, store.Durable, "", a))
			}
			require.NoError(t, s.Close())
			damage(d)
			_, err := d.elsewhere().open()
			require.ErrorIs(t, err, store.ErrCorrupt)
		})
	}
}

// TestLostSegment: encodings whose object is gone count as absent, while the store is open and after reopening it, and
// can be stored again.
func TestLostSegment(t *testing.T) {
	for name, lose := range map[string]func(d *s3Disk, key string){
		"removed":   func(d *s3Disk, key string) { require.NoError(d.t, d.bucket().remove(d.t.Context(), key)) },
		"cut short": func(d *s3Disk, key string) { d.put(key, d.objects()[key][:100]) },
		"emptied":   func(d *s3Disk, key string) { d.put(key, nil) },
	} {
		t.Run(name, func(t *testing.T) {
			d := newDisk(t, Options{})
			s := mustOpen(t, d)
			enc, blocks := storetest.Pack(t, 1, 5, 20_000)
			other, otherBlocks := storetest.Pack(t, 2, 5, 20_000)
			require.NoError(t, apply(s, store.Durable, "", enc))
			require.NoError(t, apply(s, store.Durable, "", other))
			_, r, err := find(s.index.db, enc.Digest())
			require.NoError(t, err)
			lose(d, segmentKey(r.segment))
			_, err = s.Open(t.Context(), blocks[0].Digest)
			require.ErrorIs(t, err, store.ErrCorrupt)
			requireBlocks(t, s, otherBlocks)
			require.NoError(t, s.Close())

			s = mustOpen(t, d)
			<-s.swept
			has, err := s.Has(t.Context(), blocks[0].Digest)
			require.NoError(t, err)
			require.False(t, has)
			require.NoError(t, apply(s, store.Durable, "", enc))
			requireBlocks(t, s, blocks)
		})
	}
}

// TestOrphans: what a crash leaves between a segment and its journal entry, or between the journal and a deletion, is
// removed by the next opening, and nothing else is.
func TestOrphans(t *testing.T) {
	d := newDisk(t, Options{Attempts: 1})
	s := mustOpen(t, d)
	a, aBlocks := storetest.Pack(t, 1, 4, 3000)
	b, _ := storetest.Pack(t, 2, 4, 3000)
	require.NoError(t, apply(s, store.Durable, "", a))
	d.front.setRule(func(w http.ResponseWriter, r *http.Request) bool {
		if !strings.Contains(r.URL.Path, journalFolder) {
			return false
		}
		w.WriteHeader(http.StatusForbidden)
		return true
	})
	require.ErrorIs(t, apply(s, store.Durable, "", b), errDenied)
	d.front.setRule(nil)
	segments := func() (keys []string) {
		for _, key := range d.keys() {
			if strings.HasPrefix(key, segmentFolder) {
				keys = append(keys, key)
			}
		}
		return keys
	}
	require.Len(t, segments(), 2)
	d.put(segmentFolder+"note.txt", []byte("somebody's"))
	require.NoError(t, s.Close())
	s = mustOpen(t, d)
	<-s.swept
	require.Len(t, segments(), 2)
	require.Contains(t, segments(), segmentFolder+"note.txt", "objects with other names are left alone")
	requireBlocks(t, s, aBlocks)
}

// TestSmallSegmentsAreJoined: many small durable batches do not leave many small objects for good.
func TestSmallSegmentsAreJoined(t *testing.T) {
	d := newDisk(t, Options{})
	s := mustOpen(t, d)
	var all []format.Block
	for i := range smallCount + 3 {
		e, blocks := storetest.Pack(t, uint64(i), 2, 2000)
		require.NoError(t, apply(s, store.Durable, "", e))
		all = append(all, blocks...)
	}
	freed, err := s.Reclaim(t.Context())
	require.NoError(t, err)
	require.Zero(t, freed)
	count := 0
	for _, key := range d.keys() {
		if strings.HasPrefix(key, segmentFolder) {
			count++
		}
	}
	require.Equal(t, 1, count)
	requireBlocks(t, s, all)
	require.NoError(t, s.Close())
	requireBlocks(t, mustOpen(t, d.elsewhere()), all)
}

// TestSecondNode: a store is one node's until it closes it or its lease has run out. Whoever loses it acknowledges
// nothing more, and nothing acknowledged before is lost.
func TestSecondNode(t *testing.T) {
	d := newDisk(t, Options{})
	first := mustOpen(t, d)
	a, aBlocks := storetest.Pack(t, 1, 4, 3000)
	b, bBlocks := storetest.Pack(t, 2, 4, 3000)
	require.NoError(t, apply(first, store.Durable, "", a))

	other := d.elsewhere()
	host, err := os.Hostname()
	require.NoError(t, err)
	_, err = other.open()
	require.ErrorIs(t, err, store.ErrLocked)
	require.ErrorContains(t, err, host, "it says who has the store")

	// The server says that the lock was written long ago.
	d.front.setRule(func(w http.ResponseWriter, r *http.Request) bool {
		if r.Method != http.MethodGet || !strings.HasSuffix(r.URL.Path, "/"+lockKey) {
			return false
		}
		answer := d.front.forward(r)
		for key, values := range answer.Header() {
			w.Header()[key] = values
		}
		w.Header().Set("Last-Modified", time.Now().Add(-time.Minute).UTC().Format(http.TimeFormat))
		w.WriteHeader(answer.Code)
		_, _ = w.Write(answer.Body.Bytes())
		return true
	})
	second := mustOpen(t, other)
	d.front.setRule(nil)
	requireBlocks(t, second, aBlocks)

	require.ErrorIs(t, apply(first, store.Durable, "", b), store.ErrFailed)
	require.ErrorIs(t, apply(first, store.Lazy, "", b), store.ErrFailed)
	require.ErrorIs(t, first.Sync(t.Context()), store.ErrFailed)
	requireBlocks(t, first, aBlocks)
	require.NoError(t, first.Close())

	require.NoError(t, apply(second, store.Durable, "", b))
	require.NoError(t, second.Close())
	third := mustOpen(t, d)
	requireBlocks(t, third, append(aBlocks, bBlocks...))
}

// TestLeaseRunsOut: a holder that could not renew its lock acknowledges nothing until it has, even when the journal takes
// its entries; when it can again, it goes on.
func TestLeaseRunsOut(t *testing.T) {
	d := newDisk(t, Options{Attempts: 1})
	s := mustOpen(t, d)
	s.lease.mu.Lock()
	s.lease.renewed = time.Now().Add(-DefaultLease)
	s.lease.mu.Unlock()
	a, blocks := storetest.Pack(t, 1, 4, 3000)
	d.front.setRule(func(w http.ResponseWriter, r *http.Request) bool {
		if !strings.HasSuffix(r.URL.Path, "/"+lockKey) {
			return false
		}
		w.WriteHeader(http.StatusServiceUnavailable)
		return true
	})
	require.ErrorIs(t, apply(s, store.Durable, "", a), errKept)
	d.front.setRule(nil)
	require.NoError(t, s.Sync(t.Context()))
	require.NoError(t, s.Close())
	requireBlocks(t, mustOpen(t, d.elsewhere()), blocks)
}

// TestDeletedLock: an operator who deletes the lock stops the node that holds it.
func TestDeletedLock(t *testing.T) {
	d := newDisk(t, Options{})
	s := mustOpen(t, d)
	require.NoError(t, d.bucket().remove(t.Context(), lockKey))
	require.ErrorIs(t, s.lease.renew(t.Context()), store.ErrFailed)
	require.ErrorIs(t, s.Sync(t.Context()), store.ErrFailed)
}
