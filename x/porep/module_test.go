package porep_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cosmos/cosmos-sdk/codec"
	codectypes "github.com/cosmos/cosmos-sdk/codec/types"

	"github.com/ipdm-network/ipdm/x/porep"
	"github.com/ipdm-network/ipdm/x/porep/types"
)

func TestModuleGenesisJSON(t *testing.T) {
	cdc := codec.NewProtoCodec(codectypes.NewInterfaceRegistry())
	am := porep.NewAppModule(nil)
	require.NoError(t, am.ValidateGenesis(cdc, nil, am.DefaultGenesis(cdc)))
	require.Error(t, am.ValidateGenesis(cdc, nil, json.RawMessage(`{"params":{},"next_unit_id":"1"}`)))
	require.Error(t, am.ValidateGenesis(cdc, nil, json.RawMessage(`[]`)))
	require.Equal(t, types.ModuleName, am.Name())
}

// Every query and every message has a command.
func TestAutoCLICoversTheServices(t *testing.T) {
	options := porep.NewAppModule(nil).AutoCLIOptions()
	require.Equal(t, types.Query_serviceDesc.ServiceName, options.Query.Service)
	require.Len(t, options.Query.RpcCommandOptions, len(types.Query_serviceDesc.Methods))
	require.Equal(t, types.Msg_serviceDesc.ServiceName, options.Tx.Service)
	require.Len(t, options.Tx.RpcCommandOptions, len(types.Msg_serviceDesc.Methods))
}
