package types_test

import (
	"testing"
	"time"

	sdkmath "cosmossdk.io/math"
	"github.com/stretchr/testify/require"

	"github.com/ipdm-network/ipdm/x/incentive/types"
)

// lived is a state with two accounts, one of which is vesting.
func lived() *types.GenesisState {
	gs := types.DefaultGenesis()
	gs.Emission = types.Emission{SealedBytes: 30, Index: sdkmath.NewInt(100), StartedAt: start, LastTime: start.Add(time.Hour)}
	for i, provider := range []string{"a", "b"} {
		account := types.NewAccount(provider, sdkmath.NewInt(90))
		account.SealedBytes = uint64(10 + 10*i)
		account.Vest(gs.Params, start, sdkmath.NewInt(1_000))
		gs.Accounts = append(gs.Accounts, account)
	}
	return gs
}

func TestGenesisThatHolds(t *testing.T) {
	require.NoError(t, types.DefaultGenesis().Validate())
	require.NoError(t, lived().Validate())
}

func TestGenesisIsRefused(t *testing.T) {
	for name, change := range map[string]func(*types.GenesisState){
		"no total":            func(gs *types.GenesisState) { gs.Totals.Minted = sdkmath.Int{} },
		"negative total":      func(gs *types.GenesisState) { gs.Totals.Burned = sdkmath.NewInt(-1) },
		"no index":            func(gs *types.GenesisState) { gs.Emission.Index = sdkmath.Int{} },
		"time before start":   func(gs *types.GenesisState) { gs.Emission.LastTime = start.Add(-1) },
		"no provider":         func(gs *types.GenesisState) { gs.Accounts[0].Provider = "" },
		"provider twice":      func(gs *types.GenesisState) { gs.Accounts[1].Provider = "a" },
		"bytes missing":       func(gs *types.GenesisState) { gs.Emission.SealedBytes++ },
		"bytes too many":      func(gs *types.GenesisState) { gs.Accounts[1].SealedBytes++ },
		"bytes that wrap":     func(gs *types.GenesisState) { gs.Accounts[0].SealedBytes, gs.Accounts[1].SealedBytes = 1<<63, 1<<63+30 },
		"ahead of the index":  func(gs *types.GenesisState) { gs.Accounts[0].Index = sdkmath.NewInt(101) },
		"no pending":          func(gs *types.GenesisState) { gs.Accounts[0].Pending = sdkmath.Int{} },
		"earned out of air":   func(gs *types.GenesisState) { gs.Accounts[0].Payable = sdkmath.NewInt(251) },
		"entry without end":   func(gs *types.GenesisState) { gs.Accounts[0].Vesting[0].EndsAt = gs.Accounts[0].Vesting[0].StartsAt },
		"entry over-released": func(gs *types.GenesisState) { gs.Accounts[0].Vesting[0].Released = sdkmath.NewInt(751) },
		"entry of no amount":  func(gs *types.GenesisState) { gs.Accounts[0].Vesting[0].Amount = sdkmath.Int{} },
		"too many entries": func(gs *types.GenesisState) {
			for range types.MaxVestingEntries {
				gs.Accounts[0].Vesting = append(gs.Accounts[0].Vesting, types.VestingEntry{
					StartsAt: start, EndsAt: start.Add(1), Amount: sdkmath.ZeroInt(), Released: sdkmath.ZeroInt(),
				})
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			gs := lived()
			change(gs)
			require.ErrorIs(t, gs.Validate(), types.ErrInvalidGenesis)
		})
	}
	gs := lived()
	gs.Params.StorageBps = 0
	require.ErrorIs(t, gs.Validate(), types.ErrInvalidParams)
}

// Every node names the same fault of a genesis file that has several.
func TestTheFirstFaultIsNamed(t *testing.T) {
	gs := types.DefaultGenesis()
	gs.Totals = types.Totals{}
	for range 50 {
		require.ErrorContains(t, gs.Validate(), "minted is missing")
	}
}
