package keeper_test

import (
	"slices"
	"testing"
	"time"

	sdkmath "cosmossdk.io/math"
	"github.com/stretchr/testify/require"

	"github.com/ipdm-network/ipdm/x/market/types"
	poreptypes "github.com/ipdm-network/ipdm/x/porep/types"
)

func TestDealLife(t *testing.T) {
	f := newFixture(t)
	for n := range 4 {
		f.register(t, n, 1_800)
	}
	id := f.create(t, order(3))
	deal, _ := f.deal(t, id)
	require.Equal(t, types.DEAL_STATUS_PENDING, deal.Status)
	require.Equal(t, int64(3*36_000), deal.Deposited.Int64(), "10 h at one aipdm a second, three times")
	require.Equal(t, int64(wealth-108_000), f.balance(client))

	f.block(t, time.Second)
	_, replicas := f.deal(t, id)
	require.Equal(t, types.REPLICA_STATUS_UNASSIGNED, replicas[0].Status, "the next block's randomness is too early")

	f.block(t, time.Second)
	_, replicas = f.deal(t, id)
	holders := map[string]bool{}
	for _, replica := range replicas {
		require.Equal(t, types.REPLICA_STATUS_ASSIGNED, replica.Status)
		require.Len(t, replica.Seed, 32)
		require.Equal(t, f.ctx.BlockTime().Add(time.Minute), *replica.Deadline)
		require.Equal(t, gib, f.provider(t, replica.Provider).ReservedBytes)
		holders[replica.Provider] = true
	}
	require.Len(t, holders, 3, "one replica for each provider")

	f.activate(t, replicas[0])
	deal, _ = f.deal(t, id)
	require.Equal(t, types.DEAL_STATUS_PENDING, deal.Status)
	require.Equal(t, f.ctx.BlockTime().Add(10*time.Hour), *deal.EndsAt)
	f.activate(t, replicas[1])
	f.activate(t, replicas[2])
	deal, _ = f.deal(t, id)
	require.Equal(t, types.DEAL_STATUS_ACTIVE, deal.Status)

	first := replicas[0].Provider
	f.porep.proven[first] = 100 * time.Second
	res, err := f.msgs.Settle(f.ctx, &types.MsgSettle{Sender: client.String(), DealIds: []uint64{id}})
	require.NoError(t, err)
	require.Equal(t, int64(50), res.Paid.Int64(), "half an aipdm a second at the ask, not at the highest price")
	require.Equal(t, int64(50), f.provider(t, first).Earned.Int64())
	res, err = f.msgs.Settle(f.ctx, &types.MsgSettle{Sender: client.String(), DealIds: []uint64{id, id}})
	require.NoError(t, err)
	require.True(t, res.Paid.IsZero(), "nothing is paid twice")

	f.porep.proven[first] += 200 * time.Second
	f.block(t, 10*time.Hour)
	deal, replicas = f.deal(t, id)
	require.Equal(t, types.DEAL_STATUS_ENDED, deal.Status)
	require.Equal(t, int64(150), deal.Paid.Int64())
	require.Equal(t, int64(108_000-150), deal.Refunded.Int64())
	require.Equal(t, int64(wealth-150), f.balance(client))
	for _, replica := range replicas {
		require.Equal(t, types.REPLICA_STATUS_ENDED, replica.Status)
		require.Zero(t, f.provider(t, replica.Provider).ReservedBytes)
	}
	require.Empty(t, f.porep.units)
	_, err = f.msgs.CancelDeal(f.ctx, &types.MsgCancelDeal{Client: client.String(), DealId: id})
	require.ErrorIs(t, err, types.ErrDealState)
}

func TestEarningsStopAtTheBudget(t *testing.T) {
	f := newFixture(t)
	account := f.register(t, 0, 3_600)
	id := f.activeDeal(t, 1)
	f.porep.proven[account.String()] = 1_000 * time.Hour
	_, err := f.msgs.Settle(f.ctx, &types.MsgSettle{Sender: account.String(), DealIds: []uint64{id}})
	require.NoError(t, err)
	deal, replicas := f.deal(t, id)
	require.Equal(t, int64(36_000), deal.Paid.Int64())
	require.True(t, replicas[0].Budget.IsZero())
	require.NoError(t, f.keeper.CheckInvariants(f.ctx))
}

