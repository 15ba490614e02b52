package keeper

import (
	"context"
	"fmt"

	sdk "github.com/cosmos/cosmos-sdk/types"
	stakingtypes "github.com/cosmos/cosmos-sdk/x/staking/types"

	"github.com/ipdm-network/ipdm/x/internal/stakinghooks"
)

// Hooks follow x/staking.
type Hooks struct {
	stakinghooks.None
	keeper *Keeper
}

var _ stakingtypes.StakingHooks = Hooks{}

// Hooks returns what x/staking is to call.
func (k *Keeper) Hooks() Hooks { return Hooks{keeper: k} }

// AfterValidatorRemoved forgets the key of a validator that exists no longer.
func (h Hooks) AfterValidatorRemoved(ctx context.Context, consensusAddress sdk.ConsAddress, _ sdk.ValAddress) error {
	if err := h.keeper.keys.Remove(ctx, consensusAddress); err != nil {
		return fmt.Errorf("failed to remove the key of %X: %w", consensusAddress.Bytes(), err)
	}
	return nil
}
