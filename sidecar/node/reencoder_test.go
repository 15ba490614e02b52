package node

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"

	"github.com/ipdm-network/ipdm/sidecar/data"
)

// passes answers each pass with the next of some results.
type passes struct {
	results []data.ReencodeResult
	err     error
	times   []time.Time
}

func (p *passes) Reencode(context.Context, data.ReencodeOptions) (data.ReencodeResult, error) {
	p.times = append(p.times, time.Now())
	if len(p.results) == 0 {
		return data.ReencodeResult{}, p.err
	}
	r := p.results[0]
	p.results = p.results[1:]
	return r, nil
}

func TestPassesFollowEachOtherWhileThereIsMore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := &passes{
			results: []data.ReencodeResult{
				{Replaced: 1, PlainBytes: 100, OldBytes: 50, NewBytes: 20, More: true},
				{Replaced: 1, PlainBytes: 10, OldBytes: 5, NewBytes: 9},
			},
			err: errors.New("disk on fire"),
		}
		r := newReencoder(p, time.Hour, slog.New(slog.DiscardHandler))
		began := time.Now()
		r.start(r.run)
		time.Sleep(4 * time.Hour)
		r.close()
		require.Equal(t, []time.Time{
			began.Add(time.Hour), began.Add(time.Hour + time.Minute), began.Add(2*time.Hour + time.Minute), began.Add(3*time.Hour + time.Minute),
		}, p.times)
		require.Equal(t, 110.0, value(t, r.plain))
		require.Equal(t, 30.0, value(t, r.saved))
		require.Equal(t, 4.0, value(t, r.added))
	})
}

func TestReencodingIsShownAndCanBeTurnedOff(t *testing.T) {
	n := startBare(t, func(*Config) {})
	require.Contains(t, fetch(t, "http://"+n.MetricsAddress()+"/metrics", http.StatusOK), "ipdm_store_reencoded_bytes_total 0")
	n = startBare(t, func(cfg *Config) { cfg.Store.Reencode = false })
	require.Nil(t, n.reencode)
}

// value reads a counter.
func value(t *testing.T, c prometheus.Counter) float64 {
	t.Helper()
	registry := prometheus.NewPedanticRegistry()
	registry.MustRegister(c)
	families, err := registry.Gather()
	require.NoError(t, err)
	return families[0].Metric[0].Counter.GetValue()
}