func TestSettlingOftenLosesNothing(t *testing.T) {
	f := newFixture(t)
	account := f.register(t, 0, 7)
	id := f.activeDeal(t, 1)
	for range 3_600 {
		f.porep.proven[account.String()] += time.Second
		_, err := f.msgs.Settle(f.ctx, &types.MsgSettle{Sender: account.String(), DealIds: []uint64{id}})
		require.NoError(t, err)
	}
	deal, _ := f.deal(t, id)
	require.GreaterOrEqual(t, deal.Paid.Int64(), int64(6))
	require.LessOrEqual(t, deal.Paid.Int64(), int64(7))
}

func TestFaultStopsEarningsAndRecoveryStartsThem(t *testing.T) {
	f := newFixture(t)
	account := f.register(t, 0, 3_600).String()
	id := f.activeDeal(t, 1)
	unit := f.porep.units[1]

	f.porep.proven[account] = 10 * time.Second
	require.NoError(t, f.keeper.UnitFaulted(f.ctx, unit))
	deal, replicas := f.deal(t, id)
	require.Equal(t, int64(10), deal.Paid.Int64(), "what was proven before the fault is paid")
	require.Equal(t, types.REPLICA_STATUS_FAULTY, replicas[0].Status)

	f.porep.proven[account] = 60 * time.Second
	paid, err := f.msgs.Settle(f.ctx, &types.MsgSettle{Sender: account, DealIds: []uint64{id}})
	require.NoError(t, err)
	require.True(t, paid.Paid.IsZero(), "a faulty replica earns nothing")

	require.NoError(t, f.keeper.UnitRecovered(f.ctx, unit))
	f.porep.proven[account] = 65 * time.Second
	paid, err = f.msgs.Settle(f.ctx, &types.MsgSettle{Sender: account, DealIds: []uint64{id}})
	require.NoError(t, err)
	require.Equal(t, int64(5), paid.Paid.Int64())
	require.NoError(t, f.keeper.CheckInvariants(f.ctx))
}

func TestLostReplicaIsSlashedAndRepaired(t *testing.T) {
	f := newFixture(t)
	for n := range 3 {
		f.register(t, n, 3_600)
	}
	id := f.activeDeal(t, 2)
	_, replicas := f.deal(t, id)
	loser := replicas[0].Provider
	supply := f.bank.GetSupply(f.ctx, denom).Amount

	f.porep.proven[loser] = 10 * time.Second
	require.NoError(t, f.keeper.UnitTerminated(f.ctx, f.porep.units[replicas[0].UnitId], poreptypes.TERMINATION_CAUSE_FAULT))
	require.NoError(t, f.keeper.CheckInvariants(f.ctx))
	require.Equal(t, int64(perGiB*85/1_000), f.provider(t, loser).Slashed.Int64(), "8.5% of what is behind 1 GiB")
	require.Equal(t, int64(perGiB*85/1_000), supply.Sub(f.bank.GetSupply(f.ctx, denom).Amount).Int64(), "burned")
	require.Zero(t, f.provider(t, loser).ReservedBytes)
	_, replicas = f.deal(t, id)
	require.Equal(t, types.REPLICA_STATUS_UNASSIGNED, replicas[0].Status)
	require.Equal(t, []string{loser}, replicas[0].Excluded)

	f.assignAll(t)
	for replicas[0].Status == types.REPLICA_STATUS_UNASSIGNED {
		f.block(t, time.Second)
		_, replicas = f.deal(t, id)
	}
	require.NotEqual(t, loser, replicas[0].Provider)
	require.NotEqual(t, replicas[1].Provider, replicas[0].Provider)
	require.Equal(t, uint32(1), replicas[0].Repairs)
	require.Equal(t, int64(36_000-10), replicas[0].Budget.Int64(), "a repaired replica spends what is left")
	f.activate(t, replicas[0])
	f.block(t, 10*time.Hour)
	deal, _ := f.deal(t, id)
	require.Equal(t, types.DEAL_STATUS_ENDED, deal.Status)
}

