package provider

import (
	"fmt"

	"github.com/prometheus/client_golang/prometheus"
)

// metrics are what the agent counts.
type metrics struct {
	proofs         *prometheus.CounterVec
	missing        prometheus.Counter
	atRisk         *prometheus.CounterVec
	margin         prometheus.Histogram
	windowsProven  *prometheus.GaugeVec
	windowsMissed  *prometheus.GaugeVec
	provenBytes    *prometheus.GaugeVec
	faultyUnits    *prometheus.GaugeVec
	fetches        *prometheus.CounterVec
	fetchedBytes   prometheus.Counter
	refusals       *prometheus.CounterVec
	activations    prometheus.Counter
	recoveries     prometheus.Counter
	settlements    prometheus.Counter
	errors         *prometheus.CounterVec
	deadlineAtUnix *prometheus.GaugeVec
	answers        prometheus.Counter
	claims         prometheus.Counter
	pledgeShort    prometheus.Gauge
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
	gauges := func(name, help string) *prometheus.GaugeVec {
		return prometheus.NewGaugeVec(prometheus.GaugeOpts(opts(name, help)), []string{"class"})
	}
	m := &metrics{
		proofs:  counters("window_proofs_total", "Window proofs accepted by the chain since the start, by class.", "class"),
		missing: counter("window_openings_missing_total", "Openings declared missing since the start."),
		atRisk:  counters("windows_at_risk_total", "Windows whose deadline came close before a proof was accepted, by class.", "class"),
		margin: prometheus.NewHistogram(prometheus.HistogramOpts{
			Namespace: "ipdm", Subsystem: "provider", Name: "window_margin_seconds",
			Help:    "Chain time left when a window proof was accepted.",
			Buckets: []float64{0.1, 0.25, 0.5, 1, 2, 5, 10, 20, 30, 60},
		}),
		windowsProven:  gauges("windows_proven", "Windows proven for ever, from the chain, by class."),
		windowsMissed:  gauges("windows_missed", "Windows missed for ever, from the chain, by class."),
		provenBytes:    gauges("proven_bytes", "Bytes that the next window samples, by class."),
		faultyUnits:    gauges("faulty_units", "Units that are faulty now, by class."),
		fetches:        counters("fetches_total", "Fetches of layouts for deals, by result.", "result"),
		fetchedBytes:   counter("activated_bytes_total", "Committed bytes of replicas activated since the start."),
		refusals:       counters("refusals_total", "Assignments refused, by reason.", "reason"),
		activations:    counter("activations_total", "Replicas activated since the start."),
		recoveries:     counter("recoveries_total", "Faulty units proven again since the start."),
		settlements:    counter("settlements_total", "Settlement transactions since the start."),
		errors:         counters("errors_total", "Problems met, by kind.", "kind"),
		deadlineAtUnix: gauges("next_deadline_timestamp_seconds", "Chain time by which the next proof is due, 0 if none, by class."),
		answers:        counter("challenges_answered_total", "Challenges of single units answered since the start."),
		claims:         counter("reward_claims_total", "Claims of rewards since the start."),
		pledgeShort: prometheus.NewGauge(prometheus.GaugeOpts(
			opts("pledge_short_ipdm", "How much less than the settings say is pledged on the chain, in IPDM."))),
	}
	if registry == nil {
		return m, nil
	}
	for _, c := range []prometheus.Collector{
		m.proofs, m.missing, m.atRisk, m.margin, m.windowsProven, m.windowsMissed, m.provenBytes, m.faultyUnits, m.fetches,
		m.fetchedBytes, m.refusals, m.activations, m.recoveries, m.settlements, m.errors, m.deadlineAtUnix, m.answers, m.claims,
		m.pledgeShort,
	} {
		if err := registry.Register(c); err != nil {
			return nil, fmt.Errorf("failed to register provider metrics: %w", err)
		}
	}
	return m, nil
}
