package bridgesign

import (
	"context"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/ipdm-network/ipdm/app/abci"
	"github.com/ipdm-network/ipdm/x/bridge/wire"
)

// Signatures is where signatures go: the keeper of x/bridge.
type Signatures interface {
	Sign(ctx context.Context, sequence uint64, signature wire.Signature) error
}

// Handler applies signatures in vote extensions to state.
type Handler struct{ signatures Signatures }

var _ abci.SectionHandler = Handler{}

// NewHandler returns a handler.
func NewHandler(signatures Signatures) Handler { return Handler{signatures} }

// Kind implements abci.SectionHandler.
func (Handler) Kind() abci.SectionKind { return abci.KindBridgeSignature }

// ApplyVote implements abci.SectionHandler. Whose vote carries a signature does not matter.
func (h Handler) ApplyVote(ctx sdk.Context, v abci.Vote) error {
	vote, err := wire.DecodeSignerVote(v.Data)
	if err != nil {
		return err
	}
	return h.signatures.Sign(ctx, vote.Sequence, vote.Signature)
}
