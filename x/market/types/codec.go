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
	registry.RegisterImplementations((*sdk.Msg)(nil),
		&MsgRegisterProvider{}, &MsgUpdateProvider{}, &MsgAddPledge{}, &MsgWithdrawPledge{}, &MsgCreateDeal{},
		&MsgCancelDeal{}, &MsgActivateReplica{}, &MsgRefuseReplica{}, &MsgSettle{}, &MsgUpdateParams{},
	)
	msgservice.RegisterMsgServiceDesc(registry, &_Msg_serviceDesc)
}

// RegisterLegacyAminoCodec registers the module's messages for signing with Ledger devices.
func RegisterLegacyAminoCodec(cdc *codec.LegacyAmino) {
	legacy.RegisterAminoMsg(cdc, &MsgRegisterProvider{}, "ipdm/x/market/MsgRegisterProvider")
	legacy.RegisterAminoMsg(cdc, &MsgUpdateProvider{}, "ipdm/x/market/MsgUpdateProvider")
	legacy.RegisterAminoMsg(cdc, &MsgAddPledge{}, "ipdm/x/market/MsgAddPledge")
	legacy.RegisterAminoMsg(cdc, &MsgWithdrawPledge{}, "ipdm/x/market/MsgWithdrawPledge")
	legacy.RegisterAminoMsg(cdc, &MsgCreateDeal{}, "ipdm/x/market/MsgCreateDeal")
	legacy.RegisterAminoMsg(cdc, &MsgCancelDeal{}, "ipdm/x/market/MsgCancelDeal")
	legacy.RegisterAminoMsg(cdc, &MsgActivateReplica{}, "ipdm/x/market/MsgActivateReplica")
	legacy.RegisterAminoMsg(cdc, &MsgRefuseReplica{}, "ipdm/x/market/MsgRefuseReplica")
	legacy.RegisterAminoMsg(cdc, &MsgSettle{}, "ipdm/x/market/MsgSettle")
	legacy.RegisterAminoMsg(cdc, &MsgUpdateParams{}, "ipdm/x/market/MsgUpdateParams")
	cdc.RegisterConcrete(&Params{}, "ipdm/x/market/Params", nil)
}
