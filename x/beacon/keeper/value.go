package keeper

import (
	"context"
	"errors"
	"fmt"

	"cosmossdk.io/collections"

	"github.com/ipdm-network/ipdm/x/beacon/types"
	"github.com/ipdm-network/ipdm/x/beacon/vrf"
)

// prunedPerBlock is how many values a block may drop: one for the one it adds, and one more, so that a history that governance has
// shortened shrinks.
const prunedPerBlock = 2

// Latest returns the newest value: within a block, from its PreBlock on, that of the block itself. Only the block's proposer knew it
// before the block was proposed, and nobody did while the block before it could still change. What is drawn with it must have been
// fixed by an earlier block; a transaction of the block itself may be there because of it.
func (k *Keeper) Latest(ctx context.Context) ([32]byte, error) {
	height, err := k.newest(ctx)
	if err != nil {
		return [32]byte{}, err
	}
	return k.value(ctx, height)
}

// At returns the value of the block at height. It fails with ErrFuture when that block has not begun, with ErrPruned when more than
// the history that is kept lies between, and with ErrNoValue when there is no such block.
func (k *Keeper) At(ctx context.Context, height int64) ([32]byte, error) {
	newest, err := k.newest(ctx)
	if err != nil {
		return [32]byte{}, err
	}
	if height < 0 {
		return [32]byte{}, types.ErrNoValue.Wrapf("height %d", height)
	}
	if height > newest {
		return [32]byte{}, types.ErrFuture.Wrapf("height %d, the newest is %d", height, newest)
	}
	params, err := k.Params(ctx)
	if err != nil {
		return [32]byte{}, err
	}
	oldest, err := k.oldest.Get(ctx)
	if err != nil {
		return [32]byte{}, fmt.Errorf("failed to read the oldest height: %w", err)
	}
	if oldest = max(oldest, newest-int64(params.HistoryBlocks)+1); height < oldest {
		return [32]byte{}, types.ErrPruned.Wrapf("height %d, the oldest is %d", height, oldest)
	}
	return k.value(ctx, height)
}

// Advance appends the value of the block at height, which must follow the newest one. proof is what the block's proposer has proven,
// empty for nothing. It fails like CheckProof. It is to be called once in each block, in PreBlock.
func (k *Keeper) Advance(ctx context.Context, height int64, proposer, proof []byte) error {
	value, err := k.next(ctx, height, proposer, proof)
	if err != nil {
		return err
	}
	if err := k.values.Set(ctx, height, value[:]); err != nil {
		return fmt.Errorf("failed to write the value of height %d: %w", height, err)
	}
	if err := k.height.Set(ctx, height); err != nil {
		return fmt.Errorf("failed to write the newest height: %w", err)
	}
	if err := k.prune(ctx, height); err != nil {
		return err
	}
	return emit(ctx, &types.EventValue{Height: height, Value: value[:], Proven: len(proof) > 0})
}

// CheckProof judges what the proposer of the block at height, which follows the newest value, has proven. A proposer whose key is in
// effect must have proven its output (ErrProofMissing, ErrInvalidProof), any other must not have put anything (ErrProofUnexpected).
func (k *Keeper) CheckProof(ctx context.Context, height int64, proposer, proof []byte) error {
	_, err := k.next(ctx, height, proposer, proof)
	return err
}

// next returns the value of the block at height.
func (k *Keeper) next(ctx context.Context, height int64, proposer, proof []byte) ([32]byte, error) {
	previous, err := k.before(ctx, height)
	if err != nil {
		return [32]byte{}, err
	}
	public, err := k.EffectiveKey(ctx, proposer, height)
	if err != nil {
		return [32]byte{}, err
	}
	switch {
	case len(public) == 0 && len(proof) == 0:
		return vrf.Fallback(previous, height), nil
	case len(public) == 0:
		return [32]byte{}, types.ErrProofUnexpected.Wrapf("proposer %X", proposer)
	case len(proof) == 0:
		return [32]byte{}, types.ErrProofMissing.Wrapf("proposer %X", proposer)
	}
	output, err := vrf.Verify(public, proof, vrf.Alpha(chainID(ctx), previous, height))
	if err != nil {
		return [32]byte{}, types.ErrInvalidProof.Wrapf("proposer %X: %s", proposer, err)
	}
	return vrf.Proven(previous, output), nil
}

// Alpha returns what the proposer of the block at height, which follows the newest value, has to prove.
func (k *Keeper) Alpha(ctx context.Context, height int64) ([]byte, error) {
	previous, err := k.before(ctx, height)
	if err != nil {
		return nil, err
	}
	return vrf.Alpha(chainID(ctx), previous, height), nil
}

// before returns the newest value if the block at height is the next.
func (k *Keeper) before(ctx context.Context, height int64) ([32]byte, error) {
	newest, err := k.newest(ctx)
	if err != nil {
		return [32]byte{}, err
	}
	if height != newest+1 {
		return [32]byte{}, types.ErrHeight.Wrapf("height %d after %d", height, newest)
	}
	return k.value(ctx, newest)
}

// prune drops values that are older than the history, at most prunedPerBlock.
func (k *Keeper) prune(ctx context.Context, newest int64) error {
	params, err := k.Params(ctx)
	if err != nil {
		return err
	}
	first, err := k.oldest.Get(ctx)
	if err != nil {
		return fmt.Errorf("failed to read the oldest height: %w", err)
	}
	oldest := first
	for ; oldest <= newest-int64(params.HistoryBlocks) && oldest < first+prunedPerBlock; oldest++ {
		if err := k.values.Remove(ctx, oldest); err != nil {
			return fmt.Errorf("failed to prune the value of height %d: %w", oldest, err)
		}
	}
	if oldest == first {
		return nil
	}
	if err := k.oldest.Set(ctx, oldest); err != nil {
		return fmt.Errorf("failed to write the oldest height: %w", err)
	}
	return nil
}

// newest returns the height of the newest value; ErrNoValue before genesis.
func (k *Keeper) newest(ctx context.Context) (int64, error) {
	height, err := k.height.Get(ctx)
	if errors.Is(err, collections.ErrNotFound) {
		return 0, types.ErrNoValue.Wrap("no genesis yet")
	}
	if err != nil {
		return 0, fmt.Errorf("failed to read the newest height: %w", err)
	}
	return height, nil
}

// value reads a value that is in the store.
func (k *Keeper) value(ctx context.Context, height int64) ([32]byte, error) {
	raw, err := k.values.Get(ctx, height)
	if err != nil {
		return [32]byte{}, fmt.Errorf("failed to read the value of height %d: %w", height, err)
	}
	if len(raw) != types.ValueSizeBytes {
		return [32]byte{}, fmt.Errorf("value of height %d has %d bytes", height, len(raw))
	}
	return [32]byte(raw), nil
}
