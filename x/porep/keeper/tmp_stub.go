package keeper

import "github.com/ipdm-network/ipdm/x/porep/proof"

func verifySealed(decoded *proof.WindowProof, window uint64, challenges []challenge) ([]int, error) {
	return nil, proof.ErrClassUnsupported
}
