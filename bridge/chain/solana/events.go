package solana

import (
	"context"
	"errors"
	"fmt"
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
)

var (
	// ErrEventClosed tells that there was an event that is no longer to be had.
	ErrEventClosed = errors.New("the account of an event was closed: an event is kept for the gateway's retention only")
	// ErrDisagree tells that nodes show different events.
	ErrDisagree = errors.New("nodes of Solana disagree")
)

// Events reads events that are final, at most limit from a nonce on, and limit is 1 to MaxEvents. All nodes are asked, and those that
// answer have to agree, two at least where two are given; the one that is least advanced counts. It fails with ErrEventClosed, with
// ErrDisagree and with ErrNoClient among others. It implements relayer.Gateway.
func (r *Reader) Events(ctx context.Context, first uint64, limit int) (relayer.Events, error) {
	if limit < 1 || limit > MaxEvents {
		return relayer.Events{}, fmt.Errorf("%d events cannot be read at once, but 1 to %d", limit, MaxEvents)
	}
	defer r.closeIdle()
	answers, err := ask(ctx, r.nodes, func(ctx context.Context, n *node) (shown, error) { return r.eventsAt(ctx, n, first, limit) })
	if err != nil {
		return relayer.Events{}, fmt.Errorf("failed to read events: %w", err)
	}
	events, err := common(answers)
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

// eventsAt reads events from a node. What one request brings is as of one block, whose time holds for the events before as well.
func (r *Reader) eventsAt(ctx context.Context, n *node, first uint64, limit int) (out shown, err error) {
	for {
		next := first + uint64(len(out.Records))
		want := min(limit-len(out.Records), eventsPerRequest)
		addresses := []solana.PublicKey{r.program.Gateway(), solana.SysVarClockPubkey}
		for i := range want {
			addresses = append(addresses, r.program.Event(next+uint64(i)))
		}
		found, err := n.read(ctx, rpc.CommitmentFinalized, 0, addresses...)
		if err != nil {
			return shown{}, err
		}
		records, through, err := r.decodeEvents(found, next)
		if err != nil {
			return shown{wrong: fmt.Errorf("%s: %w", n.name, err)}, nil
		}
		out.Records, out.Through = append(out.Records, records...), through
		if len(records) < want || len(out.Records) == limit {
			return out, nil
		}
	}
}

// decodeEvents reads the accounts of gateway, clock and events from a nonce on. The time through ends before the block's second, as the
// next blocks may be of the same one.
func (r *Reader) decodeEvents(found []*account, first uint64) (records []wire.EventRecord, through time.Time, err error) {
	gateway, err := decoded(r.program, found[0], program.DecodeGateway)
	if err != nil {
		return nil, time.Time{}, fmt.Errorf("the gateway: %w", err)
	}
	if gateway == nil {
		return nil, time.Time{}, ErrNoClient
	}
	now, err := clockOf(found[1])
	if err != nil {
		return nil, time.Time{}, err
	}
	for i, a := range found[2:] {
		nonce := first + uint64(i)
		if nonce < first || nonce >= gateway.Events {
			break
		}
		record, err := r.eventOf(a, gateway.Domain, nonce)
		if err != nil {
			return nil, time.Time{}, fmt.Errorf("event %d: %w", nonce, err)
		}
		records = append(records, record)
	}
	return records, now.Add(-time.Millisecond), nil
}

func (r *Reader) eventOf(a *account, domain wire.Domain, nonce uint64) (wire.EventRecord, error) {
	event, err := decoded(r.program, a, program.DecodeEvent)
	if err != nil {
		return wire.EventRecord{}, err
	}
	if event == nil {
		return wire.EventRecord{}, ErrEventClosed
	}
	record := wire.EventRecord{Event: event.Event, Payload: event.Payload}
	if record.Domain != domain || record.Application != r.program.Application() || record.Nonce != nonce {
		return wire.EventRecord{}, fmt.Errorf("it is event %d of domain %d and application %s", record.Nonce, record.Domain, record.Application)
	}
	return record, record.Validate()
}

// common returns the events that all nodes show, through the earliest time that one of them says.
func common(answers []answer[shown]) (relayer.Events, error) {
	least := answers[0]
	through := least.said.Through
	for _, a := range answers {
		if a.said.wrong != nil {
			return relayer.Events{}, a.said.wrong
		}
		ahead := len(least.said.Records) - len(a.said.Records)
		if ahead > 0 || ahead == 0 && a.said.Through.After(least.said.Through) {
			least = a
		}
		if a.said.Through.Before(through) {
			through = a.said.Through
		}
	}
	for _, a := range answers {
		if err := agree(least.said.Events, a.said.Events); err != nil {
			return relayer.Events{}, fmt.Errorf("%w: %s and %s: %w", ErrDisagree, least.node.name, a.node.name, err)
		}
	}
	return relayer.Events{Records: least.said.Records, Through: through}, nil
}

// agree fails unless more begins with the events of less, and has no others of the time through that less tells of.
func agree(less, more relayer.Events) error {
	for i, record := range less.Records {
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
