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
	registry.RegisterImplementations((*sdk.Msg)(nil), &MsgSetSignerKey{}, &MsgSignCheckpoint{}, &MsgSubmitEvidence{}, &MsgAbandonEpoch{}, &MsgUpdateParams{},
		&MsgSend{}, &MsgCall{}, &MsgTakeEvents{}, &MsgRedeem{}, &MsgRefund{}, &MsgRemoveCall{}, &MsgPause{}, &MsgSetDomain{}, &MsgRegisterAsset{}, &MsgSetLimits{}, &MsgSetGuardian{}, &MsgEndPause{}, &MsgSkipEvents{})
	msgservice.RegisterMsgServiceDesc(registry, &_Msg_serviceDesc)
}

// RegisterLegacyAminoCodec registers the module's messages for signing with Ledger devices.
func RegisterLegacyAminoCodec(cdc *codec.LegacyAmino) {
	legacy.RegisterAminoMsg(cdc, &MsgSetSignerKey{}, "ipdm/x/bridge/MsgSetSignerKey")
	legacy.RegisterAminoMsg(cdc, &MsgSignCheckpoint{}, "ipdm/x/bridge/MsgSignCheckpoint")
	legacy.RegisterAminoMsg(cdc, &MsgSubmitEvidence{}, "ipdm/x/bridge/MsgSubmitEvidence")
	legacy.RegisterAminoMsg(cdc, &MsgAbandonEpoch{}, "ipdm/x/bridge/MsgAbandonEpoch")
	legacy.RegisterAminoMsg(cdc, &MsgUpdateParams{}, "ipdm/x/bridge/MsgUpdateParams")
	legacy.RegisterAminoMsg(cdc, &MsgSend{}, "ipdm/x/bridge/MsgSend")
	legacy.RegisterAminoMsg(cdc, &MsgCall{}, "ipdm/x/bridge/MsgCall")
	legacy.RegisterAminoMsg(cdc, &MsgTakeEvents{}, "ipdm/x/bridge/MsgTakeEvents")
	legacy.RegisterAminoMsg(cdc, &MsgRedeem{}, "ipdm/x/bridge/MsgRedeem")
	legacy.RegisterAminoMsg(cdc, &MsgRefund{}, "ipdm/x/bridge/MsgRefund")
	legacy.RegisterAminoMsg(cdc, &MsgRemoveCall{}, "ipdm/x/bridge/MsgRemoveCall")
	legacy.RegisterAminoMsg(cdc, &MsgPause{}, "ipdm/x/bridge/MsgPause")
	legacy.RegisterAminoMsg(cdc, &MsgSetDomain{}, "ipdm/x/bridge/MsgSetDomain")
	legacy.RegisterAminoMsg(cdc, &MsgRegisterAsset{}, "ipdm/x/bridge/MsgRegisterAsset")
	legacy.RegisterAminoMsg(cdc, &MsgSetLimits{}, "ipdm/x/bridge/MsgSetLimits")
	legacy.RegisterAminoMsg(cdc, &MsgSetGuardian{}, "ipdm/x/bridge/MsgSetGuardian")
	legacy.RegisterAminoMsg(cdc, &MsgEndPause{}, "ipdm/x/bridge/MsgEndPause")
	legacy.RegisterAminoMsg(cdc, &MsgSkipEvents{}, "ipdm/x/bridge/MsgSkipEvents")
	cdc.RegisterConcrete(&Params{}, "ipdm/x/bridge/Params", nil)
}
