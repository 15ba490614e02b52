package app

import (
	"fmt"

	"github.com/cosmos/evm/crypto/ethsecp256k1"

	errorsmod "cosmossdk.io/errors"

	"github.com/cosmos/cosmos-sdk/client"
	"github.com/cosmos/cosmos-sdk/crypto/keys/secp256k1"
	"github.com/cosmos/cosmos-sdk/crypto/types/multisig"
	storetypes "github.com/cosmos/cosmos-sdk/store/v2/types"
	sdk "github.com/cosmos/cosmos-sdk/types"
	sdkerrors "github.com/cosmos/cosmos-sdk/types/errors"
	"github.com/cosmos/cosmos-sdk/types/tx/signing"
	"github.com/cosmos/cosmos-sdk/x/auth/ante"
	authtypes "github.com/cosmos/cosmos-sdk/x/auth/types"
)

// ethSecp256k1VerifyGas is what one eth_secp256k1 signature costs. It is that
// of an ecrecover with the account look-up around it, as Ethereum charges it.
const ethSecp256k1VerifyGas = 21_000

// newAnteHandler makes the chain of checks that a transaction passes before its
// messages run: fees, signatures by either account key type, sequence numbers.
func newAnteHandler(k *Keepers, txConfig client.TxConfig) (sdk.AnteHandler, error) {
	handler, err := ante.NewAnteHandler(ante.HandlerOptions{
		AccountKeeper:   k.Account,
		BankKeeper:      k.Bank,
		FeegrantKeeper:  k.FeeGrant,
		SignModeHandler: txConfig.SignModeHandler(),
		SigGasConsumer:  consumeSignatureGas,
	})
	if err != nil {
		return nil, fmt.Errorf("failed to make the ante handler: %w", err)
	}
	return handler, nil
}

// consumeSignatureGas charges the verification of one signature before it is
// made. It accepts eth_secp256k1 and secp256k1 keys and multisignatures of
// both, and refuses every other kind of key.
func consumeSignatureGas(meter storetypes.GasMeter, sig signing.SignatureV2, params authtypes.Params) error {
	switch key := sig.PubKey.(type) {
	case *ethsecp256k1.PubKey:
		meter.ConsumeGas(ethSecp256k1VerifyGas, "ante verify: eth_secp256k1")
		return nil
	case *secp256k1.PubKey:
		meter.ConsumeGas(params.SigVerifyCostSecp256k1, "ante verify: secp256k1")
		return nil
	case multisig.PubKey:
		return consumeMultisignatureGas(meter, sig, key, params)
	default:
		return errorsmod.Wrapf(sdkerrors.ErrInvalidPubKey, "unsupported account key type %T: use eth_secp256k1 or secp256k1", key)
	}
}

func consumeMultisignatureGas(
	meter storetypes.GasMeter, sig signing.SignatureV2, key multisig.PubKey, params authtypes.Params,
) error {
	data, ok := sig.Data.(*signing.MultiSignatureData)
	if !ok {
		return errorsmod.Wrapf(sdkerrors.ErrInvalidPubKey, "expected multisignature data, got %T", sig.Data)
	}

	keys := key.GetPubKeys()
	size := data.BitArray.Count()
	if size != len(keys) {
		return errorsmod.Wrapf(sdkerrors.ErrInvalidPubKey, "multisignature marks %d keys of %d", size, len(keys))
	}

	next := 0
	for i := range size {
		if !data.BitArray.GetIndex(i) {
			continue
		}
		if next >= len(data.Signatures) {
			return errorsmod.Wrap(sdkerrors.ErrInvalidPubKey, "multisignature marks more signers than it has signatures")
		}
		part := signing.SignatureV2{PubKey: keys[i], Data: data.Signatures[next], Sequence: sig.Sequence}
		if err := consumeSignatureGas(meter, part, params); err != nil {
			return err
		}
		next++
	}
	return nil
}
