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
)

// Events reads events that are final, at most limit from a nonce on, and limit is 1 to MaxEvents. All nodes are asked, and two
// at least have to answer where two are given. As far as two have come counts, so that one that is stuck keeps nobody waiting: those that are
// ahead have to agree up to there, those that are behind up to where they are. A node that does not know of all events before the first does
// not count. It fails with ErrEventClosed, ErrDisagree, ErrDomain and ErrNoClient among others. It implements relayer.Gateway.
func (r *Reader) Events(ctx context.Context, first uint64, limit int) (relayer.Events, error) {
	if limit < 1 || limit > MaxEvents {
		return relayer.Events{}, fmt.Errorf("%d events cannot be read at once, but 1 to %d", limit, MaxEvents)
	}
	defer r.closeIdle()
	answers, err := ask(ctx, r.nodes, func(ctx context.Context, n *node) (shown, error) { return r.eventsAt(ctx, n, first, limit) })
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
		if errors.Is(err, errLags) {
			return shown{}, fmt.Errorf("%s: %w", n.name, err)
		}
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
// next blocks may be of the same one. It fails with errLags where there are not all events before the first.
func (r *Reader) decodeEvents(found []*account, first uint64) (records []wire.EventRecord, through time.Time, err error) {
	gateway, err := decoded(r.program, found[0], program.DecodeGateway)
	if err != nil {
		return nil, time.Time{}, fmt.Errorf("the gateway: %w", err)
	}
	if gateway == nil {
		return nil, time.Time{}, ErrNoClient
	}
	if r.domain != 0 && gateway.Domain != r.domain {
		return nil, time.Time{}, fmt.Errorf("%w: found %d, expected %d", ErrDomain, gateway.Domain, r.domain)
	}
	if gateway.Events < first {
		return nil, time.Time{}, fmt.Errorf("%w: the gateway has %d events, asked are those from %d on", errLags, gateway.Events, first)
	}
	now, err := clockOf(found[1])
	if err != nil {
		return nil, time.Time{}, err
	}
	for i, a := range found[2:][:min(uint64(len(found)-2), gateway.Events-first)] {
		nonce := first + uint64(i)
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
