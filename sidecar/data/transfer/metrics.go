package transfer

import (
	"fmt"

	"github.com/prometheus/client_golang/prometheus"
)

// serverMetrics count what a server does.
type serverMetrics struct {
	requests  *prometheus.CounterVec
	refusals  *prometheus.CounterVec
	encodings prometheus.Counter
	bytes     prometheus.Counter
	faults    prometheus.Counter
	fetched   prometheus.Counter
}

func newServerMetrics() *serverMetrics {
	return &serverMetrics{
		requests:  counters("requests_total", "Requests of peers, by operation.", "operation"),
		refusals:  counters("refusals_total", "Requests and streams of peers that were refused, by reason.", "reason"),
		encodings: counter("encodings_served_total", "Encodings sent to peers."),
		bytes:     counter("bytes_served_total", "Bytes of encodings sent to peers."),
		faults:    counter("server_faults_total", "Streams of peers that broke the protocol."),
		fetched:   counter("group_blocks_fetched_total", "Blocks fetched and sent because another member of the group asked for them."),
	}
}

func (m *serverMetrics) all() []prometheus.Collector {
	return []prometheus.Collector{m.requests, m.refusals, m.encodings, m.bytes, m.faults, m.fetched}
}

// clientMetrics count what a client does.
type clientMetrics struct {
	gets       prometheus.Counter
	encodings  prometheus.Counter
	bytes      prometheus.Counter
	duplicates prometheus.Counter
	failures   *prometheus.CounterVec
	through    prometheus.Counter
	fallbacks  prometheus.Counter
}

func newClientMetrics() *clientMetrics {
	return &clientMetrics{
		gets:       counter("gets_total", "Get requests sent to peers."),
		encodings:  counter("encodings_fetched_total", "Encodings received from peers that were needed."),
		bytes:      counter("bytes_fetched_total", "Bytes of encodings received from peers that were needed."),
		duplicates: counter("bytes_duplicate_total", "Bytes of encodings received that had come from another peer meanwhile."),
		failures:   counters("fetch_failures_total", "Requests that a peer did not answer to the end, by what it did.", "kind"),
		through:    counter("group_blocks_total", "Blocks received from the members of the group that they belong to."),
		fallbacks:  counter("group_fallbacks_total", "Blocks that the member they belong to did not send, so that they are looked for elsewhere."),
	}
}

func (m *clientMetrics) all() []prometheus.Collector {
	return []prometheus.Collector{m.gets, m.encodings, m.bytes, m.duplicates, m.failures, m.through, m.fallbacks}
}

func counter(name, help string) prometheus.Counter {
	return prometheus.NewCounter(prometheus.CounterOpts{Namespace: "ipdm", Subsystem: "transfer", Name: name, Help: help})
}

func counters(name, help, label string) *prometheus.CounterVec {
	return prometheus.NewCounterVec(prometheus.CounterOpts{Namespace: "ipdm", Subsystem: "transfer", Name: name, Help: help}, []string{label})
}

// register makes metrics visible; a nil registry takes none.
func register(registry prometheus.Registerer, all []prometheus.Collector) error {
	if registry == nil {
		return nil
	}
	for _, c := range all {
		if err := registry.Register(c); err != nil {
			return fmt.Errorf("failed to register metrics: %w", err)
		}
	}
	return nil
}
