package types

import "time"

// DefaultGenesis returns the state of a network where nobody proves anything yet.
func DefaultGenesis() *GenesisState {
	return &GenesisState{Params: DefaultParams(), NextUnitId: 1}
}

// Validate checks each entry by itself, that none is there twice, and that references point to something. That the
// totals agree with the units is checked by the keeper's Invariants when the state is written.
func (gs GenesisState) Validate() error {
	if err := gs.Params.Validate(); err != nil {
		return err
	}
	providers := make(map[string]ProviderState, len(gs.Providers))
	for _, state := range gs.Providers {
		if err := state.validate(); err != nil {
			return err
		}
		if _, twice := providers[state.Provider]; twice {
			return ErrInvalidGenesis.Wrapf("provider %s is there twice", state.Provider)
		}
		providers[state.Provider] = state
	}
	units := make(map[uint64]bool, len(gs.Units))
	for _, unit := range gs.Units {
		if err := unit.validate(); err != nil {
			return err
		}
		if unit.Id >= gs.NextUnitId {
			return ErrInvalidGenesis.Wrapf("unit %d is not below the next id %d", unit.Id, gs.NextUnitId)
		}
		if units[unit.Id] {
			return ErrInvalidGenesis.Wrapf("unit %d is there twice", unit.Id)
		}
		if _, known := providers[unit.Provider]; !known {
			return ErrInvalidGenesis.Wrapf("unit %d has unknown provider %q", unit.Id, unit.Provider)
		}
		units[unit.Id] = true
	}
	if gs.NextUnitId == 0 {
		return ErrInvalidGenesis.Wrap("unit ids begin at 1")
	}
	for i, change := range gs.Changes {
		state, known := providers[change.Provider]
		if !known || change.Sequence >= state.NextChange {
			return ErrInvalidGenesis.Wrapf("change %d of %q has no place in its queue", change.Sequence, change.Provider)
		}
		if _, ok := ChangeKind_name[int32(change.Kind)]; !ok || change.Kind == CHANGE_KIND_UNSPECIFIED {
			return ErrInvalidGenesis.Wrapf("change %d has kind %d", i, change.Kind)
		}
	}
	for i, due := range gs.Due {
		if _, ok := DueKind_name[int32(due.Kind)]; !ok || due.Kind == DUE_KIND_UNSPECIFIED {
			return ErrInvalidGenesis.Wrapf("due item %d has kind %d", i, due.Kind)
		}
		if _, known := providers[due.Provider]; !known || !isKeyTime(due.At) {
			return ErrInvalidGenesis.Wrapf("due item %d of %q at %s", i, due.Provider, due.At)
		}
	}
	return nil
}

func (u Unit) validate() error {
	err := NewUnit{Provider: u.Provider, Class: u.Class, CommD: u.CommD, SizeBytes: u.SizeBytes}.Validate()
	if err != nil {
		return ErrInvalidGenesis.Wrapf("unit %d: %s", u.Id, err)
	}
	switch u.Status {
	case UNIT_STATUS_QUEUED, UNIT_STATUS_ACTIVE:
		if u.FaultExpiresAt != nil {
			return ErrInvalidGenesis.Wrapf("unit %d is not faulty but its fault expires", u.Id)
		}
	case UNIT_STATUS_FAULTY:
		if u.FaultExpiresAt == nil || !isKeyTime(*u.FaultExpiresAt) {
			return ErrInvalidGenesis.Wrapf("unit %d is faulty but its fault does not expire", u.Id)
		}
	default:
		return ErrInvalidGenesis.Wrapf("unit %d has status %d", u.Id, u.Status)
	}
	return nil
}

func (s ProviderState) validate() error {
	if s.Provider == "" {
		return ErrInvalidGenesis.Wrap("provider without address")
	}
	if s.ProvenTime < 0 || s.Window.Covers < 0 {
		return ErrInvalidGenesis.Wrapf("provider %s has proven a negative time", s.Provider)
	}
	if s.Scheduled && !isKeyTime(s.NextOpenAt) {
		return ErrInvalidGenesis.Wrapf("provider %s has its next window at %s", s.Provider, s.NextOpenAt)
	}
	w := s.Window
	if w.Open && (w.Index == 0 || w.OpenedAt == nil || w.ClosesAt == nil || w.ScheduledAt == nil ||
		!isKeyTime(*w.ClosesAt) || len(w.Seed) != 32) {
		return ErrInvalidGenesis.Wrapf("provider %s has an incomplete open window", s.Provider)
	}
	if w.Open && (w.Openings > 0) != (w.ProvenBytes > 0) {
		return ErrInvalidGenesis.Wrapf("provider %s is asked for %d openings of %d bytes", s.Provider, w.Openings, w.ProvenBytes)
	}
	return nil
}

// isKeyTime tells whether a time fits into the queue, which counts nanoseconds in 64 bits.
func isKeyTime(t time.Time) bool {
	return t.Unix() >= 0 && t.Year() < 2200
}
