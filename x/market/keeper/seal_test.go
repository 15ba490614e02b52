package keeper_test

import (
	"testing"
	"time"

	sdkmath "cosmossdk.io/math"
	"github.com/stretchr/testify/require"

	"github.com/ipdm-network/ipdm/x/market/types"
	poreptypes "github.com/ipdm-network/ipdm/x/porep/types"
)

// sealedOrder is order with replicas of both classes.
func sealedOrder(open, sealed uint32) *types.MsgCreateDeal {
	msg := order(open)
	msg.Replicas.Sealed = sealed
	return msg
}

// assignedDeal creates a deal and goes on to the block that draws its providers.
func (f *fixture) assignedDeal(t *testing.T, msg *types.MsgCreateDeal) (uint64, []types.Replica) {
	t.Helper()
	id := f.create(t, msg)
	f.assignAll(t)
	_, replicas := f.deal(t, id)
	for _, replica := range replicas {
		require.Equal(t, types.REPLICA_STATUS_ASSIGNED, replica.Status)
	}
	return id, replicas
}

// seal has x/porep accept a sealed replica.
func (f *fixture) seal(t *testing.T, replica types.Replica, sectorID uint64) poreptypes.Unit {
	t.Helper()
	require.NoError(t, f.keeper.SealingStarted(f.ctx, replica.Provider, replica.DealId, replica.Index, sectorID))
	require.NoError(t, f.keeper.CheckInvariants(f.ctx))
	f.porep.nextID++
	unit := poreptypes.Unit{
		Id: f.porep.nextID, Provider: replica.Provider, Class: poreptypes.CLASS_SEALED, DealId: replica.DealId,
		ReplicaIndex: replica.Index, SizeBytes: gib, SectorId: sectorID,
	}
	f.porep.units[unit.Id] = unit
	require.NoError(t, f.keeper.ReplicaSealed(f.ctx, unit))
	require.NoError(t, f.keeper.UnitActivated(f.ctx, unit))
	require.NoError(t, f.keeper.CheckInvariants(f.ctx))
	return unit
}

// sealedDeal is an active deal with one sealed replica.
func (f *fixture) sealedDeal(t *testing.T) (types.Replica, poreptypes.Unit) {
	t.Helper()
	id, replicas := f.assignedDeal(t, sealedOrder(0, 1))
	unit := f.seal(t, replicas[0], 5)
	deal, replicas := f.deal(t, id)
	require.Equal(t, types.DEAL_STATUS_ACTIVE, deal.Status)
	return replicas[0], unit
}

func TestDealOfBothClasses(t *testing.T) {
	f := newFixture(t)
	for n := range 4 {
		f.register(t, n, 3_600)
	}
	id, replicas := f.assignedDeal(t, sealedOrder(1, 2))
	providers := map[string]bool{}
	for i, class := range []poreptypes.Class{poreptypes.CLASS_OPEN, poreptypes.CLASS_SEALED, poreptypes.CLASS_SEALED} {
		require.Equal(t, class, replicas[i].Class)
		require.False(t, providers[replicas[i].Provider], "nobody holds two replicas, whatever their classes")
		providers[replicas[i].Provider] = true
		pledge, within := int64(perGiB), testParams().ActivationTimeout
		if class == poreptypes.CLASS_SEALED {
			pledge, within = 3*perGiB, testParams().SealingTimeout
		}
		require.Equal(t, pledge, replicas[i].Pledge.Int64())
		require.Equal(t, pledge, f.provider(t, replicas[i].Provider).CommittedPledge.Int64())
		require.Equal(t, within, replicas[i].Deadline.Sub(*replicas[i].AssignedAt))
	}
	f.activate(t, replicas[0])
	_, err := f.msgs.ActivateReplica(f.ctx, &types.MsgActivateReplica{
		Provider: replicas[1].Provider, DealId: id, Index: 1, Proof: []byte{1},
	})
	require.ErrorIs(t, err, types.ErrSealedActivation)
	_, _, err = f.keeper.SealedAssignment(f.ctx, replicas[0].Provider, id, 0)
	require.ErrorIs(t, err, types.ErrNotAssigned)
	_, _, err = f.keeper.SealedAssignment(f.ctx, replicas[2].Provider, id, 1)
	require.ErrorIs(t, err, types.ErrNotAssigned)
	commD, size, err := f.keeper.SealedAssignment(f.ctx, replicas[1].Provider, id, 1)
	require.NoError(t, err)
	require.Len(t, commD, 32)
	require.Equal(t, gib, size)

	f.seal(t, replicas[1], 1)
	f.seal(t, replicas[2], 2)
	deal, _ := f.deal(t, id)
	require.Equal(t, types.DEAL_STATUS_ACTIVE, deal.Status)

	// Each class is paid by its own proven time.
	f.porep.provenSealed[replicas[1].Provider] = 10 * time.Second
	f.porep.proven[replicas[1].Provider] = time.Hour
	f.settle(t, id)
	require.Equal(t, int64(10), f.provider(t, replicas[1].Provider).Earned.Int64())
}

