package simulation_test

import (
	"strings"

	cmtabci "github.com/cometbft/cometbft/abci/types"
	"github.com/stretchr/testify/require"

	sdkmath "cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"
	banktypes "github.com/cosmos/cosmos-sdk/x/bank/types"

	"github.com/ipdm-network/ipdm/app/params"
	markettypes "github.com/ipdm-network/ipdm/x/market/types"
	poreptypes "github.com/ipdm-network/ipdm/x/porep/types"
)

// books are what is remembered from block to block.
type books struct {
	supply sdkmath.Int
	deals  []markettypes.Deal
	// stopped is the last block before which time stood still for longer than maxStep.
	stopped int64
	// events counts this project's events by type.
	events map[string]int
}

// check holds the newest state against everything that must be true of any.
func (h *history) check(events []cmtabci.Event) {
	h.Helper()
	h.checkSupply(events)
	h.checkEvents(events)
	ctx := h.state()
	require.NoError(h, h.app.Keepers.Market.CheckInvariants(ctx), "block %d", h.height)
	require.NoError(h, h.app.Keepers.Porep.Invariants(ctx), "block %d", h.height)
	require.NoError(h, h.app.Keepers.Incentive.CheckInvariants(ctx), "block %d", h.height)
	require.NoError(h, h.app.Keepers.Anchor.CheckInvariants(ctx), "block %d", h.height)
	market, err := h.app.Keepers.Market.ExportGenesis(ctx)
	require.NoError(h, err)
	porep, err := h.app.Keepers.Porep.ExportGenesis(ctx)
	require.NoError(h, err)
	h.books.deals = market.Deals
	h.checkUnits(market, porep)
	h.checkDue(market)
	h.checkMoney(market)
}

// checkSupply compares supply with that of the block before, and with the sum of all balances.
func (h *history) checkSupply(events []cmtabci.Event) {
	h.Helper()
	change := sdkmath.ZeroInt()
	for _, e := range events {
		if e.Type != "coinbase" && e.Type != banktypes.EventTypeCoinBurn {
			continue
		}
		for _, attribute := range e.Attributes {
			if attribute.Key != sdk.AttributeKeyAmount {
				continue
			}
			coins, err := sdk.ParseCoinsNormalized(attribute.Value)
			require.NoError(h, err)
			if e.Type == "coinbase" {
				change = change.Add(coins.AmountOf(params.BaseDenom))
			} else {
				change = change.Sub(coins.AmountOf(params.BaseDenom))
			}
		}
	}
	bank := h.app.Keepers.Bank
	supply := bank.GetSupply(h.state(), params.BaseDenom).Amount
	if !h.books.supply.IsNil() {
		require.Equal(h, h.books.supply.Add(change).String(), supply.String(), "block %d: supply", h.height)
	}
	h.books.supply = supply
	totals, err := h.app.Keepers.Incentive.Totals(h.state())
	require.NoError(h, err)
	genesis := params.IPDM(stakeIPDM + balanceIPDM*int64(1+len(h.providers)+len(h.clients))).Amount
	require.Equal(h, genesis.Add(totals.Minted).Sub(totals.Burned).String(), supply.String(),
		"block %d: supply = genesis + minted - burned", h.height)
	sum := sdkmath.ZeroInt()
	bank.IterateAllBalances(h.state(), func(_ sdk.AccAddress, coin sdk.Coin) bool {
		sum = sum.Add(coin.Amount)
		return false
	})
	require.Equal(h, supply.String(), sum.String(), "block %d: balances", h.height)
}

// checkEvents looks for what must never happen: failures of what the chain does on its own, and an honest provider that
// loses something while blocks come in time.
func (h *history) checkEvents(events []cmtabci.Event) {
	h.Helper()
	if h.books.events == nil {
		h.books.events = map[string]int{}
	}
	for _, e := range events {
		if !strings.HasPrefix(e.Type, "ipdm.") {
			continue
		}
		h.books.events[e.Type]++
		switch e.Type {
		case "ipdm.porep.v1.EventHookFailed":
			// A deal may end while its replica is being sealed.
			require.True(h, strings.Contains(e.String(), "ReplicaSealed"), "block %d: %v", h.height, e)
		case "ipdm.porep.v1.EventDueFailed", "ipdm.market.v1.EventDueFailed":
			require.Fail(h, "the chain failed", "block %d: %v", h.height, e)
		case "ipdm.porep.v1.EventUnitFaulted":
			require.NotEqual(h, honest, h.characterIn(e), "block %d: honest provider faulted: %v", h.height, e)
		case "ipdm.porep.v1.EventWindowMissed":
			if h.characterIn(e) == honest {
				require.LessOrEqual(h, h.height-h.books.stopped, int64(50), "block %d: honest provider missed: %v", h.height, e)
			}
		}
	}
}

