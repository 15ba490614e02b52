package sectors

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/ipdm-network/ipdm/sdk/go/format"
	poreptypes "github.com/ipdm-network/ipdm/x/porep/types"
)

// maxReseals is how often a sealed replica is made anew that comes out different, before a person has to look.
const maxReseals = 3

var (
	// errDiffers reports a replica that was made anew and is not the one committed to.
	errDiffers = errors.New("the replica made anew is not the one that was committed to")
	// errHopeless ends the attempts to make a replica anew.
	errHopeless = errors.New("the replica came out different each time: give its units up with ipdmd tx porep terminate-units, and look at the disk")
)

// pack plans a sector when enough replicas wait, or one has waited for long enough.
func (k *Keeper) pack(ctx context.Context, r *round) error {
	for {
		next, ok := nextBatch(k.waiting.list(), r.params.SectorClasses, r.params.MaxPieces)
		if !ok || !next.due(r.block.Time, k.cfg.BatchWait, k.backlog(next.class)) {
			return nil
		}
		if err := k.begin(ctx, r, next); err != nil {
			return fmt.Errorf("failed to plan a sector: %w", err)
		}
	}
}

// begin writes the plan of a batch down.
func (k *Keeper) begin(ctx context.Context, r *round, b batch) error {
	chainID, err := k.chain.ChainID(ctx)
	if err != nil {
		return err
	}
	height, ticket, err := k.chain.Beacon(ctx)
	if err != nil {
		return err
	}
	least := uint64(0)
	for _, s := range r.sectors {
		least = max(least, s.number+1)
	}
	number, err := k.numbers.take(least)
	if err != nil {
		return err
	}
	plan := Plan{
		ChainID: chainID, Provider: k.address, Number: number, Class: b.class, TicketHeight: height, Ticket: ticket, Pieces: b.pieces(),
	}
	if err := k.files.Begin(ctx, plan); err != nil {
		return err
	}
	k.board.plan(plan.Pieces)
	k.waiting.remove(b.replicas)
	r.sectors = append(r.sectors, &sector{number: number, file: &File{Plan: plan, Phase: PhaseLabelling, StartedAt: time.Now()}})
	k.log.Info("sector planned", "number", number, "class", ClassName(b.class), "pieces", len(plan.Pieces))
	return nil
}

// startSealing starts work that seals, unless as many sectors are being sealed as may be.
func (k *Keeper) startSealing(
	ctx context.Context, s *sector, wg *sync.WaitGroup, what string, work func(ctx context.Context, fails int) error,
) {
	if _, running := k.tasks.running(taskKey{s.number, laneLife}); running {
		return
	}
	if sealing, _ := k.tasks.count(); sealing < k.cfg.Sealers {
		k.start(ctx, wg, s.number, laneLife, what, true, work)
	}
}

// seal makes the replica of a new sector, or goes on with it.
func (k *Keeper) seal(s *sector) func(context.Context, int) error {
	return func(ctx context.Context, fails int) error {
		if fails > 0 { // the data may have been damaged since it was checked
			if err := k.restore(ctx, s); err != nil {
				return err
			}
		}
		fresh, began := s.file.Phase == PhaseLabelling && s.file.Done == 0, time.Now()
		if _, err := k.files.Seal(ctx, s.number); err != nil {
			return err
		}
		k.sealed(s.number, s.file.Plan.Class, fresh, time.Since(began))
		return nil
	}
}

func (k *Keeper) sealed(number uint64, class poreptypes.SectorClass, fresh bool, took time.Duration) {
	size := ClassBytes(class)
	k.metrics.sealedBytes.Add(float64(size))
	if fresh {
		k.pace.measured(size, took)
		k.metrics.sealSeconds.Observe(took.Seconds())
	}
	k.health.sound(number, k.chainTime())
	k.log.Info("sector sealed", "number", number, "took", took.Round(time.Millisecond))
}

// reseal makes the replica of a sector that is on chain anew: its files are damaged, incomplete or gone.
func (k *Keeper) reseal(s *sector) func(context.Context, int) error {
	return func(ctx context.Context, fails int) error {
		if fails >= maxReseals && errors.Is(k.health.damage(s.number), errDiffers) {
			return errHopeless
		}
		if s.file == nil {
			plan, err := k.planOf(ctx, s)
			if err != nil {
				return err
			}
			if err := k.files.Begin(ctx, plan); err != nil {
				return err
			}
		} else if s.sealed() {
			if err := k.files.Reset(ctx, s.number); err != nil {
				return err
			}
		}
		if err := k.restore(ctx, s); err != nil {
			return err
		}
		began := time.Now()
		made, err := k.files.Seal(ctx, s.number)
		if err != nil {
			return err
		}
		if format.Digest(made.CommRLast) != digestOf(s.onChain.CommRLast) || format.Digest(made.CommC) != digestOf(s.onChain.CommC) {
			k.spoil(s.number, errDiffers)
			return errDiffers
		}
		k.metrics.resealed.Inc()
		k.sealed(s.number, s.onChain.Class, false, time.Since(began))
		return nil
	}
}

// restore makes the encodings whole that a sector is made of. Those of pieces that are gone nobody may have any more: what is stored of
// them has to do.
func (k *Keeper) restore(ctx context.Context, s *sector) error {
	gone := map[uint64]bool{}
	if s.onChain != nil {
		for _, piece := range s.onChain.Pieces {
			gone[piece.DealId] = piece.Status == poreptypes.PIECE_STATUS_GONE
		}
	}
	for _, id := range s.deals() {
		if gone[id] {
			continue
		}
		deal, _, err := k.chain.Deal(ctx, id)
		if err != nil {
			return err
		}
		if err := k.deps.Restore(ctx, deal); err != nil {
			return fmt.Errorf("failed to restore the data of deal %d: %w", id, err)
		}
	}
	return nil
}

// planOf makes the plan of a sector that is on chain.
func (k *Keeper) planOf(ctx context.Context, s *sector) (Plan, error) {
	chainID, err := k.chain.ChainID(ctx)
	if err != nil {
		return Plan{}, err
	}
	c := s.onChain
	if len(c.ReplicaId) != 32 {
		return Plan{}, fmt.Errorf("sector %d has a replica id of %d bytes", c.Id, len(c.ReplicaId))
	}
	plan := Plan{
		ChainID: chainID, Provider: k.address, Number: c.Number, Class: c.Class, TicketHeight: c.TicketHeight, ReplicaID: [32]byte(c.ReplicaId),
	}
	for _, piece := range c.Pieces {
		plan.Pieces = append(plan.Pieces, Piece{
			DealID: piece.DealId, ReplicaIndex: piece.ReplicaIndex, CommD: digestOf(piece.CommD), TotalBytes: piece.TotalBytes,
			Leaves: piece.Leaves, StartNode: piece.StartNode, Nodes: piece.Nodes,
		})
	}
	return plan, nil
}

// digestOf reads a digest of the chain's; one of another length is none.
func digestOf(raw []byte) format.Digest {
	digest, err := format.DigestFromBytes(raw)
	if err != nil {
		return format.Digest{}
	}
	return digest
}

// spoil marks a replica as damaged.
func (k *Keeper) spoil(number uint64, why error) {
	if k.health.spoil(number, why) {
		k.metrics.damaged.Inc()
		k.log.Warn("sealed replica is damaged", "number", number, "err", why)
	}
}