func TestSealingThatFails(t *testing.T) {
	for name, atFault := range map[string]bool{"by the provider's fault": true, "by nobody's": false} {
		t.Run(name, func(t *testing.T) {
			f := newFixture(t)
			f.register(t, 0, 3_600)
			id, replicas := f.assignedDeal(t, sealedOrder(0, 1))
			first := replicas[0].Provider
			require.NoError(t, f.keeper.SealingStarted(f.ctx, first, id, 0, 9))
			f.block(t, testParams().SealingTimeout+time.Second)
			_, replicas = f.deal(t, id)
			require.Equal(t, types.REPLICA_STATUS_SEALING, replicas[0].Status, "x/porep keeps the deadlines now")
			require.NoError(t, f.keeper.SealingFailed(f.ctx, first, id, 0, atFault))
			require.NoError(t, f.keeper.CheckInvariants(f.ctx))
			_, replicas = f.deal(t, id)
			require.Equal(t, types.REPLICA_STATUS_UNASSIGNED, replicas[0].Status)
			require.Equal(t, []string{first}, replicas[0].Excluded)
			slashed := int64(0)
			if atFault {
				slashed = testParams().LapseFee.Int64()
			}
			require.Equal(t, slashed, f.provider(t, first).Slashed.Int64())
			require.True(t, f.provider(t, first).CommittedPledge.IsZero())
			require.NoError(t, f.keeper.SealingFailed(f.ctx, first, id, 0, atFault), "once is enough")
			require.Equal(t, slashed, f.provider(t, first).Slashed.Int64())
		})
	}
}

func TestSealedAssignmentLapses(t *testing.T) {
	f := newFixture(t)
	f.register(t, 0, 3_600)
	id, replicas := f.assignedDeal(t, sealedOrder(0, 1))
	f.block(t, testParams().SealingTimeout)
	_, after := f.deal(t, id)
	require.Equal(t, types.REPLICA_STATUS_UNASSIGNED, after[0].Status)
	require.Equal(t, testParams().LapseFee, f.provider(t, replicas[0].Provider).Slashed)
	require.ErrorIs(t, f.keeper.SealingStarted(f.ctx, replicas[0].Provider, id, 0, 1), types.ErrNotAssigned)
}

// A deal that is cancelled while its replica is being sealed owes nothing, and the seal comes to nothing.
func TestCancelWhileSealing(t *testing.T) {
	f := newFixture(t)
	f.register(t, 0, 3_600)
	before := f.balance(client)
	id, replicas := f.assignedDeal(t, sealedOrder(0, 1))
	require.NoError(t, f.keeper.SealingStarted(f.ctx, replicas[0].Provider, id, 0, 9))
	_, err := f.msgs.CancelDeal(f.ctx, &types.MsgCancelDeal{Client: client.String(), DealId: id})
	require.NoError(t, err)
	require.NoError(t, f.keeper.CheckInvariants(f.ctx))
	deal, _ := f.deal(t, id)
	require.Equal(t, types.DEAL_STATUS_CANCELLED, deal.Status)
	require.Equal(t, before, f.balance(client))
	require.Zero(t, f.provider(t, replicas[0].Provider).ReservedBytes)
	err = f.keeper.ReplicaSealed(f.ctx, poreptypes.Unit{Id: 1, Provider: replicas[0].Provider, DealId: id, SectorId: 9})
	require.ErrorIs(t, err, types.ErrNotAssigned)
	require.NoError(t, f.keeper.SealingFailed(f.ctx, replicas[0].Provider, id, 0, true))
	require.True(t, f.provider(t, replicas[0].Provider).Slashed.IsZero())
}

// faultedFor is the unit as x/porep shows it when its fault has lasted for a time.
func (f *fixture) faultedFor(unit poreptypes.Unit, d time.Duration) poreptypes.Unit {
	at := f.ctx.BlockTime().Add(-d)
	unit.FaultedAt, unit.Status = &at, poreptypes.UNIT_STATUS_FAULTY
	return unit
}

