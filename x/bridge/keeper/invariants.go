package keeper

import (
	"context"
	"fmt"

	sdkmath "cosmossdk.io/math"
	authtypes "github.com/cosmos/cosmos-sdk/x/auth/types"

	"github.com/ipdm-network/ipdm/x/bridge/types"
	"github.com/ipdm-network/ipdm/x/bridge/wire"
)

// CheckInvariants walks the whole state and fails with ErrInvariant unless it is one that could be a genesis state, keys and owners name
// each other, and the module holds what is out and what is owed. It is for tests and simulation.
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
	return k.checkBooks(ctx, *gs)
}

// checkBooks compares the books with what x/bank says.
func (k *Keeper) checkBooks(ctx context.Context, gs types.GenesisState) error {
	held := gs.Held()
	account := authtypes.NewModuleAddress(types.ModuleName)
	flying := map[string]sdkmath.Int{} // by asset and domain
	for _, m := range gs.Messages {
		if m.Coin == nil || m.Ended() {
			continue
		}
		content, err := m.Decode()
		if err != nil {
			return err
		}
		l, err := k.laneOfMessage(ctx, content, m)
		if err != nil {
			return err
		}
		key := string(l.Asset) + "/" + l.domain.Config.Name
		if _, there := flying[key]; !there {
			flying[key] = sdkmath.ZeroInt()
		}
		flying[key] = flying[key].Add(m.Coin.Amount)
	}
	for _, l := range gs.Lanes {
		d, err := k.Domain(ctx, l.Domain)
		if err != nil {
			return err
		}
		sum, there := flying[string(l.Asset)+"/"+d.Config.Name]
		if !there {
			sum = sdkmath.ZeroInt()
		}
		if !l.InFlight.Equal(sum) {
			return types.ErrInvariant.Wrapf("%s of %x is said to be on its way to %s, messages carry %s", l.InFlight, l.Asset, d.Config.Name, sum)
		}
	}
	for _, a := range gs.Assets {
		if has := k.deps.Bank.GetBalance(ctx, account, a.Denom).Amount; !has.Equal(held[a.Denom]) {
			return types.ErrInvariant.Wrapf("the module has %s%s, %s are out and owed", has, a.Denom, held[a.Denom])
		}
		for _, l := range gs.Lanes {
			if string(l.Asset) != string(a.Asset) || l.Domain != a.Origin {
				continue
			}
			if supply := k.deps.Bank.GetSupply(ctx, a.Denom).Amount; !supply.Equal(l.Out) {
				return types.ErrInvariant.Wrapf("there are %s%s, %s came", supply, a.Denom, l.Out)
			}
		}
	}
	return nil
}
