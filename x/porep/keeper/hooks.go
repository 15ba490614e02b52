package keeper

import (
	"context"
	"fmt"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/ipdm-network/ipdm/x/porep/types"
)

// notice is something that another module is to be told.
type notice struct {
	name string
	// unit is the unit, or the replica, that the listener for units is to look at when it cannot be told; none has no deal.
	unit  types.Unit
	cause types.TerminationCause
	send  func(ctx context.Context, k *Keeper) error
}

// teller sends a notice.
type teller func(ctx context.Context, n notice) error

// tell sends a notice and returns its error: for changes at someone's request, which the error undoes.
func (k *Keeper) tell(ctx context.Context, n notice) error {
	if err := n.send(ctx, k); err != nil {
		return fmt.Errorf("failed to tell of unit %d (%s): %w", n.unit.Id, n.name, err)
	}
	return nil
}

// tellDue sends a notice of a change that fell due. What is due must happen whatever a hook says, since a proof was or was not
// given: when the hook fails, its writes are dropped, an event tells of it, and the change stands. The hook is
// not called again; its listener learns that it has to look at the state.
func (k *Keeper) tellDue(ctx context.Context, n notice) error {
	sdkCtx := sdk.UnwrapSDKContext(ctx)
	hookCtx, write := sdkCtx.CacheContext()
	err := n.send(hookCtx, k)
	if err == nil {
		write()
		return nil
	}
	sdkCtx.Logger().Error("hook failed", "module", types.ModuleName, "hook", n.name, "unit", n.unit.Id, "err", err)
	k.tellFailure(sdkCtx, n)
	return emit(ctx, &types.EventHookFailed{Hook: n.name, UnitId: n.unit.Id, Error: err.Error()})
}

// tellFailure tells the listener for units that a notice did not reach it.
func (k *Keeper) tellFailure(ctx sdk.Context, n notice) {
	if n.unit.DealId == 0 || k.hooks == nil {
		return
	}
	hookCtx, write := ctx.CacheContext()
	if err := k.hooks.CallFailed(hookCtx, n.unit, n.cause); err != nil {
		ctx.Logger().Error("hook failed", "module", types.ModuleName, "hook", "CallFailed", "unit", n.unit.Id, "err", err)
		return
	}
	write()
}

// unitNotice is a notice to the listener for units.
func unitNotice(name string, unit types.Unit, call func(ctx context.Context, hooks types.UnitHooks) error) notice {
	return notice{name: name, unit: unit, send: func(ctx context.Context, k *Keeper) error {
		if k.hooks == nil {
			return nil
		}
		return call(ctx, k.hooks)
	}}
}

func unitActivated(unit types.Unit) notice {
	return unitNotice("UnitActivated", unit, func(ctx context.Context, hooks types.UnitHooks) error {
		return hooks.UnitActivated(ctx, unit)
	})
}

func unitFaulted(unit types.Unit) notice {
	return unitNotice("UnitFaulted", unit, func(ctx context.Context, hooks types.UnitHooks) error {
		return hooks.UnitFaulted(ctx, unit)
	})
}

func unitRecovered(unit types.Unit) notice {
	return unitNotice("UnitRecovered", unit, func(ctx context.Context, hooks types.UnitHooks) error {
		return hooks.UnitRecovered(ctx, unit)
	})
}

func unitReleased(unit types.Unit) notice {
	return unitNotice("UnitReleased", unit, func(ctx context.Context, hooks types.UnitHooks) error {
		return hooks.UnitReleased(ctx, unit)
	})
}

func unitTerminated(unit types.Unit, cause types.TerminationCause) notice {
	n := unitNotice("UnitTerminated", unit, func(ctx context.Context, hooks types.UnitHooks) error {
		return hooks.UnitTerminated(ctx, unit, cause)
	})
	n.cause = cause
	return n
}

func challengeFailed(unit types.Unit, challenger string) notice {
	return unitNotice("ChallengeFailed", unit, func(ctx context.Context, hooks types.UnitHooks) error {
		return hooks.ChallengeFailed(ctx, unit, challenger)
	})
}

func windowClosed(outcome types.WindowOutcome) notice {
	return unitNotice("WindowClosed", types.Unit{}, func(ctx context.Context, hooks types.UnitHooks) error {
		return hooks.WindowClosed(ctx, outcome)
	})
}

// tellBytes tells how many sealed bytes a provider has active after a change of a unit; nobody cares for those of the open class.
func (k *Keeper) tellBytes(ctx context.Context, unit types.Unit, tell teller) error {
	if unit.Class != types.CLASS_SEALED {
		return nil
	}
	state, err := k.provider(ctx, unit.MapKey())
	if err != nil {
		return err
	}
	return tell(ctx, notice{name: "SealedBytesChanged", unit: types.Unit{Id: unit.Id}, send: func(ctx context.Context, k *Keeper) error {
		return k.Rewards.SealedBytesChanged(ctx, state.Provider, state.ActiveBytes)
	}})
}

// assignmentNotice is a notice about a replica that is not sealed after all, or about its provider.
func assignmentNotice(name string, call func(ctx context.Context, assignments types.Assignments) error) notice {
	return notice{name: name, send: func(ctx context.Context, k *Keeper) error {
		if k.assignments == nil {
			return nil
		}
		return call(ctx, k.assignments)
	}}
}
