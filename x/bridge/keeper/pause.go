package keeper

import (
	"context"
	"errors"
	"fmt"
	"time"

	"cosmossdk.io/collections"
	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/ipdm-network/ipdm/x/bridge/types"
)

// Pause returns the newest pause of the release of value.
func (k *Keeper) Pause(ctx context.Context) (types.Pause, error) {
	pause, err := k.pause.Get(ctx)
	if err != nil && !errors.Is(err, collections.ErrNotFound) {
		return types.Pause{}, fmt.Errorf("failed to read the pause: %w", err)
	}
	return pause, nil
}

func (k *Keeper) setPause(ctx context.Context, pause types.Pause) error {
	if err := k.pause.Set(ctx, pause); err != nil {
		return fmt.Errorf("failed to write the pause: %w", err)
	}
	return nil
}

func paused(p types.Pause, now time.Time) bool { return now.UnixMilli() < p.UntilUnixMilli }

// Pause begins a pause, by the guardian.
func (m msgServer) Pause(goCtx context.Context, msg *types.MsgPause) (*types.MsgPauseResponse, error) {
	ctx := sdk.UnwrapSDKContext(goCtx)
	params, err := m.Params(ctx)
	if err != nil {
		return nil, err
	}
	switch {
	case params.Guardian == "":
		return nil, types.ErrUnauthorized.Wrap("the bridge has no guardian: governance names one in the parameters")
	case msg.Guardian != params.Guardian:
		return nil, types.ErrUnauthorized.Wrapf("%s, the guardian is %s", msg.Guardian, params.Guardian)
	}
	last, err := m.Keeper.Pause(ctx)
	if err != nil {
		return nil, err
	}
	now := ctx.BlockTime()
	if now.UnixMilli() < last.NextUnixMilli {
		return nil, types.ErrPauseTooEarly.Wrapf("the next one may begin at %s", time.UnixMilli(last.NextUnixMilli).UTC().Format(time.RFC3339))
	}
	until := now.Add(params.PausePeriod)
	pause := types.Pause{UntilUnixMilli: until.UnixMilli(), NextUnixMilli: until.Add(params.PauseCooldown).UnixMilli()}
	if err := m.setPause(ctx, pause); err != nil {
		return nil, err
	}
	return &types.MsgPauseResponse{UntilUnixMilli: pause.UntilUnixMilli}, emit(ctx, &types.EventPaused{UntilUnixMilli: pause.UntilUnixMilli})
}
