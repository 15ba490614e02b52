package abci

import (
	"bytes"
	"context"
	"fmt"

	cryptoenc "github.com/cometbft/cometbft/crypto/encoding"
	cmtprotocrypto "github.com/cometbft/cometbft/proto/tendermint/crypto"
	cmtproto "github.com/cometbft/cometbft/proto/tendermint/types"
	protoio "github.com/cosmos/gogoproto/io"

	sdk "github.com/cosmos/cosmos-sdk/types"
)

// ValidatorKeys finds the consensus key of a validator in state. The staking
// keeper is one.
type ValidatorKeys interface {
	GetPubKeyByConsAddr(ctx context.Context, addr sdk.ConsAddress) (cmtprotocrypto.PublicKey, error)
}

// vote is what the commit of a height says about one validator.
type vote struct {
	powerUnits int64
	forBlock   bool
}

// verifyEntry checks that the validator of an entry signed the extension when it
// voted at the given height and round. Errors wrap ErrInjection.
func verifyEntry(ctx sdk.Context, keys ValidatorKeys, height int64, round int32, e Entry) error {
	proto, err := keys.GetPubKeyByConsAddr(ctx, sdk.ConsAddress(e.Validator))
	if err != nil {
		return fmt.Errorf("%w: validator %X has no key in state: %w", ErrInjection, e.Validator, err)
	}
	key, err := cryptoenc.PubKeyFromProto(proto)
	if err != nil {
		return fmt.Errorf("%w: key of validator %X: %w", ErrInjection, e.Validator, err)
	}
	signBytes, err := extensionSignBytes(ctx.HeaderInfo().ChainID, height, round, e.Extension)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrInjection, err)
	}
	if !key.VerifySignature(signBytes, e.Signature) {
		return fmt.Errorf("%w: wrong signature of validator %X", ErrInjection, e.Validator)
	}
	return nil
}

// extensionSignBytes is what CometBFT signs for a vote extension: the canonical
// form of it, with its length in front.
func extensionSignBytes(chainID string, height int64, round int32, extension []byte) ([]byte, error) {
	var buf bytes.Buffer
	err := protoio.NewDelimitedWriter(&buf).WriteMsg(&cmtproto.CanonicalVoteExtension{
		Extension: extension,
		Height:    height,
		Round:     int64(round),
		ChainId:   chainID,
	})
	if err != nil {
		return nil, fmt.Errorf("failed to encode the canonical vote extension: %w", err)
	}
	return buf.Bytes(), nil
}

// extensionsExpected reports whether a block may carry vote extensions: when
// they were enabled at the height before it and that height has a commit, which
// the first block of a chain lacks.
func extensionsExpected(ctx sdk.Context, height int64, votesInLastCommit int) bool {
	abciParams := ctx.ConsensusParams().Abci
	if abciParams == nil || abciParams.VoteExtensionsEnableHeight <= 0 {
		return false
	}
	return height > abciParams.VoteExtensionsEnableHeight && votesInLastCommit > 0
}
