package node

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"

	"github.com/ipdm-network/ipdm/sidecar/data"
)

func TestGarbageIsCollectedByItself(t *testing.T) {
	n := startBare(t, func(cfg *Config) { cfg.Store.GCInterval, cfg.Store.CacheMax = Duration(20*time.Millisecond), "0" })
	kept := putFiles(t, n.Engine(), generatedTree(20))
	gone := putFiles(t, n.Engine(), []treeFile{{path: "other", body: []byte("soon nobody wants this")}})
	pins := 0
	require.NoError(t, n.Engine().List(t.Context(), func(data.Pin) error { pins++; return nil }))
	require.Equal(t, 2, pins)

	_, err := n.Engine().Unpin(t.Context(), gone.Root)
	require.NoError(t, err)
	require.Eventually(t, func() bool {
		err := n.Engine().Get(t.Context(), gone.Root, data.GetOptions{LocalOnly: true}, &counter{})
		return errors.Is(err, data.ErrMissing)
	}, 20*time.Second, 5*time.Millisecond, "what nothing keeps is deleted")
	var c counter
	require.NoError(t, n.Engine().Get(t.Context(), kept.Root, data.GetOptions{LocalOnly: true}, &c))
	require.Equal(t, kept.SizeBytes, c.bytes)
	require.Eventually(t, func() bool {
		_, freed := n.gc.figures(t)
		return freed > 0
	}, 20*time.Second, 5*time.Millisecond)
	require.Contains(t, fetch(t, "http://"+n.MetricsAddress()+"/metrics", http.StatusOK),
		`ipdm_store_gc_runs_total{outcome="done",reason="interval"}`)
}

func TestNoGarbageIsCollectedWhenTurnedOff(t *testing.T) {
	n := startBare(t, func(cfg *Config) { cfg.Store.GCInterval = 0 })
	require.Nil(t, n.gc)
}

// counted is garbage whose collections are counted.
type counted struct {
	runs  atomic.Int64
	asked atomic.Uint64 // bytes to be freed, by the last one
	sick  atomic.Bool
}

func (c *counted) Evict(_ context.Context, freeBytes uint64) (data.GCResult, error) {
	c.runs.Add(1)
	c.asked.Store(freeBytes)
	if c.sick.Load() {
		return data.GCResult{FreedBytes: 10}, errors.New("disk on fire")
	}
	return data.GCResult{DeletedEncodings: 1, FreedBytes: 10}, nil
}

func TestGarbageIsCollectedWhenTheDiskGetsFull(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var free atomic.Uint64
		free.Store(1000)
		garbage := &counted{}
		c := newCollector(garbage, time.Hour, slog.New(slog.DiscardHandler))
		c.freeBytes = func(context.Context) (uint64, error) { return free.Load(), nil }
		c.lowBytes = 500
		c.start(c.run)
		after := func(d time.Duration, runs int64, why string) {
			t.Helper()
			time.Sleep(d)
			synctest.Wait()
			require.Equal(t, runs, garbage.runs.Load(), why)
		}
		after(10*time.Minute, 0, "there is room")
		free.Store(499)
		after(diskCheck, 1, "low")
		require.EqualValues(t, 501, garbage.asked.Load(), "up to twice what is low")
		after(lowDiskPause-diskCheck, 1, "collecting again so soon frees nothing")
		after(diskCheck, 2, "still low")
		free.Store(1000)
		garbage.sick.Store(true)
		after(time.Hour, 3, "by the clock")
		require.Zero(t, garbage.asked.Load())
		garbage.sick.Store(false)
		after(time.Hour, 4, "a failure does not end it")
		c.close()
		runs, freed := c.figures(t)
		require.Equal(t, map[string]float64{"interval done": 1, "interval failed": 1, "low_disk done": 2}, runs)
		require.EqualValues(t, 40, freed)
	})
}

// figures reads the metrics of a collector: runs by reason and outcome, and bytes freed.
func (c *collector) figures(t *testing.T) (runs map[string]float64, freedBytes float64) {
	t.Helper()
	registry := prometheus.NewPedanticRegistry()
	registry.MustRegister(c.runs, c.freed)
	families, err := registry.Gather()
	require.NoError(t, err)
	runs = map[string]float64{}
	for _, family := range families {
		for _, m := range family.Metric {
			if len(m.Label) == 0 {
				freedBytes = m.Counter.GetValue()
				continue
			}
			labels := map[string]string{}
			for _, l := range m.Label {
				labels[l.GetName()] = l.GetValue()
			}
			runs[labels["reason"]+" "+labels["outcome"]] = m.Counter.GetValue()
		}
	}
	return runs, freedBytes
}
