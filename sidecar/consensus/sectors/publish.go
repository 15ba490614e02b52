package sectors

import (
	"context"
	"fmt"
	"slices"
	"time"

	poreptypes "github.com/ipdm-network/ipdm/x/porep/types"
)

// warning names a deadline that the operator was warned of.
type warning struct {
	number   uint64
	deadline string
	at       int64 // unix nanoseconds
}

// expected is how long a sector takes until the chain need not wait for it any more, apart from transactions.
func (k *Keeper) expected(s *sector) time.Duration {
	switch {
	case s.file == nil:
		return k.pace.expected(ClassBytes(s.onChain.Class))
	case s.sealed():
		return 0
	}
	return k.pace.expected(leftBytes(s.file))
}

// leftBytes is how much of a sector is still to be labelled.
func leftBytes(file *File) uint64 {
	size := ClassBytes(file.Plan.Class)
	if file.Phase != PhaseLabelling {
		return size / 8
	}
	if file.Total == 0 {
		return size
	}
	return uint64(float64(size) * (1 - min(float64(file.Done)/float64(file.Total), 1)))
}

// atRisk tells whether the next deadline of a sector may be missed, and which it is.
func (k *Keeper) atRisk(r *round, s *sector) (name string, at time.Time, risky bool) {
	at = r.deadline(s)
	if at.IsZero() {
		return "", at, false
	}
	left := at.Sub(r.block.Time)
	switch {
	case len(s.demands) > 0:
		return "demand", at, left < r.params.DemandResponseTime/2
	case s.onChain != nil:
		return "prove_by", at, left < max(k.expected(s)*3/2, s.onChain.ProveBy.Sub(s.onChain.PrecommittedAt)/4)
	}
	assigned := at
	for _, piece := range s.file.Plan.Pieces {
		if a, ok := r.assigned[place{piece.DealID, piece.ReplicaIndex}]; ok && a.Replica.AssignedAt != nil && a.Replica.AssignedAt.Before(assigned) {
			assigned = *a.Replica.AssignedAt
		}
	}
	return "sealing", at, left < k.expected(s)*5/4+min(10*time.Second, at.Sub(assigned)/8)
}

// warn tells the operator, once, of a deadline that may be missed.
func (k *Keeper) warn(ctx context.Context, r *round, s *sector) {
	name, at, risky := k.atRisk(r, s)
	key := warning{s.number, name, at.UnixNano()}
	if !risky || k.warned[key] {
		return
	}
	k.warned[key] = true
	k.metrics.atRisk.WithLabelValues(name).Inc()
	k.deps.Report(ctx, "a deadline of a sector is at risk", fmt.Errorf("sector %d: %s ends in %v, the work left takes about %v",
		s.number, deadlineText[name], at.Sub(r.block.Time).Round(time.Second), k.expected(s).Round(time.Second)))
}

var deadlineText = map[string]string{
	"sealing":  "the time to seal its replicas",
	"prove_by": "the time to prove its seal",
	"demand":   "the time to show a demanded record",
}

// publish puts what the round found on the board.
func (k *Keeper) publish(r *round) {
	shown := snapshot{places: map[place]bool{}, deals: map[uint64]bool{}}
	o := &shown.overview
	slices.SortFunc(r.sectors, func(a, b *sector) int { return int(min(max(int64(a.number)-int64(b.number), -1), 1)) })
	states := map[State]int{}
	warned := map[warning]bool{}
	for _, s := range r.sectors {
		info := k.describe(r, s)
		states[info.State]++
		o.Sectors = append(o.Sectors, info)
		if !info.Deadline.IsZero() && (o.NextDeadline.IsZero() || info.Deadline.Before(o.NextDeadline)) {
			o.NextDeadline = info.Deadline
		}
		if name, at, _ := k.atRisk(r, s); k.warned[warning{s.number, name, at.UnixNano()}] {
			warned[warning{s.number, name, at.UnixNano()}] = true
		}
		for _, deal := range s.deals() {
			shown.deals[deal] = true
		}
		if s.file != nil {
			if !s.sealed() {
				shown.leftBytes += leftBytes(s.file)
			}
			if info.State != StateDropped {
				for _, piece := range s.file.Plan.Pieces {
					shown.places[place{piece.DealID, piece.ReplicaIndex}] = true
				}
			}
		}
		if s.onChain == nil || s.onChain.Status == poreptypes.SECTOR_STATUS_PRECOMMITTED || s.onChain.Status == poreptypes.SECTOR_STATUS_VERIFYING {
			shown.sectorBytes += info.PieceBytes
		}
	}
	k.warned = warned
	for _, replica := range k.waiting.list() {
		o.WaitingReplicas++
		o.WaitingBytes += replica.TotalBytes
	}
	o.SealingBytes = shown.sectorBytes + o.WaitingBytes
	shown.leftBytes += o.WaitingBytes
	o.Backlogged = k.cfg.Offered && o.SealingBytes >= k.cfg.MaxSealingBytes
	k.board.write(shown)

	k.metrics.states.Reset()
	for state, n := range states {
		k.metrics.states.WithLabelValues(string(state)).Set(float64(n))
	}
	k.metrics.waitingBytes.Set(float64(o.WaitingBytes))
	k.metrics.backlogged.Set(0)
	if o.Backlogged {
		k.metrics.backlogged.Set(1)
	}
}

// describe says what people are told of a sector.
func (k *Keeper) describe(r *round, s *sector) Info {
	info := Info{Number: s.number, State: k.stateOf(s), LastError: k.tasks.lastError(s.number)}
	_, info.Deadline, info.AtRisk = k.atRisk(r, s)
	if s.file != nil {
		info.Class, info.DiskBytes, info.StartedAt = s.file.Plan.Class, s.file.DiskBytes, s.file.StartedAt
		if working(info.State) {
			info.Done, info.Total = s.file.Done, s.file.Total
		}
		for _, piece := range s.file.Plan.Pieces {
			info.Pieces++
			info.PieceBytes += piece.TotalBytes
		}
	}
	if s.onChain != nil {
		info.ID, info.Class, info.Pieces, info.PieceBytes = s.onChain.Id, s.onChain.Class, 0, 0
		for _, piece := range s.livePieces() {
			info.Pieces++
			info.PieceBytes += piece.TotalBytes
		}
	}
	return info
}

func (k *Keeper) stateOf(s *sector) State {
	if damage := k.health.damage(s.number); s.live() && (damage != nil || !s.sealed()) {
		if what := k.tasks.lastError(s.number); what == errHopeless.Error() {
			return StateFailed
		}
		return StateResealing
	}
	if s.onChain == nil {
		switch _, running := k.tasks.running(taskKey{s.number, laneLife}); {
		case s.sealed():
			return StateCommitting
		case !running && s.file.Done == 0:
			return StatePacking
		}
		return State(s.file.Phase)
	}
	switch s.onChain.Status {
	case poreptypes.SECTOR_STATUS_PRECOMMITTED:
		if _, running := k.tasks.running(taskKey{s.number, laneLife}); running {
			return StateProving
		}
		return StatePrecommitted
	case poreptypes.SECTOR_STATUS_VERIFYING:
		return StateVerifying
	case poreptypes.SECTOR_STATUS_DISPUTABLE:
		return StateActive
	case poreptypes.SECTOR_STATUS_FINAL:
		return StateFinal
	}
	return StateDropped
}
