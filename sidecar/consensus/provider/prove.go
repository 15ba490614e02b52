package provider

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/ipdm-network/ipdm/sidecar/consensus/chain"
	poreptypes "github.com/ipdm-network/ipdm/x/porep/types"
)

// prover is what the proving goroutine remembers between blocks. Losing it costs a query at most.
type prover struct {
	submitted uint64            // index of the last window whose proof was accepted
	warned    uint64            // index of the last window that was reported to be at risk
	missed    uint64            // windows missed as of the last look
	looked    bool              // missed is set
	recovered map[uint64]uint64 // unit -> window of its last recovery
	refused   int               // recoveries that the chain refused in a row
}

// prove answers every window of a class, until ctx is done.
func (a *Agent) prove(ctx context.Context, class classProver, blocks *tips) {
	p := &prover{recovered: map[uint64]uint64{}}
	for {
		select {
		case <-ctx.Done():
			return
		case block := <-blocks.blocks:
			if err := a.proveAt(ctx, class, p, block); err != nil {
				a.problem(ctx, "a window could not be proven", err)
			}
		}
	}
}

// proveAt does what is to be done about windows as of a block. It is tried again at the next block when it fails.
func (a *Agent) proveAt(ctx context.Context, class classProver, p *prover, block chain.Block) error {
	state, err := a.chain.ProvingState(ctx, a.address, class.class())
	if errors.Is(err, chain.ErrNotFound) {
		state, err = poreptypes.ProviderState{}, nil
	}
	if err != nil {
		return err
	}
	params, err := a.chain.ProofParams(ctx)
	if err != nil {
		return err
	}
	a.observe(ctx, class, p, state, params)
	w := state.Window
	if !w.Open {
		return nil
	}
	if w.Openings > 0 && !w.Submitted && w.Index != p.submitted {
		a.warnAtRisk(ctx, class, p, w, block, params.ResponseTime)
		if err := a.proveWindow(ctx, class, block, params.ResponseTime); err != nil {
			return err
		}
		p.submitted = w.Index
	}
	if state.FaultyUnits > 0 && a.healing.enabled() {
		return a.recover(ctx, class, p, w, params)
	}
	return nil
}

// observe shows a proving state to the operator.
func (a *Agent) observe(
	ctx context.Context, class classProver, p *prover, state poreptypes.ProviderState, params poreptypes.Params,
) {
	name, deadline := class.name(), nextDeadline(state, params.ResponseTime)
	a.status.proving(class.class(), state, deadline)
	a.metrics.windowsProven.WithLabelValues(name).Set(float64(state.ProvenWindows))
	a.metrics.windowsMissed.WithLabelValues(name).Set(float64(state.MissedWindows))
	a.metrics.provenBytes.WithLabelValues(name).Set(float64(state.ActiveBytes))
	a.metrics.faultyUnits.WithLabelValues(name).Set(float64(state.FaultyUnits))
	deadlineUnix := 0.0
	if !deadline.IsZero() {
		deadlineUnix = float64(deadline.UnixMilli()) / 1e3
	}
	a.metrics.deadlineAtUnix.WithLabelValues(name).Set(deadlineUnix)
	if p.looked && state.MissedWindows > p.missed {
		a.problem(ctx, "a window was missed", fmt.Errorf(
			"%s window %d closed without a proof (%d in a row; units are taken away after %d)",
			name, state.Window.Index, state.ConsecutiveMissed, params.FaultMaxWindows))
	}
	p.missed, p.looked = state.MissedWindows, true
}

// warnAtRisk reports, once, a window that has used up half of its response time without a proof.
func (a *Agent) warnAtRisk(
	ctx context.Context, class classProver, p *prover, w poreptypes.Window, block chain.Block, response time.Duration,
) {
	if p.warned == w.Index || w.ClosesAt == nil || w.ClosesAt.Sub(block.Time) > response/2 {
		return
	}
	p.warned = w.Index
	a.metrics.atRisk.WithLabelValues(class.name()).Inc()
	a.problem(ctx, "a window is at risk", fmt.Errorf(
		"%s window %d closes in %v and no proof has been accepted", class.name(), w.Index, w.ClosesAt.Sub(block.Time)))
}

// proveWindow answers the open window of a class from this node only, while sealing stands still, and waits until the chain has accepted the proof. What cannot be
// read at present is not declared missing in the first half of the response time: it is tried again at the next block.
func (a *Agent) proveWindow(ctx context.Context, class classProver, block chain.Block, response time.Duration) error {
	defer a.hold()()
	w, asked, err := a.chain.Challenges(ctx, a.address, class.class())
	if err != nil {
		return err
	}
	if !w.Open || w.Submitted || len(asked) == 0 {
		return nil // it closed, or was answered, since it was seen
	}
	ctx, cancel := untilClose(ctx, w, block)
	defer cancel()

	encoded, missing, err := class.answer(ctx, w.Index, asked)
	if err != nil {
		return err
	}
	if w.ClosesAt != nil && w.ClosesAt.Sub(block.Time) > response/2 {
		for _, opening := range missing {
			if errors.Is(opening, ErrPassing) {
				return fmt.Errorf("failed to prove window %d yet: %w", w.Index, opening)
			}
		}
	}
	if len(missing) > 0 {
		a.metrics.missing.Add(float64(len(missing)))
		a.problem(ctx, "stored bytes are missing", fmt.Errorf(
			"%d of %d openings of %s window %d cannot be answered, the first because %w",
			len(missing), len(asked), class.name(), w.Index, missing[0]))
	}
	result, err := a.submitProof(ctx, &poreptypes.MsgSubmitWindowProof{
		Provider: a.address, Class: class.class(), Window: w.Index, Proof: encoded,
	})
	if err != nil {
		return fmt.Errorf("failed to submit the proof of window %d: %w", w.Index, err)
	}
	a.metrics.proofs.WithLabelValues(class.name()).Inc()
	if w.ClosesAt != nil {
		a.metrics.margin.Observe(w.ClosesAt.Sub(block.Time).Seconds())
	}
	a.log.Info("window proven", "class", class.name(), "window", w.Index, "openings", len(asked), "missing", len(missing), "height", result.Height)
	return nil
}

// untilClose bounds work on a window by what is left of it, measured from the block it was seen in, and a little more: the chain
// decides what is late, not this machine's clock.
func untilClose(ctx context.Context, w poreptypes.Window, block chain.Block) (context.Context, context.CancelFunc) {
	if w.ClosesAt == nil {
		return context.WithCancel(ctx)
	}
	return context.WithTimeout(ctx, max(w.ClosesAt.Sub(block.Time), 0)+time.Second)
}
