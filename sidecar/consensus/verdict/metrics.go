package verdict

import (
	"fmt"

	"github.com/prometheus/client_golang/prometheus"
)

// metrics are what a judge counts.
type metrics struct {
	judged   *prometheus.CounterVec
	failures *prometheus.CounterVec
	pending  prometheus.Gauge
	seconds  prometheus.Histogram
	checking prometheus.Histogram
}

func newMetrics(registry prometheus.Registerer) (*metrics, error) {
	m := &metrics{
		judged: prometheus.NewCounterVec(prometheus.CounterOpts{
			Namespace: "ipdm", Subsystem: "verdict", Name: "judged_total", Help: "Seal proofs judged since the start, by verdict.",
		}, []string{"verdict"}),
		failures: prometheus.NewCounterVec(prometheus.CounterOpts{
			Namespace: "ipdm", Subsystem: "verdict", Name: "failures_total", Help: "Attempts that led to no verdict, by what failed.",
		}, []string{"step"}),
		pending: prometheus.NewGauge(prometheus.GaugeOpts{
			Namespace: "ipdm", Subsystem: "verdict", Name: "pending", Help: "Seal proofs that wait for a verdict.",
		}),
		seconds: prometheus.NewHistogram(prometheus.HistogramOpts{
			Namespace: "ipdm", Subsystem: "verdict", Name: "seconds", Help: "Time from the first request to the verdict.",
			Buckets: []float64{0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1800},
		}),
		checking: prometheus.NewHistogram(prometheus.HistogramOpts{
			Namespace: "ipdm", Subsystem: "verdict", Name: "check_seconds", Help: "Time to check the records of one seal proof.",
			Buckets: []float64{0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5},
		}),
	}
	if registry == nil {
		return m, nil
	}
	for _, c := range []prometheus.Collector{m.judged, m.failures, m.pending, m.seconds, m.checking} {
		if err := registry.Register(c); err != nil {
			return nil, fmt.Errorf("failed to register verdict metrics: %w", err)
		}
	}
	return m, nil
}
