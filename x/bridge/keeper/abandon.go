package keeper

import (
	"fmt"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/ipdm-network/ipdm/x/bridge/types"
)

// abandon ends an epoch for whose signers a checkpoint waits, without that checkpoint, and returns the epoch that signs instead. If
// the checkpoint was to end the epoch, that is the one that it names; otherwise the present validators make another. It fails with
// ErrNotAbandonable.
func (k *Keeper) abandon(ctx sdk.Context, number uint64) (types.SignerEpoch, error) {
	c, there, err := k.Newest(ctx)
	if err != nil {
		return types.SignerEpoch{}, err
	}
	if !there || c.Complete {
		return types.SignerEpoch{}, types.ErrNotAbandonable.Wrap("no checkpoint waits for signatures")
	}
	content, err := c.Decode()
	if err != nil {
		return types.SignerEpoch{}, err
	}
	if content.Epoch != number {
		return types.SignerEpoch{}, types.ErrNotAbandonable.Wrapf("it is epoch %d whose signers are waited for", content.Epoch)
	}
	old, err := k.Epoch(ctx, number)
	if err != nil {
		return types.SignerEpoch{}, err
	}
	old.Abandoned, old.LastSequence = true, 0
	if err := k.setEpoch(ctx, old); err != nil {
		return types.SignerEpoch{}, err
	}
	if err := k.dropPending(ctx, c.Sequence); err != nil {
		return types.SignerEpoch{}, err
	}
	if content.EndsEpoch() {
		return k.Epoch(ctx, 0)
	}
	validators, err := k.candidates(ctx)
	if err != nil {
		return types.SignerEpoch{}, err
	}
	if validators.set == nil {
		return types.SignerEpoch{}, types.ErrNotAbandonable.Wrapf("validators with %d of %d power have a signer key, more than two thirds are needed",
			validators.power, validators.totalPower)
	}
	return k.beginEpoch(ctx, number+1, validators)
}

// dropPending forgets the checkpoint that waits, but not that the chain has had it signed. The next one has its sequence.
func (k *Keeper) dropPending(ctx sdk.Context, sequence uint64) error {
	if err := k.checkpoints.Remove(ctx, sequence); err != nil {
		return fmt.Errorf("failed to remove checkpoint %d: %w", sequence, err)
	}
	complete, err := number(ctx, k.complete)
	if err != nil {
		return err
	}
	if err := setNumber(ctx, k.newest, complete); err != nil {
		return err
	}
	return setNumber(ctx, k.pending, 0)
}
