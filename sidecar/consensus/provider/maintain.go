package provider

import (
	"context"
	"sync"
	"time"

	sdkmath "cosmossdk.io/math"

	"github.com/ipdm-network/ipdm/sidecar/consensus/chain"
	markettypes "github.com/ipdm-network/ipdm/x/market/types"
)

// keeper is what the maintaining goroutine remembers between rounds. Losing it costs some time at most.
type keeper struct {
	offer      retry       // the next change of the offer on chain
	topUp      retry       // the next addition to the pledge
	short      sdkmath.Int // what the pledge lacked when it was last told of, nil for nothing
	settledAt  uint64      // window of the last settlement
	settleBase bool        // settledAt is set
}

// maintain does everything but proving, in rounds, until ctx is done. The goroutines that it starts are added to wg.
func (a *Agent) maintain(ctx context.Context, blocks *tips, wg *sync.WaitGroup) {
	k := &keeper{}
	var last time.Time
	for {
		select {
		case <-ctx.Done():
			return
		case block := <-blocks.blocks:
			if time.Since(last) < a.cfg.MaintainInterval {
				continue
			}
			a.round(ctx, k, block, wg)
			last = time.Now()
		}
	}
}

// round looks at everything once. Parts do not depend on each other's success.
func (a *Agent) round(ctx context.Context, k *keeper, block chain.Block, wg *sync.WaitGroup) {
	if err := a.keepOffer(ctx, k); err != nil {
		a.problem(ctx, offerProblem, err)
	}
	list, err := a.chain.Assignments(ctx, a.address)
	if err != nil {
		a.problem(ctx, "the assignments could not be read", err)
		return
	}
	a.status.assignments(list)
	a.jobs.forget(list)
	a.keepSectors(ctx, block, list, wg)
	for _, assignment := range list {
		if assignment.Replica.Status == markettypes.REPLICA_STATUS_ASSIGNED {
			a.take(ctx, assignment, list, block, wg)
		}
	}
	if err := a.release(ctx, list); err != nil {
		a.problem(ctx, "pins could not be reconciled with the chain", err)
	}
	if err := a.heal(ctx, list, wg); err != nil {
		a.problem(ctx, "faults could not be read", err)
	}
	if err := a.settle(ctx, k, list); err != nil {
		a.problem(ctx, "earnings could not be settled", err)
	}
}
