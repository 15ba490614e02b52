package keeper

import (
	"context"
	"fmt"

	"cosmossdk.io/collections"

	"github.com/ipdm-network/ipdm/x/porep/types"
)

// tally is what the units and queues of a map add up to.
type tally struct {
	units, activeUnits, activeBytes, totalBytes, faultyUnits, challenges uint64
	changes, opens, closes, changeItems, terminateItems                  uint64
}

// Invariants checks that the state agrees with itself: a provider's totals are the sums over its units, each unit is in
// one slot or in none, its weight is its size or nothing, each fault has an end, and each provider is in the queue exactly as
// its state says. It walks everything, and is for tests, simulation and genesis.
func (k *Keeper) Invariants(ctx context.Context) error {
	tallies := map[string]*tally{}
	of := func(provider string) *tally {
		if tallies[provider] == nil {
			tallies[provider] = &tally{}
		}
		return tallies[provider]
	}
	if err := k.checkUnits(ctx, of); err != nil {
		return err
	}
	if err := k.checkQueues(ctx, of); err != nil {
		return err
	}
	known := 0
	err := k.providers.Walk(ctx, nil, func(key string, state types.ProviderState) (bool, error) {
		known++
		if key != state.MapKey() {
			return true, fmt.Errorf("the state of %s is kept as that of %s", state.MapKey(), key)
		}
		return false, k.checkProvider(ctx, state, *of(key))
	})
	if err != nil {
		return err
	}
	if known != len(tallies) {
		return fmt.Errorf("units or queues of %d maps, but %d are known", len(tallies), known)
	}
	if err := k.checkLists(ctx); err != nil {
		return err
	}
	return k.checkSectors(ctx)
}

func (k *Keeper) checkUnits(ctx context.Context, of func(string) *tally) error {
	return k.units.Walk(ctx, nil, func(id uint64, unit types.Unit) (bool, error) {
		t := of(unit.MapKey())
		t.challenges += b2u(unit.ChallengeId != 0)
		t.units++
		t.totalBytes += unit.SizeBytes
		listed, err := k.unitsByProvider.Has(ctx, collections.Join(unit.MapKey(), id))
		if err == nil && !listed {
			err = fmt.Errorf("unit %d is not listed for its provider", id)
		}
		if err != nil {
			return true, err
		}
		var want uint64
		switch unit.Status {
		case types.UNIT_STATUS_QUEUED:
			queued, err := k.isQueued(ctx, id, types.CHANGE_KIND_ADD)
			if err == nil && !queued {
				err = fmt.Errorf("unit %d waits for nothing", id)
			}
			return false, err
		case types.UNIT_STATUS_FAULTY:
			t.faultyUnits++
			if err := k.checkFault(ctx, unit); err != nil {
				return true, err
			}
		case types.UNIT_STATUS_ACTIVE:
			t.activeUnits++
			t.activeBytes += unit.SizeBytes
			want = unit.SizeBytes
		}
		inSlot, err := k.slots.Get(ctx, collections.Join(unit.MapKey(), unit.Slot))
		if err != nil {
			return true, fmt.Errorf("unit %d has slot %d, where nothing is: %w", id, unit.Slot, err)
		}
		if inSlot != id {
			return true, fmt.Errorf("unit %d has slot %d, where unit %d is", id, unit.Slot, inSlot)
		}
		weight, err := k.weights.Get(ctx, []byte(unit.MapKey()), unit.Slot)
		if err == nil && weight != want {
			err = fmt.Errorf("unit %d weighs %d, want %d", id, weight, want)
		}
		return false, err
	})
}

// checkFault checks that something ends the fault of a unit: its expiry, a change that waits, or a later try of the expiry.
func (k *Keeper) checkFault(ctx context.Context, unit types.Unit) error {
	listed, err := k.faulty.Has(ctx, collections.Join(unit.MapKey(), unit.Id))
	if err == nil && !listed {
		err = fmt.Errorf("fault of unit %d is not listed", unit.Id)
	}
	if err != nil {
		return err
	}
	if unit.FaultExpiresAt == nil {
		return fmt.Errorf("fault of unit %d does not expire", unit.Id)
	}
	if queued, err := k.isQueued(ctx, unit.Id, cures...); err != nil || queued {
		return err
	}
	ends := false
	from := collections.QuadPrefix[int64, int32, string, uint64](unit.FaultExpiresAt.UnixNano())
	err = k.due.Walk(ctx, new(collections.Range[dueKey]).StartInclusive(from), func(key dueKey) (bool, error) {
		ends = key.K4() == unit.Id && types.DueKind(key.K2()) == types.DUE_KIND_FAULT_EXPIRY
		return ends, nil
	})
	if err == nil && !ends {
		err = fmt.Errorf("fault of unit %d never ends", unit.Id)
	}
	return err
}

