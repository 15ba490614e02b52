package chain

import (
	"fmt"

	evmcodec "github.com/cosmos/evm/crypto/codec"
	"github.com/cosmos/gogoproto/proto"

	"github.com/cosmos/cosmos-sdk/client"
	"github.com/cosmos/cosmos-sdk/codec"
	addresscodec "github.com/cosmos/cosmos-sdk/codec/address"
	codectypes "github.com/cosmos/cosmos-sdk/codec/types"
	"github.com/cosmos/cosmos-sdk/std"
	"github.com/cosmos/cosmos-sdk/types/msgservice"
	authtx "github.com/cosmos/cosmos-sdk/x/auth/tx"
	authtypes "github.com/cosmos/cosmos-sdk/x/auth/types"
	vestingtypes "github.com/cosmos/cosmos-sdk/x/auth/vesting/types"
	banktypes "github.com/cosmos/cosmos-sdk/x/bank/types"
	"github.com/cosmos/cosmos-sdk/x/tx/signing"

	anchortypes "github.com/ipdm-network/ipdm/x/anchor/types"
	bridgetypes "github.com/ipdm-network/ipdm/x/bridge/types"
	incentivetypes "github.com/ipdm-network/ipdm/x/incentive/types"
	markettypes "github.com/ipdm-network/ipdm/x/market/types"
	poreptypes "github.com/ipdm-network/ipdm/x/porep/types"
)

// Encoding holds the codecs of a client: the account kinds, both account key types, and the messages of auth, bank, anchor,
// bridge, market, porep and incentive. It is safe for concurrent use once made.
type Encoding struct {
	Registry codectypes.InterfaceRegistry
	Codec    *codec.ProtoCodec
	TxConfig client.TxConfig
}

// NewEncoding makes the codecs.
func NewEncoding() (*Encoding, error) {
	Configure()
	registry, err := codectypes.NewInterfaceRegistryWithOptions(codectypes.InterfaceRegistryOptions{
		ProtoFiles: proto.HybridResolver,
		SigningOptions: signing.Options{
			AddressCodec:          addresscodec.NewBech32Codec(AddressPrefix),
			ValidatorAddressCodec: addresscodec.NewBech32Codec(AddressPrefix + "valoper"),
		},
	})
	if err != nil {
		return nil, fmt.Errorf("failed to make the interface registry: %w", err)
	}
	std.RegisterInterfaces(registry)
	evmcodec.RegisterInterfaces(registry)
	authtypes.RegisterInterfaces(registry)
	vestingtypes.RegisterInterfaces(registry)
	banktypes.RegisterInterfaces(registry)
	anchortypes.RegisterInterfaces(registry)
	bridgetypes.RegisterInterfaces(registry)
	markettypes.RegisterInterfaces(registry)
	poreptypes.RegisterInterfaces(registry)
	msgservice.RegisterMsgServiceDesc(registry, &incentivetypes.Msg_serviceDesc)

	cdc := codec.NewProtoCodec(registry)
	return &Encoding{Registry: registry, Codec: cdc, TxConfig: authtx.NewTxConfig(cdc, authtx.DefaultSignModes)}, nil
}
