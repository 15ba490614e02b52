package network

import (
	"errors"
	"fmt"

	"github.com/libp2p/go-libp2p/core/host"
	"github.com/libp2p/go-libp2p/core/metrics"
	"github.com/prometheus/client_golang/prometheus"
)

// nodeMetrics are the Prometheus metrics of a node, all named ipdm_network_*.
type nodeMetrics struct {
	blocksReceived, blocksSent         prometheus.Counter
	blockBytesReceived, blockBytesSent prometheus.Counter
	blocksInvalid, bans                prometheus.Counter
	fetches                            *prometheus.CounterVec
	fetchSeconds                       prometheus.Histogram
	provides                           *prometheus.CounterVec
	bootstrapDials                     *prometheus.CounterVec

	registry   prometheus.Registerer // nil if nobody looks
	registered bool
	collectors []prometheus.Collector
}

func newNodeMetrics(registry prometheus.Registerer) *nodeMetrics {
	m := &nodeMetrics{registry: registry}
	counter := func(name, help string) prometheus.Counter {
		c := prometheus.NewCounter(prometheus.CounterOpts{Namespace: "ipdm", Subsystem: "network", Name: name, Help: help})
		m.collectors = append(m.collectors, c)
		return c
	}
	counterVec := func(name, help string, labels ...string) *prometheus.CounterVec {
		c := prometheus.NewCounterVec(prometheus.CounterOpts{Namespace: "ipdm", Subsystem: "network", Name: name, Help: help}, labels)
		m.collectors = append(m.collectors, c)
		return c
	}
	m.blocksReceived = counter("blocks_received_total", "Blocks received that were asked for, duplicates included.")
	m.blocksSent = counter("blocks_sent_total", "Blocks sent to peers.")
	m.blockBytesReceived = counter("block_bytes_received_total", "Bytes of all blocks received.")
	m.blockBytesSent = counter("block_bytes_sent_total", "Bytes of blocks sent.")
	m.blocksInvalid = counter("blocks_invalid_total", "Blocks received that nobody asked for or that are too large.")
	m.bans = counter("bans_total", "Peers banned for invalid blocks.")
	m.fetches = counterVec("fetches_total", "Finished fetches by outcome.", "outcome")
	m.provides = counterVec("provides_total", "Announcements made by outcome.", "outcome")
	m.bootstrapDials = counterVec("bootstrap_dials_total", "Attempts to reach a bootstrap peer by outcome.", "outcome")
	m.fetchSeconds = prometheus.NewHistogram(prometheus.HistogramOpts{
		Namespace: "ipdm", Subsystem: "network", Name: "fetch_seconds",
		Help:    "Duration of fetches.",
		Buckets: prometheus.ExponentialBuckets(0.001, 4, 10),
	})
	m.collectors = append(m.collectors, m.fetchSeconds)
	return m
}

// observe adds the figures that are read when they are collected.
func (m *nodeMetrics) observe(h host.Host, bandwidth *metrics.BandwidthCounter, queue *provideQueue) {
	gauge := func(name, help string, value func() float64) {
		m.collectors = append(m.collectors, prometheus.NewGaugeFunc(prometheus.GaugeOpts{
			Namespace: "ipdm", Subsystem: "network", Name: name, Help: help,
		}, value))
	}
	total := func(name, help string, value func() float64) {
		m.collectors = append(m.collectors, prometheus.NewCounterFunc(prometheus.CounterOpts{
			Namespace: "ipdm", Subsystem: "network", Name: name, Help: help,
		}, value))
	}
	gauge("peers", "Connected peers.", func() float64 { return float64(len(h.Network().Peers())) })
	gauge("connections", "Open connections.", func() float64 { return float64(len(h.Network().Conns())) })
	gauge("provide_queue_length", "Announcements waiting to be made.", func() float64 { return float64(queue.len()) })
	total("bytes_in_total", "Bytes received on all protocols.", func() float64 { return float64(bandwidth.GetBandwidthTotals().TotalIn) })
	total("bytes_out_total", "Bytes sent on all protocols.", func() float64 { return float64(bandwidth.GetBandwidthTotals().TotalOut) })
}

// register makes the metrics visible; all or none.
func (m *nodeMetrics) register() error {
	if m.registry == nil {
		return nil
	}
	for i, c := range m.collectors {
		if err := m.registry.Register(c); err != nil {
			for _, done := range m.collectors[:i] {
				m.registry.Unregister(done)
			}
			return fmt.Errorf("failed to register metrics: %w", err)
		}
	}
	m.registered = true
	return nil
}

func (m *nodeMetrics) unregister() {
	// The registry tells collectors apart by name only, so another node's would
	// go if ours were never in.
	if !m.registered {
		return
	}
	for _, c := range m.collectors {
		m.registry.Unregister(c)
	}
}

// outcome is the label of a result.
func outcome(err error) string {
	switch {
	case err == nil:
		return "ok"
	case errors.Is(err, ErrNotFound):
		return "not_found"
	default:
		return "error"
	}
}
