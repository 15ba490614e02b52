package beacon_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cosmos/cosmos-sdk/codec"
	codectypes "github.com/cosmos/cosmos-sdk/codec/types"

	"github.com/ipdm-network/ipdm/x/beacon"
	"github.com/ipdm-network/ipdm/x/beacon/types"
	"github.com/ipdm-network/ipdm/x/internal/clitest"
)

func TestModuleGenesisJSON(t *testing.T) {
	cdc := codec.NewProtoCodec(codectypes.NewInterfaceRegistry())
	am := beacon.NewAppModule(nil)
	require.NoError(t, am.ValidateGenesis(cdc, nil, am.DefaultGenesis(cdc)))
	require.Error(t, am.ValidateGenesis(cdc, nil, json.RawMessage(`{"height":"1"}`)))
	require.Error(t, am.ValidateGenesis(cdc, nil, json.RawMessage(`[]`)))
	require.Equal(t, types.ModuleName, am.Name())
}

// Every query and every message has a command.
func TestAutoCLICoversTheServices(t *testing.T) {
	options := beacon.NewAppModule(nil).AutoCLIOptions()
	clitest.RequireComplete(t, options.Query)
	clitest.RequireComplete(t, options.Tx)

	var msg types.MsgSetBeaconKey
	clitest.Parse(t, options.Tx, "SetBeaconKey", &msg, "0102", "0304")
	require.Equal(t, types.MsgSetBeaconKey{PublicKey: []byte{1, 2}, Possession: []byte{3, 4}}, msg)
}
