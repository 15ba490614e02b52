package abci

import (
	abci "github.com/cometbft/cometbft/abci/types"

	sdk "github.com/cosmos/cosmos-sdk/types"
)

// ExtendVote returns the handler that hands out what the outbox has prepared.
// It never waits and never fails: with nothing prepared the extension is empty.
// Asked again in a later round of the same height, it says the same or newer
// things, since nothing is forgotten by having been said.
func ExtendVote(outbox *Outbox) sdk.ExtendVoteHandler {
	return func(ctx sdk.Context, req *abci.RequestExtendVote) (resp *abci.ResponseExtendVote, err error) {
		defer func() {
			if r := recover(); r != nil {
				ctx.Logger().Error("panic in ExtendVote: the vote goes out without an extension", "height", req.Height, "panic", r)
				resp, err = &abci.ResponseExtendVote{}, nil
			}
		}()
		return &abci.ResponseExtendVote{VoteExtension: outbox.Payload()}, nil
	}
}
