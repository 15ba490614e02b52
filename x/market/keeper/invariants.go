package keeper

import (
	"context"
	"fmt"

	"cosmossdk.io/collections"
	errorsmod "cosmossdk.io/errors"
	sdkmath "cosmossdk.io/math"
	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/ipdm-network/ipdm/x/market/types"
	poreptypes "github.com/ipdm-network/ipdm/x/porep/types"
)

// census counts what the replicas take up of each provider.
type census struct {
	reserved  map[string]uint64
	held      map[string]uint64
	committed map[string]sdkmath.Int
	accruing  map[string]map[poreptypes.Class]sdkmath.Int
	assigned  uint64
}

func newCensus() census {
	return census{map[string]uint64{}, map[string]uint64{}, map[string]sdkmath.Int{}, map[string]map[poreptypes.Class]sdkmath.Int{}, 0}
}

// add counts a replica that takes up its provider's space.
func (c *census) add(deal types.Deal, replica types.Replica) {
	c.assigned++
	c.reserved[replica.Provider] += deal.SizeBytes
	if replica.Held() {
		c.held[replica.Provider]++
	}
	c.committed[replica.Provider] = orZero(c.committed[replica.Provider]).Add(replica.Pledge)
	if !replica.Accruing {
		return
	}
	if c.accruing[replica.Provider] == nil {
		c.accruing[replica.Provider] = map[poreptypes.Class]sdkmath.Int{}
	}
	sum := orZero(c.accruing[replica.Provider][replica.Class])
	c.accruing[replica.Provider][replica.Class] = sum.Add(types.Rate(replica.PricePerGibHour, deal.SizeBytes))
}

func orZero(amount sdkmath.Int) sdkmath.Int {
	if amount.IsNil() {
		return sdkmath.ZeroInt()
	}
	return amount
}

// CheckInvariants walks the whole state and fails with ErrInvariant unless: the escrow account holds what was deposited
// and neither paid nor refunded; a deal's remaining escrow is the sum of its replicas' budgets; the pledge account holds
// the pledges; reserved bytes, committed pledge, accruing sums, held replicas and the assignment index agree with the replicas; and every
// weight in the assignment tree is that of its provider's free bytes. It is for tests and simulation: its cost grows with the state.
func (k *Keeper) CheckInvariants(ctx context.Context) error {
	params, err := k.Params(ctx)
	if err != nil {
		return err
	}
	counted := newCensus()
	escrow := sdkmath.ZeroInt()
	err = k.deals.Walk(ctx, nil, func(_ uint64, deal types.Deal) (bool, error) {
		escrow = escrow.Add(deal.Remaining())
		return false, k.checkDeal(ctx, deal, &counted)
	})
	if err != nil {
		return err
	}
	if err := k.checkBalance(ctx, params, types.EscrowAccount, escrow); err != nil {
		return err
	}
	var indexed uint64
	err = k.assignments.Walk(ctx, nil, func(collections.Pair[sdk.AccAddress, replicaKey]) (bool, error) {
		indexed++
		return false, nil
	})
	if err != nil {
		return fmt.Errorf("failed to read assignments: %w", err)
	}
	if indexed != counted.assigned {
		return errorsmod.Wrapf(types.ErrInvariant, "%d assignments are indexed, want %d", indexed, counted.assigned)
	}
	return k.checkProviders(ctx, params, counted)
}

