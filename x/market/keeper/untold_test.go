package keeper_test

import (
	"testing"
	"time"

	sdkmath "cosmossdk.io/math"
	"github.com/stretchr/testify/require"

	"github.com/ipdm-network/ipdm/x/market/types"
	poreptypes "github.com/ipdm-network/ipdm/x/porep/types"
)

// untold tells that a call about a unit failed, and goes on to the block in which the replica is reconciled.
func (f *fixture) untold(t *testing.T, unit poreptypes.Unit, cause poreptypes.TerminationCause) {
	t.Helper()
	require.NoError(t, f.keeper.CallFailed(f.ctx, unit, cause))
	f.block(t, testParams().RetryInterval)
}

// A replica whose sector came to nothing is given to another provider in bounded time, though the market was not told.
func TestUntoldEndOfSealing(t *testing.T) {
	f := newFixture(t)
	f.register(t, 0, 3_600)
	f.register(t, 1, 3_600)
	id, replicas := f.assignedDeal(t, sealedOrder(0, 1))
	first := replicas[0].Provider
	require.NoError(t, f.keeper.SealingStarted(f.ctx, first, id, 0, 9))
	unit := poreptypes.Unit{Provider: first, Class: poreptypes.CLASS_SEALED, DealId: id}
	f.untold(t, unit, poreptypes.TERMINATION_CAUSE_UNSPECIFIED)
	_, replicas = f.deal(t, id)
	require.Equal(t, types.REPLICA_STATUS_SEALING, replicas[0].Status, "the sector is still there")

	f.porep.lapsed[9] = true
	f.porep.fail = errBroken
	f.untold(t, unit, poreptypes.TERMINATION_CAUSE_UNSPECIFIED)
	_, replicas = f.deal(t, id)
	require.Equal(t, types.REPLICA_STATUS_SEALING, replicas[0].Status)
	f.porep.fail = nil
	f.block(t, testParams().RetryInterval)
	_, replicas = f.deal(t, id)
	require.NotEqual(t, types.REPLICA_STATUS_SEALING, replicas[0].Status, "what fails is tried again")
	require.Equal(t, []string{first}, replicas[0].Excluded)
	require.True(t, f.provider(t, first).Slashed.IsZero())
	require.True(t, f.provider(t, first).CommittedPledge.IsZero())
	for replicas[0].Status == types.REPLICA_STATUS_UNASSIGNED {
		f.block(t, time.Second)
		_, replicas = f.deal(t, id)
	}
	require.NotEqual(t, first, replicas[0].Provider)
}

// Settling reconciles what is being sealed as well.
func TestSettlingReconcilesSealing(t *testing.T) {
	f := newFixture(t)
	f.register(t, 0, 3_600)
	f.register(t, 1, 3_600)
	id, replicas := f.assignedDeal(t, sealedOrder(1, 1))
	f.activate(t, replicas[0])
	require.NoError(t, f.keeper.SealingStarted(f.ctx, replicas[1].Provider, id, 1, 9))
	f.porep.lapsed[9] = true
	f.settle(t, id)
	_, replicas = f.deal(t, id)
	require.Equal(t, types.REPLICA_STATUS_UNASSIGNED, replicas[1].Status)
}

// The last refusal that a pending deal can take may be that of an untold end of sealing: the deal fails and everybody is free.
func TestUntoldEndOfSealingMayFailADeal(t *testing.T) {
	f := newFixture(t)
	params := testParams()
	params.MaxRefusals = 1
	_, err := f.msgs.UpdateParams(f.ctx, &types.MsgUpdateParams{Authority: authority.String(), Params: params})
	require.NoError(t, err)
	f.register(t, 0, 3_600)
	f.register(t, 1, 3_600)
	before := f.balance(client)
	id, replicas := f.assignedDeal(t, sealedOrder(0, 2))
	for i, replica := range replicas {
		require.NoError(t, f.keeper.SealingStarted(f.ctx, replica.Provider, id, uint32(i), 9))
	}
	f.porep.lapsed[9] = true
	f.settle(t, id)
	deal, _ := f.deal(t, id)
	require.Equal(t, types.DEAL_STATUS_FAILED, deal.Status)
	require.Equal(t, before, f.balance(client))
}

