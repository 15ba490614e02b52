package pebblestore

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/cockroachdb/pebble/v2"
	"github.com/stretchr/testify/require"

	"github.com/ipdm-network/ipdm/sdk/go/format"
	"github.com/ipdm-network/ipdm/sidecar/data/store"
	"github.com/ipdm-network/ipdm/testutil/storetest"
)

// filled makes a store with several segments, deleted encodings among others, and metadata, and closes it. It returns
// the blocks that are stored.
func filled(t *testing.T, dir string) (blocks []format.Block) {
	t.Helper()
	s, err := Open(dir, Options{SegmentBytes: 300_000})
	require.NoError(t, err)
	for i := range 40 {
		enc, b := storetest.Pack(t, uint64(i), 1+i%5, 20_000)
		var batch store.Batch
		batch.PutEncoding(enc)
		require.NoError(t, batch.SetMeta(fmt.Appendf(nil, "meta/%d", i), fmt.Appendf(nil, "value %d", i)))
		require.NoError(t, s.Apply(t.Context(), &batch, store.Durable))
		if i%4 != 3 {
			blocks = append(blocks, b...)
			continue
		}
		batch.Reset()
		batch.DeleteEncoding(enc.Digest())
		require.NoError(t, s.Apply(t.Context(), &batch, store.Durable))
	}
	require.NoError(t, s.Close())
	return blocks
}

func requireAll(t *testing.T, dir string, blocks []format.Block) {
	t.Helper()
	s, err := Open(dir, Options{})
	require.NoError(t, err)
	defer func() { require.NoError(t, s.Close()) }()
	for _, b := range blocks {
		got, err := s.Open(t.Context(), b.Digest)
		require.NoError(t, err)
		require.Equal(t, b.Data, got.Data)
		require.Equal(t, b.Codec, got.Codec)
	}
}

func requireMeta(t *testing.T, dir string) {
	t.Helper()
	s, err := Open(dir, Options{})
	require.NoError(t, err)
	defer func() { require.NoError(t, s.Close()) }()
	for i := range 40 {
		value, err := s.Meta(t.Context(), fmt.Appendf(nil, "meta/%d", i))
		require.NoError(t, err)
		require.Equal(t, fmt.Sprintf("value %d", i), string(value))
	}
}

func fsckStore(t *testing.T, dir string, o FsckOptions) *FsckResult {
	t.Helper()
	r, err := Fsck(t.Context(), dir, Options{}, o)
	require.NoError(t, err)
	return r
}

func TestFsckOfASoundStore(t *testing.T) {
	dir := t.TempDir()
	blocks := filled(t, dir)
	var last, total uint64
	r := fsckStore(t, dir, FsckOptions{Progress: func(done, all uint64) error {
		require.Greater(t, done, last)
		last, total = done, all
		return nil
	}})
	require.True(t, r.Clean(), "%+v", r)
	require.EqualValues(t, 30, r.Encodings)
	require.EqualValues(t, 10, r.Unindexed, "deleted and not reclaimed")
	require.Zero(t, r.UnreadableBytes)
	require.Equal(t, r.SegmentBytes, last)
	require.Equal(t, r.SegmentBytes, total)
	require.True(t, fsckStore(t, dir, FsckOptions{Repair: true}).Clean())
	require.NoDirExists(t, filepath.Join(dir, lostName))
	requireAll(t, dir, blocks)

	enough := errors.New("enough")
	_, err := Fsck(t.Context(), dir, Options{}, FsckOptions{Progress: func(_, _ uint64) error { return enough }})
	require.ErrorIs(t, err, enough)
}

func TestFsckOfAStoreInUse(t *testing.T) {
	dir := t.TempDir()
	s, err := Open(dir, Options{})
	require.NoError(t, err)
	defer func() { require.NoError(t, s.Close()) }()
	_, err = Fsck(t.Context(), dir, Options{}, FsckOptions{Repair: true})
	require.ErrorIs(t, err, store.ErrLocked)
}

