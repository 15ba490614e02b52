package keeper

import (
	"fmt"

	errorsmod "cosmossdk.io/errors"
	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/ipdm-network/ipdm/x/market/types"
	"github.com/ipdm-network/ipdm/x/porep/proof"
	poreptypes "github.com/ipdm-network/ipdm/x/porep/types"
)

// activate checks the proof of an assigned replica and has the replica proven from now on. It returns the unit's id.
func (k *Keeper) activate(ctx sdk.Context, params types.Params, msg *types.MsgActivateReplica) (uint64, error) {
	if len(msg.Proof) > proof.MaxProofSize {
		return 0, errorsmod.Wrapf(types.ErrProof, "%d bytes are more than %d", len(msg.Proof), proof.MaxProofSize)
	}
	ctx.GasMeter().ConsumeGas(params.GasPerProofByte*uint64(len(msg.Proof)), "activation proof")
	deal, replica, err := k.assigned(ctx, msg.Provider, msg.DealId, msg.Index)
	if err != nil {
		return 0, err
	}
	if replica.Class != poreptypes.CLASS_OPEN {
		return 0, errorsmod.Wrapf(types.ErrSealedActivation, "replica %d of deal %d", replica.Index, deal.Id)
	}
	if !ctx.BlockTime().Before(*replica.Deadline) {
		return 0, errorsmod.Wrapf(types.ErrDeadline, "it was %s", replica.Deadline)
	}
	err = k.porep.VerifyActivation(
		ctx, replica.Seed, deal.CommD, deal.SizeBytes, params.ActivationOpenings, msg.Proof,
	)
	if err != nil {
		return 0, errorsmod.Wrap(types.ErrProof, err.Error())
	}
	if err := k.removeDue(ctx, *replica.Deadline, types.DUE_KIND_LAPSE, deal.Id, replica.Index); err != nil {
		return 0, err
	}
	if err := k.hold(ctx, params, &deal, replica); err != nil {
		return 0, err
	}
	// AddUnit may call UnitActivated at once, which reads and writes the replica.
	unitID, err := k.porep.AddUnit(ctx, poreptypes.NewUnit{
		Provider: msg.Provider, Class: replica.Class, DealID: deal.Id, ReplicaIndex: replica.Index,
		CommD: deal.CommD, SizeBytes: deal.SizeBytes,
	})
	if err != nil {
		return 0, fmt.Errorf("failed to add unit: %w", err)
	}
	replica, err = k.Replica(ctx, deal.Id, replica.Index)
	if err != nil {
		return 0, err
	}
	replica.UnitId = unitID
	if err := k.setReplica(ctx, replica); err != nil {
		return 0, err
	}
	return unitID, emit(ctx, &types.EventReplicaActivated{
		DealId: deal.Id, Index: replica.Index, Provider: msg.Provider, UnitId: unitID,
	})
}

// hold makes an assigned replica one that its provider keeps.
func (k *Keeper) hold(ctx sdk.Context, params types.Params, deal *types.Deal, replica types.Replica) error {
	provider, err := k.Provider(ctx, replica.Provider)
	if err != nil {
		return err
	}
	provider.ReplicasHeld++
	if err := k.setProvider(ctx, params, provider); err != nil {
		return err
	}
	now := ctx.BlockTime()
	replica.Status, replica.ActivatedAt, replica.Deadline = types.REPLICA_STATUS_ACTIVE, &now, nil
	if err := k.setReplica(ctx, replica); err != nil {
		return err
	}
	return k.startDeal(ctx, deal)
}

// assigned returns the deal and the replica that a provider is to activate. It fails with ErrDealNotFound,
// ErrReplicaNotFound, ErrDealState or ErrNotAssigned.
func (k *Keeper) assigned(ctx sdk.Context, provider string, dealID uint64, index uint32) (types.Deal, types.Replica, error) {
	deal, replica, err := k.dealAndReplica(ctx, dealID, index)
	if err != nil {
		return types.Deal{}, types.Replica{}, err
	}
	if !deal.Running() {
		return types.Deal{}, types.Replica{}, errorsmod.Wrapf(types.ErrDealState, "deal %d is %s", dealID, deal.Status)
	}
	if replica.Status != types.REPLICA_STATUS_ASSIGNED || replica.Provider != provider {
		return types.Deal{}, types.Replica{}, errorsmod.Wrapf(types.ErrNotAssigned,
			"replica %d of deal %d is %s, provider %q", index, dealID, replica.Status, replica.Provider)
	}
	return deal, replica, nil
}
