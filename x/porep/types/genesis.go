package types

import (
	"time"

	sdkmath "cosmossdk.io/math"
)

// DefaultGenesis returns the state of a network where nobody proves anything yet.
func DefaultGenesis() *GenesisState {
	return &GenesisState{Params: DefaultParams(), NextUnitId: 1, NextSectorId: 1, NextSealId: 1, NextChallengeId: 1}
}

// Validate checks each entry by itself, that none is there twice, and that references point to something. That the
// totals agree with the units is checked by the keeper's Invariants when the state is written.
func (gs GenesisState) Validate() error {
	if err := gs.Params.Validate(); err != nil {
		return err
	}
	if gs.NextUnitId == 0 || gs.NextSectorId == 0 || gs.NextSealId == 0 || gs.NextChallengeId == 0 {
		return ErrInvalidGenesis.Wrap("ids begin at 1")
	}
	maps, err := gs.validateMaps()
	if err != nil {
		return err
	}
	sectors, err := gs.validateSectors()
	if err != nil {
		return err
	}
	units, err := gs.validateUnits(maps, sectors)
	if err != nil {
		return err
	}
	if err := gs.validateDisputes(sectors); err != nil {
		return err
	}
	challenges := make(map[uint64]bool, len(gs.Challenges))
	for _, c := range gs.Challenges {
		if c.Id == 0 || c.Id >= gs.NextChallengeId || challenges[c.Id] {
			return ErrInvalidGenesis.Wrapf("challenge %d is there twice, or not below the next id %d", c.Id, gs.NextChallengeId)
		}
		challenges[c.Id] = true
		if unit, known := units[c.UnitId]; !known || unit.ChallengeId != c.Id {
			return ErrInvalidGenesis.Wrapf("challenge %d is not the one of unit %d", c.Id, c.UnitId)
		}
		if !isAmount(c.Bond) || !isKeyTime(c.AnswerBy) || c.Challenger == "" {
			return ErrInvalidGenesis.Wrapf("challenge %d is incomplete", c.Id)
		}
	}
	return gs.validateQueues(maps)
}

func (gs GenesisState) validateMaps() (map[string]ProviderState, error) {
	maps := make(map[string]ProviderState, len(gs.Providers))
	for _, state := range gs.Providers {
		if err := state.validate(); err != nil {
			return nil, err
		}
		if _, twice := maps[state.MapKey()]; twice {
			return nil, ErrInvalidGenesis.Wrapf("map %s is there twice", state.MapKey())
		}
		maps[state.MapKey()] = state
	}
	return maps, nil
}

func (gs GenesisState) validateUnits(maps map[string]ProviderState, sectors map[uint64]Sector) (map[uint64]Unit, error) {
	units := make(map[uint64]Unit, len(gs.Units))
	for _, unit := range gs.Units {
		if err := unit.validate(); err != nil {
			return nil, err
		}
		if unit.Id == 0 || unit.Id >= gs.NextUnitId {
			return nil, ErrInvalidGenesis.Wrapf("unit %d is not below the next id %d", unit.Id, gs.NextUnitId)
		}
		if _, twice := units[unit.Id]; twice {
			return nil, ErrInvalidGenesis.Wrapf("unit %d is there twice", unit.Id)
		}
		if _, known := maps[unit.MapKey()]; !known {
			return nil, ErrInvalidGenesis.Wrapf("unit %d has unknown provider %q", unit.Id, unit.Provider)
		}
		if unit.Class == CLASS_SEALED && !sectors[unit.SectorId].holds(unit) {
			return nil, ErrInvalidGenesis.Wrapf("unit %d is no piece of sector %d", unit.Id, unit.SectorId)
		}
		units[unit.Id] = unit
	}
	return units, nil
}

