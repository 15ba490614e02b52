package node

import (
	"net/http"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/ipfs/go-cid"
	"github.com/stretchr/testify/require"

	"github.com/ipdm-network/ipdm/sidecar/data"
)

// damage changes a bit in the middle of each segment of a running node.
func damage(t *testing.T, n *Node) {
	t.Helper()
	segments, err := filepath.Glob(filepath.Join(n.opts.Home.StoreDir(), "segments", "*.seg"))
	require.NoError(t, err)
	require.NotEmpty(t, segments)
	for _, path := range segments {
		f, err := os.OpenFile(path, os.O_RDWR, 0)
		require.NoError(t, err)
		info, err := f.Stat()
		require.NoError(t, err)
		one := make([]byte, 1)
		_, err = f.ReadAt(one, info.Size()/2)
		require.NoError(t, err)
		one[0] ^= 1
		_, err = f.WriteAt(one, info.Size()/2)
		require.NoError(t, err)
		require.NoError(t, f.Close())
	}
}

// TestBitRotIsHealedFromAnotherNode: the scrubber finds damage that nobody has read, and replaces it by what a connected
// node has.
func TestBitRotIsHealedFromAnotherNode(t *testing.T) {
	far := startBare(t)
	put := putFiles(t, far.Engine(), generatedTree(300))
	near := startBare(t, func(cfg *Config) { cfg.Store.ScrubInterval = Duration(50 * time.Millisecond) })
	require.Equal(t, put.Root, putFiles(t, near.Engine(), generatedTree(300)).Root)
	require.NoError(t, near.Network().ConnectAddr(t.Context(), far.Network().Addrs()[0].String()))
	damage(t, near)
	require.Eventually(t, func() bool {
		st, err := near.Engine().ScrubState(t.Context())
		return err == nil && st.Healed > 0 && st.Healed == st.Damaged
	}, 20*time.Second, 5*time.Millisecond)
	var c counter
	require.NoError(t, near.Engine().Get(t.Context(), put.Root, data.GetOptions{LocalOnly: true}, &c))
	require.Equal(t, put.SizeBytes, c.bytes)
	progress, err := near.Engine().Verify(t.Context(), cid.Undef, nil)
	require.NoError(t, err)
	require.Zero(t, progress.Problems)
	text := fetch(t, "http://"+near.MetricsAddress()+"/metrics", http.StatusOK)
	for _, name := range []string{"checked_bytes_total", "damaged_encodings_total", "healed_encodings_total", "last_pass_timestamp_seconds"} {
		require.Contains(t, text, "\nipdm_store_scrub_"+name+" ")
	}
	require.NotContains(t, text, "ipdm_store_scrub_healed_encodings_total 0\n")
	require.Contains(t, text, "ipdm_store_damaged_encodings 0\n")
}

// TestDamageFoundByReadingIsHealed: what a get finds damaged need not wait for the next pass.
func TestDamageFoundByReadingIsHealed(t *testing.T) {
	far := startBare(t)
	put := putFiles(t, far.Engine(), generatedTree(100))
	near := startBare(t)
	putFiles(t, near.Engine(), generatedTree(100))
	near.scrubber.close()
	near.scrubber.healEvery = 10 * time.Millisecond
	near.scrubber.start(near.scrubber.passes, near.scrubber.heals)
	require.NoError(t, near.Network().ConnectAddr(t.Context(), far.Network().Addrs()[0].String()))
	damage(t, near)
	progress, err := near.Engine().Verify(t.Context(), cid.Undef, nil)
	require.NoError(t, err)
	require.NotZero(t, progress.Problems)
	require.Eventually(t, func() bool {
		stats, err := near.store.Stats(t.Context())
		return err == nil && stats.Damaged == 0
	}, 20*time.Second, 5*time.Millisecond)
	var c counter
	require.NoError(t, near.Engine().Get(t.Context(), put.Root, data.GetOptions{LocalOnly: true}, &c))
	require.Equal(t, put.SizeBytes, c.bytes)
}

func TestNothingIsScrubbedWhenTurnedOff(t *testing.T) {
	n := startBare(t, func(cfg *Config) { cfg.Store.ScrubInterval = 0 })
	require.Nil(t, n.scrubber)
}
