package provider

import (
	"context"
	"errors"
	"fmt"
	"math"
	"sync"

	"github.com/ipdm-network/ipdm/sdk/go/format"
	"github.com/ipdm-network/ipdm/sidecar/consensus/chain"
	markettypes "github.com/ipdm-network/ipdm/x/market/types"
	poreptypes "github.com/ipdm-network/ipdm/x/porep/types"
)

// errTimeUp ends the wait for data of an assignment whose deadline is near.
var errTimeUp = errors.New("the deadline is near")

// refusal is a decision not to take an assignment. It is an error so that every step of a job can end in one.
type refusal struct {
	reason markettypes.RefusalReason
	err    error
}

func (r *refusal) Error() string { return r.err.Error() }
func (r *refusal) Unwrap() error { return r.err }

func refuse(reason markettypes.RefusalReason, format string, args ...any) *refusal {
	return &refusal{reason, fmt.Errorf(format, args...)}
}

// take starts a job for an assignment that has none, and presses one that is running out of time.
func (a *Agent) take(
	ctx context.Context, assignment markettypes.Assignment, list []markettypes.Assignment, block chain.Block, wg *sync.WaitGroup,
) {
	replica := assignment.Replica
	key := keyOf(replica)
	sealed := replica.Class == poreptypes.CLASS_SEALED && a.sectors != nil
	if sealed {
		if a.sectors.Has(replica) {
			return
		}
		a.jobs.revive(key)
	}
	late, err := a.late(ctx, assignment, block)
	if err != nil {
		a.problem(ctx, "an assignment could not be judged", fmt.Errorf("deal %d: %w", replica.DealId, err))
		return
	}
	if a.jobs.idle(key) {
		declined, err := a.judge(ctx, assignment, list, block)
		if err != nil {
			a.problem(ctx, "an assignment could not be judged", fmt.Errorf("deal %d: %w", replica.DealId, err))
			return
		}
		waiting, hurry := context.WithCancelCause(ctx)
		a.jobs.add(key, assignment.Deal.SizeBytes, sealed, hurry)
		wg.Go(func() {
			defer hurry(nil)
			a.work(ctx, waiting, key, assignment, declined)
		})
	} else if late { // one that was just taken up may have all it needs
		a.jobs.press(key, errTimeUp)
	}
}

// judge checks an assignment against the ask and the disk. It returns nil to take it.
func (a *Agent) judge(
	ctx context.Context, assignment markettypes.Assignment, list []markettypes.Assignment, block chain.Block,
) (*refusal, error) {
	deal, replica, ask := assignment.Deal, assignment.Replica, a.cfg.Ask
	policy := markettypes.REFUSAL_REASON_POLICY
	switch {
	case replica.Class != poreptypes.CLASS_OPEN && (replica.Class != poreptypes.CLASS_SEALED || !a.sealsNew()):
		return refuse(policy, "class %s is not offered", replica.Class), nil
	case replica.PricePerGibHour.IsNil() || replica.PricePerGibHour.LT(ask.PricePerGibHour):
		return refuse(policy, "the price of %s is below the ask of %s", replica.PricePerGibHour, ask.PricePerGibHour), nil
	case ask.MaxDealBytes != 0 && deal.SizeBytes > ask.MaxDealBytes:
		return refuse(policy, "%d bytes are more than the %d of the ask", deal.SizeBytes, ask.MaxDealBytes), nil
	case ask.MaxDuration != 0 && deal.Duration > ask.MaxDuration:
		return refuse(policy, "%v is longer than the %v of the ask", deal.Duration, ask.MaxDuration), nil
	case !a.cfg.Accepting:
		return refuse(policy, "no replicas are accepted at present"), nil
	}
	if used := usedBytes(list); used > ask.CapacityBytes { // the assignment is on the list itself
		return refuse(markettypes.REFUSAL_REASON_CAPACITY, "%d bytes assigned, %d offered", used, ask.CapacityBytes), nil
	}
	free, err := a.data.FreeBytes(ctx)
	if err != nil {
		return nil, err
	}
	pending := a.jobs.pendingBytes()
	if needed := deal.SizeBytes + pending + a.cfg.ReserveBytes; needed > free {
		return refuse(markettypes.REFUSAL_REASON_CAPACITY, "%d bytes needed (%d of other deals and %d kept free), %d left on disk",
			needed, pending, a.cfg.ReserveBytes, free), nil
	}
	if replica.Class == poreptypes.CLASS_SEALED {
		return a.judgeSealed(ctx, assignment, free-pending-a.cfg.ReserveBytes, block)
	}
	return nil, nil
}

// usedBytes sums the sizes of everything on the list.
func usedBytes(list []markettypes.Assignment) uint64 {
	var sum uint64
	for _, assignment := range list {
		if assignment.Deal.SizeBytes > math.MaxUint64-sum {
			return math.MaxUint64
		}
		sum += assignment.Deal.SizeBytes
	}
	return sum
}

// layoutOf reads what a deal is about. What cannot be read is a mismatch: the chain checked the form, not the sense.
func layoutOf(deal markettypes.Deal) (Layout, error) {
	layout, err := format.ParseCID(deal.Layout)
	if err != nil {
		return Layout{}, fmt.Errorf("%w: layout: %w", ErrMismatch, err)
	}
	manifest, err := format.ParseCID(deal.Manifest)
	if err != nil {
		return Layout{}, fmt.Errorf("%w: manifest: %w", ErrMismatch, err)
	}
	root, err := format.ParseCID(deal.Root)
	if err != nil {
		return Layout{}, fmt.Errorf("%w: root: %w", ErrMismatch, err)
	}
	commD, err := format.DigestFromBytes(deal.CommD)
	if err != nil {
		return Layout{}, fmt.Errorf("%w: comm_d: %w", ErrMismatch, err)
	}
	return Layout{CID: layout, Manifest: manifest, Root: root, CommD: commD, SizeBytes: deal.SizeBytes}, nil
}
