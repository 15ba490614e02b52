package keeper

import (
	"context"
	"errors"
	"fmt"
	"time"

	"cosmossdk.io/collections"
	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/ipdm-network/ipdm/x/bridge/types"
	"github.com/ipdm-network/ipdm/x/bridge/wire"
)

// prunedAtOnce bounds how many checkpoints are removed when one is made. It is more than one, so that fewer can be kept after a
// change of the parameter.
const prunedAtOnce = 2

// Checkpoint returns a checkpoint, the newest complete one for 0. It fails with ErrUnknownCheckpoint.
func (k *Keeper) Checkpoint(ctx context.Context, sequence uint64) (types.Checkpoint, error) {
	if sequence == 0 {
		var err error
		if sequence, err = number(ctx, k.complete); err != nil {
			return types.Checkpoint{}, err
		}
		if sequence == 0 {
			return types.Checkpoint{}, types.ErrUnknownCheckpoint.Wrap("none is complete yet")
		}
	}
	c, err := k.checkpoints.Get(ctx, sequence)
	if errors.Is(err, collections.ErrNotFound) {
		return types.Checkpoint{}, types.ErrUnknownCheckpoint.Wrapf("%d", sequence)
	}
	if err != nil {
		return types.Checkpoint{}, fmt.Errorf("failed to read checkpoint %d: %w", sequence, err)
	}
	return c, nil
}

// checkpointAt returns the checkpoint with a sequence, or of a height where that is not 0. Both ascend together.
func (k *Keeper) checkpointAt(ctx context.Context, sequence, height uint64) (types.Checkpoint, error) {
	if height == 0 {
		return k.Checkpoint(ctx, sequence)
	}
	var found types.Checkpoint
	err := k.checkpoints.Walk(ctx, new(collections.Range[uint64]).Descending(), func(_ uint64, c types.Checkpoint) (bool, error) {
		content, err := c.Decode()
		if err == nil && content.Height == height {
			found = c
		}
		return err != nil || content.Height <= height, err
	})
	if err != nil {
		return types.Checkpoint{}, fmt.Errorf("failed to look for the checkpoint of height %d: %w", height, err)
	}
	if found.Sequence == 0 {
		return types.Checkpoint{}, types.ErrUnknownCheckpoint.Wrapf("of height %d", height)
	}
	return found, nil
}

func (k *Keeper) setCheckpoint(ctx context.Context, c types.Checkpoint) error {
	if err := k.checkpoints.Set(ctx, c.Sequence, c); err != nil {
		return fmt.Errorf("failed to write checkpoint %d: %w", c.Sequence, err)
	}
	return nil
}

// Newest returns the newest checkpoint, which takes signatures, and whether there is one.
func (k *Keeper) Newest(ctx context.Context) (types.Checkpoint, bool, error) {
	sequence, err := number(ctx, k.newest)
	if err != nil || sequence == 0 {
		return types.Checkpoint{}, false, err
	}
	c, err := k.Checkpoint(ctx, sequence)
	return c, err == nil, err
}

// EndBlock completes the checkpoint that has been signed, or makes another if one is due. The next one waits until the one before is
// complete, so that a client can always follow.
func (k *Keeper) EndBlock(ctx sdk.Context) error {
	sequence, err := number(ctx, k.pending)
	if err != nil {
		return err
	}
	params, err := k.Params(ctx)
	if err != nil {
		return err
	}
	atInterval := uint64(ctx.BlockHeight())%params.CheckpointBlocks == 0
	switch {
	case sequence != 0:
		return k.completePending(ctx, params, sequence, atInterval)
	case atInterval:
		return k.makeIfDue(ctx, params)
	}
	return nil
}

// completePending takes note that the signatures suffice, once they do. Until then those who have not signed are counted at each
// interval, as if there was another checkpoint.
func (k *Keeper) completePending(ctx sdk.Context, params types.Params, sequence uint64, atInterval bool) error {
	c, err := k.Checkpoint(ctx, sequence)
	if err != nil {
		return err
	}
	content, err := c.Decode()
	if err != nil {
		return err
	}
	switch {
	case c.Complete:
	case atInterval && content.Height+params.CheckpointBlocks <= uint64(ctx.BlockHeight()):
		return k.judge(ctx, params, c, content.Epoch)
	default:
		return nil
	}
	if err := setNumber(ctx, k.complete, sequence); err != nil {
		return err
	}
	if err := setNumber(ctx, k.pending, 0); err != nil {
		return err
	}
	return emit(ctx, &types.EventCheckpointComplete{Sequence: sequence, Epoch: content.Epoch, Digest: content.Digest().String()})
}

