package keeper_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/ipdm-network/ipdm/x/market/types"
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
