package keeper

import (
	"context"

	"github.com/ipdm-network/ipdm/x/porep/types"
)

// DeclareFaults has units fault that their provider cannot prove at present, before the next window's challenge is known: the
// window is not lost for the others. It declares all or none.
func (m msgServer) DeclareFaults(ctx context.Context, msg *types.MsgDeclareFaults) (*types.MsgDeclareFaultsResponse, error) {
	state, params, err := m.mapOf(ctx, msg.Provider, msg.Class, msg.UnitIds)
	if err != nil {
		return nil, err
	}
	if mustQueue(state, params, now(ctx)) {
		return nil, types.ErrMapFrozen.Wrapf("window %d", state.Window.Index)
	}
	for _, id := range msg.UnitIds {
		unit, err := m.unitOf(ctx, msg.Provider, msg.Class, id)
		if err != nil {
			return nil, err
		}
		if unit.Status != types.UNIT_STATUS_ACTIVE {
			return nil, types.ErrNotActive.Wrapf("unit %d", id)
		}
		unit.FaultedWindow = 0
		if err := m.fault(ctx, unit, m.tell); err != nil {
			return nil, err
		}
	}
	return &types.MsgDeclareFaultsResponse{}, nil
}

// TerminateUnits gives units up for good, at once or, while the map is frozen, when the window closes. It gives up all or none.
func (m msgServer) TerminateUnits(ctx context.Context, msg *types.MsgTerminateUnits) (*types.MsgTerminateUnitsResponse, error) {
	if _, _, err := m.mapOf(ctx, msg.Provider, msg.Class, msg.UnitIds); err != nil {
		return nil, err
	}
	for _, id := range msg.UnitIds {
		unit, err := m.unitOf(ctx, msg.Provider, msg.Class, id)
		if err != nil {
			return nil, err
		}
		queued, err := m.isQueued(ctx, id, endings...)
		if err != nil {
			return nil, err
		}
		if queued {
			return nil, types.ErrAlreadyQueued.Wrapf("unit %d", id)
		}
		if err := m.terminateOrQueue(ctx, unit, types.TERMINATION_CAUSE_VOLUNTARY, m.tell); err != nil {
			return nil, err
		}
	}
	return &types.MsgTerminateUnitsResponse{}, nil
}

// mapOf returns the map that a message about some of its units names. It fails with ErrUnits for none or too many.
func (m msgServer) mapOf(
	ctx context.Context, provider string, class types.Class, units []uint64,
) (types.ProviderState, types.Params, error) {
	if err := class.Check(); err != nil {
		return types.ProviderState{}, types.Params{}, err
	}
	params, err := m.Params(ctx)
	if err != nil {
		return types.ProviderState{}, types.Params{}, err
	}
	if len(units) == 0 || len(units) > int(params.MaxDeclarationsPerTx) {
		return types.ProviderState{}, types.Params{}, types.ErrUnits.Wrapf("%d, want 1 to %d", len(units), params.MaxDeclarationsPerTx)
	}
	state, err := m.provider(ctx, types.MapKey(provider, class))
	return state, params, err
}
