package genesis

import (
	"github.com/cosmos/gogoproto/proto"

	"github.com/cosmos/cosmos-sdk/codec"

	"github.com/ipdm-network/ipdm/app"
)

// Edit changes the part of a module in a state. gs is an empty value of the module's type.
func Edit[G proto.Message](cdc codec.Codec, state app.GenesisState, module string, gs G, change func(G)) {
	cdc.MustUnmarshalJSON(state[module], gs)
	change(gs)
	state[module] = cdc.MustMarshalJSON(gs)
}
