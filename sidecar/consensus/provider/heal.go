package provider

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"sync"

	"github.com/ipdm-network/ipdm/sidecar/consensus/chain"
	markettypes "github.com/ipdm-network/ipdm/x/market/types"
	poreptypes "github.com/ipdm-network/ipdm/x/porep/types"
)

// errPaused interrupts healing.
var errPaused = errors.New("healing is paused")

// unitFault names one fault of a unit: a unit that faults again has to be healed again.
type unitFault struct {
	unit, window uint64
}

func faultOf(u poreptypes.Unit) unitFault { return unitFault{u.Id, u.FaultedWindow} }

// healing says whether to heal, and what was healed.
type healing struct {
	mu        sync.Mutex
	on        bool                    // guarded by mu
	busy      bool                    // guarded by mu: a goroutine heals
	interrupt context.CancelCauseFunc // guarded by mu: of that goroutine
	healed    map[unitFault]bool      // guarded by mu
	tries     retry                   // guarded by mu
}

func newHealing(on bool) *healing { return &healing{on: on, healed: map[unitFault]bool{}} }

func (h *healing) set(on bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.on, h.tries = on, retry{}
	if !on && h.interrupt != nil {
		h.interrupt(errPaused)
	}
}

func (h *healing) enabled() bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.on
}

// isHealed tells whether all bytes of a faulty unit were found or fetched since it faulted.
func (h *healing) isHealed(u poreptypes.Unit) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.healed[faultOf(u)]
}

func (h *healing) succeeded(u poreptypes.Unit) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.healed[faultOf(u)] = true
}

// spoiled takes succeeded back.
func (h *healing) spoiled(u poreptypes.Unit) {
	h.mu.Lock()
	defer h.mu.Unlock()
	delete(h.healed, faultOf(u))
}

// forget drops what is known of faults that are over.
func (h *healing) forget(faulty []poreptypes.Unit) {
	listed := make(map[unitFault]bool, len(faulty))
	for _, u := range faulty {
		listed[faultOf(u)] = true
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	maps.DeleteFunc(h.healed, func(f unitFault, _ bool) bool { return !listed[f] })
}

// begin makes the caller the one who heals, if nobody does, healing is on and it is time.
func (h *healing) begin(ctx context.Context) (context.Context, bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if !h.on || h.busy || !h.tries.due() {
		return nil, false
	}
	ctx, h.interrupt = context.WithCancelCause(ctx)
	h.busy = true
	return ctx, true
}

// end undoes begin. After a failure the next begin has to wait for a while.
func (h *healing) end(err error, cfg Config) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.interrupt(nil)
	h.busy, h.interrupt = false, nil
	if err != nil && h.on {
		h.tries.failed(cfg.RetryMin, cfg.RetryMax)
	} else {
		h.tries = retry{}
	}
}

// heal starts to make faulty open units whole again, unless a window is open: what a window asks for must be there already.
func (a *Agent) heal(ctx context.Context, list []markettypes.Assignment, wg *sync.WaitGroup) error {
	if !a.healing.enabled() {
		return nil
	}
	state, err := a.chain.ProvingState(ctx, a.address, poreptypes.CLASS_OPEN)
	if errors.Is(err, chain.ErrNotFound) {
		return nil
	}
	if err != nil || state.FaultyUnits == 0 || state.Window.Open {
		return err
	}
	faulty, err := a.chain.Faults(ctx, a.address, poreptypes.CLASS_OPEN)
	if err != nil {
		return err
	}
	a.healing.forget(faulty)
	var broken []poreptypes.Unit
	for _, unit := range faulty {
		if !a.healing.isHealed(unit) {
			broken = append(broken, unit)
		}
	}
	if len(broken) == 0 {
		return nil
	}
	healCtx, ok := a.healing.begin(ctx)
	if !ok {
		return nil
	}
	wg.Go(func() {
		err := a.healUnits(healCtx, broken, list)
		a.healing.end(err, a.cfg)
		if err != nil && !errors.Is(err, errPaused) {
			a.problem(ctx, "faulty data could not be healed", err)
		}
	})
	return nil
}

// healUnits makes units whole, one after the other. One that cannot be healed does not keep the others from it.
func (a *Agent) healUnits(ctx context.Context, units []poreptypes.Unit, list []markettypes.Assignment) error {
	deals := make(map[uint64]markettypes.Deal, len(list))
	for _, assignment := range list {
		deals[assignment.Deal.Id] = assignment.Deal
	}
	var errs []error
	for _, unit := range units {
		deal, ok := deals[unit.DealId]
		if !ok {
			continue // it is being released
		}
		if err := a.healUnit(ctx, deal); err != nil {
			if ctx.Err() != nil {
				return context.Cause(ctx)
			}
			errs = append(errs, fmt.Errorf("unit %d of deal %d: %w", unit.Id, unit.DealId, err))
			continue
		}
		a.healing.succeeded(unit)
		a.log.Info("faulty unit is whole again", "unit", unit.Id, "deal", unit.DealId)
	}
	return errors.Join(errs...)
}

// healUnit fetches what a deal's layout misses and reads all of it back.
func (a *Agent) healUnit(ctx context.Context, deal markettypes.Deal) error {
	want, err := layoutOf(deal)
	if err != nil {
		return err
	}
	if err := a.data.Fetch(ctx, deal.Id, want, a.sources(ctx, deal)); err != nil {
		return err
	}
	commD, sizeBytes, err := a.data.Recompute(ctx, want.CID)
	if err != nil {
		return err
	}
	if commD != want.CommD || sizeBytes != want.SizeBytes {
		return fmt.Errorf("%w: it is %s over %d bytes", ErrMismatch, commD, sizeBytes)
	}
	return nil
}
