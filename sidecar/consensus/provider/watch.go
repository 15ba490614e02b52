package provider

import (
	"context"
	"time"

	"github.com/ipdm-network/ipdm/sidecar/consensus/chain"
)

// tips passes the newest block to one reader, which sees only the last one when it is slow.
type tips struct {
	blocks chan chain.Block
}

func newTips() *tips { return &tips{blocks: make(chan chain.Block, 1)} }

// put replaces the block that waits for the reader. There is one writer.
func (t *tips) put(block chain.Block) {
	select {
	case <-t.blocks:
	default:
	}
	t.blocks <- block
}

// chainProblem begins the problem of a chain that does not answer.
const chainProblem = "the chain cannot be followed"

// watch tells readers of every new block. A node that is behind what was seen before is not listened to, so that what
// the agent concludes from the absence of something is not drawn from the past.
func (a *Agent) watch(ctx context.Context, readers ...*tips) {
	ticker := time.NewTicker(a.cfg.PollInterval)
	defer ticker.Stop()
	var newest int64
	for {
		block, err := a.chain.Latest(ctx)
		switch {
		case err != nil:
			a.problem(ctx, chainProblem, err)
		case block.Height > newest:
			newest = block.Height
			a.status.solved(chainProblem)
			a.status.change(func(s *Status) { s.ChainHeight = block.Height })
			for _, reader := range readers {
				reader.put(block)
			}
		}
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
	}
}
