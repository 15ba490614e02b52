package keeper

import (
	"context"
	"fmt"

	"cosmossdk.io/collections"

	"github.com/ipdm-network/ipdm/x/beacon/types"
)

// InitGenesis writes the state; values that are absent are not stored.
func (k *Keeper) InitGenesis(ctx context.Context, gs types.GenesisState) error {
	if err := gs.Validate(); err != nil {
		return fmt.Errorf("failed to validate genesis: %w", err)
	}
	for _, entry := range []struct {
		item  collections.Item[types.Value]
		value types.Value
	}{{k.current, gs.Current}, {k.previous, gs.Previous}} {
		if entry.value.Height == 0 {
			continue
		}
		if err := entry.item.Set(ctx, entry.value); err != nil {
			return fmt.Errorf("failed to write a value: %w", err)
		}
	}
	return nil
}

// ExportGenesis returns the state.
func (k *Keeper) ExportGenesis(ctx context.Context) (*types.GenesisState, error) {
	current, err := get(ctx, k.current)
	if err != nil {
		return nil, err
	}
	previous, err := get(ctx, k.previous)
	if err != nil {
		return nil, err
	}
	return &types.GenesisState{Current: current, Previous: previous}, nil
}
