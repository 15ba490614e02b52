package inbound

import (
	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/ipdm-network/ipdm/app/abci"
	"github.com/ipdm-network/ipdm/x/bridge/wire"
)

// Votes is where votes go: the keeper of x/bridge.
type Votes interface {
	// VoteRange takes the vote of a validator, with its power, on the present target of a domain, in place of the one before. It fails
	// if there is no such target, or the vote is not on it.
	VoteRange(ctx sdk.Context, validator sdk.ConsAddress, power int64, vote wire.RangeVote) error
}

// Handler applies votes in vote extensions to state.
type Handler struct{ votes Votes }

var _ abci.SectionHandler = Handler{}

// NewHandler returns a handler.
func NewHandler(votes Votes) Handler { return Handler{votes} }

// Kind implements abci.SectionHandler.
func (Handler) Kind() abci.SectionKind { return abci.KindInboundRanges }

// ApplyVote implements abci.SectionHandler. Each vote of a section is on its own: one that fails leaves nothing, and the others count. That
// is no error, for with each range that is attested the votes on their way come too late.
func (h Handler) ApplyVote(ctx sdk.Context, v abci.Vote) error {
	votes, err := wire.DecodeRangeVotes(v.Data)
	if err != nil {
		return err
	}
	for _, vote := range votes {
		branch, write := ctx.CacheContext()
		if err := h.votes.VoteRange(branch, v.Validator, v.Power, vote); err != nil {
			ctx.Logger().Debug("vote on events of another chain does not count", "validator", v.Validator.String(), "domain", vote.Domain, "err", err)
			continue
		}
		write()
	}
	return nil
}
