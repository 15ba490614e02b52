package keeper_test

import (
	"context"
	"fmt"

	sdk "github.com/cosmos/cosmos-sdk/types"
	authtypes "github.com/cosmos/cosmos-sdk/x/auth/types"
	banktypes "github.com/cosmos/cosmos-sdk/x/bank/types"

	"github.com/ipdm-network/ipdm/x/bridge/types"
)

// bank has balances by address.
type bank struct {
	balances map[string]sdk.Coins
	blocked  map[string]bool
	metadata map[string]banktypes.Metadata
	stopped  string // a denomination that nobody may send
}

var _ types.Bank = (*bank)(nil)

func newBank() *bank {
	return &bank{balances: map[string]sdk.Coins{}, blocked: map[string]bool{}, metadata: map[string]banktypes.Metadata{}}
}

func moduleAddress(module string) sdk.AccAddress { return authtypes.NewModuleAddress(module) }

func (b *bank) take(from sdk.AccAddress, coins sdk.Coins) error {
	left, negative := b.balances[string(from)].SafeSub(coins...)
	if negative {
		return fmt.Errorf("%s has %s, not %s", from, b.balances[string(from)], coins)
	}
	b.balances[string(from)] = left
	return nil
}

func (b *bank) give(to sdk.AccAddress, coins sdk.Coins) {
	b.balances[string(to)] = b.balances[string(to)].Add(coins...)
}

func (b *bank) IsSendEnabledCoins(_ context.Context, coins ...sdk.Coin) error {
	for _, coin := range coins {
		if coin.Denom == b.stopped {
			return banktypes.ErrSendDisabled.Wrap(coin.Denom)
		}
	}
	return nil
}

func (b *bank) SendCoinsFromAccountToModule(_ context.Context, from sdk.AccAddress, module string, coins sdk.Coins) error {
	if err := b.take(from, coins); err != nil {
		return err
	}
	b.give(moduleAddress(module), coins)
	return nil
}

func (b *bank) SendCoinsFromModuleToAccount(_ context.Context, module string, to sdk.AccAddress, coins sdk.Coins) error {
	if b.blocked[string(to)] {
		return fmt.Errorf("%s is blocked", to)
	}
	if err := b.take(moduleAddress(module), coins); err != nil {
		return err
	}
	b.give(to, coins)
	return nil
}

func (b *bank) MintCoins(_ context.Context, module string, coins sdk.Coins) error {
	b.give(moduleAddress(module), coins)
	return nil
}

func (b *bank) BurnCoins(_ context.Context, module string, coins sdk.Coins) error {
	return b.take(moduleAddress(module), coins)
}

func (b *bank) BlockedAddr(address sdk.AccAddress) bool { return b.blocked[string(address)] }

func (b *bank) SetDenomMetaData(_ context.Context, m banktypes.Metadata) { b.metadata[m.Base] = m }

func (b *bank) GetBalance(_ context.Context, address sdk.AccAddress, denom string) sdk.Coin {
	return sdk.NewCoin(denom, b.balances[string(address)].AmountOf(denom))
}

func (b *bank) GetSupply(_ context.Context, denom string) sdk.Coin {
	supply := sdk.NewInt64Coin(denom, 0)
	for _, coins := range b.balances {
		supply.Amount = supply.Amount.Add(coins.AmountOf(denom))
	}
	return supply
}
