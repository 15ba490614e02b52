package keeper_test

import (
	"math/rand/v2"
	"testing"
	"time"

	sdkmath "cosmossdk.io/math"
	sdk "github.com/cosmos/cosmos-sdk/types"
	"github.com/cosmos/gogoproto/proto"
	"github.com/stretchr/testify/require"

	"github.com/ipdm-network/ipdm/x/incentive/types"
)

func TestCleanWindowEarns(t *testing.T) {
	f := newFixture(t)
	f.seal(t, provider(0), gib)
	f.pass(t, 10*time.Second)
	require.Zero(t, f.close(t, provider(0), true))
	account := f.account(t, provider(0))
	require.Equal(t, int64(60_000), account.Earned.Int64())
	require.Equal(t, int64(15_000), account.Payable.Int64(), "a quarter at once")
	require.Equal(t, int64(45_000), account.Unvested().Int64())
	require.Equal(t, int64(60_000), f.held(types.ModuleName))
	require.Equal(t, &types.EventRewardEarned{Provider: provider(0), Amount: "60000", Immediate: "15000"}, f.last(t))

	require.Zero(t, f.close(t, provider(0), true))
	require.Equal(t, int64(60_000), f.account(t, provider(0)).Earned.Int64(), "a window that closes at once earns nothing twice")
}

func TestUncleanWindowForfeits(t *testing.T) {
	f := newFixture(t)
	f.seal(t, provider(0), gib)
	f.pass(t, 10*time.Second)
	supply := f.bank.GetSupply(f.ctx, denom).Amount
	require.Equal(t, int64(60_000), f.close(t, provider(0), false))
	account := f.account(t, provider(0))
	require.True(t, account.Earned.IsZero())
	require.Equal(t, int64(60_000), account.Forfeited.Int64())
	require.Equal(t, int64(60_000), f.totals(t).Forfeited.Int64())
	require.Equal(t, supply, f.bank.GetSupply(f.ctx, denom).Amount, "what is forfeited is never minted")
	require.Equal(t, &types.EventRewardForfeited{Provider: provider(0), Amount: "60000"}, f.last(t))

	f.pass(t, 10*time.Second)
	require.Zero(t, f.close(t, provider(0), true))
	require.Equal(t, int64(60_000), f.account(t, provider(0)).Earned.Int64(), "the next window earns again")
}

func TestRewardsFollowBytes(t *testing.T) {
	f := newFixture(t)
	f.seal(t, provider(0), gib)
	f.seal(t, provider(1), 3*gib)
	f.pass(t, 10*time.Second) // 60,000, shared 1 to 3
	f.seal(t, provider(1), gib)
	f.pass(t, 10*time.Second) // 60,000, shared equally
	f.seal(t, provider(0), 0)
	f.pass(t, 10*time.Second) // 60,000 for the other one
	for n := range 2 {
		require.Zero(t, f.close(t, provider(n), true))
	}
	require.InDelta(t, 45_000, f.account(t, provider(0)).Earned.Int64(), 1)
	require.InDelta(t, 45_000+30_000+60_000, f.account(t, provider(1)).Earned.Int64(), 1)
	require.LessOrEqual(t, f.totals(t).ToStorage.Int64(), int64(180_000), "never more than the share")
}

func TestClaimPaysWhatVested(t *testing.T) {
	f := newFixture(t)
	claim := func() (int64, error) {
		res, err := f.msgs.ClaimRewards(f.ctx, &types.MsgClaimRewards{Provider: provider(0)})
		if err != nil {
			return 0, err
		}
		f.check(t)
		return res.Paid.Int64(), nil
	}
	_, err := claim()
	require.ErrorIs(t, err, types.ErrNoAccount)
	f.seal(t, provider(0), gib)
	_, err = claim()
	require.ErrorIs(t, err, types.ErrNothingToClaim)
	f.pass(t, 10*time.Second)
	f.close(t, provider(0), true)
	f.seal(t, provider(0), 0)

	paid, err := claim()
	require.NoError(t, err)
	require.Equal(t, int64(15_000), paid)
	require.Equal(t, &types.EventRewardsClaimed{Provider: provider(0), Amount: "15000"}, f.last(t))
	_, err = claim()
	require.ErrorIs(t, err, types.ErrNothingToClaim)

	for range 32 {
		f.pass(t, time.Minute)
	}
	paid, err = claim()
	require.NoError(t, err)
	require.InDelta(t, 45_000/2, paid, 45_000/30)
	f.pass(t, time.Hour)
	res, err := f.query.Account(f.ctx, &types.QueryAccountRequest{Provider: provider(0)})
	require.NoError(t, err)
	require.Equal(t, int64(45_000)-paid, res.Claimable.Int64())
	require.True(t, res.Vesting.IsZero())
	_, err = claim()
	require.NoError(t, err)
	require.Equal(t, int64(60_000), f.owns(providerAddress(0)))
	require.Zero(t, f.held(types.ModuleName))
}

func TestBadAddresses(t *testing.T) {
	f := newFixture(t)
	_, err := f.msgs.ClaimRewards(f.ctx, &types.MsgClaimRewards{Provider: "x"})
	require.Error(t, err)
	require.Error(t, f.keeper.SealedBytesChanged(f.ctx, "x", 1))
	_, err = f.keeper.SealedWindowClosed(f.ctx, "x", true)
	require.Error(t, err)
}

// Random histories of providers that come, go, prove and fail, with random times, slashes and claims: after every step the module owes
// what it has and supply is genesis + minted - burned, and at the end everything can be claimed.
func TestRandomLives(t *testing.T) {
	for seed := range uint64(5) {
		f := newFixture(t)
		rng := rand.New(rand.NewPCG(seed, 7))
		const providers = 6
		for range 400 {
			who := provider(rng.IntN(providers))
			switch rng.IntN(6) {
			case 0:
				f.seal(t, who, rng.Uint64N(1<<50))
			case 1, 2:
				f.close(t, who, rng.IntN(4) > 0)
			case 3:
				_, err := f.msgs.ClaimRewards(f.ctx, &types.MsgClaimRewards{Provider: who})
				if err != nil {
					require.True(t, types.ErrNoAccount.Is(err) || types.ErrNothingToClaim.Is(err), "%s", err)
				}
			case 4:
				slash := sdkmath.NewInt(1 + rng.Int64N(1_000_000))
				client, reporter := []string{"", provider(0)}[rng.IntN(2)], []string{"", provider(1)}[rng.IntN(2)]
				require.NoError(t, f.keeper.DistributeSlash(f.ctx, deposits, slash, client, reporter))
			default:
				f.pass(t, time.Duration(rng.Int64N(int64(5*time.Minute))))
			}
			f.check(t)
		}
		f.pass(t, 2*time.Hour)
		for n := range providers {
			_, _ = f.msgs.ClaimRewards(f.ctx, &types.MsgClaimRewards{Provider: provider(n)})
		}
		require.Zero(t, f.held(types.ModuleName), "seed %d", seed)
	}
}

// last returns the last event.
func (f *fixture) last(t testing.TB) proto.Message {
	t.Helper()
	events := f.ctx.EventManager().ABCIEvents()
	require.NotEmpty(t, events)
	event, err := sdk.ParseTypedEvent(events[len(events)-1])
	require.NoError(t, err)
	return event
}
