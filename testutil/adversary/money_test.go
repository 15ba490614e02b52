package adversary_test

import (
	"errors"
	"strings"

	"github.com/stretchr/testify/require"

	sdkmath "cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/ipdm-network/ipdm/app/params"
	incentivetypes "github.com/ipdm-network/ipdm/x/incentive/types"
	markettypes "github.com/ipdm-network/ipdm/x/market/types"
	poreptypes "github.com/ipdm-network/ipdm/x/porep/types"
)

// wealth is all that accounts have together: balances, pledges, deposits, the escrow of their deals, and rewards payable or vesting.
func (w *world) wealth(accounts ...*account) sdkmath.Int {
	w.Helper()
	sum := sdkmath.ZeroInt()
	for _, a := range accounts {
		sum = sum.Add(w.balance(a)).Add(w.locked(a))
		if p, err := w.app.Keepers.Market.Provider(w.state(), a.text); err == nil {
			sum = sum.Add(p.Pledge)
		}
		rewards := w.rewards(a)
		sum = sum.Add(rewards.Earned).Sub(rewards.Paid)
	}
	return sum
}

// locked is what an account has in deposits of sectors and in the escrow of deals.
func (w *world) locked(a *account) sdkmath.Int {
	w.Helper()
	sum := sdkmath.ZeroInt()
	sectors, err := w.porep().Sectors(w.state(), &poreptypes.QuerySectorsRequest{Provider: a.text})
	require.NoError(w, err)
	for _, s := range sectors.Sectors {
		sum = sum.Add(s.Deposit)
	}
	deals, err := w.market().Deals(w.state(), &markettypes.QueryDealsRequest{Client: a.text})
	require.NoError(w, err)
	for _, deal := range deals.Deals {
		sum = sum.Add(deal.Remaining())
	}
	return sum
}

// rewards is an account of the emission, an empty one for whoever never sealed.
func (w *world) rewards(a *account) incentivetypes.Account {
	w.Helper()
	rewards, err := w.app.Keepers.Incentive.Account(w.state(), a.text)
	if errors.Is(err, incentivetypes.ErrNoAccount) {
		return incentivetypes.NewAccount(a.text, sdkmath.ZeroInt())
	}
	require.NoError(w, err)
	return rewards
}

// settle pays what a deal owes.
func (w *world) settle(by *account, dealID uint64) {
	w.Helper()
	w.do(by, &markettypes.MsgSettle{Sender: by.text, DealIds: []uint64{dealID}}, nil)
}

// registered is a provider as the market knows it.
func (w *world) registered(p *provider) markettypes.Provider {
	w.Helper()
	registered, err := w.app.Keepers.Market.Provider(w.state(), p.text)
	require.NoError(w, err)
	return registered
}

// checkBooks holds the state against the invariants of all modules, and looks for what must never happen.
func (w *world) checkBooks() {
	w.Helper()
	ctx, k := w.state(), &w.app.Keepers
	require.NoError(w, k.Market.CheckInvariants(ctx))
	require.NoError(w, k.Porep.Invariants(ctx))
	require.NoError(w, k.Incentive.CheckInvariants(ctx))
	totals, err := k.Incentive.Totals(ctx)
	require.NoError(w, err)
	supply := k.Bank.GetSupply(ctx, denom).Amount
	burned := totals.Burned.Add(w.stakeBurned())
	genesis := params.IPDM(int64(wealthIPDM*len(w.accounts) + stakeIPDM*len(w.validators))).Amount
	require.Equal(w, genesis.Add(totals.Minted).Sub(burned).String(), supply.String(), "supply = genesis + minted - burned")
	sum := sdkmath.ZeroInt()
	k.Bank.IterateAllBalances(ctx, func(_ sdk.AccAddress, coin sdk.Coin) bool {
		sum = sum.Add(coin.Amount)
		return false
	})
	require.Equal(w, supply.String(), sum.String(), "balances")
	for _, event := range w.log {
		require.False(w, strings.HasSuffix(event.Type, "EventDueFailed") || strings.HasSuffix(event.Type, "EventHookFailed"),
			"the chain failed: %v", event)
	}
}

// stakeBurned is what validators have lost.
func (w *world) stakeBurned() sdkmath.Int {
	w.Helper()
	burned := sdkmath.ZeroInt()
	for _, v := range w.validators {
		burned = burned.Add(params.IPDM(stakeIPDM).Amount.Sub(w.stake(v)))
	}
	return burned
}

// stake is what stands behind a validator.
func (w *world) stake(v *validator) sdkmath.Int {
	w.Helper()
	known, err := w.app.Keepers.Staking.GetValidator(w.state(), v.operator())
	require.NoError(w, err)
	return known.Tokens
}