// TestLostIndexIsMadeAnew: without its index a store does not open and keeps its segments, and a repair finds
// everything again.
func TestLostIndexIsMadeAnew(t *testing.T) {
	dir := t.TempDir()
	blocks := filled(t, dir)
	require.NoError(t, os.RemoveAll(filepath.Join(dir, indexName)))
	_, err := Open(dir, Options{})
	require.ErrorIs(t, err, store.ErrCorrupt)

	r := fsckStore(t, dir, FsckOptions{})
	require.ErrorIs(t, r.IndexError, store.ErrCorrupt)
	require.False(t, r.Clean())
	require.False(t, r.Rebuilt)
	require.EqualValues(t, 40, r.Unindexed)
	_, err = Open(dir, Options{})
	require.ErrorIs(t, err, store.ErrCorrupt, "looking changes nothing")

	r = fsckStore(t, dir, FsckOptions{Repair: true})
	require.True(t, r.Rebuilt)
	require.True(t, r.MetaLost)
	require.EqualValues(t, 40, r.Encodings)
	requireAll(t, dir, blocks)
	require.True(t, fsckStore(t, dir, FsckOptions{}).Clean())
}

// TestFlippedIndexIsMadeAnew flips bytes all over the files of an index, one file at a time: what is readable after a
// repair is everything, and metadata that is not there is reported as lost.
func TestFlippedIndexIsMadeAnew(t *testing.T) {
	template := t.TempDir()
	blocks := filled(t, template)
	s, err := Open(template, Options{})
	require.NoError(t, err)
	require.NoError(t, s.db.Flush()) // so that there are tables to damage
	require.NoError(t, s.Close())
	names, err := filepath.Glob(filepath.Join(template, indexName, "*"))
	require.NoError(t, err)
	found := 0
	for i, path := range names {
		name := filepath.Base(path)
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			require.NoError(t, os.CopyFS(dir, os.DirFS(template)))
			raw, err := os.ReadFile(path)
			require.NoError(t, err)
			rng := rand.New(rand.NewPCG(uint64(i), 1))
			for range min(len(raw), 20) {
				raw[rng.IntN(len(raw))] ^= byte(1 + rng.IntN(255))
			}
			require.NoError(t, os.WriteFile(filepath.Join(dir, indexName, name), raw, 0o600))
			r := fsckStore(t, dir, FsckOptions{Repair: true})
			if r.Rebuilt {
				found++
			}
			requireAll(t, dir, blocks)
			if !r.MetaLost {
				requireMeta(t, dir)
			}
			require.True(t, fsckStore(t, dir, FsckOptions{}).Clean())
		})
	}
	require.GreaterOrEqual(t, found, 2, "the manifest and the table at least are found damaged")
}

func TestInconsistentIndexIsMadeAnew(t *testing.T) {
	for name, spoil := range map[string]func(t *testing.T, s *Store){
		"encoding entry of nothing": func(t *testing.T, s *Store) {
			require.NoError(t, s.db.Set(encodingKey(format.Sum([]byte("nothing"))), make([]byte, 8), pebble.Sync))
		},
		"malformed record": func(t *testing.T, s *Store) {
			require.NoError(t, s.db.Set(recordKey(3), []byte("no record"), pebble.Sync))
		},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			blocks := filled(t, dir)
			s, err := Open(dir, Options{})
			require.NoError(t, err)
			spoil(t, s)
			require.NoError(t, s.Close())
			require.ErrorIs(t, fsckStore(t, dir, FsckOptions{}).IndexError, store.ErrCorrupt)
			r := fsckStore(t, dir, FsckOptions{Repair: true})
			require.True(t, r.Rebuilt)
			require.False(t, r.MetaLost)
			requireAll(t, dir, blocks)
			requireMeta(t, dir)
			require.True(t, fsckStore(t, dir, FsckOptions{}).Clean())
		})
	}
}