func (k *Keeper) checkDeal(ctx context.Context, deal types.Deal, counted *census) error {
	replicas, err := k.Replicas(ctx, deal)
	if err != nil {
		return err
	}
	budget, ended := sdkmath.ZeroInt(), 0
	holders := map[string]bool{}
	for _, replica := range replicas {
		budget = budget.Add(replica.Budget)
		if replica.Budget.IsNegative() {
			return errorsmod.Wrapf(types.ErrInvariant, "replica %d of deal %d overspent", replica.Index, deal.Id)
		}
		if replica.Status == types.REPLICA_STATUS_ENDED {
			ended++
		}
		if replica.Accruing && !replica.Held() {
			return errorsmod.Wrapf(types.ErrInvariant, "replica %d of deal %d earns and is %s", replica.Index, deal.Id, replica.Status)
		}
		if !replica.Reserving() {
			continue
		}
		address, err := k.address(replica.Provider)
		if err != nil {
			return err
		}
		has, err := k.assignments.Has(ctx, collections.Join(address, collections.Join(deal.Id, replica.Index)))
		if err != nil || !has || holders[replica.Provider] {
			return errorsmod.Wrapf(types.ErrInvariant, "replica %d of deal %d is not indexed, or %s has two",
				replica.Index, deal.Id, replica.Provider)
		}
		holders[replica.Provider] = true
		counted.add(deal, replica)
	}
	switch {
	case !budget.Equal(deal.Remaining()):
		return errorsmod.Wrapf(types.ErrInvariant, "deal %d has %s left and budgets of %s", deal.Id, deal.Remaining(), budget)
	case deal.Final() && (ended != len(replicas) || !deal.Remaining().IsZero()):
		return errorsmod.Wrapf(types.ErrInvariant, "deal %d is %s with %s left", deal.Id, deal.Status, deal.Remaining())
	case deal.Status == types.DEAL_STATUS_CLOSING && ended == len(replicas):
		return errorsmod.Wrapf(types.ErrInvariant, "deal %d is not finished", deal.Id)
	}
	return nil
}

func (k *Keeper) checkProviders(ctx context.Context, params types.Params, counted census) error {
	stale, err := k.reweighing(ctx)
	if err != nil {
		return err
	}
	pledges, weights := sdkmath.ZeroInt(), uint64(0)
	err = k.providers.Walk(ctx, nil, func(_ sdk.AccAddress, provider types.Provider) (bool, error) {
		pledges = pledges.Add(provider.Pledge)
		if provider.ReservedBytes != counted.reserved[provider.Address] || provider.ReplicasHeld != counted.held[provider.Address] {
			return true, errorsmod.Wrapf(types.ErrInvariant, "provider %s has %d bytes and %d replicas, want %d and %d",
				provider.Address, provider.ReservedBytes, provider.ReplicasHeld,
				counted.reserved[provider.Address], counted.held[provider.Address])
		}
		if want := orZero(counted.committed[provider.Address]); !provider.CommittedPledge.Equal(want) {
			return true, errorsmod.Wrapf(types.ErrInvariant, "provider %s has %s of pledge committed, want %s",
				provider.Address, provider.CommittedPledge, want)
		}
		for _, class := range []poreptypes.Class{poreptypes.CLASS_OPEN, poreptypes.CLASS_SEALED} {
			if want := orZero(counted.accruing[provider.Address][class]); !provider.Accruing(class).Equal(want) {
				return true, errorsmod.Wrapf(types.ErrInvariant, "provider %s accrues %s of class %s, want %s",
					provider.Address, provider.Accruing(class), class, want)
			}
		}
		weight, err := k.weights.Get(ctx, weightsOwner, provider.Slot)
		if err != nil {
			return true, fmt.Errorf("failed to read weight: %w", err)
		}
		weights += weight
		if !stale && weight != provider.Weight(params) {
			return true, errorsmod.Wrapf(types.ErrInvariant, "provider %s weighs %d, want %d",
				provider.Address, weight, provider.Weight(params))
		}
		return false, nil
	})
	if err != nil {
		return err
	}
	total, err := k.weights.Total(ctx, weightsOwner)
	if err != nil {
		return fmt.Errorf("failed to read total weight: %w", err)
	}
	if total != weights {
		return errorsmod.Wrapf(types.ErrInvariant, "total weight is %d, want %d", total, weights)
	}
	return k.checkBalance(ctx, params, types.PledgeAccount, pledges)
}

// reweighing tells whether some weights still follow former parameters.
func (k *Keeper) reweighing(ctx context.Context) (bool, error) {
	found := false
	err := k.due.Walk(ctx, nil, func(item dueKey) (bool, error) {
		found = types.DueKind(item.K2()) == types.DUE_KIND_REWEIGH
		return found, nil
	})
	if err != nil {
		return false, fmt.Errorf("failed to read the due queue: %w", err)
	}
	return found, nil
}

func (k *Keeper) checkBalance(ctx context.Context, params types.Params, account string, want sdkmath.Int) error {
	has := k.bank.GetBalance(ctx, k.accounts.GetModuleAddress(account), params.Denom).Amount
	if !has.Equal(want) {
		return errorsmod.Wrapf(types.ErrInvariant, "%s holds %s, want %s", account, has, want)
	}
	return nil
}
