package verdict

import (
	"github.com/prometheus/client_golang/prometheus"

	"github.com/ipdm-network/ipdm/app/sidecar"
)

// metrics are what a source counts.
type metrics struct {
	up      prometheus.Gauge
	asked   prometheus.Counter
	failed  prometheus.Counter
	pending prometheus.Gauge
	said    prometheus.Gauge
}

func newMetrics(registry prometheus.Registerer) (*metrics, error) {
	opts := func(name, help string) prometheus.Opts {
		return prometheus.Opts{Namespace: "ipdmd", Subsystem: "sidecar", Name: name, Help: help}
	}
	m := &metrics{
		up:      prometheus.NewGauge(prometheus.GaugeOpts(opts("up", "1 if the sidecar answered the last request."))),
		asked:   prometheus.NewCounter(prometheus.CounterOpts(opts("requests_total", "Requests for verdicts since the start."))),
		failed:  prometheus.NewCounter(prometheus.CounterOpts(opts("failures_total", "Requests without a useful answer."))),
		pending: prometheus.NewGauge(prometheus.GaugeOpts(opts("seals_pending", "Seal proofs that wait for this validator's verdict."))),
		said:    prometheus.NewGauge(prometheus.GaugeOpts(opts("verdicts_said", "Verdicts in this validator's vote extensions now."))),
	}
	return m, sidecar.Register(registry, "the sidecar", m.up, m.asked, m.failed, m.pending, m.said)
}