// A provider that goes silent owes nothing for a replica that no window has asked it about.
func TestLostReplicaThatWasNeverChallengedIsNotSlashed(t *testing.T) {
	f := newFixture(t)
	f.register(t, 0, 3_600)
	id := f.create(t, order(1))
	f.assignAll(t)
	f.porep.frozen = true
	_, replicas := f.deal(t, id)
	loser := replicas[0].Provider
	pledge := f.provider(t, loser).Pledge
	f.activate(t, replicas[0])
	unit := f.porep.units[1]
	unit.Status = poreptypes.UNIT_STATUS_QUEUED
	require.NoError(t, f.keeper.UnitTerminated(f.ctx, unit, poreptypes.TERMINATION_CAUSE_FAULT))
	require.NoError(t, f.keeper.CheckInvariants(f.ctx))
	require.Equal(t, pledge, f.provider(t, loser).Pledge)
	require.True(t, f.provider(t, loser).Slashed.IsZero())
	require.Zero(t, f.provider(t, loser).ReservedBytes)
	_, replicas = f.deal(t, id)
	require.Equal(t, types.REPLICA_STATUS_UNASSIGNED, replicas[0].Status, "it is repaired all the same")
	require.Equal(t, uint32(1), replicas[0].Repairs)
	require.Equal(t, []string{loser}, replicas[0].Excluded)
}

func TestSlashIsAShareOfWhatWasCommitted(t *testing.T) {
	params := testParams()
	require.Equal(t, int64(perGiB*85/1_000), params.Slash(sdkmath.NewInt(perGiB)).Int64())
	require.Equal(t, int64(1), params.Slash(sdkmath.NewInt(3)).Int64())
	params.TerminationSlashBps = 0
	require.Equal(t, int64(1), params.Slash(sdkmath.NewInt(perGiB)).Int64())
}

func TestRefusalIsFreeAndExcludes(t *testing.T) {
	f := newFixture(t)
	f.register(t, 0, 3_600)
	f.register(t, 1, 3_600)
	id := f.create(t, order(1))
	f.assignAll(t)
	_, replicas := f.deal(t, id)
	first := replicas[0].Provider
	_, err := f.msgs.RefuseReplica(f.ctx, &types.MsgRefuseReplica{
		Provider: first, DealId: id, Reason: types.REFUSAL_REASON_MISMATCH,
	})
	require.NoError(t, err)
	require.Equal(t, int64(100*perGiB), f.provider(t, first).Pledge.Int64())
	for replicas[0].Provider == first || replicas[0].Provider == "" {
		f.block(t, time.Second)
		_, replicas = f.deal(t, id)
	}
	require.Equal(t, []string{first}, replicas[0].Excluded)
}

func TestTooManyRefusalsFailAPendingDeal(t *testing.T) {
	f := newFixture(t)
	params := testParams()
	params.MaxRefusals = 2
	_, err := f.msgs.UpdateParams(f.ctx, &types.MsgUpdateParams{Authority: authority.String(), Params: params})
	require.NoError(t, err)
	f.register(t, 0, 3_600)
	f.register(t, 1, 3_600)
	id := f.create(t, order(2))
	f.assignAll(t)
	_, replicas := f.deal(t, id)
	for _, replica := range replicas {
		_, err := f.msgs.RefuseReplica(f.ctx, &types.MsgRefuseReplica{Provider: replica.Provider, DealId: id, Index: replica.Index})
		require.NoError(t, err)
	}
	deal, _ := f.deal(t, id)
	require.Equal(t, types.DEAL_STATUS_FAILED, deal.Status)
	require.Equal(t, int64(wealth), f.balance(client))
	f.block(t, time.Hour)
}

func TestLapseCostsAFee(t *testing.T) {
	f := newFixture(t)
	account := f.register(t, 0, 3_600).String()
	id := f.create(t, order(1))
	f.assignAll(t)
	f.block(t, time.Minute)
	provider := f.provider(t, account)
	require.Equal(t, int64(7), provider.Slashed.Int64())
	require.Equal(t, int64(100*perGiB-7), provider.Pledge.Int64())
	require.Zero(t, provider.ReservedBytes)
	_, replicas := f.deal(t, id)
	require.Equal(t, types.REPLICA_STATUS_UNASSIGNED, replicas[0].Status)

	f.block(t, 2*time.Second)
	_, err := f.msgs.ActivateReplica(f.ctx, &types.MsgActivateReplica{Provider: account, DealId: id})
	require.ErrorIs(t, err, types.ErrNotAssigned)
	f.block(t, time.Minute)
	deal, _ := f.deal(t, id)
	require.Equal(t, types.DEAL_STATUS_FAILED, deal.Status, "nobody else is there")
	require.Equal(t, int64(wealth), f.balance(client))
}

