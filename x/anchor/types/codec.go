package types

import (
	"github.com/cosmos/cosmos-sdk/codec"
	"github.com/cosmos/cosmos-sdk/codec/legacy"
	codectypes "github.com/cosmos/cosmos-sdk/codec/types"
	sdk "github.com/cosmos/cosmos-sdk/types"
	"github.com/cosmos/cosmos-sdk/types/msgservice"
)

// RegisterInterfaces registers the module's messages.
func RegisterInterfaces(registry codectypes.InterfaceRegistry) {
	registry.RegisterImplementations((*sdk.Msg)(nil), &MsgAnchor{}, &MsgTombstone{}, &MsgUpdateParams{})
	msgservice.RegisterMsgServiceDesc(registry, &_Msg_serviceDesc)
}

// RegisterLegacyAminoCodec registers the module's messages for signing with Ledger devices.
func RegisterLegacyAminoCodec(cdc *codec.LegacyAmino) {
	legacy.RegisterAminoMsg(cdc, &MsgAnchor{}, "ipdm/x/anchor/MsgAnchor")
	legacy.RegisterAminoMsg(cdc, &MsgTombstone{}, "ipdm/x/anchor/MsgTombstone")
	legacy.RegisterAminoMsg(cdc, &MsgUpdateParams{}, "ipdm/x/anchor/MsgUpdateParams")
	cdc.RegisterConcrete(&Params{}, "ipdm/x/anchor/Params", nil)
}
