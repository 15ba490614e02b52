package abci

import (
	abci "github.com/cometbft/cometbft/abci/types"

	sdk "github.com/cosmos/cosmos-sdk/types"
)

// VerifyVoteExtension returns the handler that judges the extensions of others.
// It accepts everything of at most MaxExtensionBytes: a rejected extension
// discards the vote that carries it, so what an extension says is judged only
// when it is injected.
func VerifyVoteExtension() sdk.VerifyVoteExtensionHandler {
	return func(_ sdk.Context, req *abci.RequestVerifyVoteExtension) (*abci.ResponseVerifyVoteExtension, error) {
		status := abci.ResponseVerifyVoteExtension_ACCEPT
		if len(req.VoteExtension) > MaxExtensionBytes {
			status = abci.ResponseVerifyVoteExtension_REJECT
		}
		return &abci.ResponseVerifyVoteExtension{Status: status}, nil
	}
}
