package keeper

import (
	"context"
	"fmt"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/ipdm-network/ipdm/x/porep/types"
)

// teller calls one of the hooks.
type teller func(ctx context.Context, hook string, unit types.Unit) error

// tell calls a hook and returns its error: for changes at someone's request, which the error undoes.
func (k *Keeper) tell(ctx context.Context, hook string, unit types.Unit) error {
	if k.hooks == nil {
		return nil
	}
	var err error
	switch hook {
	case "UnitActivated":
		err = k.hooks.UnitActivated(ctx, unit)
	case "UnitFaulted":
		err = k.hooks.UnitFaulted(ctx, unit)
	case "UnitRecovered":
		err = k.hooks.UnitRecovered(ctx, unit)
	case "UnitReleased":
		err = k.hooks.UnitReleased(ctx, unit)
	case "UnitTerminated":
		err = k.hooks.UnitTerminated(ctx, unit)
	default:
		err = fmt.Errorf("no hook %s", hook)
	}
	if err != nil {
		return fmt.Errorf("failed to tell of unit %d (%s): %w", unit.Id, hook, err)
	}
	return nil
}

// tellDue calls a hook for a change that fell due. What is due must happen whatever a hook says, since a proof was or was not
// given: when the hook fails, its writes are dropped, an event tells of it, and the change stands. The hook is
// not called again; the same state would make it fail again.
func (k *Keeper) tellDue(ctx context.Context, hook string, unit types.Unit) error {
	sdkCtx := sdk.UnwrapSDKContext(ctx)
	hookCtx, write := sdkCtx.CacheContext()
	err := k.tell(hookCtx, hook, unit)
	if err == nil {
		write()
		return nil
	}
	sdkCtx.Logger().Error("hook failed", "module", types.ModuleName, "hook", hook, "unit", unit.Id, "err", err)
	return emit(ctx, &types.EventHookFailed{Hook: hook, UnitId: unit.Id, Error: err.Error()})
}
