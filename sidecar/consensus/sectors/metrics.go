package sectors

import (
	"fmt"

	"github.com/prometheus/client_golang/prometheus"
)

// metrics are what the Keeper counts.
type metrics struct {
	states       *prometheus.GaugeVec
	waitingBytes prometheus.Gauge
	backlogged   prometheus.Gauge
	sealedBytes  prometheus.Counter
	sealSeconds  prometheus.Histogram
	preCommits   prometheus.Counter
	proofs       prometheus.Counter
	reveals      prometheus.Counter
	atRisk       *prometheus.CounterVec
	damaged      prometheus.Counter
	declared     prometheus.Counter
	resealed     prometheus.Counter
	scrubbed     prometheus.Counter
}

func newMetrics(registry prometheus.Registerer) (*metrics, error) {
	opts := func(name, help string) prometheus.Opts {
		return prometheus.Opts{Namespace: "ipdm", Subsystem: "sectors", Name: name, Help: help}
	}
	counter := func(name, help string) prometheus.Counter {
		return prometheus.NewCounter(prometheus.CounterOpts(opts(name, help)))
	}
	gauge := func(name, help string) prometheus.Gauge {
		return prometheus.NewGauge(prometheus.GaugeOpts(opts(name, help)))
	}
	m := &metrics{
		states:       prometheus.NewGaugeVec(prometheus.GaugeOpts(opts("count", "Sectors, by state.")), []string{"state"}),
		waitingBytes: gauge("waiting_bytes", "Committed bytes of replicas that wait for a sector."),
		backlogged:   gauge("backlogged", "1 while new sealed replicas are refused because sealing is backlogged."),
		sealedBytes:  counter("sealed_bytes_total", "Bytes of sectors sealed since the start."),
		sealSeconds: prometheus.NewHistogram(prometheus.HistogramOpts{
			Namespace: "ipdm", Subsystem: "sectors", Name: "seal_seconds",
			Help:    "How long a sector took to be sealed, of those sealed in one go.",
			Buckets: prometheus.ExponentialBuckets(0.5, 2, 16),
		}),
		preCommits: counter("precommits_total", "Sectors pre-committed since the start."),
		proofs:     counter("seal_proofs_total", "Seal proofs accepted into a block since the start."),
		reveals:    counter("records_shown_total", "Seal records shown on demand since the start."),
		atRisk: prometheus.NewCounterVec(prometheus.CounterOpts(opts("deadlines_at_risk_total",
			"Deadlines that came close before what they wait for was done, by kind.")), []string{"deadline"}),
		damaged:  counter("damaged_total", "Sealed replicas found damaged since the start."),
		declared: counter("faults_declared_total", "Units declared faulty since the start."),
		resealed: counter("resealed_total", "Sealed replicas made anew since the start."),
		scrubbed: counter("scrubbed_bytes_total", "Bytes of sealed replicas read back and found sound since the start."),
	}
	if registry == nil {
		return m, nil
	}
	for _, c := range []prometheus.Collector{
		m.states, m.waitingBytes, m.backlogged, m.sealedBytes, m.sealSeconds, m.preCommits, m.proofs, m.reveals, m.atRisk, m.damaged,
		m.declared, m.resealed, m.scrubbed,
	} {
		if err := registry.Register(c); err != nil {
			return nil, fmt.Errorf("failed to register sector metrics: %w", err)
		}
	}
	return m, nil
}
