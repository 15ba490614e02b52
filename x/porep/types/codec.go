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
		&MsgSubmitWindowProof{}, &MsgRecoverFaults{}, &MsgDeclareFaults{}, &MsgTerminateUnits{},
		&MsgChallenge{}, &MsgAnswerChallenge{},
		&MsgPreCommitSector{}, &MsgProveSeal{}, &MsgProveSealFraud{}, &MsgDemandSealRecord{}, &MsgRevealSealRecord{},
		&MsgUpdateParams{})
	msgservice.RegisterMsgServiceDesc(registry, &_Msg_serviceDesc)
}

// RegisterLegacyAminoCodec registers the module's messages for signing with Ledger devices.
func RegisterLegacyAminoCodec(cdc *codec.LegacyAmino) {
	legacy.RegisterAminoMsg(cdc, &MsgSubmitWindowProof{}, "ipdm/x/porep/MsgSubmitWindowProof")
	legacy.RegisterAminoMsg(cdc, &MsgRecoverFaults{}, "ipdm/x/porep/MsgRecoverFaults")
	legacy.RegisterAminoMsg(cdc, &MsgDeclareFaults{}, "ipdm/x/porep/MsgDeclareFaults")
	legacy.RegisterAminoMsg(cdc, &MsgTerminateUnits{}, "ipdm/x/porep/MsgTerminateUnits")
	legacy.RegisterAminoMsg(cdc, &MsgChallenge{}, "ipdm/x/porep/MsgChallenge")
	legacy.RegisterAminoMsg(cdc, &MsgAnswerChallenge{}, "ipdm/x/porep/MsgAnswerChallenge")
	legacy.RegisterAminoMsg(cdc, &MsgPreCommitSector{}, "ipdm/x/porep/MsgPreCommitSector")
	legacy.RegisterAminoMsg(cdc, &MsgProveSeal{}, "ipdm/x/porep/MsgProveSeal")
	legacy.RegisterAminoMsg(cdc, &MsgProveSealFraud{}, "ipdm/x/porep/MsgProveSealFraud")
	legacy.RegisterAminoMsg(cdc, &MsgDemandSealRecord{}, "ipdm/x/porep/MsgDemandSealRecord")
	legacy.RegisterAminoMsg(cdc, &MsgRevealSealRecord{}, "ipdm/x/porep/MsgRevealSealRecord")
	legacy.RegisterAminoMsg(cdc, &MsgUpdateParams{}, "ipdm/x/porep/MsgUpdateParams")
	cdc.RegisterConcrete(&Params{}, "ipdm/x/porep/Params", nil)
}
