package keeper_test

import (
	"testing"
	"time"

	sdkmath "cosmossdk.io/math"
	"github.com/stretchr/testify/require"

	"github.com/ipdm-network/ipdm/x/market/types"
)

// midDeal returns a market with a deal in every state.
func midDeal(t *testing.T) *fixture {
	t.Helper()
	f := newFixture(t)
	for n := range 4 {
		f.register(t, n, 3_600)
	}
	f.activeDeal(t, 2)
	faulty := f.activeDeal(t, 1)
	_, replicas := f.deal(t, faulty)
	require.NoError(t, f.keeper.UnitFaulted(f.ctx, f.porep.units[replicas[0].UnitId]))
	cancelled := f.create(t, order(1))
	_, err := f.msgs.CancelDeal(f.ctx, &types.MsgCancelDeal{Client: client.String(), DealId: cancelled})
	require.NoError(t, err)
	closing := f.activeDeal(t, 1)
	f.porep.frozen = true
	_, err = f.msgs.CancelDeal(f.ctx, &types.MsgCancelDeal{Client: client.String(), DealId: closing})
	require.NoError(t, err)
	f.create(t, order(2))
	f.assignAll(t)
	f.create(t, order(3))
	return f
}

func TestGenesisRoundTripMidDeal(t *testing.T) {
	f := midDeal(t)
	gs, err := f.keeper.ExportGenesis(f.ctx)
	require.NoError(t, err)
	require.NoError(t, gs.Validate())
	require.Len(t, gs.Deals, 6)

	// The balances stay where they are, as x/bank would import them; the market's own store is built anew.
	other := newBase(t)
	other.ctx, other.porep = other.ctx.WithBlockHeader(f.ctx.BlockHeader()), f.porep
	other.build(t, f.porep)
	for account, amount := range map[string]sdkmath.Int{
		types.EscrowAccount: f.bank.GetBalance(f.ctx, f.accounts.GetModuleAddress(types.EscrowAccount), denom).Amount,
		types.PledgeAccount: f.bank.GetBalance(f.ctx, f.accounts.GetModuleAddress(types.PledgeAccount), denom).Amount,
	} {
		other.mint(t, account, amount)
	}
	require.NoError(t, other.keeper.InitGenesis(other.ctx, *gs))
	require.NoError(t, other.keeper.CheckInvariants(other.ctx))
	again, err := other.keeper.ExportGenesis(other.ctx)
	require.NoError(t, err)
	require.Equal(t, gs, again)

	// The imported market goes on: what was assigned is activated, and every deal ends.
	other.porep.hooks = other.keeper
	other.porep.thaw(t, other.ctx)
	res, err := other.query.Assignments(other.ctx, &types.QueryAssignmentsRequest{Provider: providerAddress(0).String()})
	require.NoError(t, err)
	for _, assignment := range res.Assignments {
		if assignment.Replica.Status == types.REPLICA_STATUS_ASSIGNED {
			other.activate(t, assignment.Replica)
		}
	}
	for range 8 {
		other.block(t, 5*time.Hour)
	}
	deals, err := other.query.Deals(other.ctx, &types.QueryDealsRequest{})
	require.NoError(t, err)
	for _, deal := range deals.Deals {
		require.True(t, deal.Final(), "deal %d is %s", deal.Id, deal.Status)
	}
}

func TestGenesisRefuses(t *testing.T) {
	f := midDeal(t)
	for name, change := range map[string]func(*types.GenesisState){
		"parameters":            func(gs *types.GenesisState) { gs.Params.MaxReplicas = 0 },
		"next id":               func(gs *types.GenesisState) { gs.NextDealId = 2 },
		"no next id":            func(gs *types.GenesisState) { gs.NextDealId = 0 },
		"provider twice":        func(gs *types.GenesisState) { gs.Providers = append(gs.Providers, gs.Providers[0]) },
		"slot twice":            func(gs *types.GenesisState) { gs.Providers[1].Slot = gs.Providers[0].Slot },
		"slot too high":         func(gs *types.GenesisState) { gs.Providers[0].Slot = types.MaxProviders },
		"provider's address":    func(gs *types.GenesisState) { gs.Providers[0].Address = "x" },
		"provider's pledge":     func(gs *types.GenesisState) { gs.Providers[0].Pledge = sdkmath.Int{} },
		"provider's endpoint":   func(gs *types.GenesisState) { gs.Providers[0].Endpoint.PeerId = "" },
		"reserved bytes":        func(gs *types.GenesisState) { gs.Providers[0].ReservedBytes++ },
		"deal twice":            func(gs *types.GenesisState) { gs.Deals = append(gs.Deals, gs.Deals[0]) },
		"deal's client":         func(gs *types.GenesisState) { gs.Deals[0].Client = "x" },
		"deal overspent":        func(gs *types.GenesisState) { gs.Deals[0].Paid = gs.Deals[0].Deposited.AddRaw(1) },
		"deal's status":         func(gs *types.GenesisState) { gs.Deals[0].Status = 0 },
		"deal without end":      func(gs *types.GenesisState) { gs.Deals[0].EndsAt = nil },
		"deal's size":           func(gs *types.GenesisState) { gs.Deals[0].SizeBytes = 0 },
		"deal's layout":         func(gs *types.GenesisState) { gs.Deals[0].Layout = "" },
		"missing replica":       func(gs *types.GenesisState) { gs.Replicas = gs.Replicas[1:] },
		"replica twice":         func(gs *types.GenesisState) { gs.Replicas[1] = gs.Replicas[0] },
		"replica's provider":    func(gs *types.GenesisState) { gs.Replicas[0].Provider = client.String() },
		"replica without unit":  func(gs *types.GenesisState) { gs.Replicas[0].UnitId = 0 },
		"replica's budget":      func(gs *types.GenesisState) { gs.Replicas[0].Budget = sdkmath.NewInt(-1) },
		"due for nothing":       func(gs *types.GenesisState) { gs.Due[0].DealId = 99 },
		"due of unknown kind":   func(gs *types.GenesisState) { gs.Due[0].Kind = 9 },
		"due before time began": func(gs *types.GenesisState) { gs.Due[0].At = time.Unix(-1, 0) },
	} {
		t.Run(name, func(t *testing.T) {
			gs, err := f.keeper.ExportGenesis(f.ctx)
			require.NoError(t, err)
			change(gs)
			require.Error(t, gs.Validate())
		})
	}
}
