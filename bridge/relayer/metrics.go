package relayer

import "github.com/prometheus/client_golang/prometheus"

// Metrics are what a relayer tells of itself.
type Metrics struct {
	chainHeight, headHeight, headEpoch, staleAt, outOfFunds *prometheus.GaugeVec
	waiting, chainOutOfFunds                                *prometheus.GaugeVec
	handed, failures, delivered, undelivered, taken         *prometheus.CounterVec
	seconds                                                 *prometheus.HistogramVec
}

// NewMetrics registers the metrics. It panics if they are registered already.
func NewMetrics(registry prometheus.Registerer) *Metrics {
	gauge := func(name, help string) *prometheus.GaugeVec {
		return prometheus.NewGaugeVec(prometheus.GaugeOpts{Namespace: "ipdm_relayer", Name: name, Help: help}, []string{"destination"})
	}
	counter := func(name, help string) *prometheus.CounterVec {
		return prometheus.NewCounterVec(prometheus.CounterOpts{Namespace: "ipdm_relayer", Name: name, Help: help}, []string{"destination"})
	}
	m := &Metrics{
		chainHeight:     gauge("chain_height", "Height of the newest complete checkpoint of the chain."),
		headHeight:      gauge("head_height", "Height of the newest checkpoint that the destination knows."),
		headEpoch:       gauge("head_epoch", "Signer epoch that the destination trusts."),
		staleAt:         gauge("stale_at_seconds", "When the destination takes no checkpoint any more, in seconds since 1970."),
		outOfFunds:      gauge("out_of_funds", "1 while the relayer's account on the destination cannot pay."),
		handed:          counter("checkpoints_total", "Checkpoints handed over."),
		failures:        counter("failures_total", "Attempts to carry something that failed."),
		waiting:         gauge("messages_waiting", "Messages to the destination that can be delivered, and whose fate the chain does not know."),
		chainOutOfFunds: gauge("chain_out_of_funds", "1 while the relayer's account on the chain cannot pay for events of the destination."),
		delivered:       counter("messages_total", "Messages handed over."),
		undelivered:     counter("message_failures_total", "Attempts to hand over a message that failed, or came too early."),
		taken:           counter("events_total", "Events of the destination handed in to the chain."),
		seconds: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Namespace: "ipdm_relayer", Name: "submit_seconds", Help: "Time from handing a checkpoint over until the destination knows it.",
			Buckets: prometheus.ExponentialBuckets(0.1, 2, 14),
		}, []string{"destination"}),
	}
	registry.MustRegister(m.chainHeight, m.headHeight, m.headEpoch, m.staleAt, m.outOfFunds, m.handed, m.failures,
		m.waiting, m.chainOutOfFunds, m.delivered, m.undelivered, m.taken, m.seconds)
	return m
}

// routeMetrics are those of one route.
type routeMetrics struct {
	chainHeight, headHeight, headEpoch, staleAt, outOfFunds prometheus.Gauge
	waiting, chainOutOfFunds                                prometheus.Gauge
	handed, failures, delivered, undelivered, taken         prometheus.Counter
	seconds                                                 prometheus.Observer
}

func (m *Metrics) route(destination string) *routeMetrics {
	return &routeMetrics{
		chainHeight: m.chainHeight.WithLabelValues(destination), headHeight: m.headHeight.WithLabelValues(destination),
		headEpoch: m.headEpoch.WithLabelValues(destination), staleAt: m.staleAt.WithLabelValues(destination),
		outOfFunds: m.outOfFunds.WithLabelValues(destination), handed: m.handed.WithLabelValues(destination),
		failures: m.failures.WithLabelValues(destination), seconds: m.seconds.WithLabelValues(destination),
		waiting: m.waiting.WithLabelValues(destination), chainOutOfFunds: m.chainOutOfFunds.WithLabelValues(destination), delivered: m.delivered.WithLabelValues(destination),
		undelivered: m.undelivered.WithLabelValues(destination), taken: m.taken.WithLabelValues(destination),
	}
}

func (m *routeMetrics) at(head Head) {
	m.headHeight.Set(float64(head.Height))
	m.headEpoch.Set(float64(head.Epoch))
	m.staleAt.Set(float64(head.StaleAt.Unix()))
}
