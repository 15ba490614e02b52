package sectors

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"

	sdk "github.com/cosmos/cosmos-sdk/types"

	poreptypes "github.com/ipdm-network/ipdm/x/porep/types"
)

// alert starts what a deadline is close for: demanded records are shown, damage is declared.
func (k *Keeper) alert(ctx context.Context, r *round, s *sector, wg *sync.WaitGroup) {
	switch {
	case len(s.demands) > 0 && s.onChain.Proof != nil:
		k.start(ctx, wg, s.number, laneAlert, "a demanded seal record could not be shown", false, k.reveal(s))
	case s.live() && k.health.damage(s.number) != nil && !r.frozen() && r.state.ActiveUnits > 0:
		k.start(ctx, wg, s.number, laneAlert, "damage could not be declared", false, k.declare(r, s))
	}
}

// reveal shows every record of a sector that is demanded.
func (k *Keeper) reveal(s *sector) func(context.Context, int) error {
	return func(ctx context.Context, _ int) error {
		defer k.Hold()()
		records, err := k.proofRecords(ctx, s)
		if err != nil {
			return err
		}
		demands := slices.Clone(s.demands)
		slices.SortFunc(demands, func(a, b poreptypes.RecordDemand) int { return a.AnswerBy.Compare(b.AnswerBy) })
		var errs []error
		for _, demand := range demands {
			slice, err := k.files.Slice(records, demand.Index, s.onChain.SealChallenges)
			if err == nil {
				var msg sdk.Msg = &poreptypes.MsgRevealSealRecord{
					Provider: k.address, SectorId: s.onChain.Id, Index: demand.Index, Slice: slice,
				}
				_, err = k.sender.SubmitUrgent(ctx, msg)
			}
			if err != nil {
				errs = append(errs, fmt.Errorf("record %d: %w", demand.Index, err))
				continue
			}
			k.metrics.reveals.Inc()
			k.log.Info("seal record shown", "sector", s.onChain.Id, "record", demand.Index)
		}
		return errors.Join(errs...)
	}
}

// declare takes the units of a damaged sector out of the next window.
func (k *Keeper) declare(r *round, s *sector) func(context.Context, int) error {
	return func(ctx context.Context, _ int) error {
		units, err := k.chain.Units(ctx, k.address, poreptypes.CLASS_SEALED)
		if err != nil {
			return err
		}
		var broken []uint64
		for _, unit := range units {
			if unit.SectorId == s.onChain.Id && unit.Status == poreptypes.UNIT_STATUS_ACTIVE {
				broken = append(broken, unit.Id)
			}
		}
		for chunk := range slices.Chunk(broken, max(1, int(r.params.MaxDeclarationsPerTx))) {
			_, err := k.sender.SubmitUrgent(ctx, &poreptypes.MsgDeclareFaults{
				Provider: k.address, Class: poreptypes.CLASS_SEALED, UnitIds: chunk,
			})
			if err != nil {
				return err
			}
			k.metrics.declared.Add(float64(len(chunk)))
			k.log.Warn("units declared faulty", "sector", s.onChain.Id, "units", len(chunk), "err", k.health.damage(s.number))
		}
		return nil
	}
}
