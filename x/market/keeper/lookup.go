package keeper

import (
	"context"
	"errors"
	"fmt"

	"cosmossdk.io/collections"
	errorsmod "cosmossdk.io/errors"
	sdk "github.com/cosmos/cosmos-sdk/types"
	sdkerrors "github.com/cosmos/cosmos-sdk/types/errors"

	"github.com/ipdm-network/ipdm/x/market/types"
)

// Provider returns a provider by its bech32 address. It fails with ErrProviderNotFound.
func (k *Keeper) Provider(ctx context.Context, text string) (types.Provider, error) {
	address, err := k.address(text)
	if err != nil {
		return types.Provider{}, err
	}
	provider, err := k.providers.Get(ctx, address)
	if errors.Is(err, collections.ErrNotFound) {
		return types.Provider{}, errorsmod.Wrap(types.ErrProviderNotFound, text)
	}
	if err != nil {
		return types.Provider{}, fmt.Errorf("failed to read provider %s: %w", text, err)
	}
	return provider, nil
}

// Deal returns a deal by its id. It fails with ErrDealNotFound.
func (k *Keeper) Deal(ctx context.Context, id uint64) (types.Deal, error) {
	deal, err := k.deals.Get(ctx, id)
	if errors.Is(err, collections.ErrNotFound) {
		return types.Deal{}, errorsmod.Wrapf(types.ErrDealNotFound, "%d", id)
	}
	if err != nil {
		return types.Deal{}, fmt.Errorf("failed to read deal %d: %w", id, err)
	}
	return deal, nil
}

// Replica returns a replica of a deal. It fails with ErrReplicaNotFound.
func (k *Keeper) Replica(ctx context.Context, dealID uint64, index uint32) (types.Replica, error) {
	replica, err := k.replicas.Get(ctx, collections.Join(dealID, index))
	if errors.Is(err, collections.ErrNotFound) {
		return types.Replica{}, errorsmod.Wrapf(types.ErrReplicaNotFound, "%d of deal %d", index, dealID)
	}
	if err != nil {
		return types.Replica{}, fmt.Errorf("failed to read replica %d of deal %d: %w", index, dealID, err)
	}
	return replica, nil
}

// dealAndReplica returns a replica with its deal.
func (k *Keeper) dealAndReplica(ctx context.Context, dealID uint64, index uint32) (types.Deal, types.Replica, error) {
	deal, err := k.Deal(ctx, dealID)
	if err != nil {
		return types.Deal{}, types.Replica{}, err
	}
	replica, err := k.Replica(ctx, dealID, index)
	if err != nil {
		return types.Deal{}, types.Replica{}, err
	}
	return deal, replica, nil
}

// Replicas returns all replicas of a deal in the order of their indexes; the parameters bound how many there are.
func (k *Keeper) Replicas(ctx context.Context, deal types.Deal) ([]types.Replica, error) {
	replicas := make([]types.Replica, 0, deal.Replicas.Total())
	for index := range uint32(deal.Replicas.Total()) {
		replica, err := k.Replica(ctx, deal.Id, index)
		if err != nil {
			return nil, err
		}
		replicas = append(replicas, replica)
	}
	return replicas, nil
}

func (k *Keeper) setDeal(ctx context.Context, deal types.Deal) error {
	if err := k.deals.Set(ctx, deal.Id, deal); err != nil {
		return fmt.Errorf("failed to write deal %d: %w", deal.Id, err)
	}
	return nil
}

func (k *Keeper) setReplica(ctx context.Context, replica types.Replica) error {
	if err := k.replicas.Set(ctx, collections.Join(replica.DealId, replica.Index), replica); err != nil {
		return fmt.Errorf("failed to write replica %d of deal %d: %w", replica.Index, replica.DealId, err)
	}
	return nil
}

// setDealStatus changes a deal's status, writes the deal and tells about it.
func (k *Keeper) setDealStatus(ctx context.Context, deal *types.Deal, status types.DealStatus) error {
	deal.Status = status
	if err := k.setDeal(ctx, *deal); err != nil {
		return err
	}
	return emit(ctx, &types.EventDealStatus{DealId: deal.Id, Status: status})
}

// address reads a bech32 address. It fails with sdkerrors.ErrInvalidAddress.
func (k *Keeper) address(text string) (sdk.AccAddress, error) {
	address, err := k.addresses.StringToBytes(text)
	if err != nil {
		return nil, errorsmod.Wrapf(sdkerrors.ErrInvalidAddress, "%.80q: %s", text, err)
	}
	return address, nil
}
