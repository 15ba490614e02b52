package keeper

import (
	"context"
	"errors"
	"fmt"
	"time"

	"cosmossdk.io/collections"
	sdk "github.com/cosmos/cosmos-sdk/types"
	"github.com/cosmos/gogoproto/proto"

	"github.com/ipdm-network/ipdm/x/porep/types"
)

// findProvider reads the state of the map with the given key; that of a provider that never proved is zero, and not found.
func (k *Keeper) findProvider(ctx context.Context, key string) (types.ProviderState, bool, error) {
	state, err := k.providers.Get(ctx, key)
	if errors.Is(err, collections.ErrNotFound) {
		provider, class := types.ParseMapKey(key)
		return types.ProviderState{Provider: provider, Class: class}, false, nil
	}
	if err != nil {
		return types.ProviderState{}, false, fmt.Errorf("failed to read provider %s: %w", key, err)
	}
	return state, true, nil
}

// provider reads the state of a map that must exist. It fails with ErrUnknownProvider.
func (k *Keeper) provider(ctx context.Context, key string) (types.ProviderState, error) {
	state, found, err := k.findProvider(ctx, key)
	if err == nil && !found {
		err = types.ErrUnknownProvider.Wrap(key)
	}
	return state, err
}

func (k *Keeper) setProvider(ctx context.Context, state types.ProviderState) error {
	if err := k.providers.Set(ctx, state.MapKey(), state); err != nil {
		return fmt.Errorf("failed to write provider %s: %w", state.Provider, err)
	}
	return nil
}

// findUnit reads a unit, if there is one.
func (k *Keeper) findUnit(ctx context.Context, id uint64) (types.Unit, bool, error) {
	unit, err := k.units.Get(ctx, id)
	if errors.Is(err, collections.ErrNotFound) {
		return types.Unit{}, false, nil
	}
	if err != nil {
		return types.Unit{}, false, fmt.Errorf("failed to read unit %d: %w", id, err)
	}
	return unit, true, nil
}

// Unit returns a unit. It fails with ErrUnknownUnit.
func (k *Keeper) Unit(ctx context.Context, id uint64) (types.Unit, error) {
	unit, found, err := k.findUnit(ctx, id)
	if err == nil && !found {
		err = types.ErrUnknownUnit.Wrapf("%d", id)
	}
	return unit, err
}

func (k *Keeper) setUnit(ctx context.Context, unit types.Unit) error {
	if err := k.units.Set(ctx, unit.Id, unit); err != nil {
		return fmt.Errorf("failed to write unit %d: %w", unit.Id, err)
	}
	return nil
}

// firstKeys returns the first keys of a range, at most limit of them. The set may be changed once it has returned.
func firstKeys[K any](ctx context.Context, set collections.KeySet[K], ranger collections.Ranger[K], limit uint64) ([]K, error) {
	var keys []K
	if limit == 0 {
		return nil, nil
	}
	err := set.Walk(ctx, ranger, func(key K) (bool, error) {
		keys = append(keys, key)
		return uint64(len(keys)) == limit, nil
	})
	if err != nil && !errors.Is(err, collections.ErrInvalidIterator) {
		return nil, fmt.Errorf("failed to walk: %w", err)
	}
	return keys, nil
}

// budget is how many due items a block may still handle.
type budget struct{ left uint64 }

// spend takes one item from the budget.
func (b *budget) spend() { b.spendMany(1) }

// spendMany takes items from the budget, as far as it goes: what must be done at once may overdraw it.
func (b *budget) spendMany(items uint64) { b.left -= min(b.left, items) }

func now(ctx context.Context) time.Time { return sdk.UnwrapSDKContext(ctx).BlockTime().UTC() }

func emit(ctx context.Context, event proto.Message) error {
	if err := sdk.UnwrapSDKContext(ctx).EventManager().EmitTypedEvent(event); err != nil {
		return fmt.Errorf("failed to emit %s: %w", proto.MessageName(event), err)
	}
	return nil
}
