package keeper

import (
	"context"
	"fmt"
	"slices"
	"strings"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/ipdm-network/ipdm/x/bridge/types"
	"github.com/ipdm-network/ipdm/x/bridge/wire"
)

// InitGenesis writes the state. What clients on other chains have accepted goes on to count: a chain that goes on with an exported
// state has to begin above the height of its newest checkpoint.
func (k *Keeper) InitGenesis(ctx context.Context, gs types.GenesisState) error {
	if err := gs.Validate(); err != nil {
		return fmt.Errorf("failed to validate genesis: %w", err)
	}
	if err := k.SetParams(ctx, gs.Params); err != nil {
		return err
	}
	for _, key := range gs.Keys {
		consensusAddress, err := k.consensus.StringToBytes(key.ConsensusAddress)
		if err != nil {
			return types.ErrInvalidGenesis.Wrapf("consensus address %q: %s", key.ConsensusAddress, err)
		}
		signer, err := wire.ParseAddress(key.Address)
		if err != nil {
			return types.ErrInvalidGenesis.Wrap(err.Error())
		}
		if _, err := k.setKey(ctx, consensusAddress, signer); err != nil {
			return err
		}
		if err := k.keys.Set(ctx, consensusAddress, key); err != nil {
			return fmt.Errorf("failed to write the key of %s: %w", key.ConsensusAddress, err)
		}
	}
	for _, epoch := range gs.Epochs {
		if err := k.setEpoch(ctx, epoch); err != nil {
			return err
		}
	}
	if err := setNumber(ctx, k.epoch, uint64(len(gs.Epochs))); err != nil {
		return err
	}
	for _, d := range gs.Digests {
		if err := k.digests.Set(ctx, d.Height, d); err != nil {
			return fmt.Errorf("failed to write the digest of height %d: %w", d.Height, err)
		}
	}
	if err := checkStart(ctx, gs.Checkpoints); err != nil {
		return err
	}
	if err := k.initCheckpoints(ctx, gs.Checkpoints); err != nil {
		return err
	}
	return k.initMessages(ctx, gs)
}

// checkStart fails unless the chain begins above the height of the newest checkpoint. Otherwise there would be two of a height, clients
// would take none for long, and what the signers have signed would count as false.
func checkStart(ctx context.Context, checkpoints []types.Checkpoint) error {
	if len(checkpoints) == 0 {
		return nil
	}
	newest, err := checkpoints[len(checkpoints)-1].Decode()
	if err != nil {
		return err
	}
	// The SDK leaves the height at 0 when a chain begins at 1.
	if begins := max(sdk.UnwrapSDKContext(ctx).BlockHeight(), 1); uint64(begins) <= newest.Height {
		return types.ErrInvalidGenesis.Wrapf("the chain begins at height %d, and its newest bridge checkpoint is of height %d: set initial_height above it", begins, newest.Height)
	}
	return nil
}

func (k *Keeper) initCheckpoints(ctx context.Context, checkpoints []types.Checkpoint) error {
	var newest, complete, pending, oldest uint64
	for _, c := range checkpoints {
		if err := k.setCheckpoint(ctx, c); err != nil {
			return err
		}
		if c.Sequence != newest+1 {
			oldest = c.Sequence // there is a gap before it
		}
		newest = c.Sequence
		if c.Complete {
			complete = newest
		} else {
			pending = newest
		}
	}
	if err := setNumber(ctx, k.newest, newest); err != nil {
		return err
	}
	if err := setNumber(ctx, k.complete, complete); err != nil {
		return err
	}
	if err := setNumber(ctx, k.pending, pending); err != nil {
		return err
	}
	return setNumber(ctx, k.oldest, oldest)
}

// ExportGenesis returns the whole state.
func (k *Keeper) ExportGenesis(ctx context.Context) (*types.GenesisState, error) {
	params, err := k.Params(ctx)
	if err != nil {
		return nil, err
	}
	gs := &types.GenesisState{Params: params}
	if gs.Keys, err = valuesOf(ctx, k.keys); err != nil {
		return nil, err
	}
	slices.SortFunc(gs.Keys, func(a, b types.SignerKey) int { return strings.Compare(a.ConsensusAddress, b.ConsensusAddress) })
	if gs.Epochs, err = valuesOf(ctx, k.epochs); err != nil {
		return nil, err
	}
	if gs.Checkpoints, err = valuesOf(ctx, k.checkpoints); err != nil {
		return nil, err
	}
	if gs.Digests, err = valuesOf(ctx, k.digests); err != nil {
		return nil, err
	}
	return gs, k.exportMessages(ctx, gs)
}
