package keeper

import (
	"context"

	"github.com/ipdm-network/ipdm/x/bridge/types"
	"github.com/ipdm-network/ipdm/x/bridge/wire"
)

// Sign takes note of a signature of the newest checkpoint, whoever hands it in. One that is there already is no news. It fails with
// ErrNotPending for any other checkpoint, and with ErrInvalidSignature if nobody of its signer set has made the signature.
func (k *Keeper) Sign(ctx context.Context, sequence uint64, signature wire.Signature) error {
	c, there, err := k.Newest(ctx)
	if err != nil {
		return err
	}
	if !there || c.Sequence != sequence {
		return types.ErrNotPending.Wrapf("checkpoint %d", sequence)
	}
	content, err := c.Decode()
	if err != nil {
		return err
	}
	signer, err := signature.Signer(content.Digest())
	if err != nil {
		return types.ErrInvalidSignature.Wrap(err.Error())
	}
	epoch, err := k.Epoch(ctx, content.Epoch)
	if err != nil {
		return err
	}
	set, err := epoch.Set()
	if err != nil {
		return err
	}
	index := set.Index(signer)
	if index < 0 {
		return types.ErrInvalidSignature.Wrapf("%s is no signer of epoch %d, or has signed something else", signer, epoch.Epoch)
	}
	if !c.Insert(index, signature) {
		return nil
	}
	c.Power += set[index].Power
	c.Complete = set.Suffices(c.Power)
	return k.setCheckpoint(ctx, c)
}