// A lost unit whose end went untold is replaced soon, and costs its provider one penalty: that of the challenge or of the false seal if
// one was taken, else that of a lost replica.
func TestUntoldLossCostsOnce(t *testing.T) {
	share := testParams().Slash(sdkmath.NewInt(3 * perGiB)).Int64()
	for name, tt := range map[string]struct {
		cause      poreptypes.TerminationCause
		challenged bool
		want       func(left int64) int64
	}{
		"silence":             {poreptypes.TERMINATION_CAUSE_SILENCE, false, func(int64) int64 { return share }},
		"failed challenge":    {poreptypes.TERMINATION_CAUSE_CHALLENGE, true, func(left int64) int64 { return 5 * left }},
		"untold challenge":    {poreptypes.TERMINATION_CAUSE_CHALLENGE, false, func(int64) int64 { return share }},
		"false seal":          {poreptypes.TERMINATION_CAUSE_FRAUD, false, func(int64) int64 { return 0 }},
		"given up challenged": {poreptypes.TERMINATION_CAUSE_VOLUNTARY, true, func(left int64) int64 { return 5 * left }},
	} {
		for told, end := range map[string]func(f *fixture, unit poreptypes.Unit){
			"untold": func(f *fixture, unit poreptypes.Unit) { f.untold(t, unit, tt.cause) },
			"told": func(f *fixture, unit poreptypes.Unit) {
				require.NoError(t, f.keeper.UnitTerminated(f.ctx, unit, tt.cause))
			},
		} {
			t.Run(name+" "+told, func(t *testing.T) {
				f := newFixture(t)
				f.register(t, 0, 3_600)
				f.register(t, 1, 3_600)
				replica, unit := f.sealedDeal(t)
				if tt.challenged {
					require.NoError(t, f.keeper.ChallengeFailed(f.ctx, unit, "watcher"))
				}
				delete(f.porep.units, unit.Id)
				end(f, unit)
				require.NoError(t, f.keeper.CheckInvariants(f.ctx))
				require.Equal(t, tt.want(replica.Budget.Int64()), f.provider(t, replica.Provider).Slashed.Int64())
				_, replicas := f.deal(t, replica.DealId)
				require.NotEqual(t, types.REPLICA_STATUS_ACTIVE, replicas[0].Status)
				require.Equal(t, uint32(1), replicas[0].Repairs)
				require.False(t, replicas[0].LossPaid, "the next loss has a price again")
			})
		}
	}
}

// What a false seal of a former provider cost says nothing of the provider that has the replica now.
func TestUntoldLossOfAFormerProvider(t *testing.T) {
	f := newFixture(t)
	f.register(t, 0, 3_600)
	replica, unit := f.sealedDeal(t)
	former := unit
	former.Id--
	f.untold(t, former, poreptypes.TERMINATION_CAUSE_FRAUD)
	_, replicas := f.deal(t, replica.DealId)
	require.Equal(t, types.REPLICA_STATUS_ACTIVE, replicas[0].Status)
	require.False(t, replicas[0].LossPaid)
	require.ErrorIs(t, f.keeper.CallFailed(f.ctx, poreptypes.Unit{DealId: 99}, 0), types.ErrReplicaNotFound)
}

// What waits to be reconciled survives export and import.
func TestGenesisOfReconciliation(t *testing.T) {
	f := newFixture(t)
	f.register(t, 0, 3_600)
	replica, unit := f.sealedDeal(t)
	delete(f.porep.units, unit.Id)
	require.NoError(t, f.keeper.CallFailed(f.ctx, unit, poreptypes.TERMINATION_CAUSE_FRAUD))
	exported, err := f.keeper.ExportGenesis(f.ctx)
	require.NoError(t, err)
	require.NoError(t, exported.Validate())
	require.True(t, exported.Replicas[0].LossPaid)

	g := newFixture(t)
	g.mint(t, types.EscrowAccount, replica.Budget)
	g.mint(t, types.PledgeAccount, f.provider(t, replica.Provider).Pledge)
	require.NoError(t, g.keeper.InitGenesis(g.ctx, *exported))
	g.ctx = g.ctx.WithBlockTime(f.ctx.BlockTime()).WithBlockHeight(f.ctx.BlockHeight())
	g.block(t, testParams().RetryInterval)
	_, replicas := g.deal(t, replica.DealId)
	require.Equal(t, types.REPLICA_STATUS_UNASSIGNED, replicas[0].Status)
	require.True(t, g.provider(t, replica.Provider).Slashed.IsZero())
}
