package keeper

import (
	"context"
	"errors"
	"fmt"

	"github.com/ipdm-network/ipdm/x/bridge/types"
	"github.com/ipdm-network/ipdm/x/bridge/wire"
)

// judge counts who has signed a checkpoint that takes no more signatures, and jails signers who have missed too many. A signer has had
// time until the next checkpoint, so that one whose vote comes late is not counted as absent.
func (k *Keeper) judge(ctx context.Context, params types.Params, c types.Checkpoint, epoch uint64) error {
	e, err := k.Epoch(ctx, epoch)
	if err != nil {
		return err
	}
	for i, signer := range e.Signers {
		if err := k.count(ctx, params, signer, c.Signed(i)); err != nil {
			return err
		}
	}
	return nil
}

// count takes note that a signer has signed a checkpoint or not. A key that is no longer its validator's is not counted.
func (k *Keeper) count(ctx context.Context, params types.Params, signer types.Signer, signed bool) error {
	address, err := wire.ParseAddress(signer.Address)
	if err != nil {
		return err
	}
	owner, err := k.consensus.StringToBytes(signer.ConsensusAddress)
	if err != nil {
		return fmt.Errorf("failed to read the consensus address %q: %w", signer.ConsensusAddress, err)
	}
	key, err := k.key(ctx, owner)
	if errors.Is(err, types.ErrUnknownKey) || err == nil && key.Address != address.String() {
		return nil
	}
	if err != nil {
		return err
	}
	switch {
	case signed && key.Missed == 0:
		return nil
	case signed:
		key.Missed--
	default:
		key.Missed++
	}
	if key.Missed >= params.MaxMissed {
		if err := k.deps.Validators.Jail(ctx, owner); err != nil {
			return err
		}
		if err := emit(ctx, &types.EventSignerJailed{ConsensusAddress: key.ConsensusAddress, Missed: key.Missed}); err != nil {
			return err
		}
		key.Missed = 0
	}
	if err := k.keys.Set(ctx, owner, key); err != nil {
		return fmt.Errorf("failed to write the key of %s: %w", key.ConsensusAddress, err)
	}
	return nil
}
