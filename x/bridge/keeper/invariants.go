package keeper

import (
	"context"
	"fmt"

	"github.com/ipdm-network/ipdm/x/bridge/types"
	"github.com/ipdm-network/ipdm/x/bridge/wire"
)

// CheckInvariants walks the whole state and fails with ErrInvariant unless it is one that could be a genesis state, and keys and
// owners name each other. It is for tests and simulation.
func (k *Keeper) CheckInvariants(ctx context.Context) error {
	gs, err := k.ExportGenesis(ctx)
	if err != nil {
		return err
	}
	if err := gs.Validate(); err != nil {
		return types.ErrInvariant.Wrap(err.Error())
	}
	owners := 0
	err = k.keyOwners.Walk(ctx, nil, func(signer, consensusAddress []byte) (bool, error) {
		owners++
		key, err := k.key(ctx, consensusAddress)
		if err != nil || key.Address != wire.Address(signer).String() {
			return true, types.ErrInvariant.Wrapf("key %x names the owner %X, which has %s", signer, consensusAddress, key.Address)
		}
		return false, nil
	})
	if err != nil {
		return fmt.Errorf("failed to walk the owners of keys: %w", err)
	}
	if owners != len(gs.Keys) {
		return types.ErrInvariant.Wrapf("%d owners of %d keys", owners, len(gs.Keys))
	}
	return nil
}
