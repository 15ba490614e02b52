package incentive_test

import (
	"testing"
	"time"

	sdkmath "cosmossdk.io/math"
	"github.com/stretchr/testify/require"

	"github.com/ipdm-network/ipdm/x/incentive"
	"github.com/ipdm-network/ipdm/x/incentive/types"
	"github.com/ipdm-network/ipdm/x/internal/clitest"
)

func TestEveryMethodHasACommand(t *testing.T) {
	options := incentive.AppModule{}.AutoCLIOptions()
	clitest.RequireComplete(t, options.Query)
	clitest.RequireComplete(t, options.Tx)
}

func TestCommandLineMakesMessages(t *testing.T) {
	options := incentive.AppModule{}.AutoCLIOptions()

	var claim types.MsgClaimRewards
	clitest.Parse(t, options.Tx, "ClaimRewards", &claim)
	require.Equal(t, types.MsgClaimRewards{}, claim)

	var account types.QueryAccountRequest
	clitest.Parse(t, options.Query, "Account", &account, "ipdm1qyqszqgpqyqszqgpqyqszqgpqyqszqgpyq3yuz")
	require.Equal(t, "ipdm1qyqszqgpqyqszqgpqyqszqgpqyqszqgpyq3yuz", account.Provider)

	var update types.MsgUpdateParams
	clitest.Parse(t, options.Tx, "UpdateParams", &update,
		`{"denom":"aipdm","emission_per_second":"5","half_life":"3600s","storage_bps":10000,"pledge_floor_per_gib":"7"}`)
	require.Equal(t, types.Params{
		Denom: "aipdm", EmissionPerSecond: sdkmath.NewInt(5), HalfLife: time.Hour, StorageBps: 10_000, PledgeFloorPerGib: sdkmath.NewInt(7),
	}, update.Params)
}
