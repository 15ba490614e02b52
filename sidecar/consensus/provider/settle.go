package provider

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/ipdm-network/ipdm/sidecar/consensus/chain"
	markettypes "github.com/ipdm-network/ipdm/x/market/types"
)

// settle collects what was earned on the deals held, once in every SettleEvery windows, between windows.
func (a *Agent) settle(ctx context.Context, k *keeper, list []markettypes.Assignment) error {
	state, err := a.chain.ProvingState(ctx, a.address)
	if errors.Is(err, chain.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	if !k.settleBase {
		k.settledAt, k.settleBase = state.Window.Index, true
	}
	if state.Window.Open || state.Window.Index < k.settledAt+a.cfg.SettleEvery {
		return nil
	}
	deals := earningDeals(list)
	if len(deals) == 0 {
		k.settledAt = state.Window.Index
		return nil
	}
	params, err := a.chain.MarketParams(ctx)
	if err != nil {
		return err
	}
	for chunk := range slices.Chunk(deals, max(1, int(params.MaxSettleDeals))) {
		if _, err := a.submit(ctx, &markettypes.MsgSettle{Sender: a.address, DealIds: chunk}); err != nil {
			return fmt.Errorf("failed to settle %d deals: %w", len(chunk), err)
		}
		a.metrics.settlements.Inc()
	}
	k.settledAt = state.Window.Index
	return nil
}

// earningDeals lists the deals of replicas held, in order and once each.
func earningDeals(list []markettypes.Assignment) []uint64 {
	var deals []uint64
	for _, assignment := range list {
		switch assignment.Replica.Status {
		case markettypes.REPLICA_STATUS_ACTIVE, markettypes.REPLICA_STATUS_FAULTY:
			deals = append(deals, assignment.Deal.Id)
		}
	}
	slices.Sort(deals)
	return slices.Compact(deals)
}