// characterIn is the character of the provider that an event is about.
func (h *history) characterIn(e cmtabci.Event) character {
	for _, attribute := range e.Attributes {
		for _, p := range h.providers {
			if attribute.Key == "provider" && strings.Contains(attribute.Value, p.text) {
				return p.character
			}
		}
	}
	require.Fail(h, "event without a known provider", "%v", e)
	return honest
}

// checkUnits pairs the units with the replicas that are held.
func (h *history) checkUnits(market *markettypes.GenesisState, porep *poreptypes.GenesisState) {
	h.Helper()
	units := map[uint64]poreptypes.Unit{}
	for _, unit := range porep.Units {
		units[unit.Id] = unit
	}
	for _, replica := range market.Replicas {
		if !replica.Held() {
			continue
		}
		unit, found := units[replica.UnitId]
		require.True(h, found, "block %d: replica %d of deal %d has no unit %d", h.height, replica.Index, replica.DealId, replica.UnitId)
		require.True(h, unit.Provider == replica.Provider && unit.DealId == replica.DealId && unit.ReplicaIndex == replica.Index,
			"block %d: unit %v is not that of replica %v", h.height, unit, replica)
		require.Equal(h, unit.Status == poreptypes.UNIT_STATUS_ACTIVE, replica.Accruing, "block %d: %v earns with %v", h.height, replica, unit)
		delete(units, replica.UnitId)
	}
	require.Empty(h, units, "block %d: units without replica", h.height)
}

// checkDue looks for deals that nothing would ever move again.
func (h *history) checkDue(market *markettypes.GenesisState) {
	h.Helper()
	type key struct {
		kind  markettypes.DueKind
		deal  uint64
		index uint32
	}
	due := map[key]int{}
	for _, d := range market.Due {
		due[key{d.Kind, d.DealId, d.Index}]++
	}
	deals := map[uint64]markettypes.Deal{}
	for _, deal := range market.Deals {
		deals[deal.Id] = deal
		if deal.Running() && deal.Started() {
			require.Equal(h, 1, due[key{markettypes.DUE_KIND_END, deal.Id, 0}], "block %d: end of deal %d", h.height, deal.Id)
		}
	}
	for _, replica := range market.Replicas {
		deal := deals[replica.DealId]
		if !deal.Running() || (deal.Started() && !h.time.Before(*deal.EndsAt)) {
			continue
		}
		switch replica.Status {
		case markettypes.REPLICA_STATUS_UNASSIGNED:
			require.Equal(h, 1, due[key{markettypes.DUE_KIND_ASSIGN, deal.Id, replica.Index}], "block %d: %v", h.height, replica)
		case markettypes.REPLICA_STATUS_ASSIGNED:
			require.Equal(h, 1, due[key{markettypes.DUE_KIND_LAPSE, deal.Id, replica.Index}], "block %d: %v", h.height, replica)
		}
	}
}

// checkMoney checks that deals pay for no more than the time since they began, and that no pledge is overdrawn.
func (h *history) checkMoney(market *markettypes.GenesisState) {
	h.Helper()
	for _, deal := range market.Deals {
		most := sdkmath.ZeroInt()
		if deal.Started() {
			most = markettypes.CostUp(deal.MaxPricePerGibHour, deal.SizeBytes, h.time.Sub(*deal.ActivatedAt)).MulRaw(int64(deal.Replicas.Open + deal.Replicas.Sealed))
		}
		require.True(h, deal.Paid.LTE(most), "block %d: deal %d has paid %s, worth %s", h.height, deal.Id, deal.Paid, most)
		require.Equal(h, deal.Deposited.String(), deal.Paid.Add(deal.Refunded).Add(deal.Remaining()).String())
	}
	for _, p := range market.Providers {
		require.False(h, p.Pledge.IsNegative(), "block %d: pledge of %s", h.height, p.Address)
	}
}
