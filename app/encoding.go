package app

import (
	"fmt"

	"github.com/cosmos/gogoproto/proto"

	evmcodec "github.com/cosmos/evm/crypto/codec"
	"github.com/cosmos/evm/crypto/ethsecp256k1"

	"cosmossdk.io/core/address"

	"github.com/cosmos/cosmos-sdk/client"
	"github.com/cosmos/cosmos-sdk/codec"
	addresscodec "github.com/cosmos/cosmos-sdk/codec/address"
	"github.com/cosmos/cosmos-sdk/codec/legacy"
	codectypes "github.com/cosmos/cosmos-sdk/codec/types"
	"github.com/cosmos/cosmos-sdk/std"
	sdk "github.com/cosmos/cosmos-sdk/types"
	authtx "github.com/cosmos/cosmos-sdk/x/auth/tx"
	"github.com/cosmos/cosmos-sdk/x/tx/signing"

	"github.com/ipdm-network/ipdm/app/params"
)

func init() {
	params.Configure()
	// Key export goes through the process-wide amino codec of the SDK.
	registerEthAmino(legacy.Cdc)
}

// EncodingConfig holds the codecs of the application. A value is safe for
// concurrent use once made.
type EncodingConfig struct {
	InterfaceRegistry codectypes.InterfaceRegistry
	Codec             codec.Codec
	TxConfig          client.TxConfig
	Amino             *codec.LegacyAmino
}

// NewEncodingConfig makes the codecs: the interface registry knows the standard
// types and both account key types; modules add theirs through a basic manager.
func NewEncodingConfig() (EncodingConfig, error) {
	registry, err := codectypes.NewInterfaceRegistryWithOptions(codectypes.InterfaceRegistryOptions{
		ProtoFiles: proto.HybridResolver,
		SigningOptions: signing.Options{
			AddressCodec:          AccountAddressCodec(),
			ValidatorAddressCodec: ValidatorAddressCodec(),
		},
	})
	if err != nil {
		return EncodingConfig{}, fmt.Errorf("failed to make the interface registry: %w", err)
	}

	appCodec := codec.NewProtoCodec(registry)
	amino := codec.NewLegacyAmino()

	std.RegisterInterfaces(registry)
	std.RegisterLegacyAminoCodec(amino)
	evmcodec.RegisterInterfaces(registry)
	registerEthAmino(amino)

	if err := registry.SigningContext().Validate(); err != nil {
		return EncodingConfig{}, fmt.Errorf("failed to validate the signing context: %w", err)
	}

	return EncodingConfig{
		InterfaceRegistry: registry,
		Codec:             appCodec,
		TxConfig:          authtx.NewTxConfig(appCodec, authtx.DefaultSignModes),
		Amino:             amino,
	}, nil
}

// AccountAddressCodec is the text codec of account addresses.
func AccountAddressCodec() address.Codec {
	return addresscodec.NewBech32Codec(sdk.GetConfig().GetBech32AccountAddrPrefix())
}

// ValidatorAddressCodec is the text codec of validator operator addresses.
func ValidatorAddressCodec() address.Codec {
	return addresscodec.NewBech32Codec(sdk.GetConfig().GetBech32ValidatorAddrPrefix())
}

// ConsensusAddressCodec is the text codec of consensus addresses.
func ConsensusAddressCodec() address.Codec {
	return addresscodec.NewBech32Codec(sdk.GetConfig().GetBech32ConsensusAddrPrefix())
}

func registerEthAmino(cdc *codec.LegacyAmino) {
	cdc.RegisterConcrete(&ethsecp256k1.PubKey{}, ethsecp256k1.PubKeyName, nil)
	cdc.RegisterConcrete(&ethsecp256k1.PrivKey{}, ethsecp256k1.PrivKeyName, nil)
}
