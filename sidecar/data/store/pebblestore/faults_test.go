package pebblestore

import (
	"strings"
	"sync/atomic"
	"syscall"
	"testing"

	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/cockroachdb/pebble/v2/vfs/errorfs"
	"github.com/stretchr/testify/require"

	"github.com/ipdm-network/ipdm/sidecar/data/store"
	"github.com/ipdm-network/ipdm/testutil/storetest"
)

// TestLostSegment: encodings whose segment is gone, or cut short, count as absent, while the store is open and after
// reopening it, and can be stored again.
func TestLostSegment(t *testing.T) {
	for name, lose := range map[string]func(tb testing.TB, path string){
		"removed": func(tb testing.TB, path string) { require.NoError(tb, vfs.Default.Remove(path)) },
		"cut short": func(tb testing.TB, path string) {
			f, err := vfs.Default.Create(path, vfs.WriteCategoryUnspecified)
			require.NoError(tb, err)
			require.NoError(tb, f.Close())
		},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			s, err := Open(dir, Options{SegmentBytes: 50_000})
			require.NoError(t, err)
			enc, blocks := storetest.Pack(t, 1, 5, 20_000)
			other, otherBlocks := storetest.Pack(t, 2, 5, 20_000)
			for _, e := range []store.Checked{enc, other} {
				_, err := store.PutEncoding(t.Context(), s, e.Bytes())
				require.NoError(t, err)
			}
			lose(t, s.files.path(0))
			_, err = s.Open(t.Context(), blocks[0].Digest)
			require.ErrorIs(t, err, store.ErrCorrupt)
			_, err = s.Open(t.Context(), otherBlocks[0].Digest)
			require.NoError(t, err)
			require.NoError(t, s.Close())

			s, err = Open(dir, Options{})
			require.NoError(t, err)
			defer func() { require.NoError(t, s.Close()) }()
			has, err := s.Has(t.Context(), blocks[0].Digest)
			require.NoError(t, err)
			require.False(t, has)
			_, err = store.PutEncoding(t.Context(), s, enc.Bytes())
			require.NoError(t, err)
			got, err := s.Open(t.Context(), blocks[0].Digest)
			require.NoError(t, err)
			require.Equal(t, blocks[0].Data, got.Data)
		})
	}
}

// TestIndexFailure: an index that cannot be written stops changes with a clear error and leaves reading possible.
func TestIndexFailure(t *testing.T) {
	var full atomic.Bool
	fs := errorfs.Wrap(vfs.NewMem(), errorfs.InjectorFunc(func(op errorfs.Op) error {
		if full.Load() && op.Kind == errorfs.OpFileWrite && strings.HasSuffix(op.Path, ".log") {
			return syscall.ENOSPC
		}
		return nil
	}))
	s, err := Open("home", Options{FS: fs})
	require.NoError(t, err)
	enc, blocks := storetest.Pack(t, 1, 5, 2000)
	_, err = store.PutEncoding(t.Context(), s, enc.Bytes())
	require.NoError(t, err)
	full.Store(true)
	other, _ := storetest.Pack(t, 2, 5, 2000)
	_, err = store.PutEncoding(t.Context(), s, other.Bytes())
	require.ErrorIs(t, err, store.ErrFailed)
	require.ErrorIs(t, err, store.ErrFull)
	got, err := s.Open(t.Context(), blocks[0].Digest)
	require.NoError(t, err)
	require.Equal(t, blocks[0].Data, got.Data)
	require.ErrorIs(t, s.Sync(t.Context()), store.ErrFailed)
}
