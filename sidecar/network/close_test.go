package network_test

import (
	"runtime"
	"runtime/pprof"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"

	"github.com/ipdm-network/ipdm/sidecar/network"
)

func TestCloseLeavesNoGoroutine(t *testing.T) {
	run := func() {
		cfg := testConfig()
		server, client := newNode(t, cfg), newNode(t, cfg)
		require.NoError(t, client.Connect(t.Context(), server.AddrInfo()))
		cids := fill(t, server.store, repeat(1000, 100)...)
		require.NoError(t, client.Fetch(t.Context(), cids, make(collector).got))
		require.NoError(t, server.Provide(t.Context(), cids[0]))
		require.NoError(t, client.Close())
		require.NoError(t, server.Close())
		require.NoError(t, server.Close(), "a second Close does nothing")
	}
	// The first run starts what libp2p keeps for the whole process.
	run()
	before := runtime.NumGoroutine()
	for range 3 {
		run()
	}
	ticker := time.NewTicker(10 * time.Millisecond)
	defer ticker.Stop()
	for deadline := time.Now().Add(patience); runtime.NumGoroutine() > before; <-ticker.C {
		if time.Now().After(deadline) {
			stacks := new(strings.Builder)
			require.NoError(t, pprof.Lookup("goroutine").WriteTo(stacks, 1))
			t.Fatalf("%d goroutines are left, there were %d:\n%s", runtime.NumGoroutine(), before, stacks)
		}
	}
}

func TestMetricsAreRegisteredAndRemoved(t *testing.T) {
	registry := prometheus.NewRegistry()
	server := startNode(t, testConfig())
	client := newNode(t, testConfig(), func(d *network.Deps) { d.Registry = registry })
	require.NoError(t, client.Connect(t.Context(), server.AddrInfo()))
	cids := fill(t, server.store, 1000, 2000)
	require.NoError(t, client.Fetch(t.Context(), cids, make(collector).got))

	require.Subset(t, metricNames(t, registry), []string{
		"ipdm_network_blocks_received_total", "ipdm_network_peers", "ipdm_network_fetches_total",
	})

	// One registry takes one node; the failed second one must not disturb it.
	_, err := network.New(t.Context(), testConfig(), network.Deps{Key: newKey(t), Blocks: newStore(), Registry: registry})
	require.ErrorContains(t, err, "failed to register metrics")
	require.Contains(t, metricNames(t, registry), "ipdm_network_peers")

	require.NoError(t, client.Close())
	require.NotContains(t, metricNames(t, registry), "ipdm_network_peers")
}

func metricNames(t *testing.T, registry *prometheus.Registry) []string {
	t.Helper()
	families, err := registry.Gather()
	require.NoError(t, err)
	var names []string
	for _, f := range families {
		names = append(names, f.GetName())
	}
	return names
}
