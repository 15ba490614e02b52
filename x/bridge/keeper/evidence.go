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

// forgottenAtOnce bounds how many digests are removed when one is added.
const forgottenAtOnce = 2

// rememberDigest keeps the digest of a checkpoint for as long as its signers can be punished, and forgets older ones.
func (k *Keeper) rememberDigest(ctx sdk.Context, params types.Params, content wire.Checkpoint) error {
	digest := content.Digest()
	d := types.Digest{Height: content.Height, Digest: digest[:], UnixMilli: int64(content.TimeMillis)}
	if err := k.digests.Set(ctx, d.Height, d); err != nil {
		return fmt.Errorf("failed to write the digest of height %d: %w", d.Height, err)
	}
	var old []uint64
	err := k.digests.Walk(ctx, nil, func(height uint64, d types.Digest) (bool, error) {
		if ctx.BlockTime().Sub(time.UnixMilli(d.UnixMilli)) <= params.EvidenceMaxAge {
			return true, nil
		}
		old = append(old, height)
		return len(old) == forgottenAtOnce, nil
	})
	if err != nil {
		return fmt.Errorf("failed to read digests: %w", err)
	}
	for _, height := range old {
		if err := k.digests.Remove(ctx, height); err != nil {
			return fmt.Errorf("failed to remove the digest of height %d: %w", height, err)
		}
	}
	return nil
}

// punish tombstones the validator who has signed a checkpoint that the chain has not had signed: one that says something else of a
// height, or is of a height without one, or to come. It fails with ErrNoEvidence if the signature is no offence, or nobody is in reach.
func (k *Keeper) punish(ctx sdk.Context, content wire.Checkpoint, signature wire.Signature) (types.Signer, error) {
	if content.Chain != wire.ChainHash(ctx.ChainID()) {
		return types.Signer{}, types.ErrNoEvidence.Wrap("the checkpoint is of another chain")
	}
	params, err := k.Params(ctx)
	if err != nil {
		return types.Signer{}, err
	}
	epoch, err := k.punishableEpoch(ctx, params, content.Epoch)
	if err != nil {
		return types.Signer{}, err
	}
	signer, err := signature.Signer(content.Digest())
	if err != nil {
		return types.Signer{}, types.ErrInvalidSignature.Wrap(err.Error())
	}
	set, err := epoch.Set()
	if err != nil {
		return types.Signer{}, err
	}
	index := set.Index(signer)
	if index < 0 {
		return types.Signer{}, types.ErrNoEvidence.Wrapf("%s is no signer of epoch %d", signer, content.Epoch)
	}
	if err := k.checkFalse(ctx, content); err != nil {
		return types.Signer{}, err
	}
	guilty := epoch.Signers[index]
	address, err := k.consensus.StringToBytes(guilty.ConsensusAddress)
	if err != nil {
		return types.Signer{}, fmt.Errorf("failed to read the consensus address %q: %w", guilty.ConsensusAddress, err)
	}
	// Not the height that the checkpoint names: its forger chose that. The signer can have signed it at any time of the epoch.
	punished, err := k.deps.Validators.Tombstone(ctx, address, epoch.FirstHeight, int64(guilty.Power), params.EquivocationSlashBps)
	switch {
	case err != nil:
		return types.Signer{}, err
	case !punished:
		return types.Signer{}, types.ErrNoEvidence.Wrapf("%s is punished already, or no validator any more", guilty.ConsensusAddress)
	}
	return guilty, emit(ctx, &types.EventFalseCheckpoint{
		ConsensusAddress: guilty.ConsensusAddress, Height: content.Height, Digest: content.Digest().String(),
	})
}

// punishableEpoch returns an epoch whose signers answer for what they sign with its keys. It fails with ErrNoEvidence if it ended so
// long ago that they do not.
func (k *Keeper) punishableEpoch(ctx sdk.Context, params types.Params, number uint64) (types.SignerEpoch, error) {
	newest, err := k.Epoch(ctx, 0)
	if err != nil || number == 0 || number > newest.Epoch {
		return types.SignerEpoch{}, types.ErrNoEvidence.Wrapf("there is no signer epoch %d", number)
	}
	epoch, err := k.Epoch(ctx, number)
	if err != nil || number == newest.Epoch {
		return epoch, err
	}
	next, err := k.Epoch(ctx, number+1)
	if err != nil {
		return types.SignerEpoch{}, err
	}
	if ended := time.UnixMilli(next.BeganUnixMilli); ctx.BlockTime().Sub(ended) > params.EvidenceMaxAge {
		return types.SignerEpoch{}, types.ErrNoEvidence.Wrapf("signer epoch %d ended at %s, more than %s ago", number, ended.UTC().Format(time.RFC3339), params.EvidenceMaxAge)
	}
	return epoch, nil
}

// checkFalse fails with ErrNoEvidence if the chain has had the checkpoint signed, or does not know any more.
func (k *Keeper) checkFalse(ctx context.Context, content wire.Checkpoint) error {
	d, err := k.digests.Get(ctx, content.Height)
	if err == nil {
		if wire.Hash(d.Digest) == content.Digest() {
			return types.ErrNoEvidence.Wrapf("it is the checkpoint of height %d", content.Height)
		}
		return nil
	}
	if !errors.Is(err, collections.ErrNotFound) {
		return fmt.Errorf("failed to read the digest of height %d: %w", content.Height, err)
	}
	oldest := uint64(0)
	err = k.digests.Walk(ctx, nil, func(height uint64, _ types.Digest) (bool, error) {
		oldest = height
		return true, nil
	})
	if err != nil {
		return fmt.Errorf("failed to read digests: %w", err)
	}
	first, err := k.Epoch(ctx, 1)
	if err != nil {
		return err
	}
	if content.Height < oldest && oldest > uint64(first.FirstHeight) {
		return types.ErrNoEvidence.Wrapf("height %d is too old: the chain remembers checkpoints from height %d on", content.Height, oldest)
	}
	return nil
}
