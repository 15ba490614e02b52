package keeper

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"time"

	"cosmossdk.io/collections"

	"github.com/ipdm-network/ipdm/x/porep/types"
)

// Domains of the hash that spreads the windows over the period: a provider's two maps have phases of their own.
const (
	openPhaseDomain   = "ipdm/porep/phase/v1"
	sealedPhaseDomain = "ipdm/porep/phase/sealed/v1"
)

// nextOpen returns the first time from earliest on when a window of the provider's map may open: the times that differ from the
// map's phase by whole periods.
func nextOpen(provider []byte, class types.Class, period time.Duration, earliest time.Time) time.Time {
	domain := openPhaseDomain
	if class == types.CLASS_SEALED {
		domain = sealedPhaseDomain
	}
	hash := sha256.Sum256(append([]byte(domain), provider...))
	phase := int64(binary.LittleEndian.Uint64(hash[:8]) % uint64(period))
	at := earliest.UnixNano()
	// Block times are after 1970, but a remainder of Go has the sign of its dividend.
	ahead := (phase - at%int64(period)) % int64(period)
	if ahead < 0 {
		ahead += int64(period)
	}
	return time.Unix(0, at+ahead).UTC()
}

func (k *Keeper) nextOpenOf(state types.ProviderState, period time.Duration, earliest time.Time) (time.Time, error) {
	raw, err := k.addresses.StringToBytes(state.Provider)
	if err != nil {
		return time.Time{}, fmt.Errorf("failed to read the address of provider %s: %w", state.Provider, err)
	}
	return nextOpen(raw, state.Class, period, earliest), nil
}

// mapFrozen tells whether what the provider proves must not change now: from the fault cutoff until the window closes.
func mapFrozen(state types.ProviderState, params types.Params, at time.Time) bool {
	return state.Window.Open || state.Scheduled && !at.Before(state.NextOpenAt.Add(-params.FaultCutoff))
}

// UnearnedTime returns how much of the time that the provider's next window of a class will cover is over already: a unit that
// becomes active now has not been held for it. It is zero for an account that proves nothing in the class.
func (k *Keeper) UnearnedTime(ctx context.Context, provider string, class types.Class) (time.Duration, error) {
	state, found, err := k.findProvider(ctx, types.MapKey(provider, class))
	if err != nil || !found {
		return 0, err
	}
	params, err := k.Params(ctx)
	if err != nil {
		return 0, err
	}
	opens, err := k.nextWindow(state, params, now(ctx))
	if err != nil {
		return 0, err
	}
	return max(0, coverage(state.Window, params, opens)-opens.Sub(now(ctx))), nil
}

// nextWindow returns when the provider's next window opens, if it is scheduled at the given time: late enough that it is
// preceded by a time when changes take effect at once.
func (k *Keeper) nextWindow(state types.ProviderState, params types.Params, at time.Time) (time.Time, error) {
	earliest := at.Add(params.FaultCutoff)
	if state.Scheduled && !state.NextOpenAt.Before(earliest) {
		return state.NextOpenAt, nil
	}
	return k.nextOpenOf(state, params.ProvingPeriod, earliest)
}

// coverage returns the time that a window that is due at the given time is paid for: since the one before was due, and
// at most one period.
func coverage(before types.Window, params types.Params, at time.Time) time.Duration {
	if before.ScheduledAt == nil {
		return params.ProvingPeriod
	}
	return max(0, min(params.ProvingPeriod, at.Sub(*before.ScheduledAt)))
}

// dueKey is (time in Unix nanoseconds, kind, map, id): the map is named by types.MapKey, without a class where the item is about a
// sector, and the id is that of a unit, a sector or a challenge, by kind.
type dueKey = collections.Quad[int64, int32, string, uint64]

func dueAt(at time.Time, kind types.DueKind, mapKey string, id uint64) dueKey {
	return collections.Join4(at.UnixNano(), int32(kind), mapKey, id)
}

func (k *Keeper) setDue(ctx context.Context, at time.Time, kind types.DueKind, mapKey string, id uint64) error {
	if err := k.due.Set(ctx, dueAt(at, kind, mapKey, id)); err != nil {
		return fmt.Errorf("failed to queue %s of %s: %w", kind, mapKey, err)
	}
	return nil
}

func (k *Keeper) removeDue(ctx context.Context, key dueKey) error {
	if err := k.due.Remove(ctx, key); err != nil {
		return fmt.Errorf("failed to take a due item from the queue: %w", err)
	}
	return nil
}

// schedule puts the provider's next window into the queue.
func (k *Keeper) schedule(ctx context.Context, state types.ProviderState, params types.Params) error {
	var err error
	if state.NextOpenAt, err = k.nextWindow(state, params, now(ctx)); err != nil {
		return err
	}
	state.Scheduled = true
	if err := k.setProvider(ctx, state); err != nil {
		return err
	}
	return k.setDue(ctx, state.NextOpenAt, types.DUE_KIND_OPEN, state.MapKey(), 0)
}
