package keeper

import (
	"context"
	"github.com/ipdm-network/ipdm/x/porep/types"
	"github.com/ipdm-network/ipdm/x/porep/proof"
)

func verifySealed(decoded *proof.WindowProof, window uint64, challenges []challenge) ([]int, error) {
	return nil, proof.ErrClassUnsupported
}

func (k *Keeper) sealSeed(ctx context.Context, sector types.Sector) (seed [32]byte, err error) { return }

func sealChallenges(sector types.Sector, seed [32]byte) ([]uint64, error) { return nil, nil }
