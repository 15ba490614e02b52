package keeper

import (
	"context"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/ipdm-network/ipdm/x/porep/proof"
	"github.com/ipdm-network/ipdm/x/porep/types"
)

type msgServer struct{ *Keeper }

// NewMsgServer returns the message service over a keeper.
func NewMsgServer(k *Keeper) types.MsgServer { return msgServer{k} }

// SubmitWindowProof answers the open window's challenges. Units whose openings are missing fault when the window closes. A
// proof that does not verify changes nothing, and another one may follow before the deadline.
func (m msgServer) SubmitWindowProof(
	ctx context.Context, msg *types.MsgSubmitWindowProof,
) (*types.MsgSubmitWindowProofResponse, error) {
	if err := msg.Class.Check(); err != nil {
		return nil, err
	}
	state, err := m.openWindowOf(ctx, types.MapKey(msg.Provider, msg.Class), msg.Window)
	if err != nil {
		return nil, err
	}
	if state.Window.Submitted {
		return nil, types.ErrAlreadySubmitted.Wrapf("window %d", msg.Window)
	}
	if state.Window.Openings == 0 {
		return nil, types.ErrNothingChallenged.Wrapf("window %d", msg.Window)
	}
	if err := m.charge(ctx, uint64(state.Window.Openings), msg.Proof); err != nil {
		return nil, err
	}
	challenges, err := m.windowChallenges(ctx, state)
	if err != nil {
		return nil, err
	}
	missing, err := verify(msg.Proof, msg.Class, msg.Window, challenges)
	if err != nil {
		return nil, err
	}
	state.Window.Submitted, state.Window.Clean = true, len(missing) == 0
	if err := m.setProvider(ctx, state); err != nil {
		return nil, err
	}
	response := &types.MsgSubmitWindowProofResponse{}
	for _, i := range missing {
		unit := challenges[i].unit
		queued, err := m.isQueued(ctx, unit.Id, types.CHANGE_KIND_FAULT)
		if err != nil {
			return nil, err
		}
		if queued {
			continue
		}
		unit.FaultedWindow = msg.Window
		if err := m.setUnit(ctx, unit); err != nil {
			return nil, err
		}
		if err := m.enqueue(ctx, unit, types.CHANGE_KIND_FAULT); err != nil {
			return nil, err
		}
		response.FaultedUnits = append(response.FaultedUnits, unit.Id)
	}
	return response, emit(ctx, &types.EventWindowProven{
		Provider: msg.Provider, Window: msg.Window, Missing: uint32(len(missing)), Class: msg.Class,
	})
}

// RecoverFaults proves faulty units anew. They are sampled again once the window has closed. It recovers all or none.
func (m msgServer) RecoverFaults(ctx context.Context, msg *types.MsgRecoverFaults) (*types.MsgRecoverFaultsResponse, error) {
	if err := msg.Class.Check(); err != nil {
		return nil, err
	}
	state, err := m.openWindowOf(ctx, types.MapKey(msg.Provider, msg.Class), msg.Window)
	if err != nil {
		return nil, err
	}
	params, err := m.Params(ctx)
	if err != nil {
		return nil, err
	}
	if n := len(msg.Recoveries); n == 0 || n > int(params.MaxRecoveriesPerTx) {
		return nil, types.ErrRecoveries.Wrapf("%d, want 1 to %d", n, params.MaxRecoveriesPerTx)
	}
	for _, recovery := range msg.Recoveries {
		if err := m.recoverUnit(ctx, state, params, recovery); err != nil {
			return nil, err
		}
	}
	return &types.MsgRecoverFaultsResponse{}, nil
}

