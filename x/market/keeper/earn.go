package keeper

import (
	"context"

	"github.com/ipdm-network/ipdm/x/market/types"
)

// startEarning lets a replica earn and adds it to its provider's accruing sum. The replica is left to the caller to write.
func (k *Keeper) startEarning(ctx context.Context, deal types.Deal, replica *types.Replica) error {
	return k.setEarning(ctx, deal, replica, true)
}

// stopEarning is the reverse of startEarning. It does nothing for a replica that does not earn.
func (k *Keeper) stopEarning(ctx context.Context, deal types.Deal, replica *types.Replica) error {
	return k.setEarning(ctx, deal, replica, false)
}

func (k *Keeper) setEarning(ctx context.Context, deal types.Deal, replica *types.Replica, earning bool) error {
	if replica.Accruing == earning {
		return nil
	}
	params, err := k.Params(ctx)
	if err != nil {
		return err
	}
	provider, err := k.Provider(ctx, replica.Provider)
	if err != nil {
		return err
	}
	rate := types.Rate(replica.PricePerGibHour, deal.SizeBytes)
	if !earning {
		rate = rate.Neg()
	}
	sum := provider.Accruing(replica.Class)
	*sum = sum.Add(rate)
	replica.Accruing = earning
	return k.setProvider(ctx, params, provider)
}
