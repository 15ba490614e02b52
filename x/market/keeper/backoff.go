package keeper

import (
	"math"
	"math/bits"
	"time"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/ipdm-network/ipdm/x/market/types"
)

const (
	// maxBackoff is how many retry intervals the pause between two draws grows to.
	maxBackoff = 64
	// contestedShare divides the pause after draws that hit a provider of the right kind: another draw may well succeed.
	contestedShare = 4
)

// retryAfter is the pause before a replica that found no provider is drawn again: as long as it has been drawn for
// already, so that the pause doubles, or a quarter of that when the draws were contested; at least the retry interval and
// at most maxBackoff of them. A replica that nobody can take then costs few draws, however long its deal runs.
func retryAfter(ctx sdk.Context, params types.Params, deal types.Deal, replica types.Replica, contested bool) time.Duration {
	pause := drawnFor(ctx, deal, replica)
	if contested {
		pause /= contestedShare
	}
	return min(max(pause, params.RetryInterval), longestPause(params))
}

// longestPause is the longest pause between two draws.
func longestPause(params types.Params) time.Duration {
	if params.RetryInterval <= math.MaxInt64/maxBackoff {
		return params.RetryInterval * maxBackoff
	}
	return params.RetryInterval
}

// drawnFor is how long a replica has been drawn for without success: the blocks since its first draw, each as long as the
// blocks since the deal was made were on average. Times of draws need not be kept for it.
func drawnFor(ctx sdk.Context, deal types.Deal, replica types.Replica) time.Duration {
	all := ctx.BlockHeight() - deal.CreatedHeight
	blocks := min(ctx.BlockHeight()-replica.DrawHeight, all)
	age := ctx.BlockTime().Sub(deal.CreatedAt)
	if blocks <= 0 || age <= 0 {
		return 0
	}
	// The quotient is at most age, since blocks is at most all.
	high, low := bits.Mul64(uint64(age), uint64(blocks))
	quotient, _ := bits.Div64(high, low, uint64(all))
	return time.Duration(quotient)
}
