package keeper

import (
	"context"
	"fmt"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/ipdm-network/ipdm/x/beacon/types"
	"github.com/ipdm-network/ipdm/x/beacon/vrf"
)

// InitGenesis writes the state. On a chain that does not go on at the height after the newest value, such as one that begins anew at
// height 1, that value is the one before its first block and the others are dropped: nobody asks for heights of another chain.
func (k *Keeper) InitGenesis(ctx context.Context, gs types.GenesisState) error {
	if err := gs.Validate(); err != nil {
		return fmt.Errorf("failed to validate genesis: %w", err)
	}
	if err := k.SetParams(ctx, gs.Params); err != nil {
		return err
	}

	// The SDK leaves the height at 0 when a chain begins at 1.
	before := max(sdk.UnwrapSDKContext(ctx).BlockHeight()-1, 0)
	history := gs.History
	if len(history) == 0 {
		first := vrf.Genesis(chainID(ctx))
		history = first[:]
	}
	if gs.Height != before {
		history = history[len(history)-types.ValueSizeBytes:]
	}
	oldest := before + 1 - int64(len(history)/types.ValueSizeBytes)
	for height := oldest; height <= before; height++ {
		if err := k.values.Set(ctx, height, history[:types.ValueSizeBytes]); err != nil {
			return fmt.Errorf("failed to write the value of height %d: %w", height, err)
		}
		history = history[types.ValueSizeBytes:]
	}
	if err := k.height.Set(ctx, before); err != nil {
		return fmt.Errorf("failed to write the newest height: %w", err)
	}
	if err := k.oldest.Set(ctx, oldest); err != nil {
		return fmt.Errorf("failed to write the oldest height: %w", err)
	}

	for _, key := range gs.Keys {
		consensusAddress, err := k.consensus.StringToBytes(key.ConsensusAddress)
		if err != nil {
			return types.ErrInvalidGenesis.Wrapf("consensus address %q: %s", key.ConsensusAddress, err)
		}
		if err := k.keys.Set(ctx, consensusAddress, key); err != nil {
			return fmt.Errorf("failed to write the key of %s: %w", key.ConsensusAddress, err)
		}
	}
	return nil
}

// ExportGenesis returns the state. Its history is every value that At returns, so that whoever waits for one goes on waiting in the
// new chain; the parameter bounds it.
func (k *Keeper) ExportGenesis(ctx context.Context) (*types.GenesisState, error) {
	params, err := k.Params(ctx)
	if err != nil {
		return nil, err
	}
	gs := &types.GenesisState{Params: params}
	if gs.Height, err = k.newest(ctx); err != nil {
		return nil, err
	}
	oldest, err := k.oldest.Get(ctx)
	if err != nil {
		return nil, fmt.Errorf("failed to read the oldest height: %w", err)
	}
	for height := max(oldest, gs.Height-int64(params.HistoryBlocks)+1); height <= gs.Height; height++ {
		value, err := k.value(ctx, height)
		if err != nil {
			return nil, err
		}
		gs.History = append(gs.History, value[:]...)
	}
	err = k.keys.Walk(ctx, nil, func(_ []byte, key types.Key) (bool, error) {
		gs.Keys = append(gs.Keys, key)
		return false, nil
	})
	if err != nil {
		return nil, fmt.Errorf("failed to read the keys: %w", err)
	}
	return gs, nil
}
