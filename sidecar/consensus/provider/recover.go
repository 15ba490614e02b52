package provider

import (
	"context"
	"errors"
	"fmt"

	"github.com/ipdm-network/ipdm/sidecar/consensus/chain"
	poreptypes "github.com/ipdm-network/ipdm/x/porep/types"
)

// maxRefusedRecoveries is how often a recovery that the chain refuses is sent again before it is left to the next window.
const maxRefusedRecoveries = 3

// recover proves healed units again, within the open window w. Units that cannot be proven yet wait for another window.
func (a *Agent) recover(ctx context.Context, class classProver, p *prover, w poreptypes.Window, params poreptypes.Params) error {
	faulty, err := a.chain.Faults(ctx, a.address, class.class())
	if err != nil {
		return err
	}
	var proven []poreptypes.UnitRecovery
	for _, unit := range faulty {
		if p.recovered[unit.Id] == w.Index || !class.isWhole(unit) {
			continue
		}
		encoded, err := class.recovery(ctx, w, unit, params.RecoveryOpenings)
		if err != nil {
			if ctx.Err() != nil {
				return err
			}
			class.spoiled(unit)
			a.problem(ctx, "a healed unit could not be proven", fmt.Errorf("unit %d: %w", unit.Id, err))
			continue
		}
		proven = append(proven, poreptypes.UnitRecovery{UnitId: unit.Id, Proof: encoded})
		if uint32(len(proven)) == params.MaxRecoveriesPerTx {
			break // the rest follows at the next block
		}
	}
	if len(proven) == 0 {
		return nil
	}
	_, err = a.submitProof(ctx, &poreptypes.MsgRecoverFaults{
		Provider: a.address, Class: class.class(), Window: w.Index, Recoveries: proven,
	})
	if err != nil {
		if errors.Is(err, chain.ErrRejected) {
			p.refused++
		}
		if p.refused >= maxRefusedRecoveries {
			// The chain takes all or none. What it does not take now it may in the next window.
			p.refused = 0
			for _, r := range proven {
				p.recovered[r.UnitId] = w.Index
			}
		}
		return fmt.Errorf("failed to recover %d units in window %d: %w", len(proven), w.Index, err)
	}
	p.refused = 0
	for _, r := range proven {
		p.recovered[r.UnitId] = w.Index
	}
	a.metrics.recoveries.Add(float64(len(proven)))
	a.log.Info("faulty units proven again", "window", w.Index, "units", len(proven))
	return nil
}