func TestDealWithoutProviderFailsWithRefund(t *testing.T) {
	f := newFixture(t)
	f.register(t, 0, 3_601) // too dear
	id := f.create(t, order(1))
	f.assignAll(t)
	for range 5 {
		f.block(t, time.Second)
	}
	deal, _ := f.deal(t, id)
	require.Equal(t, types.DEAL_STATUS_PENDING, deal.Status)
	f.block(t, time.Minute)
	deal, _ = f.deal(t, id)
	require.Equal(t, types.DEAL_STATUS_FAILED, deal.Status)
	require.Equal(t, int64(wealth), f.balance(client))
}

func TestStartedDealSeeksMissingReplicaUntilItsEnd(t *testing.T) {
	f := newFixture(t)
	f.register(t, 0, 3_600)
	id := f.create(t, order(2))
	f.assignAll(t)
	_, replicas := f.deal(t, id)
	i := slices.IndexFunc(replicas, func(r types.Replica) bool { return r.Status == types.REPLICA_STATUS_ASSIGNED })
	f.activate(t, replicas[i])
	f.block(t, time.Hour)
	deal, _ := f.deal(t, id)
	require.Equal(t, types.DEAL_STATUS_PENDING, deal.Status)

	f.register(t, 1, 3_600)
	for replicas[1-i].Status == types.REPLICA_STATUS_UNASSIGNED {
		f.block(t, time.Second)
		_, replicas = f.deal(t, id)
	}
	f.activate(t, replicas[1-i])
	deal, _ = f.deal(t, id)
	require.Equal(t, types.DEAL_STATUS_ACTIVE, deal.Status)
}

// Where nobody else is left, a running deal turns to those again that gave its replica back, but not before long.
func TestExcludedProvidersAreForgivenWhereNobodyElseIs(t *testing.T) {
	f := newFixture(t)
	for n := range 2 {
		f.register(t, n, 3_600)
	}
	id := f.create(t, order(2))
	f.assignAll(t)
	_, replicas := f.deal(t, id)
	i := slices.IndexFunc(replicas, func(r types.Replica) bool { return r.Status == types.REPLICA_STATUS_ASSIGNED })
	f.activate(t, replicas[i])
	other := 1 - i
	for replicas[other].Status != types.REPLICA_STATUS_ASSIGNED {
		f.block(t, time.Second)
		_, replicas = f.deal(t, id)
	}
	refuser := replicas[other].Provider
	_, err := f.msgs.RefuseReplica(f.ctx, &types.MsgRefuseReplica{Provider: refuser, DealId: id, Index: uint32(other)})
	require.NoError(t, err)
	refusedAt := f.ctx.BlockTime()
	longest := 64 * testParams().RetryInterval
	for replicas[other].Provider = ""; replicas[other].Provider == "" && f.ctx.BlockTime().Before(refusedAt.Add(4*longest)); {
		f.block(t, time.Second)
		_, replicas = f.deal(t, id)
	}
	require.Equal(t, refuser, replicas[other].Provider)
	require.Empty(t, replicas[other].Excluded)
	require.GreaterOrEqual(t, f.ctx.BlockTime().Sub(refusedAt), longest-2*time.Second)
	f.activate(t, replicas[other])
	deal, _ := f.deal(t, id)
	require.Equal(t, types.DEAL_STATUS_ACTIVE, deal.Status)
}

func TestCancel(t *testing.T) {
	f := newFixture(t)
	account := f.register(t, 0, 3_600)
	id := f.create(t, order(2))
	_, err := f.msgs.CancelDeal(f.ctx, &types.MsgCancelDeal{Client: account.String(), DealId: id})
	require.ErrorIs(t, err, types.ErrNotClient)
	_, err = f.msgs.CancelDeal(f.ctx, &types.MsgCancelDeal{Client: client.String(), DealId: 99})
	require.ErrorIs(t, err, types.ErrDealNotFound)

	f.assignAll(t)
	_, err = f.msgs.CancelDeal(f.ctx, &types.MsgCancelDeal{Client: client.String(), DealId: id})
	require.NoError(t, err)
	deal, _ := f.deal(t, id)
	require.Equal(t, types.DEAL_STATUS_CANCELLED, deal.Status)
	require.Equal(t, int64(wealth), f.balance(client), "nothing was earned")
	require.Zero(t, f.provider(t, account.String()).ReservedBytes)
	f.block(t, time.Hour)
	require.True(t, f.provider(t, account.String()).Slashed.IsZero(), "a cancelled assignment does not lapse")
}

