package keeper

import (
	"context"
	"fmt"
	"time"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/ipdm-network/ipdm/x/porep/proof"
	"github.com/ipdm-network/ipdm/x/porep/types"
)

// openWindow challenges a provider, or takes it off the schedule when it has nothing to prove. The window is open for the
// whole response time from this block on, however late it opens.
func (k *Keeper) openWindow(ctx context.Context, provider string) error {
	state, err := k.provider(ctx, provider)
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
	seed, err := k.windowSeed(ctx, provider, index)
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
	if state.NextOpenAt, err = k.nextOpenOf(provider, params.ProvingPeriod, earliest); err != nil {
		return err
	}
	if err := k.setProvider(ctx, state); err != nil {
		return err
	}
	if err := k.setDue(ctx, closes, types.DUE_KIND_CLOSE, provider, 0); err != nil {
		return err
	}
	return emit(ctx, &types.EventWindowOpened{Provider: provider, Window: index, Openings: state.Window.Openings})
}

func (k *Keeper) windowSeed(ctx context.Context, provider string, index uint64) ([32]byte, error) {
	random, err := k.beacon.Latest(ctx)
	if err != nil {
		return [32]byte{}, fmt.Errorf("failed to draw the seed of window %d of %s: %w", index, provider, err)
	}
	raw, err := k.addresses.StringToBytes(provider)
	if err != nil {
		return [32]byte{}, fmt.Errorf("failed to read the address of provider %s: %w", provider, err)
	}
	return proof.Seed(random, sdk.UnwrapSDKContext(ctx).ChainID(), raw, index), nil
}

// closeWindow counts a window as proven, missed or neither, lets queued changes take effect, and schedules the next one.
func (k *Keeper) closeWindow(ctx context.Context, provider string, left *budget) error {
	state, err := k.provider(ctx, provider)
	if err != nil || !state.Window.Open {
		return err
	}
	params, err := k.Params(ctx)
	if err != nil {
		return err
	}
	missed := judge(&state)
	if missed {
		err := emit(ctx, &types.EventWindowMissed{
			Provider: provider, Window: state.Window.Index, Consecutive: state.ConsecutiveMissed,
		})
		if err != nil {
			return err
		}
	}
	if state.ConsecutiveMissed > params.FaultMaxWindows {
		return k.startTermination(ctx, state)
	}
	if err := k.setProvider(ctx, state); err != nil {
		return err
	}
	if err := k.drain(ctx, provider, left); err != nil {
		return err
	}
	if state, err = k.provider(ctx, provider); err != nil {
		return err
	}
	if state.UnitCount == 0 {
		state.Scheduled = false
		return k.setProvider(ctx, state)
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

// unschedule takes a provider without units off the schedule. Changes that are left are pointless but must be cleared.
func (k *Keeper) unschedule(ctx context.Context, state types.ProviderState) error {
	state.Scheduled = false
	if err := k.setProvider(ctx, state); err != nil || state.PendingChanges == 0 {
		return err
	}
	return k.setDue(ctx, now(ctx), types.DUE_KIND_CHANGES, state.Provider, 0)
}

// startTermination begins to take all units from a provider that was silent for too long.
func (k *Keeper) startTermination(ctx context.Context, state types.ProviderState) error {
	state.Terminating, state.Scheduled = true, false
	if err := k.setProvider(ctx, state); err != nil {
		return err
	}
	if err := k.setDue(ctx, now(ctx), types.DUE_KIND_TERMINATE, state.Provider, 0); err != nil {
		return err
	}
	return emit(ctx, &types.EventProviderTerminated{Provider: state.Provider, ConsecutiveMissed: state.ConsecutiveMissed})
}

// deadline returns when a provider's open window closes.
func deadline(w types.Window) time.Time {
	if w.ClosesAt == nil {
		return time.Time{}
	}
	return *w.ClosesAt
}
