package keeper_test

import (
	"testing"
	"time"

	sdkmath "cosmossdk.io/math"
	authtypes "github.com/cosmos/cosmos-sdk/x/auth/types"
	"github.com/stretchr/testify/require"

	"github.com/ipdm-network/ipdm/x/incentive/types"
)

// lived returns a module with accounts that seal, vest and have claimed.
func lived(t testing.TB) *fixture {
	t.Helper()
	f := newFixture(t)
	for n := range 3 {
		f.seal(t, provider(n), uint64(n+1)*gib)
	}
	for range 5 {
		f.pass(t, 50*time.Second)
		f.close(t, provider(0), true)
		f.close(t, provider(1), false)
	}
	_, err := f.msgs.ClaimRewards(f.ctx, &types.MsgClaimRewards{Provider: provider(0)})
	require.NoError(t, err)
	require.NoError(t, f.keeper.DistributeSlash(f.ctx, deposits, sdkmath.NewInt(1_000), provider(2), ""))
	return f
}

func TestGenesisRoundTrip(t *testing.T) {
	f := lived(t)
	gs, err := f.keeper.ExportGenesis(f.ctx)
	require.NoError(t, err)
	require.NoError(t, gs.Validate())
	require.Len(t, gs.Accounts, 3)

	other := newBase(t)
	other.ctx = other.ctx.WithBlockHeader(f.ctx.BlockHeader())
	require.ErrorIs(t, other.keeper.InitGenesis(other.ctx, *gs), types.ErrInvariant, "the account does not hold what it owes")
	other.fund(t, types.ModuleName, f.held(types.ModuleName))
	require.NoError(t, other.keeper.InitGenesis(other.ctx, *gs))
	again, err := other.keeper.ExportGenesis(other.ctx)
	require.NoError(t, err)
	require.Equal(t, gs, again)

	// Both go on alike.
	for _, g := range []*fixture{f, other} {
		g.ctx = g.ctx.WithBlockTime(g.ctx.BlockTime().Add(30 * time.Second))
		require.NoError(t, g.keeper.BeginBlock(g.ctx))
		_, err := g.keeper.SealedWindowClosed(g.ctx, provider(2), true)
		require.NoError(t, err)
		require.NoError(t, g.keeper.CheckInvariants(g.ctx))
	}
	require.Equal(t, f.account(t, provider(2)), other.account(t, provider(2)))
}

func TestGenesisIsRefused(t *testing.T) {
	f := newBase(t)
	gs := types.DefaultGenesis()
	gs.Params.BaselineBytes = 0
	require.ErrorIs(t, f.keeper.InitGenesis(f.ctx, *gs), types.ErrInvalidParams)
	gs = types.DefaultGenesis()
	gs.Accounts = []types.Account{types.NewAccount("x", sdkmath.ZeroInt())}
	require.Error(t, f.keeper.InitGenesis(f.ctx, *gs), "an account of nobody")
}

func TestInvariantsSeeWhatIsWrong(t *testing.T) {
	for name, harm := range map[string]func(*fixture){
		"coins from nowhere": func(f *fixture) { f.fund(t, types.ModuleName, 1) },
		"coins that are gone": func(f *fixture) {
			require.NoError(t, f.bank.SendCoinsFromModuleToModule(f.ctx, types.ModuleName, community, f.bank.GetAllBalances(f.ctx, authtypes.NewModuleAddress(types.ModuleName))))
		},
	} {
		t.Run(name, func(t *testing.T) {
			f := lived(t)
			harm(f)
			require.ErrorIs(t, f.keeper.CheckInvariants(f.ctx), types.ErrInvariant)
		})
	}
}