// makeIfDue makes a checkpoint if something has changed since the last one, or that was too long ago.
func (k *Keeper) makeIfDue(ctx sdk.Context, params types.Params) error {
	validators, err := k.candidates(ctx)
	if err != nil {
		return err
	}
	epoch, err := k.Epoch(ctx, 0)
	switch {
	case errors.Is(err, types.ErrUnknownEpoch) && validators.set == nil:
		return nil // too few validators have a key
	case errors.Is(err, types.ErrUnknownEpoch):
		epoch, err = k.beginEpoch(ctx, 1, validators)
	}
	if err != nil {
		return err
	}
	old, err := epoch.Set()
	if err != nil {
		return err
	}
	next, age := candidates{set: old}, ctx.BlockTime().Sub(time.UnixMilli(epoch.BeganUnixMilli))
	switch {
	case validators.set == nil && age >= params.MaxEpoch:
		return nil // these signers may have nothing at stake any more, and there are no others
	case validators.set != nil && endsEpoch(params, age, old, validators.set):
		next = validators
	}
	made, messages, err := k.content(ctx, epoch, old, next.set)
	if err != nil {
		return err
	}
	last, there, err := k.Newest(ctx)
	if err != nil {
		return err
	}
	if there {
		before, err := last.Decode()
		if err != nil {
			return err
		}
		made.Previous = before.Digest()
		if !due(params, before, made) {
			return nil
		}
		if err := k.judge(ctx, params, last, before.Epoch); err != nil {
			return err
		}
	}
	return k.make(ctx, params, epoch, types.Checkpoint{Sequence: last.Sequence + 1, OutboxMessages: messages}, made, next)
}

// due tells whether a checkpoint says more than the one before, or comes late enough.
func due(params types.Params, before, made wire.Checkpoint) bool {
	return made.AnchorRoot != before.AnchorRoot || made.OutboxRoot != before.OutboxRoot || made.EndsEpoch() ||
		made.Time().Sub(before.Time()) >= params.Heartbeat
}

// content returns what a checkpoint at the end of this block says, but for the one before it, and how many messages were sent by then.
func (k *Keeper) content(ctx sdk.Context, epoch types.SignerEpoch, old, next wire.SignerSet) (wire.Checkpoint, uint64, error) {
	anchors, err := k.deps.Anchors.AnchorRoot(ctx)
	if err != nil {
		return wire.Checkpoint{}, 0, err
	}
	outbox, messages, err := k.outboxRoot(ctx)
	if err != nil {
		return wire.Checkpoint{}, 0, err
	}
	return wire.Checkpoint{
		Chain: wire.ChainHash(ctx.ChainID()), Epoch: epoch.Epoch, Height: uint64(ctx.BlockHeight()), TimeMillis: uint64(ctx.BlockTime().UnixMilli()),
		AnchorRoot: wire.Hash(anchors), OutboxRoot: outbox, Set: old.Root(), NextSet: next.Root(),
	}, messages, nil
}

// make writes a checkpoint for the signers to sign, and the epoch after it if it ends one.
func (k *Keeper) make(ctx sdk.Context, params types.Params, epoch types.SignerEpoch, c types.Checkpoint, content wire.Checkpoint, next candidates) error {
	sequence := c.Sequence
	c.Content = content.Encode()
	if err := k.setCheckpoint(ctx, c); err != nil {
		return err
	}
	if err := setNumber(ctx, k.newest, sequence); err != nil {
		return err
	}
	if err := setNumber(ctx, k.pending, sequence); err != nil {
		return err
	}
	if content.EndsEpoch() {
		epoch.LastSequence = sequence
		if err := k.setEpoch(ctx, epoch); err != nil {
			return err
		}
		if _, err := k.beginEpoch(ctx, epoch.Epoch+1, next); err != nil {
			return err
		}
	}
	if err := k.prune(ctx, params, sequence); err != nil {
		return err
	}
	if err := k.rememberDigest(ctx, params, content); err != nil {
		return err
	}
	return emit(ctx, &types.EventCheckpoint{
		Sequence: sequence, Epoch: content.Epoch, Digest: content.Digest().String(), EndsEpoch: content.EndsEpoch(),
	})
}

func (k *Keeper) beginEpoch(ctx sdk.Context, number uint64, signers candidates) (types.SignerEpoch, error) {
	epoch := types.NewSignerEpoch(number, signers.set, signers.owners, ctx.BlockHeight(), ctx.BlockTime().UnixMilli())
	if err := k.setEpoch(ctx, epoch); err != nil {
		return types.SignerEpoch{}, err
	}
	return epoch, setNumber(ctx, k.epoch, number)
}

// prune removes checkpoints that are too old, but for those that end an epoch: a client that has not heard of the next signers yet
// needs them.
func (k *Keeper) prune(ctx context.Context, params types.Params, newest uint64) error {
	oldest, err := number(ctx, k.oldest)
	if err != nil {
		return err
	}
	oldest = max(oldest, 1)
	for n := 0; n < prunedAtOnce && oldest+params.RetainedCheckpoints <= newest; n++ {
		c, err := k.Checkpoint(ctx, oldest)
		if err != nil {
			return err
		}
		content, err := c.Decode()
		if err != nil {
			return err
		}
		if !content.EndsEpoch() {
			if err := k.checkpoints.Remove(ctx, oldest); err != nil {
				return fmt.Errorf("failed to remove checkpoint %d: %w", oldest, err)
			}
		}
		oldest++
	}
	return setNumber(ctx, k.oldest, oldest)
}
