package inbound_test

import (
	"bytes"
	"context"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"

	"github.com/ipdm-network/ipdm/bridge/relayer"
	"github.com/ipdm-network/ipdm/sidecar/consensus/inbound"
	"github.com/ipdm-network/ipdm/x/bridge/wire"
)

var (
	gatewayA = wire.Party{31: 0xaa}
	gatewayB = wire.Party{31: 0xbb}
)

// reader answers what a test writes.
type reader struct {
	mu     sync.Mutex
	answer func(ctx context.Context, first uint64, limit int) (relayer.Events, error) // guarded by mu
	calls  int                                                                        // guarded by mu
	active int                                                                        // guarded by mu
	most   int                                                                        // of active; guarded by mu
}

func (r *reader) Events(ctx context.Context, first uint64, limit int) (relayer.Events, error) {
	r.mu.Lock()
	r.calls++
	r.active++
	r.most = max(r.most, r.active)
	answer := r.answer
	r.mu.Unlock()
	defer func() {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.active--
	}()
	return answer(ctx, first, limit)
}

func (r *reader) reply(answer func(ctx context.Context, first uint64, limit int) (relayer.Events, error)) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.answer = answer
}

func (r *reader) counts() (calls, most int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.calls, r.most
}

// history answers with events of a gateway, one a second from 1 s after 1970 on, which are final through a time in seconds.
func history(domain wire.Domain, gateway wire.Party, events int, throughSeconds int64) func(context.Context, uint64, int) (relayer.Events, error) {
	return func(_ context.Context, first uint64, limit int) (relayer.Events, error) {
		return relayer.Events{Records: records(domain, gateway, first, events, limit), Through: time.Unix(throughSeconds, 0)}, nil
	}
}

func records(domain wire.Domain, gateway wire.Party, first uint64, events, limit int) []wire.EventRecord {
	var out []wire.EventRecord
	for nonce := first; nonce < uint64(events) && len(out) < limit; nonce++ {
		payload := []byte{byte(nonce)}
		out = append(out, wire.EventRecord{Payload: payload, Event: wire.Event{
			Kind: wire.KindCall, Domain: domain, Application: gateway, Nonce: nonce, TimeMillis: (nonce + 1) * 1000, PayloadHash: wire.Sum(payload),
		}})
	}
	return out
}

func target(domain wire.Domain, gateway wire.Party, first, untilSeconds uint64) wire.RangeTarget {
	return wire.RangeTarget{Domain: domain, Application: gateway, FirstNonce: first, UntilMillis: untilSeconds * 1000}
}

// voteOn is the right answer to a target of a gateway with so many events.
func voteOn(t *testing.T, target wire.RangeTarget, events int) wire.RangeVote {
	t.Helper()
	all := records(target.Domain, target.Application, target.FirstNonce, events, events)
	vote, ok, err := target.Vote(all, target.UntilMillis)
	require.NoError(t, err)
	require.True(t, ok)
	return vote
}

// quick are the settings of an observer in a test.
func quick() inbound.Config {
	return inbound.Config{Poll: time.Millisecond, RetryMost: 5 * time.Millisecond, ReadTimeout: 10 * time.Second}
}

// world is an observer of two gateways, of domains 1 and 2.
type world struct {
	*inbound.Observer
	a, b     *reader
	registry *prometheus.Registry
	log      *logBook
}

func newWorld(t *testing.T, cfg inbound.Config) *world {
	t.Helper()
	w := &world{a: &reader{}, b: &reader{}, registry: prometheus.NewRegistry(), log: &logBook{}}
	w.a.reply(history(1, gatewayA, 10, 100))
	w.b.reply(history(2, gatewayB, 300, 1000))
	var err error
	w.Observer, err = inbound.New(cfg, inbound.Deps{
		Gateways: []inbound.Gateway{{Domain: 1, Application: gatewayA, Reader: w.a}, {Domain: 2, Application: gatewayB, Reader: w.b}},
		Registry: w.registry,
		Logger:   slog.New(slog.NewTextHandler(w.log, nil)),
	})
	require.NoError(t, err)
	t.Cleanup(w.Close)
	return w
}

// await asks until so many targets are answered.
func (w *world) await(t *testing.T, answers int, targets ...wire.RangeTarget) []wire.RangeVote {
	t.Helper()
	var got []wire.RangeVote
	require.Eventually(t, func() bool {
		got = w.Ranges(t.Context(), targets)
		return len(got) == answers
	}, 20*time.Second, time.Millisecond)
	return got
}

// awaitCalls asks until a reader has been called so many times more, and nothing is answered meanwhile.
func (w *world) awaitCalls(t *testing.T, r *reader, more int, targets ...wire.RangeTarget) {
	t.Helper()
	before, _ := r.counts()
	require.Eventually(t, func() bool {
		require.Empty(t, w.Ranges(t.Context(), targets))
		calls, _ := r.counts()
		return calls >= before+more
	}, 20*time.Second, time.Millisecond)
}

// metric returns the value for a domain.
func (w *world) metric(t *testing.T, name, domain string) float64 {
	t.Helper()
	families, err := w.registry.Gather()
	require.NoError(t, err)
	for _, family := range families {
		for _, m := range family.GetMetric() {
			if family.GetName() == "ipdm_inbound_"+name && m.GetLabel()[0].GetValue() == domain {
				return m.GetCounter().GetValue() + m.GetGauge().GetValue()
			}
		}
	}
	t.Fatalf("there is no metric %s of domain %s", name, domain)
	return 0
}

type logBook struct {
	mu   sync.Mutex
	text bytes.Buffer // guarded by mu
}

func (b *logBook) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.Write(p)
}

func (b *logBook) lines() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return strings.Split(strings.TrimSpace(b.text.String()), "\n")
}