// The first window costs its reward; each further one 2.5 times that, emission included.
func TestContinuedFaultsCost(t *testing.T) {
	for name, tt := range map[string]struct {
		lasted time.Duration
		want   int64
	}{
		"to the next window": {provingPeriod, 0},
		"four seconds more":  {provingPeriod + 4*time.Second, 4 * (1 + 1_000) * 5 / 2},
		"for ever":           {1000 * time.Hour, 100 * perGiB},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFixture(t)
			f.register(t, 0, 3_600)
			if name == "for ever" {
				f.incentive.reward = sdkmath.NewInt(perGiB)
			}
			replica, unit := f.sealedDeal(t)
			require.NoError(t, f.keeper.UnitFaulted(f.ctx, unit))
			require.NoError(t, f.keeper.UnitRecovered(f.ctx, f.faultedFor(unit, tt.lasted)))
			require.NoError(t, f.keeper.CheckInvariants(f.ctx))
			require.Equal(t, tt.want, f.provider(t, replica.Provider).Slashed.Int64())
			if tt.want > 0 {
				require.Equal(t, []slash{{tt.want, client.String(), ""}}, f.incentive.slashes)
			}
		})
	}
}

func TestTerminationsCostByTheirCause(t *testing.T) {
	share := testParams().Slash(sdkmath.NewInt(3 * perGiB)).Int64()
	late := int64(4 * (1 + 1_000) * 5 / 2)
	for cause, want := range map[poreptypes.TerminationCause]int64{
		poreptypes.TERMINATION_CAUSE_FAULT:     share + late,
		poreptypes.TERMINATION_CAUSE_SILENCE:   share + late,
		poreptypes.TERMINATION_CAUSE_VOLUNTARY: share + late,
		// The price of the challenge was not taken before.
		poreptypes.TERMINATION_CAUSE_CHALLENGE: share + late,
		poreptypes.TERMINATION_CAUSE_FRAUD:     late,
	} {
		t.Run(cause.String(), func(t *testing.T) {
			f := newFixture(t)
			f.register(t, 0, 3_600)
			replica, unit := f.sealedDeal(t)
			require.NoError(t, f.keeper.UnitFaulted(f.ctx, unit))
			delete(f.porep.units, unit.Id)
			require.NoError(t, f.keeper.UnitTerminated(f.ctx, f.faultedFor(unit, provingPeriod+4*time.Second), cause))
			require.NoError(t, f.keeper.CheckInvariants(f.ctx))
			require.Equal(t, want, f.provider(t, replica.Provider).Slashed.Int64())
			_, replicas := f.deal(t, replica.DealId)
			require.Equal(t, types.REPLICA_STATUS_UNASSIGNED, replicas[0].Status, "it is repaired")
			require.Equal(t, uint32(1), replicas[0].Repairs)
		})
	}
}

func TestSilenceCostsFromTheSecondWindow(t *testing.T) {
	f := newFixture(t)
	f.register(t, 0, 3_600)
	replica, _ := f.sealedDeal(t)
	outcome := poreptypes.WindowOutcome{
		Provider: replica.Provider, Class: poreptypes.CLASS_SEALED, Covers: provingPeriod, Missed: true, ConsecutiveMissed: 1,
		Forfeited: sdkmath.NewInt(90),
	}
	require.NoError(t, f.keeper.WindowClosed(f.ctx, outcome))
	require.True(t, f.provider(t, replica.Provider).Slashed.IsZero())
	outcome.ConsecutiveMissed = 2
	require.NoError(t, f.keeper.WindowClosed(f.ctx, outcome))
	require.Equal(t, int64((10+90)*5/2), f.provider(t, replica.Provider).Slashed.Int64())
	outcome.Class, outcome.Forfeited = poreptypes.CLASS_OPEN, sdkmath.Int{}
	require.NoError(t, f.keeper.WindowClosed(f.ctx, outcome))
	require.Equal(t, int64((10+90)*5/2), f.provider(t, replica.Provider).Slashed.Int64(), "nothing is open")
	require.NoError(t, f.keeper.WindowClosed(f.ctx, poreptypes.WindowOutcome{Provider: client.String(), Missed: true, ConsecutiveMissed: 9}))
	require.NoError(t, f.keeper.CheckInvariants(f.ctx))
}

// An unanswered challenge costs five times what is left of the price, whoever settled last, and pays the challenger.
func TestFailedChallengeCosts(t *testing.T) {
	f := newFixture(t)
	f.register(t, 0, 3_600)
	replica, unit := f.sealedDeal(t)
	f.porep.provenSealed[replica.Provider] = 10 * time.Second
	require.NoError(t, f.keeper.ChallengeFailed(f.ctx, unit, "watcher"))
	require.NoError(t, f.keeper.CheckInvariants(f.ctx))
	left := replica.Budget.Int64() - 10
	require.Equal(t, []slash{{5 * left, client.String(), "watcher"}}, f.incentive.slashes)
	require.Equal(t, int64(10), f.provider(t, replica.Provider).Earned.Int64())
}

