package solana

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/gagliardetto/solana-go"
	"github.com/gagliardetto/solana-go/rpc"

	"github.com/ipdm-network/ipdm/bridge/chain/solana/program"
	"github.com/ipdm-network/ipdm/bridge/relayer"
	"github.com/ipdm-network/ipdm/x/bridge/wire"
)

const (
	// MaxEvents is how many events one call of Events reads at most.
	MaxEvents = 4 * wire.MaxRangeEvents
	// eventsPerRequest come with the gateway's account and the clock.
	eventsPerRequest = maxAccounts - 2
	// findingTime is how long one call of Events looks for events that are far behind.
	findingTime = time.Minute
)

var (
	// ErrEventClosed tells that there was an event that is no longer to be had.
	ErrEventClosed = errors.New("the account of an event was closed: an event is kept for the gateway's retention only")
	// ErrDisagree tells that nodes show different events.
	ErrDisagree = errors.New("nodes of Solana disagree")
	// ErrDomain tells that the program's gateway is of another domain than is configured: the node is of another network, or the address is
	// another's.
	ErrDomain = errors.New("the gateway on Solana is of another domain")
	// errLags tells that a node does not know of all events before those that are asked for.
	errLags = errors.New("it lags")
	// errFar tells that a node has not led yet to events that are far behind the last ones. To ask it again goes on.
	errFar = errors.New("the events are far behind, and still looked for")
)

// Events reads events that are final, at most limit from a nonce on, and limit is 1 to MaxEvents. All nodes are asked, and two
// at least have to answer where two are given. As far as two have come counts, so that one that is stuck keeps nobody waiting: those that are
// ahead have to agree up to there, those that are behind up to where they are. A node that does not know of all events before the first does
// not count. Where events are, the gateway tells of the last program.EventRing, and each event of one before it: those that are further behind
// are looked for until as many nodes have led there as have to answer, for a minute at most, and what was found is kept, so that the next call
// goes on from there. It fails with ErrEventClosed, ErrDisagree, ErrDomain and ErrNoClient among others. It implements relayer.Gateway.
func (r *Reader) Events(ctx context.Context, first uint64, limit int) (relayer.Events, error) {
	if limit < 1 || limit > MaxEvents {
		return relayer.Events{}, fmt.Errorf("%d events cannot be read at once, but 1 to %d", limit, MaxEvents)
	}
	defer r.closeIdle()
	began := time.Now()
	read := func(ctx context.Context, n *node) (shown, error) { return r.eventsAt(ctx, n, first, limit) }
	answers, err := ask(ctx, r.nodes, read)
	for errors.Is(err, errFar) && time.Since(began) < r.finding {
		answers, err = ask(ctx, r.nodes, read)
	}
	if err != nil {
		return relayer.Events{}, fmt.Errorf("failed to read events: %w", err)
	}
	events, err := common(answers, needed(r.nodes))
	if err != nil {
		return relayer.Events{}, fmt.Errorf("failed to read events: %w", err)
	}
	return events, nil
}

// shown are events as a node shows them, or what is wrong with them.
type shown struct {
	relayer.Events
	wrong error
}

// contradiction is an error of what a node shows, and not of that it shows nothing.
type contradiction struct{ error }

func (c contradiction) Unwrap() error { return c.error }

// eventsAt reads events from a node.
func (r *Reader) eventsAt(ctx context.Context, n *node, first uint64, limit int) (shown, error) {
	if err := n.trail.hold(ctx); err != nil {
		return shown{}, err
	}
	defer n.trail.release()
	n.trail.forget(first)
	events, err := r.follow(ctx, n, first, limit)
	if err == nil {
		return shown{Events: events}, nil
	}
	if errors.As(err, &contradiction{}) {
		clear(n.trail.known) // it may be of what it has told before
		return shown{wrong: fmt.Errorf("%s: %w", n.name, err)}, nil
	}
	return shown{}, err
}

// follow reads the events that the gateway has when it is read first, and where those are, if that is not known.
func (r *Reader) follow(ctx context.Context, n *node, first uint64, limit int) (out relayer.Events, err error) {
	until := time.Now().Add(n.timeout)
	next := first
	var all *reading // the first one
	for {
		most := min(limit-len(out.Records), eventsPerRequest)
		if all != nil {
			most = int(min(uint64(most), all.gateway.Events-next))
		}
		now, err := r.readEvents(ctx, n, next, n.trail.next(next, most))
		if err != nil {
			return relayer.Events{}, err
		}
		for _, e := range now.events {
			out.Records = append(out.Records, wire.EventRecord{Event: e.Event, Payload: e.Payload})
		}
		next += uint64(len(now.events))
		if all == nil {
			all = &now
		}
		switch {
		case len(out.Records) == limit, now.gateway.Events == next:
			out.Through = now.through
			return out, nil
		case all.gateway.Events == next: // others have come since, but are of later blocks
			out.Through = all.through
			return out, nil
		}
		n.trail.learn(now.gateway, first)
		n.trail.bound(next)
		if err := r.walk(ctx, n, next, until); err != nil {
			return relayer.Events{}, err
		}
	}
}

