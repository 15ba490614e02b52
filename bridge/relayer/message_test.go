package relayer_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"

	"github.com/ipdm-network/ipdm/bridge/relayer"
	"github.com/ipdm-network/ipdm/testutil/signedchain"
	"github.com/ipdm-network/ipdm/x/bridge/wire"
)

const domain = wire.Domain(3)

// gateway is a client that takes messages and tells of events.
type gateway struct {
	*client
	messages map[uint64]bool
	order    []uint64
	refuse   map[uint64]error // by nonce
	looks    int
	events   []wire.EventRecord
}

func newGateway(c *signedchain.Chain) *gateway {
	return &gateway{client: newClient(c), messages: map[uint64]bool{}, refuse: map[uint64]error{}}
}

func (g *gateway) Delivered(_ context.Context, nonces []uint64) ([]bool, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.looks++
	out := make([]bool, len(nonces))
	for i, nonce := range nonces {
		out[i] = g.messages[nonce]
	}
	return out, nil
}

func (g *gateway) Deliver(_ context.Context, d relayer.Delivery) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	if err := g.refuse[d.Message.Nonce]; err != nil {
		return err
	}
	if !slices.Contains(g.heights, d.Checkpoint.Height) {
		return fmt.Errorf("checkpoint of height %d is not known", d.Checkpoint.Height)
	}
	if err := d.Validate(); err != nil {
		return err
	}
	g.messages[d.Message.Nonce] = true
	g.order = append(g.order, d.Message.Nonce)
	return nil
}

func (g *gateway) Events(_ context.Context, first uint64, limit int) (relayer.Events, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	from := g.events[min(first, uint64(len(g.events))):]
	return relayer.Events{Records: from[:min(len(from), limit)], Through: time.Now()}, nil
}

func (g *gateway) got() []uint64 {
	g.mu.Lock()
	defer g.mu.Unlock()
	return slices.Clone(g.order)
}

func (g *gateway) set(nonce uint64, refusal error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.refuse[nonce] = refusal
}

// inbox is the chain's side of events.
type inbox struct {
	attested relayer.Attested
	taken    [][]relayer.EventProof
	fail     error
}

func (i *inbox) Attested(context.Context, wire.Domain) (relayer.Attested, error) {
	return i.attested, nil
}

func (i *inbox) Take(_ context.Context, _ wire.Domain, proofs []relayer.EventProof) error {
	if i.fail != nil {
		return i.fail
	}
	i.taken = append(i.taken, proofs)
	return nil
}

func carrying(c *signedchain.Chain, g *gateway, in relayer.Inbox) (*relayer.Relayer, *prometheus.Registry) {
	opts, registry := relayer.DefaultRouteOptions(), prometheus.NewRegistry()
	opts.Domain, opts.Outbox, opts.Inbox = domain, c, in
	r := relayer.New(c)
	r.Add(g, opts, slog.New(slog.DiscardHandler), relayer.NewMetrics(registry))
	return r, registry
}

func send(c *signedchain.Chain, n int) {
	for i := range n {
		c.Send(wire.Message{Kind: wire.KindCall, Domain: domain}, []byte{byte(i)})
	}
}

func TestMessagesAreDeliveredOnceTheyAreProven(t *testing.T) {
	c := signedchain.New(t, 4)
	g := newGateway(c)
	r, _ := carrying(c, g, nil)
	send(c, 2)
	c.Send(wire.Message{Kind: wire.KindCall, Domain: domain + 1}, nil)
	carried, err := r.Once(t.Context())
	require.NoError(t, err)
	require.Zero(t, carried, "nothing proves them")
	c.Sign(1, 10, 10000, false)
	send(c, 1)
	carried, err = r.Once(t.Context())
	require.NoError(t, err)
	require.Equal(t, relayer.Carried{Checkpoints: 1, Messages: 2}, carried)
	require.Equal(t, []uint64{0, 1}, g.order, "in their order, and not those to others")
	g.messages[3] = true // another relayer was quicker
	c.Sign(1, 20, 20000, false)
	carried, err = r.Once(t.Context())
	require.NoError(t, err)
	require.Equal(t, relayer.Carried{Checkpoints: 1}, carried)
}

// TestABadMessageKeepsNoOther: checkpoints and other messages are carried as if there was none, and it is tried less and less often.
func TestABadMessageKeepsNoOther(t *testing.T) {
	for name, refusal := range map[string]error{"for good": errors.New("reverted"), "for now": relayer.ErrNotYet, "timed out": relayer.ErrTimedOut} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c := signedchain.New(t, 4)
				g := newGateway(c)
				tried := 0
				r, registry := carrying(c, g, nil)
				send(c, 3)
				c.Sign(1, 10, 10000, false)
				g.refuse[1] = refusal
				ctx, cancel := context.WithCancel(t.Context())
				done := make(chan struct{})
				go func() { defer close(done); r.Run(ctx) }()
				time.Sleep(5 * time.Second)
				require.Equal(t, []uint64{0, 2}, g.got())
				for height := uint64(20); height < 80; height += 10 {
					send(c, 1)
					c.Sign(1, height, height*1000, false)
					time.Sleep(1500 * time.Millisecond)
					require.Equal(t, height, g.taken()[len(g.taken())-1], "checkpoints do not wait")
				}
				require.Len(t, g.got(), 8)
				time.Sleep(time.Hour)
				if refusal != relayer.ErrTimedOut { //nolint:errorlint // it is the one of the table
					tried = int(metric(t, registry, "ipdm_relayer_message_failures_total"))
					require.Less(t, tried, 80, "once a minute")
					require.Greater(t, tried, 50)
				}
				g.set(1, nil)
				time.Sleep(2 * time.Minute)
				require.Contains(t, g.got(), uint64(1))
				cancel()
				<-done
			})
		})
	}
}

