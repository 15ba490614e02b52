package keeper_test

import (
	"testing"
	"time"

	sdkmath "cosmossdk.io/math"
	"github.com/stretchr/testify/require"

	"github.com/ipdm-network/ipdm/x/market/types"
	poreptypes "github.com/ipdm-network/ipdm/x/porep/types"
)

// A unit that x/porep dropped while the hook failed must not keep the client's money in escrow for ever.
func TestDealEndsWhenAUnitIsGoneUntold(t *testing.T) {
	f := newFixture(t)
	f.register(t, 0, 3_600)
	f.register(t, 1, 3_600)
	id := f.activeDeal(t, 2)
	_, replicas := f.deal(t, id)
	delete(f.porep.units, replicas[0].UnitId)
	before := f.balance(client)

	_, err := f.msgs.CancelDeal(f.ctx, &types.MsgCancelDeal{Client: client.String(), DealId: id})
	require.NoError(t, err)
	require.NoError(t, f.keeper.CheckInvariants(f.ctx))
	deal, replicas := f.deal(t, id)
	require.Equal(t, types.DEAL_STATUS_CANCELLED, deal.Status)
	require.Equal(t, deal.Deposited.Int64(), f.balance(client)-before)
	for _, replica := range replicas {
		require.Equal(t, types.REPLICA_STATUS_ENDED, replica.Status)
	}
}

func (f *fixture) settle(t *testing.T, id uint64) {
	t.Helper()
	_, err := f.msgs.Settle(f.ctx, &types.MsgSettle{Sender: client.String(), DealIds: []uint64{id}})
	require.NoError(t, err)
	require.NoError(t, f.keeper.CheckInvariants(f.ctx))
}

// Time proven with other units is not paid to a replica whose unit is gone.
func TestUntoldTerminationIsReconciledBySettling(t *testing.T) {
	f := newFixture(t)
	f.register(t, 0, 3_600)
	f.register(t, 1, 3_600)
	id := f.activeDeal(t, 1)
	_, replicas := f.deal(t, id)
	loser := replicas[0].Provider
	delete(f.porep.units, replicas[0].UnitId)
	f.porep.proven[loser] = time.Hour

	f.settle(t, id)
	require.True(t, f.provider(t, loser).Earned.IsZero())
	require.Equal(t, testParams().Slash(sdkmath.NewInt(perGiB)), f.provider(t, loser).Slashed)
	_, replicas = f.deal(t, id)
	require.Equal(t, types.REPLICA_STATUS_UNASSIGNED, replicas[0].Status)
	require.Equal(t, uint32(1), replicas[0].Repairs)
	for replicas[0].Status == types.REPLICA_STATUS_UNASSIGNED {
		f.block(t, time.Second)
		_, replicas = f.deal(t, id)
	}
	f.activate(t, replicas[0])
	f.settle(t, id)
	require.Equal(t, testParams().Slash(sdkmath.NewInt(perGiB)), f.provider(t, loser).Slashed, "settling again changes nothing")
}

// A closing deal whose last unit was released while the hook failed has no due item left: settling finishes it.
func TestUntoldReleaseIsReconciledBySettling(t *testing.T) {
	f := newFixture(t)
	f.register(t, 0, 3_600)
	f.register(t, 1, 3_600)
	id := f.activeDeal(t, 2)
	f.porep.frozen = true
	before := f.balance(client)
	_, err := f.msgs.CancelDeal(f.ctx, &types.MsgCancelDeal{Client: client.String(), DealId: id})
	require.NoError(t, err)
	_, replicas := f.deal(t, id)
	for _, replica := range replicas {
		delete(f.porep.units, replica.UnitId)
		f.porep.proven[replica.Provider] = time.Hour
	}
	f.settle(t, id)
	deal, replicas := f.deal(t, id)
	require.Equal(t, types.DEAL_STATUS_CANCELLED, deal.Status)
	require.Equal(t, deal.Deposited.Int64(), f.balance(client)-before)
	for _, replica := range replicas {
		require.Equal(t, types.REPLICA_STATUS_ENDED, replica.Status)
		require.True(t, f.provider(t, replica.Provider).Slashed.IsZero(), "it may have been released as it was asked to")
	}
	f.settle(t, id)
}

// A deal that ends does not pay for a unit that is gone either.
func TestEndDoesNotPayForAUnitThatIsGone(t *testing.T) {
	f := newFixture(t)
	account := f.register(t, 0, 3_600).String()
	id := f.activeDeal(t, 1)
	delete(f.porep.units, 1)
	f.porep.proven[account] = time.Hour
	f.block(t, 10*time.Hour)
	deal, _ := f.deal(t, id)
	require.Equal(t, types.DEAL_STATUS_ENDED, deal.Status)
	require.True(t, deal.Paid.IsZero())
	require.Equal(t, int64(wealth), f.balance(client))
}

func TestUntoldFaultAndRecoveryAreReconciledBySettling(t *testing.T) {
	f := newFixture(t)
	account := f.register(t, 0, 3_600).String()
	id := f.activeDeal(t, 1)
	unit := f.porep.units[1]
	unit.Status = poreptypes.UNIT_STATUS_FAULTY
	f.porep.units[1] = unit
	f.porep.proven[account] = time.Hour
	f.settle(t, id)
	_, replicas := f.deal(t, id)
	require.Equal(t, types.REPLICA_STATUS_FAULTY, replicas[0].Status)
	require.True(t, f.provider(t, account).Earned.IsZero())

	unit.Status = poreptypes.UNIT_STATUS_ACTIVE
	f.porep.units[1] = unit
	f.settle(t, id)
	f.porep.proven[account] += 10 * time.Second
	f.settle(t, id)
	_, replicas = f.deal(t, id)
	require.Equal(t, types.REPLICA_STATUS_ACTIVE, replicas[0].Status)
	require.Equal(t, int64(10), f.provider(t, account).Earned.Int64(), "it earns from the reconciliation on")
}

// A deal that ends does not pay for time after a fault that went untold.
func TestEndDoesNotPayForAnUntoldFault(t *testing.T) {
	f := newFixture(t)
	account := f.register(t, 0, 3_600).String()
	id := f.activeDeal(t, 1)
	unit := f.porep.units[1]
	unit.Status = poreptypes.UNIT_STATUS_FAULTY
	f.porep.units[1] = unit
	f.porep.proven[account] = time.Hour
	f.block(t, 10*time.Hour)
	deal, _ := f.deal(t, id)
	require.Equal(t, types.DEAL_STATUS_ENDED, deal.Status)
	require.True(t, deal.Paid.IsZero())
}
