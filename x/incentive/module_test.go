package incentive_test

import (
	"encoding/json"
	"testing"

	"github.com/cosmos/cosmos-sdk/codec"
	codectestutil "github.com/cosmos/cosmos-sdk/codec/testutil"
	"github.com/stretchr/testify/require"

	"github.com/ipdm-network/ipdm/x/incentive"
)

func TestGenesisJSON(t *testing.T) {
	registry := codectestutil.CodecOptions{AccAddressPrefix: "ipdm"}.NewInterfaceRegistry()
	module := incentive.NewAppModule(nil)
	module.RegisterInterfaces(registry)
	cdc := codec.NewProtoCodec(registry)

	require.NoError(t, module.ValidateGenesis(cdc, nil, module.DefaultGenesis(cdc)))
	require.Error(t, module.ValidateGenesis(cdc, nil, json.RawMessage(`{"params":{}}`)))
	require.Error(t, module.ValidateGenesis(cdc, nil, json.RawMessage(`{"unknown":1}`)))
}