func TestCancelWhileTheWindowIsOpenWaitsForItsClose(t *testing.T) {
	f := newFixture(t)
	account := f.register(t, 0, 3_600)
	id := f.activeDeal(t, 1)
	f.porep.frozen = true
	_, err := f.msgs.CancelDeal(f.ctx, &types.MsgCancelDeal{Client: client.String(), DealId: id})
	require.NoError(t, err)
	deal, _ := f.deal(t, id)
	require.Equal(t, types.DEAL_STATUS_CLOSING, deal.Status)
	require.NoError(t, f.keeper.CheckInvariants(f.ctx))

	f.porep.proven[account.String()] = 10 * time.Second
	f.porep.thaw(t, f.ctx)
	deal, _ = f.deal(t, id)
	require.Equal(t, types.DEAL_STATUS_CANCELLED, deal.Status)
	require.Equal(t, int64(10), deal.Paid.Int64(), "the last window is paid")
	require.NoError(t, f.keeper.CheckInvariants(f.ctx))
	f.block(t, 20*time.Hour)
}

func TestActivationWhileFrozenEarnsFromTheCloseOn(t *testing.T) {
	f := newFixture(t)
	account := f.register(t, 0, 3_600).String()
	id := f.create(t, order(1))
	f.assignAll(t)
	f.porep.frozen = true
	_, replicas := f.deal(t, id)
	f.activate(t, replicas[0])
	_, replicas = f.deal(t, id)
	require.Equal(t, types.REPLICA_STATUS_ACTIVE, replicas[0].Status)
	require.False(t, replicas[0].Accruing)
	f.porep.proven[account] = time.Hour
	f.porep.thaw(t, f.ctx)
	_, replicas = f.deal(t, id)
	require.True(t, replicas[0].Accruing)
	require.Equal(t, time.Hour, replicas[0].AccruedTo)
	require.Equal(t, uint64(1), replicas[0].UnitId)
}

func TestTerminationOfAClosingDealEndsTheReplica(t *testing.T) {
	f := newFixture(t)
	f.register(t, 0, 3_600)
	id := f.activeDeal(t, 1)
	unit := f.porep.units[1]
	f.porep.frozen = true
	_, err := f.msgs.CancelDeal(f.ctx, &types.MsgCancelDeal{Client: client.String(), DealId: id})
	require.NoError(t, err)
	require.NoError(t, f.keeper.UnitTerminated(f.ctx, unit, poreptypes.TERMINATION_CAUSE_FAULT))
	deal, _ := f.deal(t, id)
	require.Equal(t, types.DEAL_STATUS_CANCELLED, deal.Status)
	require.NoError(t, f.keeper.CheckInvariants(f.ctx))
	require.ErrorIs(t, f.keeper.UnitReleased(f.ctx, unit), types.ErrUnit, "a unit goes once")
}

func TestDrawsFollowFreeSpace(t *testing.T) {
	f := newFixture(t)
	counts := map[string]int{}
	big, small := f.register(t, 0, 1).String(), f.register(t, 1, 1)
	offer := ask(1)
	offer.CapacityBytes = 10 * gib
	_, err := f.msgs.UpdateProvider(f.ctx, &types.MsgUpdateProvider{
		Provider: small.String(), Ask: offer, Endpoint: endpoint(), Accepting: true,
	})
	require.NoError(t, err)
	for range 200 {
		msg := order(1)
		msg.SizeBytes = 1 << 20
		id := f.create(t, msg)
		f.assignAll(t)
		_, replicas := f.deal(t, id)
		counts[replicas[0].Provider]++
		_, err := f.msgs.CancelDeal(f.ctx, &types.MsgCancelDeal{Client: client.String(), DealId: id})
		require.NoError(t, err)
	}
	require.Greater(t, counts[big], 150, "it has ten times the space: 182 of 200 expected")
	require.Positive(t, counts[small.String()])
}

func TestHooksRefuseUnknownUnits(t *testing.T) {
	f := newFixture(t)
	require.ErrorIs(t, f.keeper.UnitActivated(f.ctx, poreptypes.Unit{DealId: 9}), types.ErrDealNotFound)
	f.register(t, 0, 1)
	f.activeDeal(t, 1)
	unit := f.porep.units[1]
	unit.Provider = client.String()
	require.ErrorIs(t, f.keeper.UnitFaulted(f.ctx, unit), types.ErrUnit)
}