// walk learns where the next events are, back from the last ones, if that is not known. It ends with errFar when the time is up, so that
// nobody waits for a node that leads nowhere; what it has learnt is kept.
func (r *Reader) walk(ctx context.Context, n *node, next uint64, until time.Time) error {
	if _, known := n.trail.known[next]; known {
		return nil
	}
	for edge := n.trail.edge(next); len(edge) > 0; {
		now, err := r.readEvents(ctx, n, edge[len(edge)-1]+1, edge)
		if err != nil {
			return err
		}
		var further []uint64
		for i, e := range now.events {
			if e.Before.IsZero() {
				return contradiction{fmt.Errorf("event %d names none before it", edge[i])}
			}
			before := edge[i] - program.EventRing
			n.trail.known[before] = e.Before
			if before-next >= program.EventRing {
				further = append(further, before)
			}
		}
		n.trail.bound(next)
		if edge = further; len(edge) > 0 && time.Now().After(until) {
			return fmt.Errorf("%s: %w: %d are to be passed", n.name, errFar, edge[0]-next)
		}
	}
	if _, known := n.trail.known[next]; !known {
		return contradiction{fmt.Errorf("nothing leads to event %d", next)}
	}
	return nil
}

// reading is what one request brings, as of one block.
type reading struct {
	gateway program.Gateway
	// through ends before the block's second, as the next blocks may be of the same one.
	through time.Time
	events  []program.Event // those of which the gateway knows
}

// readEvents reads the gateway, the clock and events whose accounts are known. It fails with errLags where there are fewer events than least.
func (r *Reader) readEvents(ctx context.Context, n *node, least uint64, nonces []uint64) (reading, error) {
	addresses := []solana.PublicKey{r.program.Gateway(), solana.SysVarClockPubkey}
	for _, nonce := range nonces {
		addresses = append(addresses, n.trail.known[nonce])
	}
	found, err := n.read(ctx, rpc.CommitmentFinalized, 0, addresses...)
	if err != nil {
		return reading{}, err
	}
	out, err := r.decodeReading(found, nonces)
	if err != nil {
		return reading{}, contradiction{err}
	}
	if out.gateway.Events < least {
		return reading{}, fmt.Errorf("%s: %w: the gateway has %d events, asked are those from %d on", n.name, errLags, out.gateway.Events, least)
	}
	return out, nil
}

// decodeReading reads the accounts of gateway, clock and events.
func (r *Reader) decodeReading(found []*account, nonces []uint64) (out reading, err error) {
	gateway, err := decoded(r.program, found[0], program.DecodeGateway)
	if err != nil {
		return reading{}, fmt.Errorf("the gateway: %w", err)
	}
	if gateway == nil {
		return reading{}, ErrNoClient
	}
	if r.domain != 0 && gateway.Domain != r.domain {
		return reading{}, fmt.Errorf("%w: found %d, expected %d", ErrDomain, gateway.Domain, r.domain)
	}
	now, err := clockOf(found[1])
	if err != nil {
		return reading{}, err
	}
	out = reading{gateway: *gateway, through: now.Add(-time.Millisecond)}
	for i, nonce := range nonces {
		if nonce >= gateway.Events {
			continue // the node shows an older block than before
		}
		event, err := r.eventOf(found[2+i], gateway.Domain, nonce)
		if err != nil {
			return reading{}, fmt.Errorf("event %d: %w", nonce, err)
		}
		out.events = append(out.events, event)
	}
	return out, nil
}

// eventOf reads the account of an event. It fails with ErrEventClosed for one that is gone, and where there is another event by now.
func (r *Reader) eventOf(a *account, domain wire.Domain, nonce uint64) (program.Event, error) {
	event, err := decoded(r.program, a, program.DecodeEvent)
	if err != nil {
		return program.Event{}, err
	}
	if event == nil {
		return program.Event{}, ErrEventClosed
	}
	record := wire.EventRecord{Event: event.Event, Payload: event.Payload}
	if record.Domain != domain || record.Application != r.program.Application() {
		return program.Event{}, fmt.Errorf("it is of domain %d and application %s", record.Domain, record.Application)
	}
	if record.Nonce != nonce {
		return program.Event{}, fmt.Errorf("%w: its account has event %d", ErrEventClosed, record.Nonce)
	}
	return *event, record.Validate()
}

// common returns the events of the answer to which as many have come as have to agree.
func common(answers []answer[shown], needed int) (relayer.Events, error) {
	for _, a := range answers {
		if a.said.wrong != nil {
			return relayer.Events{}, a.said.wrong
		}
	}
	slices.SortStableFunc(answers, func(a, b answer[shown]) int { return compareAdvance(b.said.Events, a.said.Events) })
	bound := answers[needed-1]
	for i, a := range answers {
		less, more := bound, a
		if i >= needed {
			less, more = a, bound
		}
		if err := agree(less.said.Events, more.said.Events); err != nil {
			return relayer.Events{}, fmt.Errorf("%w: %s and %s: %w", ErrDisagree, less.node.name, more.node.name, err)
		}
	}
	return bound.said.Events, nil
}

// compareAdvance orders what nodes show by how far they are. Blocks of one second may differ in their events only.
func compareAdvance(a, b relayer.Events) int {
	return cmp.Or(a.Through.Compare(b.Through), cmp.Compare(len(a.Records), len(b.Records)))
}

// agree fails unless more begins with the events of less, and has no others of the time through that less tells of.
func agree(less, more relayer.Events) error {
	for i, record := range less.Records {
		if i == len(more.Records) {
			return fmt.Errorf("only the one that is behind shows event %d", record.Nonce)
		}
		if more.Records[i].Event != record.Event {
			return fmt.Errorf("each shows another event %d", record.Nonce)
		}
	}
	if n := len(less.Records); len(more.Records) > n {
		if e := more.Records[n]; e.TimeMillis <= uint64(less.Through.UnixMilli()) {
			return fmt.Errorf("event %d is of a time up to which only one shows it", e.Nonce)
		}
	}
	return nil
}
