package provider

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/ipdm-network/ipdm/sidecar/consensus/chain"
	incentivetypes "github.com/ipdm-network/ipdm/x/incentive/types"
	markettypes "github.com/ipdm-network/ipdm/x/market/types"
	poreptypes "github.com/ipdm-network/ipdm/x/porep/types"
)

// settle collects what was earned on the deals held, and the rewards of sealed bytes, once in every SettleEvery windows of all classes
// together, between windows.
func (a *Agent) settle(ctx context.Context, k *keeper, list []markettypes.Assignment) error {
	windows, open, err := a.windows(ctx)
	if err != nil {
		return err
	}
	if !k.settleBase {
		k.settledAt, k.settleBase = windows, true
	}
	if open || windows < k.settledAt+a.cfg.SettleEvery {
		return nil
	}
	if err := a.claim(ctx); err != nil {
		return err
	}
	deals := earningDeals(list)
	if len(deals) == 0 {
		k.settledAt = windows
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
	k.settledAt = windows
	return nil
}

// windows counts the windows of all classes so far, and tells whether one is open.
func (a *Agent) windows(ctx context.Context) (count uint64, open bool, err error) {
	for _, class := range []poreptypes.Class{poreptypes.CLASS_OPEN, poreptypes.CLASS_SEALED} {
		state, err := a.chain.ProvingState(ctx, a.address, class)
		if errors.Is(err, chain.ErrNotFound) {
			continue
		}
		if err != nil {
			return 0, false, err
		}
		count += state.Window.Index
		open = open || state.Window.Open
	}
	return count, open, nil
}

// claim takes the rewards that can be claimed, if there are any.
func (a *Agent) claim(ctx context.Context) error {
	if a.sectors == nil {
		return nil
	}
	account, err := a.chain.RewardAccount(ctx, a.address)
	if errors.Is(err, chain.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	a.status.rewards(account)
	if account.Claimable.IsNil() || !account.Claimable.IsPositive() {
		return nil
	}
	if _, err := a.submit(ctx, &incentivetypes.MsgClaimRewards{Provider: a.address}); err != nil {
		return fmt.Errorf("failed to claim rewards: %w", err)
	}
	a.metrics.claims.Inc()
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
