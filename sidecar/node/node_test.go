package node

import (
	"io"
	"io/fs"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/ipdm-network/ipdm/sdk/go/format"
	sidecarv1 "github.com/ipdm-network/ipdm/sdk/go/sidecar/v1"
	"github.com/ipdm-network/ipdm/sidecar/api/client"
	"github.com/ipdm-network/ipdm/sidecar/data/store"
	"github.com/ipdm-network/ipdm/sidecar/network"
)

func testConfig() Config {
	cfg := DefaultConfig()
	cfg.Network.Name = "node-test"
	cfg.Network.Listen = []string{"/ip4/127.0.0.1/udp/0/quic-v1", "/ip4/127.0.0.1/tcp/0"}
	cfg.Network.MDNS = false
	cfg.Metrics.Listen = "127.0.0.1:0"
	cfg.Chain.KeyringBackend = "test"
	return cfg
}

func startNode(t *testing.T, home Home, cfg Config) *Node {
	t.Helper()
	n, err := Start(t.Context(), Options{Home: home, Config: cfg, Version: "test"})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, n.Close()) })
	return n
}

func TestLifecycle(t *testing.T) {
	home := Home(t.TempDir())
	_, err := Init(home, testConfig(), nil)
	require.NoError(t, err)
	before := runtime.NumGoroutine()
	for range 2 {
		n := startNode(t, home, testConfig())
		address, err := home.APIAddress()
		require.NoError(t, err)
		for _, a := range []string{address, n.APIAddress()} {
			c, err := client.Dial(t.Context(), a)
			require.NoError(t, err)
			id, err := c.Node.ID(t.Context(), &sidecarv1.IDRequest{})
			require.NoError(t, err)
			require.Equal(t, n.Network().ID().String(), id.PeerId)
			require.NoError(t, c.Close())
		}

		_, err = Start(t.Context(), Options{Home: home, Config: testConfig()})
		require.ErrorIs(t, err, ErrHomeInUse)

		body := fetch(t, "http://"+n.MetricsAddress()+"/healthz", http.StatusOK)
		require.Contains(t, body, n.Network().ID().String())
		metrics := fetch(t, "http://"+n.MetricsAddress()+"/metrics", http.StatusOK)
		require.Contains(t, metrics, "ipdm_store_encodings 0")
		require.Contains(t, metrics, "ipdm_memory_cache_bytes 0")
		require.Contains(t, metrics, "ipdm_network_")
		require.Contains(t, metrics, "go_goroutines")

		require.NoError(t, n.Close())
		require.NoError(t, n.Close())
		require.NoFileExists(t, home.APIPath())
		require.NoFileExists(t, home.SocketPath())
		_, err = n.Engine().Store().Stats(t.Context())
		require.ErrorIs(t, err, store.ErrClosed)
	}
	http.DefaultClient.CloseIdleConnections()
	require.Eventually(t, func() bool { return runtime.NumGoroutine() <= before+3 }, 10*time.Second, 20*time.Millisecond,
		"every goroutine of a closed node has ended")
}

func TestAHomeOfALongPathHasNoSocket(t *testing.T) {
	home := Home(filepath.Join(t.TempDir(), strings.Repeat("long", 40)))
	_, err := Init(home, testConfig(), nil)
	require.NoError(t, err)
	n := startNode(t, home, testConfig())
	address, err := home.APIAddress()
	require.NoError(t, err)
	require.Equal(t, n.APIAddress(), address)
	require.NoError(t, n.Close())
}

// TestASocketLeftBehindIsReplaced: a daemon that is killed leaves its socket, at which nobody listens.
func TestASocketLeftBehindIsReplaced(t *testing.T) {
	home := Home(t.TempDir())
	_, err := Init(home, testConfig(), nil)
	require.NoError(t, err)
	left, err := net.ListenUnix("unix", &net.UnixAddr{Name: home.SocketPath(), Net: "unix"})
	require.NoError(t, err)
	left.SetUnlinkOnClose(false)
	require.NoError(t, left.Close())
	n := startNode(t, home, testConfig())
	address, err := home.APIAddress()
	require.NoError(t, err)
	require.Equal(t, "unix:"+home.SocketPath(), address)
	info, err := os.Stat(home.SocketPath())
	require.NoError(t, err)
	require.Equal(t, fs.FileMode(0o600), info.Mode().Perm())
	c, err := client.Dial(t.Context(), address)
	require.NoError(t, err)
	require.NoError(t, c.Close())
	require.NoError(t, n.Close())
}

func fetch(t *testing.T, url string, status int) string {
	t.Helper()
	response, err := http.Get(url)
	require.NoError(t, err)
	defer response.Body.Close()
	require.Equal(t, status, response.StatusCode)
	body, err := io.ReadAll(response.Body)
	require.NoError(t, err)
	return string(body)
}

func TestStartRefuses(t *testing.T) {
	home := Home(t.TempDir())
	_, err := Start(t.Context(), Options{Home: home, Config: testConfig()})
	require.ErrorIs(t, err, ErrNoHome)
	_, err = Init(home, testConfig(), nil)
	require.NoError(t, err)

	bad := testConfig()
	bad.API.Listen = "192.0.2.1:1"
	_, err = Start(t.Context(), Options{Home: home, Config: bad})
	require.ErrorIs(t, err, ErrConfig)

	require.NoError(t, os.Chmod(home.PeerKeyPath(), 0o644))
	_, err = Start(t.Context(), Options{Home: home, Config: testConfig()})
	require.ErrorIs(t, err, network.ErrKeyPermissions)
	require.NoError(t, os.Chmod(home.PeerKeyPath(), 0o600))

	n := startNode(t, home, testConfig())
	taken := testConfig()
	taken.API.Listen = n.APIAddress()
	other := Home(t.TempDir())
	_, err = Init(other, taken, nil)
	require.NoError(t, err)
	_, err = Start(t.Context(), Options{Home: other, Config: taken})
	require.ErrorContains(t, err, "[api] listen")
	startNode(t, other, testConfig()) // the failed start has let go of everything
}

func TestProviderWithoutAnAnsweringChain(t *testing.T) {
	home := Home(t.TempDir())
	cfg := testConfig()
	cfg.Provider.Enabled = true
	cfg.Chain.GRPC = []string{"127.0.0.1:1"}
	id, err := Init(home, cfg, nil)
	require.NoError(t, err)
	require.NotEmpty(t, id.ProviderAddress)
	n := startNode(t, home, cfg)
	require.Eventually(t, func() bool {
		s := n.agent.Status(t.Context())
		return s.Provider == id.ProviderAddress && s.LastError != "" && !s.Registered
	}, 20*time.Second, 20*time.Millisecond, "the node runs and the status tells what is wrong")
}

func TestHeatOutlivesTheNode(t *testing.T) {
	home := Home(t.TempDir())
	_, err := Init(home, testConfig(), nil)
	require.NoError(t, err)
	hot := format.Sum([]byte("hot"))
	n := startNode(t, home, testConfig())
	n.Engine().Heat().Touch(hot)
	require.NoError(t, n.Close())
	require.NotZero(t, startNode(t, home, testConfig()).Engine().Heat().Heat(hot))
}
