package keeper

import (
	"context"
	"errors"
	"fmt"

	"github.com/ipdm-network/ipdm/x/bridge/types"
)

// judge counts who has signed the newest checkpoint, and jails signers who have missed too many: when the next one is made, so that a
// vote which comes late is in time, and again and again while a checkpoint waits.
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

// count takes note that a signer has signed a checkpoint or not. One that is no active validator has no vote to say it in, and is not
// counted. Another key does not change what a validator owes with the one in the set.
func (k *Keeper) count(ctx context.Context, params types.Params, signer types.Signer, signed bool) error {
	owner, err := k.consensus.StringToBytes(signer.ConsensusAddress)
	if err != nil {
		return fmt.Errorf("failed to read the consensus address %q: %w", signer.ConsensusAddress, err)
	}
	key, err := k.key(ctx, owner)
	if errors.Is(err, types.ErrUnknownKey) {
		return nil // there is no such validator any more
	}
	if err != nil || signed && key.Missed == 0 {
		return err
	}
	active, err := k.deps.Validators.Active(ctx, owner)
	if err != nil || !active {
		return err
	}
	if signed {
		key.Missed--
	} else {
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