func (gs GenesisState) validateSectors() (map[uint64]Sector, error) {
	type number struct {
		provider string
		number   uint64
	}
	sectors, numbers, seals := map[uint64]Sector{}, map[number]bool{}, map[uint64]bool{}
	for _, sector := range gs.Sectors {
		if err := sector.validate(); err != nil {
			return nil, err
		}
		if _, twice := sectors[sector.Id]; twice || sector.Id == 0 || sector.Id >= gs.NextSectorId {
			return nil, ErrInvalidGenesis.Wrapf("sector %d is there twice, or not below the next id %d", sector.Id, gs.NextSectorId)
		}
		key := number{sector.Provider, sector.Number}
		if numbers[key] {
			return nil, ErrInvalidGenesis.Wrapf("provider %s has two sectors with the number %d", sector.Provider, sector.Number)
		}
		sectors[sector.Id], numbers[key] = sector, true
		if sector.Proof == nil {
			continue
		}
		if id := sector.Proof.SealId; id == 0 || id >= gs.NextSealId || seals[id] {
			return nil, ErrInvalidGenesis.Wrapf("seal %d is there twice, or not below the next id %d", id, gs.NextSealId)
		}
		seals[sector.Proof.SealId] = true
	}
	return sectors, nil
}

// validateDisputes checks verdicts and demands.
func (gs GenesisState) validateDisputes(sectors map[uint64]Sector) error {
	seals := map[uint64]bool{}
	for _, sector := range sectors {
		if sector.Proof != nil {
			seals[sector.Proof.SealId] = true
		}
	}
	type vote struct {
		seal      uint64
		validator string
	}
	votes := make(map[vote]bool, len(gs.SealVotes))
	for _, v := range gs.SealVotes {
		key := vote{v.SealId, string(v.Validator)}
		if !seals[v.SealId] || votes[key] || len(v.Validator) == 0 || v.Power <= 0 {
			return ErrInvalidGenesis.Wrapf("verdict of %x on seal %d", v.Validator, v.SealId)
		}
		votes[key] = true
	}
	type record struct {
		sector uint64
		index  uint32
	}
	demands := make(map[record]bool, len(gs.Demands))
	for _, d := range gs.Demands {
		key := record{d.SectorId, d.Index}
		sector, known := sectors[d.SectorId]
		if !known || demands[key] || d.Index >= sector.SealChallenges || d.Sender == "" || !isAmount(d.Bond) || !isKeyTime(d.AnswerBy) {
			return ErrInvalidGenesis.Wrapf("demand for record %d of sector %d", d.Index, d.SectorId)
		}
		demands[key] = true
	}
	return nil
}

// validateQueues checks the queued changes and what is due.
func (gs GenesisState) validateQueues(maps map[string]ProviderState) error {
	for i, change := range gs.Changes {
		state, known := maps[change.MapKey()]
		if !known || change.Sequence >= state.NextChange {
			return ErrInvalidGenesis.Wrapf("change %d of %q has no place in its queue", change.Sequence, change.MapKey())
		}
		if _, ok := ChangeKind_name[int32(change.Kind)]; !ok || change.Kind == CHANGE_KIND_UNSPECIFIED {
			return ErrInvalidGenesis.Wrapf("change %d has kind %d", i, change.Kind)
		}
		if _, ok := TerminationCause_name[int32(change.Cause)]; !ok ||
			(change.Cause != TERMINATION_CAUSE_UNSPECIFIED) != (change.Kind == CHANGE_KIND_TERMINATE) {
			return ErrInvalidGenesis.Wrapf("change %d has cause %d", i, change.Cause)
		}
	}
	for i, due := range gs.Due {
		if _, ok := DueKind_name[int32(due.Kind)]; !ok || due.Kind == DUE_KIND_UNSPECIFIED {
			return ErrInvalidGenesis.Wrapf("due item %d has kind %d", i, due.Kind)
		}
		known := due.Provider != ""
		if !due.Kind.aboutSector() {
			_, known = maps[MapKey(due.Provider, due.Class)]
		}
		if !known || !isKeyTime(due.At) || due.Kind.aboutSector() != (due.Class == CLASS_UNSPECIFIED) {
			return ErrInvalidGenesis.Wrapf("due item %d of %q at %s", i, due.Provider, due.At)
		}
	}
	return nil
}

// aboutSector tells whether items of the kind are about a sector, not about a map.
func (k DueKind) aboutSector() bool {
	switch k {
	case DUE_KIND_PROVE_TIMEOUT, DUE_KIND_VERDICT_TIMEOUT, DUE_KIND_DISPUTE_END, DUE_KIND_DEMAND_TIMEOUT, DUE_KIND_SECTOR_CLEANUP:
		return true
	default:
		return false
	}
}

