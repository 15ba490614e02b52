package keeper_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/ipdm-network/ipdm/x/market/types"
)

// A replica activated half an hour before a window that covers an hour earns for half an hour of it.
func TestFirstWindowPaysFromActivationOnly(t *testing.T) {
	f := newFixture(t)
	provider := f.register(t, 0, 3_600).String()
	f.porep.proven[provider] = 5 * time.Hour
	f.porep.unearned = 30 * time.Minute
	id := f.activeDeal(t, 1)

	f.porep.proven[provider] += time.Hour
	res, err := f.msgs.Settle(f.ctx, &types.MsgSettle{Sender: provider, DealIds: []uint64{id}})
	require.NoError(t, err)
	require.Equal(t, int64(1_800), res.Paid.Int64(), "one a second")

	f.porep.proven[provider] += time.Hour
	res, err = f.msgs.Settle(f.ctx, &types.MsgSettle{Sender: provider, DealIds: []uint64{id}})
	require.NoError(t, err)
	require.Equal(t, int64(3_600), res.Paid.Int64(), "all of the next window")
	require.NoError(t, f.keeper.CheckInvariants(f.ctx))
}
