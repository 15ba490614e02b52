package verdict

import (
	"context"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/ipdm-network/ipdm/app/abci"
)

// Keeper records verdicts; that of x/porep does.
type Keeper interface {
	ApplyVerdicts(ctx context.Context, validator sdk.ConsAddress, power, height int64, data []byte) error
}

// Handler applies sections with verdicts to state.
type Handler struct{ keeper Keeper }

var _ abci.SectionHandler = Handler{}

// NewHandler makes a handler.
func NewHandler(keeper Keeper) Handler { return Handler{keeper} }

// Kind implements abci.SectionHandler.
func (Handler) Kind() abci.SectionKind { return abci.KindSealVerdicts }

// ApplyVote implements abci.SectionHandler.
func (h Handler) ApplyVote(ctx sdk.Context, v abci.Vote) error {
	return h.keeper.ApplyVerdicts(ctx, v.Validator, v.Power, v.Height, v.Data)
}
