package keeper

import (
	"context"
	"errors"
	"fmt"

	"cosmossdk.io/collections"
	sdkmath "cosmossdk.io/math"
	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/ipdm-network/ipdm/x/bridge/types"
	"github.com/ipdm-network/ipdm/x/bridge/wire"
)

// lane is an asset between IPDM and a chain.
type lane struct {
	types.Lane
	asset  types.Asset
	domain types.Domain
}

// comesFromThere tells whether the asset is the chain's own: it is made here and unmade, not locked.
func (l lane) comesFromThere() bool { return l.asset.Origin == l.Domain }

func (l lane) coin(amount sdkmath.Int) sdk.Coin { return sdk.NewCoin(l.asset.Denom, amount) }

func laneKey(asset []byte, domain uint32) collections.Pair[[]byte, uint32] {
	return collections.Join(asset, domain)
}

// lane returns the lane of an asset to a chain. It fails with ErrUnknownAsset.
func (k *Keeper) lane(ctx context.Context, asset wire.Hash, d types.Domain) (lane, error) {
	out := lane{domain: d}
	var err error
	if out.Lane, err = k.lanes.Get(ctx, laneKey(asset[:], d.Config.Domain)); err == nil {
		out.asset, err = k.assets.Get(ctx, asset[:])
	}
	if errors.Is(err, collections.ErrNotFound) {
		return lane{}, types.ErrUnknownAsset.Wrapf("%s is not registered for %s", asset, d.Config.Label())
	}
	if err != nil {
		return lane{}, fmt.Errorf("failed to read the lane of %s to domain %d: %w", asset, d.Config.Domain, err)
	}
	return out, nil
}

// laneOf returns the lane of a denomination to a chain. It fails with ErrUnknownAsset.
func (k *Keeper) laneOf(ctx context.Context, denom string, d types.Domain) (lane, error) {
	asset, err := k.denoms.Get(ctx, denom)
	if errors.Is(err, collections.ErrNotFound) {
		return lane{}, types.ErrUnknownAsset.Wrapf("%q cannot be sent to other chains; `ipdmd query bridge assets` lists what can", denom)
	}
	if err != nil {
		return lane{}, fmt.Errorf("failed to look up the asset %q: %w", denom, err)
	}
	return k.lane(ctx, wire.Hash(asset), d)
}

func (k *Keeper) setLane(ctx context.Context, l lane) error {
	if err := k.lanes.Set(ctx, laneKey(l.Asset, l.Domain), l.Lane); err != nil {
		return fmt.Errorf("failed to write the lane of %x to domain %d: %w", l.Asset, l.Domain, err)
	}
	return nil
}

// setAsset writes an asset.
func (k *Keeper) setAsset(ctx context.Context, a types.Asset) error {
	if err := k.assets.Set(ctx, a.Asset, a); err != nil {
		return fmt.Errorf("failed to write asset %x: %w", a.Asset, err)
	}
	if err := k.denoms.Set(ctx, a.Denom, a.Asset); err != nil {
		return fmt.Errorf("failed to write the denomination %s: %w", a.Denom, err)
	}
	return nil
}

// depart takes value from an account on its way to the other side.
func (k *Keeper) depart(ctx context.Context, l *lane, from sdk.AccAddress, amount sdkmath.Int) error {
	coins := sdk.NewCoins(l.coin(amount))
	if err := k.deps.Bank.SendCoinsFromAccountToModule(ctx, from, types.ModuleName, coins); err != nil {
		return fmt.Errorf("failed to take %s from %s: %w", coins, from, err)
	}
	l.InFlight = l.InFlight.Add(amount)
	if !l.comesFromThere() {
		l.Out = l.Out.Add(amount)
		return k.setLane(ctx, *l)
	}
	if l.Out.LT(amount) {
		return types.ErrInvariant.Wrapf("%s of %s came from domain %d, and %s goes back", l.Out, l.asset.Denom, l.Domain, amount)
	}
	if err := k.deps.Bank.BurnCoins(ctx, types.ModuleName, coins); err != nil {
		return fmt.Errorf("failed to burn %s: %w", coins, err)
	}
	l.Out = l.Out.Sub(amount)
	return k.setLane(ctx, *l)
}

// arrive has the module hold value that has come from the other side. It tells whether there can be so much: what has arrived there, and
// not what may still be on its way.
func (k *Keeper) arrive(ctx context.Context, l *lane, amount sdkmath.Int) (bool, error) {
	if !l.comesFromThere() && l.Out.Sub(l.InFlight).LT(amount) {
		return false, nil
	}
	return true, k.hold(ctx, l, amount)
}

// land takes note that value is on its way no more.
func (k *Keeper) land(ctx context.Context, l *lane, amount sdkmath.Int) error {
	l.InFlight = l.InFlight.Sub(amount)
	return k.setLane(ctx, *l)
}

// hold has the module hold value that is out no more.
func (k *Keeper) hold(ctx context.Context, l *lane, amount sdkmath.Int) error {
	if !l.comesFromThere() {
		l.Out = l.Out.Sub(amount)
		return k.setLane(ctx, *l)
	}
	coins := sdk.NewCoins(l.coin(amount))
	if err := k.deps.Bank.MintCoins(ctx, types.ModuleName, coins); err != nil {
		return fmt.Errorf("failed to mint %s: %w", coins, err)
	}
	l.Out = l.Out.Add(amount)
	return k.setLane(ctx, *l)
}
