package market_test

import (
	"bytes"
	"encoding/hex"
	"testing"
	"time"

	sdkmath "cosmossdk.io/math"
	"github.com/stretchr/testify/require"

	"github.com/ipdm-network/ipdm/x/internal/clitest"
	"github.com/ipdm-network/ipdm/x/market"
	"github.com/ipdm-network/ipdm/x/market/types"
)

const endpoint = `{"peer_id":"12D3KooW","multiaddrs":["/ip4/192.0.2.1/tcp/1"]}`

func TestEveryMethodHasACommand(t *testing.T) {
	options := market.AppModule{}.AutoCLIOptions()
	clitest.RequireComplete(t, options.Query)
	clitest.RequireComplete(t, options.Tx)
}

func TestCommandLineMakesMessages(t *testing.T) {
	options := market.AppModule{}.AutoCLIOptions()

	var register types.MsgRegisterProvider
	clitest.Parse(t, options.Tx, "RegisterProvider", &register,
		`{"price_per_gib_hour":"5","capacity_bytes":"9","max_duration":"3600s"}`, endpoint, "77", "--region", "eu")
	require.Equal(t, types.MsgRegisterProvider{
		Ask:      types.Ask{PricePerGibHour: sdkmath.NewInt(5), CapacityBytes: 9, MaxDuration: time.Hour},
		Endpoint: types.Endpoint{PeerId: "12D3KooW", Multiaddrs: []string{"/ip4/192.0.2.1/tcp/1"}},
		Region:   "eu", Pledge: sdkmath.NewInt(77),
	}, register)

	var update types.MsgUpdateProvider
	clitest.Parse(t, options.Tx, "UpdateProvider", &update, `{"price_per_gib_hour":"5"}`, endpoint, "--accepting")
	require.True(t, update.Accepting)

	commD := bytes.Repeat([]byte{7}, 32)
	var create types.MsgCreateDeal
	clitest.Parse(t, options.Tx, "CreateDeal", &create,
		"r", "m", "l", hex.EncodeToString(commD), "1024", `{"open":3}`, "24h", "1000", endpoint)
	require.Equal(t, commD, create.CommD)
	require.Equal(t, uint64(1024), create.SizeBytes)
	require.Equal(t, types.Replicas{Open: 3}, create.Replicas)
	require.Equal(t, 24*time.Hour, create.Duration)
	require.Equal(t, sdkmath.NewInt(1000), create.MaxPricePerGibHour)
	require.Equal(t, "12D3KooW", create.Source.PeerId)

	var settle types.MsgSettle
	clitest.Parse(t, options.Tx, "Settle", &settle, "7", "8", "9")
	require.Equal(t, []uint64{7, 8, 9}, settle.DealIds)

	var refuse types.MsgRefuseReplica
	clitest.Parse(t, options.Tx, "RefuseReplica", &refuse, "7", "2", "--reason", "mismatch")
	require.Equal(t, types.MsgRefuseReplica{DealId: 7, Index: 2, Reason: types.REFUSAL_REASON_MISMATCH}, refuse)

	var quote types.QueryQuoteRequest
	clitest.Parse(t, options.Query, "Quote", &quote, "1024", "3", "24h", "--max-price-per-gib-hour", "5")
	require.Equal(t, types.QueryQuoteRequest{SizeBytes: 1024, OpenReplicas: 3, Duration: 24 * time.Hour, MaxPricePerGibHour: "5"}, quote)
}
