package inbound

import (
	"fmt"
	"strconv"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/ipdm-network/ipdm/x/bridge/wire"
)

// metrics are what an observer counts, by domain.
type metrics struct {
	events   *prometheus.CounterVec
	failures *prometheus.CounterVec
	answered *prometheus.CounterVec
	through  *prometheus.GaugeVec
}

// domainMetrics are those of one domain.
type domainMetrics struct {
	events   prometheus.Counter
	failures prometheus.Counter
	answered prometheus.Counter
	through  prometheus.Gauge
}

func newMetrics(registry prometheus.Registerer) (*metrics, error) {
	counter := func(name, help string) *prometheus.CounterVec {
		opts := prometheus.CounterOpts{Namespace: "ipdm", Subsystem: "inbound", Name: name, Help: help}
		return prometheus.NewCounterVec(opts, []string{"domain"})
	}
	m := &metrics{
		events:   counter("events_read_total", "Events read from the gateway since the start, again for each attempt."),
		failures: counter("failures_total", "Attempts to answer a target that failed."),
		answered: counter("answered_total", "Targets of the chain that were answered."),
		through: prometheus.NewGaugeVec(prometheus.GaugeOpts{
			Namespace: "ipdm", Subsystem: "inbound", Name: "through_timestamp_seconds",
			Help: "Time of the gateway's chain up to which its events are final and read.",
		}, []string{"domain"}),
	}
	if registry == nil {
		return m, nil
	}
	for _, c := range []prometheus.Collector{m.events, m.failures, m.answered, m.through} {
		if err := registry.Register(c); err != nil {
			return nil, fmt.Errorf("failed to register the metrics of inbound events: %w", err)
		}
	}
	return m, nil
}

// of returns the metrics of a domain.
func (m *metrics) of(domain wire.Domain) domainMetrics {
	label := strconv.FormatUint(uint64(domain), 10)
	return domainMetrics{
		events:   m.events.WithLabelValues(label),
		failures: m.failures.WithLabelValues(label),
		answered: m.answered.WithLabelValues(label),
		through:  m.through.WithLabelValues(label),
	}
}