func (u Unit) validate() error {
	err := NewUnit{Provider: u.Provider, Class: u.Class, CommD: u.CommD, SizeBytes: u.SizeBytes}.Validate()
	if err != nil {
		return ErrInvalidGenesis.Wrapf("unit %d: %s", u.Id, err)
	}
	if (u.Class == CLASS_SEALED) != (u.SectorId != 0) {
		return ErrInvalidGenesis.Wrapf("unit %d of class %d is in sector %d", u.Id, u.Class, u.SectorId)
	}
	switch u.Status {
	case UNIT_STATUS_QUEUED, UNIT_STATUS_ACTIVE:
		if u.FaultExpiresAt != nil || u.FaultedAt != nil {
			return ErrInvalidGenesis.Wrapf("unit %d is not faulty but its fault expires", u.Id)
		}
	case UNIT_STATUS_FAULTY:
		if u.FaultExpiresAt == nil || !isKeyTime(*u.FaultExpiresAt) || u.FaultedAt == nil {
			return ErrInvalidGenesis.Wrapf("unit %d is faulty but its fault does not expire", u.Id)
		}
	default:
		return ErrInvalidGenesis.Wrapf("unit %d has status %d", u.Id, u.Status)
	}
	return nil
}

// holds tells whether a piece of the sector has the unit.
func (s Sector) holds(unit Unit) bool {
	for _, piece := range s.Pieces {
		if piece.UnitId == unit.Id && piece.Status == PIECE_STATUS_PROVEN {
			return s.Provider == unit.Provider && piece.StartNode == unit.StartNode && piece.Nodes*NodeSizeBytes == unit.SizeBytes
		}
	}
	return false
}

func (s Sector) validate() error {
	if s.Provider == "" || s.Class.SizeBytes() == 0 || len(s.Pieces) == 0 {
		return ErrInvalidGenesis.Wrapf("sector %d has no provider, class or pieces", s.Id)
	}
	for _, hash := range [][]byte{s.ReplicaId, s.CommD, s.CommC, s.CommRLast} {
		if len(hash) != CommDSizeBytes {
			return ErrInvalidGenesis.Wrapf("sector %d has a commitment of %d bytes", s.Id, len(hash))
		}
	}
	if s.Deposit.IsNil() || s.Deposit.IsNegative() || !isKeyTime(s.ProveBy) || !isKeyTime(s.PrecommittedAt) {
		return ErrInvalidGenesis.Wrapf("sector %d has no deposit or no deadline", s.Id)
	}
	proven := s.Status == SECTOR_STATUS_VERIFYING || s.Status == SECTOR_STATUS_DISPUTABLE || s.Status == SECTOR_STATUS_FINAL
	if proven && (s.Proof == nil || len(s.Proof.Root) != CommDSizeBytes || len(s.Seed) != CommDSizeBytes || !isKeyTime(s.Proof.VerdictBy)) {
		return ErrInvalidGenesis.Wrapf("sector %d has an incomplete seal proof", s.Id)
	}
	if s.Status == SECTOR_STATUS_PRECOMMITTED && s.Proof != nil {
		return ErrInvalidGenesis.Wrapf("sector %d has a seal proof too early", s.Id)
	}
	if s.Status == SECTOR_STATUS_DISPUTABLE && (s.DisputeEndsAt == nil || !isKeyTime(*s.DisputeEndsAt)) {
		return ErrInvalidGenesis.Wrapf("the dispute about sector %d does not end", s.Id)
	}
	if _, ok := SectorStatus_name[int32(s.Status)]; !ok || s.Status == SECTOR_STATUS_UNSPECIFIED {
		return ErrInvalidGenesis.Wrapf("sector %d has status %d", s.Id, s.Status)
	}
	return nil
}

func (s ProviderState) validate() error {
	if s.Provider == "" {
		return ErrInvalidGenesis.Wrap("provider without address")
	}
	if err := s.Class.Check(); err != nil {
		return ErrInvalidGenesis.Wrapf("provider %s: %s", s.Provider, err)
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

// isAmount tells whether an amount may be a bond.
func isAmount(amount sdkmath.Int) bool { return !amount.IsNil() && amount.IsPositive() }

// isKeyTime tells whether a time fits into the queue, which counts nanoseconds in 64 bits.
func isKeyTime(t time.Time) bool {
	return t.Unix() >= 0 && t.Year() < 2200
}
