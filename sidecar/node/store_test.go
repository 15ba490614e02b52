package node

import (
	"fmt"
	"math/rand/v2"
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/ipdm-network/ipdm/sidecar/data"
	"github.com/ipdm-network/ipdm/sidecar/data/store"
)

// TestS3Backend: a node that keeps its content in a bucket serves it after a restart, and after its local index is lost;
// meanwhile no second node uses the same part of the bucket.
func TestS3Backend(t *testing.T) {
	endpoint := os.Getenv("IPDM_S3_ENDPOINT")
	if endpoint == "" {
		t.Skip("IPDM_S3_ENDPOINT names no S3 server: run scripts/s3server go test -run S3 ./sidecar/node")
	}
	cfg := testConfig()
	require.NoError(t, cfg.Store.Set(fmt.Sprintf("s3://ipdm/node-test/%d", os.Getpid())))
	cfg.Store.S3.Endpoint = endpoint
	home := Home(t.TempDir())
	_, err := Init(home, cfg, nil)
	require.NoError(t, err)

	body := make([]byte, 5<<20)
	_, _ = rand.NewChaCha8([32]byte{1}).Read(body)
	files := []treeFile{{path: "a/large", body: body}, {path: "a/small", body: []byte("small")}}
	n := startNode(t, home, cfg)
	root := putFiles(t, n.Engine(), files)
	second := Home(t.TempDir())
	_, err = Init(second, cfg, nil)
	require.NoError(t, err)
	_, err = Start(t.Context(), Options{Home: second, Config: cfg})
	require.ErrorIs(t, err, store.ErrLocked)
	require.NoError(t, n.Close())
	require.NoDirExists(t, home.StoreDir())

	for _, lose := range []bool{false, true} {
		if lose {
			require.NoError(t, os.RemoveAll(home.S3IndexDir()))
		}
		n := startNode(t, home, cfg)
		var got counter
		require.NoError(t, n.Engine().Get(t.Context(), root.Root, data.GetOptions{LocalOnly: true}, &got))
		require.EqualValues(t, len(body)+len("small"), got.bytes)
		require.NoError(t, n.Close())
	}
}

func TestStoreSetting(t *testing.T) {
	c := DefaultConfig().Store
	require.Equal(t, "local", c.String())
	require.NoError(t, c.Set("s3://bucket/some/prefix"))
	require.Equal(t, "s3://bucket/some/prefix", c.String())
	require.Error(t, c.Set("bucket/prefix"))
	require.NoError(t, c.Set("local"))
	require.Equal(t, "local", c.String())

	cfg := testConfig()
	cfg.Store.Backend = "tape"
	require.ErrorContains(t, cfg.ValidateBasic(), "[store] backend")
	cfg.Store.Backend = backendS3
	require.ErrorContains(t, cfg.ValidateBasic(), "[store.s3] bucket")
	cfg.Store.S3.Bucket, cfg.Store.S3.Endpoint = "bucket", "http://s3.example.org"
	require.ErrorContains(t, cfg.ValidateBasic(), "[store.s3] endpoint")
	cfg.Store.S3.Endpoint = "https://s3.example.org"
	require.NoError(t, cfg.ValidateBasic())
}
