package provider

import (
	"fmt"

	"github.com/prometheus/client_golang/prometheus"
)

// metrics are what the agent counts.
type metrics struct {
	proofs         prometheus.Counter
	missing        prometheus.Counter
	atRisk         prometheus.Counter
	margin         prometheus.Histogram
	windowsProven  prometheus.Gauge
	windowsMissed  prometheus.Gauge
	provenBytes    prometheus.Gauge
	faultyUnits    prometheus.Gauge
	fetches        *prometheus.CounterVec
	fetchedBytes   prometheus.Counter
	refusals       *prometheus.CounterVec
	activations    prometheus.Counter
	recoveries     prometheus.Counter
	settlements    prometheus.Counter
	errors         *prometheus.CounterVec
	deadlineAtUnix prometheus.Gauge
}

func newMetrics(registry prometheus.Registerer) (*metrics, error) {
	opts := func(name, help string) prometheus.Opts {
		return prometheus.Opts{Namespace: "ipdm", Subsystem: "provider", Name: name, Help: help}
	}
	counter := func(name, help string) prometheus.Counter {
		return prometheus.NewCounter(prometheus.CounterOpts(opts(name, help)))
	}
	counters := func(name, help, label string) *prometheus.CounterVec {
		return prometheus.NewCounterVec(prometheus.CounterOpts(opts(name, help)), []string{label})
	}
	gauge := func(name, help string) prometheus.Gauge {
		return prometheus.NewGauge(prometheus.GaugeOpts(opts(name, help)))
	}
	m := &metrics{
		proofs:  counter("window_proofs_total", "Window proofs accepted by the chain since the start."),
		missing: counter("window_openings_missing_total", "Openings declared missing since the start."),
		atRisk:  counter("windows_at_risk_total", "Windows whose deadline came close before a proof was accepted."),
		margin: prometheus.NewHistogram(prometheus.HistogramOpts{
			Namespace: "ipdm", Subsystem: "provider", Name: "window_margin_seconds",
			Help:    "Chain time left when a window proof was accepted.",
			Buckets: []float64{0.1, 0.25, 0.5, 1, 2, 5, 10, 20, 30, 60},
		}),
		windowsProven:  gauge("windows_proven", "Windows proven for ever, from the chain."),
		windowsMissed:  gauge("windows_missed", "Windows missed for ever, from the chain."),
		provenBytes:    gauge("proven_bytes", "Bytes that the next window samples."),
		faultyUnits:    gauge("faulty_units", "Units that are faulty now."),
		fetches:        counters("fetches_total", "Fetches of layouts for deals, by result.", "result"),
		fetchedBytes:   counter("activated_bytes_total", "Committed bytes of replicas activated since the start."),
		refusals:       counters("refusals_total", "Assignments refused, by reason.", "reason"),
		activations:    counter("activations_total", "Replicas activated since the start."),
		recoveries:     counter("recoveries_total", "Faulty units proven again since the start."),
		settlements:    counter("settlements_total", "Settlement transactions since the start."),
		errors:         counters("errors_total", "Problems met, by kind.", "kind"),
		deadlineAtUnix: gauge("next_deadline_timestamp_seconds", "Chain time by which the next proof is due, 0 if none."),
	}
	if registry == nil {
		return m, nil
	}
	for _, c := range []prometheus.Collector{
		m.proofs, m.missing, m.atRisk, m.margin, m.windowsProven, m.windowsMissed, m.provenBytes, m.faultyUnits, m.fetches,
		m.fetchedBytes, m.refusals, m.activations, m.recoveries, m.settlements, m.errors, m.deadlineAtUnix,
	} {
		if err := registry.Register(c); err != nil {
			return nil, fmt.Errorf("failed to register provider metrics: %w", err)
		}
	}
	return m, nil
}