func (m msgServer) recoverUnit(
	ctx context.Context, state types.ProviderState, params types.Params, recovery types.UnitRecovery,
) error {
	unit, err := m.unitOf(ctx, state.Provider, state.Class, recovery.UnitId)
	if err != nil {
		return err
	}
	if unit.Status != types.UNIT_STATUS_FAULTY {
		return types.ErrNotFaulty.Wrapf("unit %d", unit.Id)
	}
	queued, err := m.isQueued(ctx, unit.Id, cures...)
	if err != nil {
		return err
	}
	if queued {
		return types.ErrAlreadyQueued.Wrapf("unit %d", unit.Id)
	}
	if err := m.charge(ctx, uint64(params.RecoveryOpenings), recovery.Proof); err != nil {
		return err
	}
	challenges, err := m.recoveryChallenges(ctx, state.Window, unit, params.RecoveryOpenings)
	if err != nil {
		return err
	}
	missing, err := verify(recovery.Proof, state.Class, state.Window.Index, challenges)
	if err != nil {
		return err
	}
	if len(missing) > 0 {
		return types.ErrInvalidProof.Wrapf("recovery of unit %d lacks %d openings", unit.Id, len(missing))
	}
	return m.enqueue(ctx, unit, types.CHANGE_KIND_RECOVER)
}

// UpdateParams replaces the parameters by order of the authority. Windows that are open or scheduled keep their times, and the denom
// stays, since deposits and bonds are in it.
func (m msgServer) UpdateParams(ctx context.Context, msg *types.MsgUpdateParams) (*types.MsgUpdateParamsResponse, error) {
	if msg.Authority != m.authority {
		return nil, types.ErrUnauthorized.Wrapf("%s, want %s", msg.Authority, m.authority)
	}
	old, err := m.Params(ctx)
	if err != nil {
		return nil, err
	}
	if old.Denom != msg.Params.Denom {
		return nil, types.ErrInvalidParams.Wrapf("denom %s cannot become %s", old.Denom, msg.Params.Denom)
	}
	if err := m.SetParams(ctx, msg.Params); err != nil {
		return nil, err
	}
	return &types.MsgUpdateParamsResponse{}, nil
}

// unitOf returns a unit that must be in a provider's map of a class.
func (k *Keeper) unitOf(ctx context.Context, provider string, class types.Class, id uint64) (types.Unit, error) {
	unit, err := k.Unit(ctx, id)
	if err != nil {
		return types.Unit{}, err
	}
	if unit.Provider != provider {
		return types.Unit{}, types.ErrNotOwner.Wrapf("unit %d of %s", unit.Id, unit.Provider)
	}
	if unit.Class != class {
		return types.Unit{}, types.ErrWrongClass.Wrapf("unit %d is %s", unit.Id, proof.Class(unit.Class))
	}
	return unit, nil
}

// openWindowOf returns the state of a map whose open window has the given index. A window counts as closed from its
// deadline on, even when the block has not got round to closing it.
func (m msgServer) openWindowOf(ctx context.Context, mapKey string, window uint64) (types.ProviderState, error) {
	state, err := m.provider(ctx, mapKey)
	if err != nil {
		return types.ProviderState{}, err
	}
	if !state.Window.Open || !now(ctx).Before(deadline(state.Window)) {
		return types.ProviderState{}, types.ErrWindowClosed.Wrapf("next one at %s", state.NextOpenAt)
	}
	if window != state.Window.Index {
		return types.ProviderState{}, types.ErrWrongWindow.Wrapf("%d, open is %d", window, state.Window.Index)
	}
	return state, nil
}

// charge takes the gas of a proof before any work is done on it.
func (m msgServer) charge(ctx context.Context, openings uint64, encoded []byte) error {
	if len(encoded) > proof.MaxProofSize {
		return types.ErrProofTooLarge.Wrapf("%d bytes, at most %d", len(encoded), proof.MaxProofSize)
	}
	params, err := m.Params(ctx)
	if err != nil {
		return err
	}
	gas := uint64(len(encoded))*params.GasPerProofByte + openings*params.GasPerOpening
	sdk.UnwrapSDKContext(ctx).GasMeter().ConsumeGas(gas, "storage proof")
	return nil
}
