package keeper

import (
	"context"
	"fmt"
	"time"

	"cosmossdk.io/collections"
	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/ipdm-network/ipdm/x/market/types"
)

// InitGenesis writes a validated genesis state; indexes and weights are rebuilt. It fails when a module account cannot be
// made.
func (k *Keeper) InitGenesis(ctx context.Context, gs types.GenesisState) error {
	for _, name := range []string{types.EscrowAccount, types.PledgeAccount} {
		if k.accounts.GetModuleAccount(ctx, name) == nil {
			return fmt.Errorf("failed to make module account %s", name)
		}
	}
	if err := k.params.Set(ctx, gs.Params); err != nil {
		return fmt.Errorf("failed to write parameters: %w", err)
	}
	if err := k.nextDeal.Set(ctx, gs.NextDealId); err != nil {
		return fmt.Errorf("failed to write the next deal's id: %w", err)
	}
	for _, provider := range gs.Providers {
		if err := k.insertProvider(ctx, gs.Params, provider); err != nil {
			return err
		}
	}
	for _, deal := range gs.Deals {
		if err := k.insertDeal(ctx, deal); err != nil {
			return err
		}
	}
	for _, replica := range gs.Replicas {
		if err := k.insertReplica(ctx, replica); err != nil {
			return err
		}
	}
	for _, due := range gs.Due {
		if err := k.addDue(ctx, due.At, due.Kind, due.DealId, due.Index); err != nil {
			return err
		}
	}
	return nil
}

func (k *Keeper) insertProvider(ctx context.Context, params types.Params, provider types.Provider) error {
	address, err := k.address(provider.Address)
	if err != nil {
		return err
	}
	if err := k.weights.Reserve(ctx, weightsOwner, provider.Slot); err != nil {
		return fmt.Errorf("failed to take slot %d: %w", provider.Slot, err)
	}
	if err := k.slots.Set(ctx, provider.Slot, address); err != nil {
		return fmt.Errorf("failed to write slot %d: %w", provider.Slot, err)
	}
	return k.setProvider(ctx, params, provider)
}

func (k *Keeper) insertReplica(ctx context.Context, replica types.Replica) error {
	if replica.Reserving() {
		address, err := k.address(replica.Provider)
		if err != nil {
			return err
		}
		key := collections.Join(address, collections.Join(replica.DealId, replica.Index))
		if err := k.assignments.Set(ctx, key); err != nil {
			return fmt.Errorf("failed to index assignment: %w", err)
		}
	}
	return k.setReplica(ctx, replica)
}

// ExportGenesis returns the whole state, each list in the order of its keys; draws come last in what is due.
func (k *Keeper) ExportGenesis(ctx context.Context) (*types.GenesisState, error) {
	params, err := k.Params(ctx)
	if err != nil {
		return nil, err
	}
	gs := &types.GenesisState{Params: params}
	if gs.NextDealId, err = k.nextDeal.Peek(ctx); err != nil {
		return nil, fmt.Errorf("failed to read the next deal's id: %w", err)
	}
	err = k.providers.Walk(ctx, nil, func(_ sdk.AccAddress, provider types.Provider) (bool, error) {
		gs.Providers = append(gs.Providers, provider)
		return false, nil
	})
	if err != nil {
		return nil, fmt.Errorf("failed to read providers: %w", err)
	}
	err = k.deals.Walk(ctx, nil, func(_ uint64, deal types.Deal) (bool, error) {
		gs.Deals = append(gs.Deals, deal)
		return false, nil
	})
	if err != nil {
		return nil, fmt.Errorf("failed to read deals: %w", err)
	}
	err = k.replicas.Walk(ctx, nil, func(_ replicaKey, replica types.Replica) (bool, error) {
		gs.Replicas = append(gs.Replicas, replica)
		return false, nil
	})
	if err != nil {
		return nil, fmt.Errorf("failed to read replicas: %w", err)
	}
	for _, queue := range []collections.KeySet[dueKey]{k.due, k.draws} {
		err = queue.Walk(ctx, nil, func(item dueKey) (bool, error) {
			gs.Due = append(gs.Due, types.Due{
				At: time.Unix(0, int64(item.K1())).UTC(), Kind: types.DueKind(item.K2()), DealId: item.K3(), Index: item.K4(),
			})
			return false, nil
		})
		if err != nil {
			return nil, fmt.Errorf("failed to read the due queue: %w", err)
		}
	}
	return gs, nil
}
