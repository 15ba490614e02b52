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
	registry.RegisterImplementations((*sdk.Msg)(nil), &MsgSetSignerKey{}, &MsgSignCheckpoint{}, &MsgSubmitEvidence{}, &MsgAbandonEpoch{}, &MsgUpdateParams{})
	msgservice.RegisterMsgServiceDesc(registry, &_Msg_serviceDesc)
}

// RegisterLegacyAminoCodec registers the module's messages for signing with Ledger devices.
func RegisterLegacyAminoCodec(cdc *codec.LegacyAmino) {
	legacy.RegisterAminoMsg(cdc, &MsgSetSignerKey{}, "ipdm/x/bridge/MsgSetSignerKey")
	legacy.RegisterAminoMsg(cdc, &MsgSignCheckpoint{}, "ipdm/x/bridge/MsgSignCheckpoint")
	legacy.RegisterAminoMsg(cdc, &MsgSubmitEvidence{}, "ipdm/x/bridge/MsgSubmitEvidence")
	legacy.RegisterAminoMsg(cdc, &MsgAbandonEpoch{}, "ipdm/x/bridge/MsgAbandonEpoch")
	legacy.RegisterAminoMsg(cdc, &MsgUpdateParams{}, "ipdm/x/bridge/MsgUpdateParams")
	cdc.RegisterConcrete(&Params{}, "ipdm/x/bridge/Params", nil)
}
