package inbound

import (
	"github.com/prometheus/client_golang/prometheus"

	"github.com/ipdm-network/ipdm/app/sidecar"
)

// metrics are what a source counts.
type metrics struct {
	asked   prometheus.Counter
	failed  prometheus.Counter
	targets prometheus.Gauge
	said    prometheus.Gauge
}

func newMetrics(registry prometheus.Registerer) (*metrics, error) {
	opts := func(name, help string) prometheus.Opts {
		return prometheus.Opts{Namespace: "ipdmd", Subsystem: "inbound", Name: name, Help: help}
	}
	m := &metrics{
		asked:   prometheus.NewCounter(prometheus.CounterOpts(opts("requests_total", "Requests for ranges of events since the start."))),
		failed:  prometheus.NewCounter(prometheus.CounterOpts(opts("failures_total", "Requests without a useful answer."))),
		targets: prometheus.NewGauge(prometheus.GaugeOpts(opts("targets", "Other chains of which this validator is asked for events."))),
		said:    prometheus.NewGauge(prometheus.GaugeOpts(opts("votes_said", "Votes on events in this validator's vote extensions now."))),
	}
	return m, sidecar.Register(registry, "inbound ranges", m.asked, m.failed, m.targets, m.said)
}
