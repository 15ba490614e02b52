package keeper

import (
	"context"
	"fmt"
	"time"

	sdkmath "cosmossdk.io/math"
	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/ipdm-network/ipdm/x/porep/proof"
	"github.com/ipdm-network/ipdm/x/porep/types"
)

// openWindow challenges a provider, or takes its map off the schedule when there is nothing to prove. The window is open for the
// whole response time from this block on, however late it opens.
func (k *Keeper) openWindow(ctx context.Context, mapKey string) error {
	state, err := k.provider(ctx, mapKey)
	if err != nil || !state.Scheduled || state.Window.Open {
		return err
	}
	if state.UnitCount == 0 {
		return k.unschedule(ctx, state)
	}
	params, err := k.Params(ctx)
	if err != nil {
		return err
	}
	index := state.Window.Index + 1
	seed, err := k.windowSeed(ctx, state, index)
	if err != nil {
		return err
	}
	opened, scheduled := now(ctx), state.NextOpenAt
	closes := opened.Add(params.ResponseTime)
	state.Window = types.Window{
		Index: index, Open: true, OpenedAt: &opened, ClosesAt: &closes, Seed: seed[:],
		Openings: params.Openings(state.ActiveUnits), ProvenBytes: state.ActiveBytes, Units: state.ActiveUnits,
		ScheduledAt: &scheduled, Covers: coverage(state.Window, params, scheduled),
	}
	earliest := scheduled.Add(1)
	if earliest.Before(closes) {
		earliest = closes
	}
	if state.NextOpenAt, err = k.nextOpenOf(state, params.ProvingPeriod, earliest); err != nil {
		return err
	}
	if err := k.setProvider(ctx, state); err != nil {
		return err
	}
	if err := k.setDue(ctx, closes, types.DUE_KIND_CLOSE, mapKey, 0); err != nil {
		return err
	}
	return emit(ctx, &types.EventWindowOpened{
		Provider: state.Provider, Window: index, Openings: state.Window.Openings, Class: state.Class,
	})
}

// windowSeed draws the seed of a window, which binds the map's class too, so that no answer serves both.
func (k *Keeper) windowSeed(ctx context.Context, state types.ProviderState, index uint64) ([32]byte, error) {
	random, err := k.Beacon.Latest(ctx)
	if err != nil {
		return [32]byte{}, fmt.Errorf("failed to draw the seed of window %d of %s: %w", index, state.MapKey(), err)
	}
	raw, err := k.addresses.StringToBytes(state.Provider)
	if err != nil {
		return [32]byte{}, fmt.Errorf("failed to read the address of provider %s: %w", state.Provider, err)
	}
	chainID := sdk.UnwrapSDKContext(ctx).ChainID()
	if state.Class == types.CLASS_SEALED {
		return proof.SealedSeed(random, chainID, raw, index), nil
	}
	return proof.Seed(random, chainID, raw, index), nil
}

// closeWindow counts a window as proven, missed or neither, tells of it, lets queued changes take effect, and schedules the next one.
func (k *Keeper) closeWindow(ctx context.Context, mapKey string, left *budget) error {
	state, err := k.provider(ctx, mapKey)
	if err != nil || !state.Window.Open {
		return err
	}
	params, err := k.Params(ctx)
	if err != nil {
		return err
	}
	missed := judge(&state)
	if err := k.setProvider(ctx, state); err != nil {
		return err
	}
	if missed {
		err := emit(ctx, &types.EventWindowMissed{
			Provider: state.Provider, Window: state.Window.Index, Consecutive: state.ConsecutiveMissed, Class: state.Class,
		})
		if err != nil {
			return err
		}
	}
	if err := k.tellOutcome(ctx, state, missed); err != nil {
		return err
	}
	if state, err = k.provider(ctx, mapKey); err != nil {
		return err
	}
	if state.ConsecutiveMissed > params.FaultMaxWindows {
		return k.startTermination(ctx, state)
	}
	if err := k.drain(ctx, mapKey, left); err != nil {
		return err
	}
	if state, err = k.provider(ctx, mapKey); err != nil {
		return err
	}
	if state.UnitCount == 0 {
		return k.unschedule(ctx, state)
	}
	return k.schedule(ctx, state, params)
}

// judge closes the window in state, with all that follows for the counts, and tells whether it was missed. A window
// that asked for nothing counts for nothing.
func judge(state *types.ProviderState) (missed bool) {
	w := &state.Window
	w.Open = false
	switch {
	case w.Openings == 0:
		return false
	case w.Submitted:
		state.ConsecutiveMissed = 0
		if w.Clean {
			state.ProvenWindows++
			state.ProvenTime += w.Covers
		}
		return false
	default:
		state.MissedWindows++
		state.ConsecutiveMissed++
		return true
	}
}

// tellOutcome tells how a window ended: first who pays for sealed bytes, then the listener.
func (k *Keeper) tellOutcome(ctx context.Context, state types.ProviderState, missed bool) error {
	if state.Window.Openings == 0 {
		return nil
	}
	outcome := types.WindowOutcome{
		Provider: state.Provider, Class: state.Class, Window: state.Window.Index, Covers: state.Window.Covers,
		Clean: !missed && state.Window.Clean, Missed: missed, ConsecutiveMissed: state.ConsecutiveMissed,
		Forfeited: sdkmath.ZeroInt(),
	}
	if state.Class == types.CLASS_SEALED {
		err := k.tellDue(ctx, notice{name: "SealedWindowClosed", send: func(ctx context.Context, k *Keeper) error {
			forfeited, err := k.Rewards.SealedWindowClosed(ctx, state.Provider, outcome.Clean)
			if err != nil {
				return fmt.Errorf("failed to settle the emission of %s: %w", state.Provider, err)
			}
			outcome.Forfeited = forfeited
			return nil
		}})
		if err != nil {
			return err
		}
	}
	return k.tellDue(ctx, windowClosed(outcome))
}

// unschedule takes a map without units off the schedule. Changes that are left are pointless but must be cleared; windows missed
// before do not count against what comes later.
func (k *Keeper) unschedule(ctx context.Context, state types.ProviderState) error {
	state.Scheduled, state.ConsecutiveMissed = false, 0
	if err := k.setProvider(ctx, state); err != nil || state.PendingChanges == 0 {
		return err
	}
	return k.setDue(ctx, now(ctx), types.DUE_KIND_CHANGES, state.MapKey(), 0)
}

// startTermination begins to take all units of a map from a provider that was silent for too long.
func (k *Keeper) startTermination(ctx context.Context, state types.ProviderState) error {
	state.Terminating, state.Scheduled = true, false
	if err := k.setProvider(ctx, state); err != nil {
		return err
	}
	if err := k.setDue(ctx, now(ctx), types.DUE_KIND_TERMINATE, state.MapKey(), 0); err != nil {
		return err
	}
	return emit(ctx, &types.EventProviderTerminated{
		Provider: state.Provider, ConsecutiveMissed: state.ConsecutiveMissed, Class: state.Class,
	})
}

// deadline returns when a provider's open window closes.
func deadline(w types.Window) time.Time {
	if w.ClosesAt == nil {
		return time.Time{}
	}
	return *w.ClosesAt
}
