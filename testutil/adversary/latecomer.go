package adversary

import (
	"context"
	"log/slog"
	"time"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/ipdm-network/ipdm/sidecar/consensus/provider"
	poreptypes "github.com/ipdm-network/ipdm/x/porep/types"
)

// windowPoll is how often a latecomer looks whether its window has closed.
const windowPoll = 50 * time.Millisecond

// latecomer sends the right answer to a window, but only after the window has closed.
type latecomer struct {
	provider.Sender
	chain provider.Chain
	log   *slog.Logger
}

// Broadcast implements provider.Sender.
func (l latecomer) Broadcast(ctx context.Context, msgs ...sdk.Msg) (string, error) {
	for _, msg := range msgs {
		answer, ok := msg.(*poreptypes.MsgSubmitWindowProof)
		if !ok {
			continue
		}
		// The agent gives up when its window is over.
		ctx = context.WithoutCancel(ctx)
		if err := l.untilClosed(ctx, answer); err != nil {
			return "", err
		}
		hash, err := l.Sender.Broadcast(ctx, msgs...)
		l.log.Info("late answer sent", "window", answer.Window, "accepted", err == nil, "err", err)
		return hash, err
	}
	return l.Sender.Broadcast(ctx, msgs...)
}

func (l latecomer) untilClosed(ctx context.Context, answer *poreptypes.MsgSubmitWindowProof) error {
	ticker := time.NewTicker(windowPoll)
	defer ticker.Stop()
	for {
		state, err := l.chain.ProvingState(ctx, answer.Provider, answer.Class)
		if err != nil {
			return err
		}
		if !state.Window.Open || state.Window.Index != answer.Window {
			return nil
		}
		<-ticker.C
	}
}