func (k *Keeper) checkQueues(ctx context.Context, of func(string) *tally) error {
	err := k.changes.Walk(ctx, nil, func(key collections.Pair[string, uint64], change types.Change) (bool, error) {
		of(change.MapKey()).changes++
		if key.K1() != change.MapKey() || key.K2() != change.Sequence {
			return true, fmt.Errorf("change %d of %s is not where it says", change.Sequence, change.Provider)
		}
		sequence, err := k.queued.Get(ctx, collections.Join(change.UnitId, int32(change.Kind)))
		if err == nil && sequence != change.Sequence {
			err = fmt.Errorf("%s of unit %d is queued but not marked so", change.Kind, change.UnitId)
		}
		return false, err
	})
	if err != nil {
		return err
	}
	return k.due.Walk(ctx, nil, func(key dueKey) (bool, error) {
		if _, class := types.ParseMapKey(key.K3()); class == types.CLASS_UNSPECIFIED {
			return false, nil
		}
		t := of(key.K3())
		switch types.DueKind(key.K2()) {
		case types.DUE_KIND_OPEN:
			t.opens++
		case types.DUE_KIND_CLOSE:
			t.closes++
		case types.DUE_KIND_CHANGES:
			t.changeItems++
		case types.DUE_KIND_TERMINATE:
			t.terminateItems++
		}
		return false, nil
	})
}

func (k *Keeper) checkProvider(ctx context.Context, state types.ProviderState, t tally) error {
	total, err := k.weights.Total(ctx, []byte(state.MapKey()))
	if err != nil {
		return err
	}
	used, err := k.weights.Used(ctx, []byte(state.MapKey()))
	if err != nil {
		return err
	}
	open, scheduled, terminating := b2u(state.Window.Open), b2u(state.Scheduled && !state.Window.Open), b2u(state.Terminating)
	for _, check := range []struct {
		what      string
		got, want uint64
	}{
		{"units", state.UnitCount, t.units},
		{"total bytes", state.TotalBytes, t.totalBytes},
		{"active units", state.ActiveUnits, t.activeUnits},
		{"active bytes", state.ActiveBytes, t.activeBytes},
		{"sampled bytes", total, t.activeBytes},
		{"slots in use", used, t.activeUnits + t.faultyUnits},
		{"faulty units", state.FaultyUnits, t.faultyUnits},
		{"pending changes", state.PendingChanges, t.changes},
		{"open challenges", uint64(state.OpenChallenges), t.challenges},
		{"windows to open", t.opens, scheduled},
		{"windows to close", t.closes, open},
		{"terminations", t.terminateItems, terminating},
	} {
		if check.got != check.want {
			return fmt.Errorf("provider %s has %d %s, want %d", state.MapKey(), check.got, check.what, check.want)
		}
	}
	if t.changeItems > 1 {
		return fmt.Errorf("provider %s has its changes due %d times", state.Provider, t.changeItems)
	}
	if state.UnitCount > 0 && !state.Scheduled && !state.Terminating {
		return fmt.Errorf("provider %s has units but no window to come", state.Provider)
	}
	if state.Window.Open && state.Window.Openings > 0 && state.Window.ProvenBytes != state.ActiveBytes {
		return fmt.Errorf("the map of provider %s moved under its window", state.Provider)
	}
	return nil
}

// checkLists checks that nothing is listed that does not exist.
func (k *Keeper) checkLists(ctx context.Context) error {
	for name, set := range map[string]collections.KeySet[collections.Pair[string, uint64]]{
		"unit": k.unitsByProvider, "fault": k.faulty,
	} {
		err := set.Walk(ctx, nil, func(key collections.Pair[string, uint64]) (bool, error) {
			unit, err := k.Unit(ctx, key.K2())
			if err == nil && (unit.MapKey() != key.K1() || name == "fault" && unit.Status != types.UNIT_STATUS_FAULTY) {
				err = fmt.Errorf("%s %d is listed wrongly for %s", name, key.K2(), key.K1())
			}
			return false, err
		})
		if err != nil {
			return err
		}
	}
	err := k.slots.Walk(ctx, nil, func(key collections.Pair[string, uint64], id uint64) (bool, error) {
		unit, err := k.Unit(ctx, id)
		if err == nil && (unit.MapKey() != key.K1() || unit.Slot != key.K2() || unit.Status == types.UNIT_STATUS_QUEUED) {
			err = fmt.Errorf("unit %d is in the wrong slot %d of %s", id, key.K2(), key.K1())
		}
		return false, err
	})
	if err != nil {
		return err
	}
	var marks, changes uint64
	if err := k.queued.Walk(ctx, nil, func(collections.Pair[uint64, int32], uint64) (bool, error) { marks++; return false, nil }); err != nil {
		return err
	}
	err = k.changes.Walk(ctx, nil, func(collections.Pair[string, uint64], types.Change) (bool, error) { changes++; return false, nil })
	if err == nil && marks != changes {
		err = fmt.Errorf("%d changes are marked as queued, but %d are", marks, changes)
	}
	return err
}

func b2u(b bool) uint64 {
	if b {
		return 1
	}
	return 0
}
