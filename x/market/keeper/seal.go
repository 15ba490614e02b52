package keeper

import (
	"context"
	"errors"

	errorsmod "cosmossdk.io/errors"
	sdkmath "cosmossdk.io/math"
	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/ipdm-network/ipdm/x/market/types"
	poreptypes "github.com/ipdm-network/ipdm/x/porep/types"
)

var _ poreptypes.Assignments = (*Keeper)(nil)

// SealedAssignment returns the commitment and the size of a sealed replica that the provider may commit to a sector for. It fails
// with ErrNotAssigned, ErrDeadline, and like the reading of deals.
func (k *Keeper) SealedAssignment(goCtx context.Context, provider string, dealID uint64, index uint32) ([]byte, uint64, error) {
	ctx := sdk.UnwrapSDKContext(goCtx)
	deal, replica, err := k.assigned(ctx, provider, dealID, index)
	if err != nil {
		return nil, 0, err
	}
	if replica.Class != poreptypes.CLASS_SEALED {
		return nil, 0, errorsmod.Wrapf(types.ErrNotAssigned, "replica %d of deal %d is open", index, dealID)
	}
	if !ctx.BlockTime().Before(*replica.Deadline) {
		return nil, 0, errorsmod.Wrapf(types.ErrDeadline, "it was %s", replica.Deadline)
	}
	return deal.CommD, deal.SizeBytes, nil
}

// SealingStarted takes the replica's deadline away: x/porep has its own from here on.
func (k *Keeper) SealingStarted(goCtx context.Context, provider string, dealID uint64, index uint32, sectorID uint64) error {
	ctx := sdk.UnwrapSDKContext(goCtx)
	deal, replica, err := k.assigned(ctx, provider, dealID, index)
	if err != nil {
		return err
	}
	if err := k.removeDue(ctx, *replica.Deadline, types.DUE_KIND_LAPSE, deal.Id, replica.Index); err != nil {
		return err
	}
	replica.Status, replica.SectorId, replica.Deadline = types.REPLICA_STATUS_SEALING, sectorID, nil
	return k.setReplica(ctx, replica)
}

// SealingFailed seeks another provider for a replica whose sector came to nothing; a provider at fault pays as for a lapse. A replica
// that is not being sealed any more is left alone.
func (k *Keeper) SealingFailed(goCtx context.Context, provider string, dealID uint64, index uint32, atFault bool) error {
	ctx := sdk.UnwrapSDKContext(goCtx)
	deal, replica, err := k.dealAndReplica(ctx, dealID, index)
	if err != nil {
		return err
	}
	if replica.Status != types.REPLICA_STATUS_SEALING || replica.Provider != provider {
		return nil
	}
	params, err := k.Params(ctx)
	if err != nil {
		return err
	}
	if atFault {
		return k.lapse(ctx, params, deal, replica)
	}
	if err := k.release(ctx, deal, &replica, sdkmath.ZeroInt(), ""); err != nil {
		return err
	}
	return k.giveBack(ctx, params, deal, replica)
}

// ReplicaSealed makes a replica one that its provider holds: its seal was accepted and its unit is there. It fails with
// ErrNotAssigned when the deal has ended meanwhile.
func (k *Keeper) ReplicaSealed(goCtx context.Context, unit poreptypes.Unit) error {
	ctx := sdk.UnwrapSDKContext(goCtx)
	deal, replica, err := k.dealAndReplica(ctx, unit.DealId, unit.ReplicaIndex)
	if err != nil {
		return err
	}
	if !deal.Running() || replica.Status != types.REPLICA_STATUS_SEALING || replica.Provider != unit.Provider ||
		replica.SectorId != unit.SectorId {
		return errorsmod.Wrapf(types.ErrNotAssigned, "replica %d of deal %d is %s, the deal %s", replica.Index, deal.Id, replica.Status, deal.Status)
	}
	params, err := k.Params(ctx)
	if err != nil {
		return err
	}
	replica.UnitId = unit.Id
	if err := k.hold(ctx, params, &deal, replica); err != nil {
		return err
	}
	return emit(ctx, &types.EventReplicaActivated{
		DealId: deal.Id, Index: replica.Index, Provider: unit.Provider, UnitId: unit.Id,
	})
}

// JailProvider keeps a provider from new assignments for the jail time. One that has closed is left alone.
func (k *Keeper) JailProvider(goCtx context.Context, address string) error {
	ctx := sdk.UnwrapSDKContext(goCtx)
	provider, err := k.Provider(ctx, address)
	if errors.Is(err, types.ErrProviderNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	params, err := k.Params(ctx)
	if err != nil {
		return err
	}
	until := ctx.BlockTime().Add(params.JailTime)
	provider.Accepting, provider.JailedUntil = false, &until
	return k.setProvider(ctx, params, provider)
}