// metric is the value of a metric, of the one destination.
func metric(t *testing.T, registry *prometheus.Registry, name string) float64 {
	t.Helper()
	families, err := registry.Gather()
	require.NoError(t, err)
	for _, f := range families {
		if f.GetName() == name {
			return f.GetMetric()[0].GetCounter().GetValue() + f.GetMetric()[0].GetGauge().GetValue()
		}
	}
	require.Fail(t, "no such metric", name)
	return 0
}

// TestWhatAForkTakesBackIsDeliveredAgain: a message that was delivered is looked at again after a while.
func TestWhatAForkTakesBackIsDeliveredAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := signedchain.New(t, 4)
		g := newGateway(c)
		r, _ := carrying(c, g, nil)
		send(c, 1)
		c.Sign(1, 10, 10000, false)
		for range 30 {
			_, err := r.Once(t.Context())
			require.NoError(t, err)
			time.Sleep(time.Second)
		}
		require.Equal(t, []uint64{0}, g.order)
		require.Equal(t, 1, g.looks, "what was delivered is not looked at all the time")
		delete(g.messages, 0)
		time.Sleep(time.Minute)
		_, err := r.Once(t.Context())
		require.NoError(t, err)
		require.Equal(t, []uint64{0, 0}, g.order)
	})
}

func TestWithoutFundsNoOtherMessageIsTried(t *testing.T) {
	c := signedchain.New(t, 4)
	g := newGateway(c)
	r, registry := carrying(c, g, nil)
	send(c, 2)
	c.Sign(1, 10, 10000, false)
	g.refuse[0] = fmt.Errorf("send: %w", relayer.ErrFunds)
	_, err := r.Once(t.Context())
	require.ErrorIs(t, err, relayer.ErrFunds)
	require.Empty(t, g.order)
	require.Equal(t, 1.0, metric(t, registry, "ipdm_relayer_out_of_funds"))
}

// events has a gateway emit so many events, and the inbox have them attested in ranges of these sizes.
func events(g *gateway, in *inbox, sizes ...int) {
	for _, size := range sizes {
		first, tree := uint64(len(g.events)), wire.NewTree()
		for range size {
			payload := []byte{byte(len(g.events))}
			r := wire.EventRecord{Payload: payload, Event: wire.Event{
				Kind: wire.KindCall, Domain: domain, Nonce: uint64(len(g.events)), PayloadHash: wire.Sum(payload),
			}}
			tree.Append(r.Leaf())
			g.events = append(g.events, r)
		}
		in.attested.Ranges = append(in.attested.Ranges, relayer.AttestedRange{First: first, Count: uint32(size), Root: tree.Hash()})
	}
}

func TestAttestedEventsAreHandedIn(t *testing.T) {
	c := signedchain.New(t, 4)
	g, in := newGateway(c), &inbox{}
	r, _ := carrying(c, g, in)
	events(g, in, 70, 3)
	in.attested.Next = 5 // others have handed in the first
	carried, err := r.Once(t.Context())
	require.NoError(t, err)
	require.Equal(t, 68, carried.Events)
	var sizes []int
	next := uint64(5)
	for _, batch := range in.taken {
		sizes = append(sizes, len(batch))
		for _, p := range batch {
			require.Equal(t, next, p.Record.Nonce)
			for _, a := range in.attested.Ranges {
				if next >= a.First && next < a.First+uint64(a.Count) {
					require.NoError(t, wire.VerifyInclusion(p.Record.Leaf(), next-a.First, uint64(a.Count), p.Path, a.Root))
				}
			}
			next++
		}
	}
	require.Equal(t, []int{32, 32, 1, 3}, sizes)
	require.EqualValues(t, 73, next)
}

func TestEventsThatAreNotAttestedAreNotHandedIn(t *testing.T) {
	for name, c := range map[string]struct {
		spoil func(*gateway, *inbox)
		says  string
	}{
		"others":   {func(g *gateway, _ *inbox) { g.events[1].Recipient[0]++ }, "other events"},
		"too few":  {func(g *gateway, _ *inbox) { g.events = g.events[:2] }, "do they lag"},
		"refused":  {func(_ *gateway, in *inbox) { in.fail = errors.New("no") }, "failed to hand in events from 0 on"},
		"no funds": {func(_ *gateway, in *inbox) { in.fail = relayer.ErrFunds }, "out of funds"},
	} {
		t.Run(name, func(t *testing.T) {
			chain := signedchain.New(t, 4)
			g, in := newGateway(chain), &inbox{}
			r, _ := carrying(chain, g, in)
			events(g, in, 3)
			c.spoil(g, in)
			_, err := r.Once(t.Context())
			require.ErrorContains(t, err, c.says)
			require.Empty(t, in.taken)
		})
	}
}
