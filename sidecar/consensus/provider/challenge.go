package provider

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/ipdm-network/ipdm/sidecar/consensus/chain"
	poreptypes "github.com/ipdm-network/ipdm/x/porep/types"
)

// answerer is what the goroutine that answers challenges of single units remembers. Losing it costs a query at most.
type answerer struct {
	answered map[uint64]bool
	warned   map[uint64]bool
}

// answerChallenges answers the challenges of single units, of both classes, until ctx is done.
func (a *Agent) answerChallenges(ctx context.Context, blocks *tips) {
	h := &answerer{answered: map[uint64]bool{}, warned: map[uint64]bool{}}
	for {
		select {
		case <-ctx.Done():
			return
		case block := <-blocks.blocks:
			if err := a.answerAt(ctx, h, block); err != nil {
				a.problem(ctx, "a challenge could not be answered", err)
			}
		}
	}
}

// answerAt answers what is open as of a block. What could not be answered is tried again at the next block.
func (a *Agent) answerAt(ctx context.Context, h *answerer, block chain.Block) error {
	challenges, err := a.chain.UnitChallenges(ctx, a.address)
	if err != nil || len(challenges) == 0 {
		return err
	}
	params, err := a.chain.ProofParams(ctx)
	if err != nil {
		return err
	}
	var errs []error
	for _, open := range challenges {
		c := open.Challenge
		if h.answered[c.Id] {
			continue
		}
		a.warnChallenge(ctx, h, c, block, params.ChallengeResponseTime)
		if len(open.Openings) == 0 {
			continue // not drawn yet
		}
		if err := a.answer(ctx, open); err != nil {
			errs = append(errs, fmt.Errorf("challenge %d of unit %d: %w", c.Id, c.UnitId, err))
			continue
		}
		h.answered[c.Id] = true
		a.metrics.answers.Inc()
		a.log.Info("challenge answered", "challenge", c.Id, "unit", c.UnitId, "challenger", c.Challenger)
	}
	return errors.Join(errs...)
}

// answer answers one challenge while sealing stands still.
func (a *Agent) answer(ctx context.Context, open poreptypes.OpenUnitChallenge) error {
	defer a.hold()()
	var class classProver = openProver{a}
	if open.Class == poreptypes.CLASS_SEALED {
		if a.sectors == nil {
			return fmt.Errorf("nothing sealed is kept here: set [provider] sector_dir to where it is")
		}
		class = sealedProver{a}
	}
	encoded, err := whole(class.answer(ctx, open.Challenge.Id, open.Openings))
	if err != nil {
		return err
	}
	_, err = a.submitProof(ctx, &poreptypes.MsgAnswerChallenge{Provider: a.address, ChallengeId: open.Challenge.Id, Proof: encoded})
	return err
}

// warnChallenge reports, once, a challenge that has used up half of its response time without an answer.
func (a *Agent) warnChallenge(
	ctx context.Context, h *answerer, c poreptypes.UnitChallenge, block chain.Block, response time.Duration,
) {
	left := c.AnswerBy.Sub(block.Time)
	if h.warned[c.Id] || left > response/2 {
		return
	}
	h.warned[c.Id] = true
	a.metrics.atRisk.WithLabelValues("challenge").Inc()
	a.problem(ctx, "a challenge is at risk", fmt.Errorf("challenge %d of unit %d ends in %v and is not answered", c.Id, c.UnitId, left))
}