// TestFsckOfDamagedSegments: what does not verify leaves the index and is kept in lost+found; the rest stays.
func TestFsckOfDamagedSegments(t *testing.T) {
	dir := t.TempDir()
	blocks := filled(t, dir)
	segments, err := filepath.Glob(filepath.Join(dir, segmentsName, "*"+segmentSuffix))
	require.NoError(t, err)
	require.Greater(t, len(segments), 3)
	raw, err := os.ReadFile(segments[0])
	require.NoError(t, err)
	at := strings.Index(string(raw), string(blocks[0].Data))
	require.GreaterOrEqual(t, at, 0)
	raw[at] ^= 1
	require.NoError(t, os.WriteFile(segments[0], raw, 0o600))
	require.NoError(t, os.Remove(segments[1]))
	stray := filepath.Join(dir, segmentsName, "notes.txt")
	require.NoError(t, os.WriteFile(stray, []byte("mine"), 0o600))

	r := fsckStore(t, dir, FsckOptions{})
	require.NoError(t, r.IndexError)
	require.Equal(t, []string{"segments/notes.txt"}, r.Strays)
	bad := len(r.Bad)
	require.Greater(t, bad, 1)
	require.FileExists(t, stray)
	require.Len(t, fsckStore(t, dir, FsckOptions{}).Bad, bad, "looking changes nothing")

	require.Len(t, fsckStore(t, dir, FsckOptions{Repair: true}).Bad, bad)
	require.NoFileExists(t, stray)
	kept, err := os.ReadFile(filepath.Join(dir, lostName, "notes.txt"))
	require.NoError(t, err)
	require.Equal(t, "mine", string(kept))
	kept, err = os.ReadFile(filepath.Join(dir, lostName, "00000000-0.bin"))
	require.NoError(t, err)
	require.Equal(t, raw[:len(kept)], kept)

	r = fsckStore(t, dir, FsckOptions{})
	require.True(t, r.Clean(), "%+v", r)
	require.EqualValues(t, 30-bad, r.Encodings)
	s, err := Open(dir, Options{})
	require.NoError(t, err)
	defer func() { require.NoError(t, s.Close()) }()
	has, err := s.Has(t.Context(), blocks[0].Digest)
	require.NoError(t, err)
	require.False(t, has, "what is damaged is absent, so that it is fetched")
	got, err := s.Open(t.Context(), blocks[len(blocks)-1].Digest)
	require.NoError(t, err)
	require.Equal(t, blocks[len(blocks)-1].Data, got.Data)
}

// TestInterruptedRebuild ends a rebuild at each of its steps: the next one completes it and loses no metadata.
func TestInterruptedRebuild(t *testing.T) {
	for name, interrupt := range map[string]func(t *testing.T, dir string){
		"half built": func(t *testing.T, dir string) {
			require.NoError(t, os.CopyFS(filepath.Join(dir, rebuildName), os.DirFS(filepath.Join(dir, indexName))))
		},
		"complete": func(t *testing.T, dir string) {
			require.NoError(t, os.CopyFS(filepath.Join(dir, completeName), os.DirFS(filepath.Join(dir, indexName))))
		},
		"old one set aside": func(t *testing.T, dir string) {
			require.NoError(t, os.Rename(filepath.Join(dir, indexName), filepath.Join(dir, completeName)))
		},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			blocks := filled(t, dir)
			interrupt(t, dir)
			fsckStore(t, dir, FsckOptions{Rebuild: true})
			require.NoDirExists(t, filepath.Join(dir, rebuildName))
			require.NoDirExists(t, filepath.Join(dir, completeName))
			requireAll(t, dir, blocks)
			requireMeta(t, dir)
			require.True(t, fsckStore(t, dir, FsckOptions{}).Clean())
		})
	}
}

// TestScanFindsWhatFollowsDamage: behind bytes that are no envelope the scan finds the next one by itself.
func TestScanFindsWhatFollowsDamage(t *testing.T) {
	dir := t.TempDir()
	blocks := filled(t, dir)
	path := filepath.Join(dir, segmentsName, segmentName(0))
	raw, err := os.ReadFile(path)
	require.NoError(t, err)
	junk := []byte(strings.Repeat("IPDE and nothing like it ", 1000))
	require.NoError(t, os.WriteFile(path, append(append([]byte{}, junk...), raw...), 0o600))
	require.NoError(t, os.RemoveAll(filepath.Join(dir, indexName)))
	r := fsckStore(t, dir, FsckOptions{Repair: true})
	require.EqualValues(t, len(junk), r.UnreadableBytes)
	requireAll(t, dir, blocks)
}
