package keeper

import (
	"context"
	"errors"
	"fmt"
	"time"

	"cosmossdk.io/collections"
	"cosmossdk.io/collections/codec"
	"cosmossdk.io/collections/indexes"
	sdkmath "cosmossdk.io/math"
	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/ipdm-network/ipdm/x/bridge/types"
)

// owedMap is what is owed, by domain and nonce.
type owedMap = collections.IndexedMap[collections.Pair[uint32, uint64], types.Owed, owedIndexes]

// owedIndexes find it by recipient.
type owedIndexes struct {
	recipient *indexes.Multi[string, collections.Pair[uint32, uint64], types.Owed]
}

// IndexesList implements collections.Indexes.
func (i owedIndexes) IndexesList() []collections.Index[collections.Pair[uint32, uint64], types.Owed] {
	return []collections.Index[collections.Pair[uint32, uint64], types.Owed]{i.recipient}
}

func newOwedMap(sb *collections.SchemaBuilder, value codec.ValueCodec[types.Owed]) *owedMap {
	key := collections.PairKeyCodec(collections.Uint32Key, collections.Uint64Key)
	recipient := func(_ collections.Pair[uint32, uint64], o types.Owed) (string, error) { return o.Recipient, nil }
	return collections.NewIndexedMap(sb, owedPrefix, "owed", key, value, owedIndexes{
		recipient: indexes.NewMulti(sb, owedToPrefix, "owed_by_recipient", collections.StringKey, key, recipient),
	})
}

func owedKey(domain uint32, nonce uint64) collections.Pair[uint32, uint64] {
	return collections.Join(domain, nonce)
}

func (k *Keeper) setOwed(ctx context.Context, o types.Owed) error {
	if err := k.owed.Set(ctx, owedKey(o.Domain, o.Nonce), o); err != nil {
		return fmt.Errorf("failed to write what is owed for %d/%d: %w", o.Domain, o.Nonce, err)
	}
	return nil
}

// owedFor returns what is owed for an event, or for a refunded message of domain 0. It fails with ErrNothingOwed.
func (k *Keeper) owedFor(ctx context.Context, domain uint32, nonce uint64) (types.Owed, error) {
	o, err := k.owed.Get(ctx, owedKey(domain, nonce))
	if errors.Is(err, collections.ErrNotFound) {
		return types.Owed{}, types.ErrNothingOwed.Wrapf("for %d/%d", domain, nonce)
	}
	if err != nil {
		return types.Owed{}, fmt.Errorf("failed to read what is owed for %d/%d: %w", domain, nonce, err)
	}
	return o, nil
}

// payOut pays a part of what is owed, which the module holds, and keeps the rest.
func (k *Keeper) payOut(ctx sdk.Context, o types.Owed, amount sdkmath.Int) error {
	recipient, err := k.accounts.StringToBytes(o.Recipient)
	if err != nil {
		return types.ErrInvariant.Wrapf("%d/%d is owed to %q", o.Domain, o.Nonce, o.Recipient)
	}
	paid := sdk.NewCoins(sdk.NewCoin(o.Coin.Denom, amount))
	if !paid.Empty() {
		if err := k.deps.Bank.SendCoinsFromModuleToAccount(ctx, types.ModuleName, recipient, paid); err != nil {
			return fmt.Errorf("failed to pay %s to %s: %w", paid, o.Recipient, err)
		}
	}
	o.Coin.Amount = o.Coin.Amount.Sub(amount)
	if o.Coin.IsPositive() {
		return k.setOwed(ctx, o)
	}
	// What is paid at once was never written.
	if err := k.owed.Remove(ctx, owedKey(o.Domain, o.Nonce)); err != nil && !errors.Is(err, collections.ErrNotFound) {
		return fmt.Errorf("failed to remove what was owed for %d/%d: %w", o.Domain, o.Nonce, err)
	}
	return nil
}

// release pays as much of what is owed as the limit of its lane and a pause allow, and tells how much, and why not more.
func (k *Keeper) release(ctx sdk.Context, l *lane, o types.Owed) (paid sdkmath.Int, why error, err error) {
	now := ctx.BlockTime()
	pause, err := k.Pause(ctx)
	if err != nil {
		return sdkmath.Int{}, nil, err
	}
	paid = sdkmath.MinInt(l.Here.Available(now), o.Coin.Amount)
	switch {
	case paused(pause, now):
		paid, why = sdkmath.ZeroInt(), types.ErrPaused.Wrapf("until %s", time.UnixMilli(pause.UntilUnixMilli).UTC().Format(time.RFC3339))
	case paid.LT(o.Coin.Amount):
		why = types.ErrLimit.Wrap(hereReason(now, *l))
	}
	l.Here.Release(now, paid)
	if err := k.setLane(ctx, *l); err != nil {
		return sdkmath.Int{}, nil, err
	}
	return paid, why, k.payOut(ctx, o, paid)
}

// hereReason tells in words what IPDM releases of an asset.
func hereReason(now time.Time, l lane) string {
	if l.Here.Capacity.IsZero() {
		return fmt.Sprintf("IPDM releases no %s: governance has set no limit for it, or one of 0", l.asset.Symbol)
	}
	return fmt.Sprintf("IPDM releases %s%s from %s now %s", l.Here.Available(now), l.asset.Denom, l.domain.Config.Label(), moreWhen(now, l.Here))
}

// moreWhen tells in words when a limit allows more than now.
func moreWhen(now time.Time, l types.Limit) string {
	if at, more := l.MoreAt(now); more {
		return "and more from " + at.Format(time.RFC3339)
	}
	return "and no more later, unless the limit is raised"
}

// Redeem pays out what is owed.
func (m msgServer) Redeem(goCtx context.Context, msg *types.MsgRedeem) (*types.MsgRedeemResponse, error) {
	ctx := sdk.UnwrapSDKContext(goCtx)
	o, err := m.owedFor(ctx, msg.Domain, msg.Nonce)
	if err != nil {
		return nil, err
	}
	paid := o.Coin.Amount
	if msg.Domain == 0 { // a refund, which nothing holds back but its recipient
		err = m.payOut(ctx, o, paid)
	} else {
		paid, err = m.redeem(ctx, o)
	}
	if err != nil {
		return nil, err
	}
	left := sdk.NewCoin(o.Coin.Denom, o.Coin.Amount.Sub(paid))
	event := &types.EventRedeemed{
		Domain: o.Domain, Nonce: o.Nonce, Recipient: o.Recipient, Paid: sdk.NewCoin(o.Coin.Denom, paid).String(), Left: left.String(),
	}
	return &types.MsgRedeemResponse{Paid: sdk.NewCoin(o.Coin.Denom, paid), Left: left}, emit(ctx, event)
}

// redeem pays what limit and pause allow. It fails with ErrLimit or ErrPaused if that is nothing.
func (m msgServer) redeem(ctx sdk.Context, o types.Owed) (sdkmath.Int, error) {
	d, err := m.Domain(ctx, o.LaneDomain)
	if err != nil {
		return sdkmath.Int{}, err
	}
	l, err := m.laneOf(ctx, o.Coin.Denom, d)
	if err != nil {
		return sdkmath.Int{}, err
	}
	paid, why, err := m.release(ctx, &l, o)
	if err == nil && paid.IsZero() {
		err = why
	}
	return paid, err
}
