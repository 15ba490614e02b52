package keeper

import (
	"context"
	"time"

	"github.com/ipdm-network/ipdm/x/porep/proof/sdr"
)

// ProvingPeriod is the time between two windows of a map.
func (k *Keeper) ProvingPeriod(ctx context.Context) (time.Duration, error) {
	params, err := k.Params(ctx)
	return params.ProvingPeriod, err
}

// MaxSealedBytes is the size of the largest sector that may be sealed; 0 when none may.
func (k *Keeper) MaxSealedBytes(ctx context.Context) (uint64, error) {
	params, err := k.Params(ctx)
	if err != nil {
		return 0, err
	}
	var largest uint64
	for _, class := range params.SectorClasses {
		largest = max(largest, sdr.Class(class).SizeBytes())
	}
	return largest, nil
}
