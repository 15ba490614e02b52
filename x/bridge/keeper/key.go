package keeper

import (
	"bytes"
	"context"
	"errors"
	"fmt"

	"cosmossdk.io/collections"

	"github.com/ipdm-network/ipdm/x/bridge/types"
	"github.com/ipdm-network/ipdm/x/bridge/wire"
)

// key returns the key of a validator; ErrUnknownKey if it has registered none.
func (k *Keeper) key(ctx context.Context, consensusAddress []byte) (types.SignerKey, error) {
	key, err := k.keys.Get(ctx, consensusAddress)
	if errors.Is(err, collections.ErrNotFound) {
		return types.SignerKey{}, types.ErrUnknownKey.Wrapf("consensus address %X", consensusAddress)
	}
	if err != nil {
		return types.SignerKey{}, fmt.Errorf("failed to read the key of %X: %w", consensusAddress, err)
	}
	return key, nil
}

// setKey makes an address that of a validator's key. The signer set changes with it at the next checkpoint that ends an epoch.
func (k *Keeper) setKey(ctx context.Context, consensusAddress []byte, signer wire.Address) (types.SignerKey, error) {
	owner, err := k.keyOwners.Get(ctx, signer[:])
	switch {
	case err == nil && bytes.Equal(owner, consensusAddress):
		return types.SignerKey{}, types.ErrSameKey.Wrap(signer.String())
	case err == nil:
		return types.SignerKey{}, types.ErrKeyTaken.Wrap(signer.String())
	case !errors.Is(err, collections.ErrNotFound):
		return types.SignerKey{}, fmt.Errorf("failed to read the owner of key %s: %w", signer, err)
	}
	before, err := k.key(ctx, consensusAddress)
	if err != nil && !errors.Is(err, types.ErrUnknownKey) {
		return types.SignerKey{}, err
	}
	if err := k.removeKey(ctx, consensusAddress); err != nil {
		return types.SignerKey{}, err
	}
	text, err := k.consensus.BytesToString(consensusAddress)
	if err != nil {
		return types.SignerKey{}, fmt.Errorf("failed to format the consensus address: %w", err)
	}
	key := types.SignerKey{ConsensusAddress: text, Address: signer.String(), Missed: before.Missed}
	if err := k.keys.Set(ctx, consensusAddress, key); err != nil {
		return types.SignerKey{}, fmt.Errorf("failed to write the key of %X: %w", consensusAddress, err)
	}
	if err := k.keyOwners.Set(ctx, signer[:], consensusAddress); err != nil {
		return types.SignerKey{}, fmt.Errorf("failed to write the owner of key %s: %w", signer, err)
	}
	return key, nil
}

// removeKey forgets the key of a validator, if it has one.
func (k *Keeper) removeKey(ctx context.Context, consensusAddress []byte) error {
	key, err := k.key(ctx, consensusAddress)
	if errors.Is(err, types.ErrUnknownKey) {
		return nil
	}
	if err != nil {
		return err
	}
	if err := k.keys.Remove(ctx, consensusAddress); err != nil {
		return fmt.Errorf("failed to remove the key of %X: %w", consensusAddress, err)
	}
	address, err := wire.ParseAddress(key.Address)
	if err != nil {
		return err
	}
	if err := k.keyOwners.Remove(ctx, address[:]); err != nil {
		return fmt.Errorf("failed to remove the owner of key %s: %w", address, err)
	}
	return nil
}
