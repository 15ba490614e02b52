package beacon_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cosmos/cosmos-sdk/codec"
	codectypes "github.com/cosmos/cosmos-sdk/codec/types"

	"github.com/ipdm-network/ipdm/x/beacon"
	"github.com/ipdm-network/ipdm/x/beacon/types"
)

func TestModuleGenesisJSON(t *testing.T) {
	cdc := codec.NewProtoCodec(codectypes.NewInterfaceRegistry())
	am := beacon.NewAppModule(nil)
	require.NoError(t, am.ValidateGenesis(cdc, nil, am.DefaultGenesis(cdc)))
	require.Error(t, am.ValidateGenesis(cdc, nil, json.RawMessage(`{"current":{"height":"1"}}`)))
	require.Error(t, am.ValidateGenesis(cdc, nil, json.RawMessage(`[]`)))
	require.Equal(t, types.ModuleName, am.Name())
}

// Every query has a command.
func TestAutoCLICoversTheService(t *testing.T) {
	options := beacon.NewAppModule(nil).AutoCLIOptions()
	desc := types.Query_serviceDesc
	require.Equal(t, desc.ServiceName, options.Query.Service)
	require.Len(t, options.Query.RpcCommandOptions, len(desc.Methods))
}
