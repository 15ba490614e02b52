package keeper

import (
	"context"
	"errors"
	"fmt"

	"cosmossdk.io/collections"
	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/ipdm-network/ipdm/x/beacon/types"
)

// EffectiveKey returns the public key with which a validator proves the block at height, none if it has no key in effect then.
func (k *Keeper) EffectiveKey(ctx context.Context, consensusAddress []byte, height int64) ([]byte, error) {
	key, err := k.key(ctx, consensusAddress)
	if errors.Is(err, types.ErrUnknownKey) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return key.Effective(height), nil
}

// key returns what is known about a validator's key; ErrUnknownKey if it has never registered one.
func (k *Keeper) key(ctx context.Context, consensusAddress []byte) (types.Key, error) {
	key, err := k.keys.Get(ctx, consensusAddress)
	if errors.Is(err, collections.ErrNotFound) {
		return types.Key{}, types.ErrUnknownKey.Wrapf("consensus address %X", consensusAddress)
	}
	if err != nil {
		return types.Key{}, fmt.Errorf("failed to read the key of %X: %w", consensusAddress, err)
	}
	return key, nil
}

// setKey makes public the key of a validator from the returned height on. It fails with ErrKeyPending while another change waits.
func (k *Keeper) setKey(ctx context.Context, consensusAddress, public []byte) (types.Key, error) {
	params, err := k.Params(ctx)
	if err != nil {
		return types.Key{}, err
	}
	height := sdk.UnwrapSDKContext(ctx).BlockHeight()
	key, err := k.key(ctx, consensusAddress)
	if err != nil && !errors.Is(err, types.ErrUnknownKey) {
		return types.Key{}, err
	}
	if len(key.PendingPublicKey) > 0 && key.PendingHeight > height {
		return types.Key{}, types.ErrKeyPending.Wrapf("until height %d", key.PendingHeight)
	}
	current := key.Effective(height)
	if string(current) == string(public) {
		return types.Key{}, types.ErrSameKey
	}
	if key.ConsensusAddress, err = k.consensus.BytesToString(consensusAddress); err != nil {
		return types.Key{}, fmt.Errorf("failed to format the consensus address: %w", err)
	}
	key.PublicKey, key.PendingPublicKey, key.PendingHeight = current, public, params.EffectiveHeight(height)
	if err := k.keys.Set(ctx, consensusAddress, key); err != nil {
		return types.Key{}, fmt.Errorf("failed to write the key of %X: %w", consensusAddress, err)
	}
	return key, nil
}

// chainID is what separates the proofs of one chain from those of others.
func chainID(ctx context.Context) string { return sdk.UnwrapSDKContext(ctx).ChainID() }
