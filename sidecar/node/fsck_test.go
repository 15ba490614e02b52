package node

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/ipdm-network/ipdm/sidecar/data"
	"github.com/ipdm-network/ipdm/sidecar/data/store"
)

// TestFsckFindsBlocksThatTheIndexForgot: encodings that pins need and the index does not name are taken from the
// segments.
func TestFsckFindsBlocksThatTheIndexForgot(t *testing.T) {
	n := startBare(t)
	put := putFiles(t, n.Engine(), generatedTree(200))
	var batch store.Batch
	require.NoError(t, n.store.IterateEncodings(t.Context(), func(e store.Encoding) error {
		batch.DeleteEncoding(e.Digest)
		return nil
	}))
	require.NoError(t, n.store.Apply(t.Context(), &batch, store.Durable))
	require.NoError(t, n.Close())
	home, cfg := n.opts.Home, n.opts.Config

	r, err := Fsck(t.Context(), home, cfg, FsckOptions{})
	require.NoError(t, err)
	require.EqualValues(t, 1, r.Content.IncompletePins)
	require.True(t, r.Content.OrphansUnknown, "its manifest is missing as well")
	require.NotEmpty(t, r.Remaining)

	r, err = Fsck(t.Context(), home, cfg, FsckOptions{Repair: true})
	require.NoError(t, err)
	require.NotEmpty(t, r.Problems)
	require.NotEmpty(t, r.Repaired)
	require.Empty(t, r.Remaining)

	again, err := Start(t.Context(), Options{Home: home, Config: cfg})
	require.NoError(t, err)
	defer func() { require.NoError(t, again.Close()) }()
	var c counter
	require.NoError(t, again.Engine().Get(t.Context(), put.Root, data.GetOptions{LocalOnly: true}, &c))
	require.Equal(t, put.SizeBytes, c.bytes)
}

func TestFsckOfAHomeInUse(t *testing.T) {
	n := startBare(t)
	_, err := Fsck(t.Context(), n.opts.Home, n.opts.Config, FsckOptions{Repair: true})
	require.ErrorIs(t, err, ErrHomeInUse)
	_, err = Fsck(t.Context(), Home(t.TempDir()), n.opts.Config, FsckOptions{})
	require.ErrorIs(t, err, ErrNoHome)
}
