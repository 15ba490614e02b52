package follow

import (
	"fmt"

	"github.com/prometheus/client_golang/prometheus"
)

// metrics are what follows count, by their names.
type metrics struct {
	position *prometheus.GaugeVec
	lag      *prometheus.GaugeVec
	stopped  *prometheus.GaugeVec
	changes  *prometheus.CounterVec
	batches  *prometheus.CounterVec
	failures *prometheus.CounterVec
}

func newMetrics(registry prometheus.Registerer) (*metrics, error) {
	gauge := func(name, help string) *prometheus.GaugeVec {
		return prometheus.NewGaugeVec(prometheus.GaugeOpts{Namespace: "ipdm", Subsystem: "follow", Name: name, Help: help}, []string{"follow"})
	}
	counter := func(name, help string, labels ...string) *prometheus.CounterVec {
		return prometheus.NewCounterVec(prometheus.CounterOpts{Namespace: "ipdm", Subsystem: "follow", Name: name, Help: help}, append(labels, "follow"))
	}
	m := &metrics{
		position: gauge("position", "Last slot or block up to which all that was seen is stored."),
		lag:      gauge("lag", "Slots or blocks by which the position is behind the finalized one."),
		stopped:  gauge("stopped", "1 for a follow that has stopped and needs its operator."),
		changes:  counter("changes_total", "Changes stored since the start."),
		batches:  counter("batches_total", "Batches stored since the start."),
		failures: counter("failures_total", "Attempts that failed since the start, by what failed.", "part"),
	}
	if registry == nil {
		return m, nil
	}
	for _, c := range []prometheus.Collector{m.position, m.lag, m.stopped, m.changes, m.batches, m.failures} {
		if err := registry.Register(c); err != nil {
			return nil, fmt.Errorf("failed to register the metrics of follows: %w", err)
		}
	}
	return m, nil
}