func TestJail(t *testing.T) {
	f := newFixture(t)
	account := f.register(t, 0, 3_600)
	require.NoError(t, f.keeper.JailProvider(f.ctx, account.String()))
	require.NoError(t, f.keeper.JailProvider(f.ctx, client.String()), "nobody is no provider")
	require.NoError(t, f.keeper.CheckInvariants(f.ctx))
	require.Zero(t, f.provider(t, account.String()).Weight(testParams()))
	accept := &types.MsgUpdateProvider{Provider: account.String(), Ask: ask(1), Endpoint: endpoint(), Accepting: true}
	_, err := f.msgs.UpdateProvider(f.ctx, accept)
	require.ErrorIs(t, err, types.ErrJailed)
	closing := &types.MsgWithdrawPledge{Provider: account.String(), Amount: f.provider(t, account.String()).Pledge}
	_, err = f.msgs.WithdrawPledge(f.ctx, closing)
	require.ErrorIs(t, err, types.ErrJailed, "closing and registering anew is no way out")
	f.block(t, testParams().JailTime)
	_, err = f.msgs.UpdateProvider(f.ctx, accept)
	require.NoError(t, err)
	require.Nil(t, f.provider(t, account.String()).JailedUntil)
	require.NotZero(t, f.provider(t, account.String()).Weight(testParams()))
	_, err = f.msgs.WithdrawPledge(f.ctx, closing)
	require.NoError(t, err)
}

// A sealed replica takes more pledge than an open one, and is drawn only by who has it free; what is committed cannot be withdrawn.
func TestSealedPledgeMustBeFree(t *testing.T) {
	f := newFixture(t)
	f.incentive.pledge = sdkmath.NewInt(101 * perGiB)
	account := f.register(t, 0, 3_600)
	id := f.create(t, sealedOrder(0, 1))
	f.assignAll(t)
	_, replicas := f.deal(t, id)
	require.Equal(t, types.REPLICA_STATUS_UNASSIGNED, replicas[0].Status)
	_, err := f.msgs.AddPledge(f.ctx, &types.MsgAddPledge{Provider: account.String(), Amount: sdkmath.NewInt(2 * perGiB)})
	require.NoError(t, err)
	for replicas[0].Status == types.REPLICA_STATUS_UNASSIGNED {
		f.block(t, time.Second)
		_, replicas = f.deal(t, id)
	}
	require.Equal(t, types.REPLICA_STATUS_ASSIGNED, replicas[0].Status)
	_, err = f.msgs.WithdrawPledge(f.ctx, &types.MsgWithdrawPledge{Provider: account.String(), Amount: sdkmath.NewInt(1*perGiB + 1)})
	require.ErrorIs(t, err, types.ErrPledge)
	_, err = f.msgs.WithdrawPledge(f.ctx, &types.MsgWithdrawPledge{Provider: account.String(), Amount: sdkmath.NewInt(1 * perGiB)})
	require.NoError(t, err)
}

func TestGenesisOfSealedReplicas(t *testing.T) {
	f := newFixture(t)
	f.register(t, 0, 3_600)
	f.register(t, 1, 3_600)
	id, replicas := f.assignedDeal(t, sealedOrder(0, 2))
	f.seal(t, replicas[0], 4)
	require.NoError(t, f.keeper.SealingStarted(f.ctx, replicas[1].Provider, id, 1, 6))
	exported, err := f.keeper.ExportGenesis(f.ctx)
	require.NoError(t, err)
	require.NoError(t, exported.Validate())
	for name, change := range map[string]func(gs *types.GenesisState){
		"class":          func(gs *types.GenesisState) { gs.Replicas[0].Class = poreptypes.CLASS_OPEN },
		"sector":         func(gs *types.GenesisState) { gs.Replicas[0].SectorId = 0 },
		"sealing sector": func(gs *types.GenesisState) { gs.Replicas[1].SectorId = 0 },
		"earning":        func(gs *types.GenesisState) { gs.Replicas[1].Accruing = true },
		"committed":      func(gs *types.GenesisState) { gs.Providers[0].CommittedPledge = sdkmath.OneInt() },
		"no pledge":      func(gs *types.GenesisState) { gs.Replicas[0].Pledge = sdkmath.Int{} },
	} {
		bad, err := f.keeper.ExportGenesis(f.ctx)
		require.NoError(t, err)
		change(bad)
		require.ErrorIs(t, bad.Validate(), types.ErrInvalidGenesis, name)
	}
}
