package inbound

import (
	"errors"
	"fmt"

	"github.com/prometheus/client_golang/prometheus"
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
	if registry == nil {
		return m, nil
	}
	for _, c := range []prometheus.Collector{m.asked, m.failed, m.targets, m.said} {
		var there prometheus.AlreadyRegisteredError
		if err := registry.Register(c); err != nil && !errors.As(err, &there) {
			return nil, fmt.Errorf("failed to register the metrics of inbound ranges: %w", err)
		}
	}
	return m, nil
}
