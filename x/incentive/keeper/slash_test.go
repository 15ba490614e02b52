package keeper_test

import (
	"testing"

	sdkmath "cosmossdk.io/math"
	authtypes "github.com/cosmos/cosmos-sdk/x/auth/types"
	"github.com/stretchr/testify/require"

	"github.com/ipdm-network/ipdm/x/incentive/types"
)

func TestSlashIsDistributed(t *testing.T) {
	module := authtypes.NewModuleAddress(deposits).String()
	for name, tt := range map[string]struct {
		client, reporter                          string
		amount                                    int64
		burned, toClient, toCommunity, toReporter int64
	}{
		"both":                      {provider(1), provider(2), 1_001, 501, 300, 0, 200},
		"no reporter":               {provider(1), "", 1_001, 701, 300, 0, 0},
		"no client":                 {"", provider(2), 1_001, 501, 0, 300, 200},
		"neither":                   {"", "", 1_001, 701, 0, 300, 0},
		"one aipdm":                 {provider(1), provider(2), 1, 1, 0, 0, 0},
		"whoever cannot be paid":    {module, module, 1_000, 700, 0, 300, 0},
		"whoever is not an address": {"x", "y", 1_000, 700, 0, 300, 0},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFixture(t)
			require.NoError(t, f.keeper.DistributeSlash(f.ctx, deposits, sdkmath.NewInt(tt.amount), tt.client, tt.reporter))
			f.check(t)
			require.Equal(t, wealth-tt.amount, f.held(deposits))
			require.Equal(t, tt.toClient, f.owns(providerAddress(1)))
			require.Equal(t, tt.toReporter, f.owns(providerAddress(2)))
			require.Equal(t, tt.toCommunity, f.held(community))
			require.Equal(t, tt.burned, f.totals(t).Burned.Int64())
			require.Equal(t, tt.amount, f.totals(t).Slashed.Int64())
			require.Zero(t, f.held(types.ModuleName), "what is burned passes through the module's account")
			event, ok := f.last(t).(*types.EventSlashDistributed)
			require.True(t, ok)
			require.Equal(t, sdkmath.NewInt(tt.burned).String(), event.Burned)
		})
	}
}

func TestSlashIsRefused(t *testing.T) {
	f := newFixture(t)
	for name, amount := range map[string]sdkmath.Int{"nil": {}, "zero": sdkmath.ZeroInt(), "negative": sdkmath.NewInt(-1)} {
		require.ErrorIs(t, f.keeper.DistributeSlash(f.ctx, deposits, amount, "", ""), types.ErrInvalidAmount, name)
	}
	require.Error(t, f.keeper.DistributeSlash(f.ctx, deposits, sdkmath.NewInt(wealth+1_000_000_000_000), "", ""), "more than there is")
}
