package sectors

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	poreptypes "github.com/ipdm-network/ipdm/x/porep/types"
)

// scrubber reads one sealed replica after the other. It is for one goroutine.
type scrubber struct {
	last uint64    // number of the sector read last
	next time.Time // when the next is read, by this machine's clock
}

// checkProblem begins the problem of a replica that cannot be read.
const checkProblem = "a sealed replica could not be read"

// check reads a replica whole that has faulty units and was not found sound since they faulted: it is made anew if it is damaged, and
// its units are proven again if it is not.
func (k *Keeper) check(ctx context.Context, r *round, s *sector, wg *sync.WaitGroup) {
	if !s.live() || !s.sealed() || k.health.damage(s.number) != nil || !k.deps.Healing() {
		return
	}
	since, faulty := r.faulty[s.onChain.Id]
	if !faulty || k.health.soundSince(s.number, since) {
		return
	}
	if _, running := k.tasks.running(taskKey{s.number, laneLife}); running {
		return
	}
	k.start(ctx, wg, s.number, laneCheck, checkProblem, false, k.read(s, r.block.Time))
}

// scrubNext reads the next replica in turn when it is time, so that each is read once in the scrub interval.
func (k *Keeper) scrubNext(ctx context.Context, r *round, wg *sync.WaitGroup) {
	if k.cfg.ScrubInterval == 0 || time.Now().Before(k.scrub.next) {
		return
	}
	if _, checking := k.tasks.count(); checking > 0 {
		return
	}
	var sound, next *sector
	count := 0
	for _, s := range r.sectors {
		if !s.live() || !s.sealed() || k.health.damage(s.number) != nil {
			continue
		}
		count++
		if sound == nil || s.number < sound.number {
			sound = s
		}
		if s.number > k.scrub.last && (next == nil || s.number < next.number) {
			next = s
		}
	}
	if next == nil {
		next = sound
	}
	if next == nil {
		return
	}
	k.scrub.last, k.scrub.next = next.number, time.Now().Add(k.cfg.ScrubInterval/time.Duration(count))
	k.start(ctx, wg, next.number, laneCheck, checkProblem, false, k.read(next, r.block.Time))
}

// read reads a replica whole as of a chain time.
func (k *Keeper) read(s *sector, at time.Time) func(context.Context, int) error {
	return func(ctx context.Context, _ int) error {
		err := k.files.Scrub(ctx, s.number)
		switch {
		case err == nil:
			k.metrics.scrubbed.Add(float64(ClassBytes(s.onChain.Class)))
			k.health.sound(s.number, at)
			return nil
		case errors.Is(err, ErrDamaged), errors.Is(err, ErrNoSector):
			k.spoil(s.number, err)
			k.deps.Report(ctx, "a sealed replica is damaged", fmt.Errorf("sector %d: %w", s.number, err))
			return nil
		}
		return err
	}
}

// Prove answers challenges for nodes of sealed replicas in an encoded window proof. What cannot be answered is declared missing in it,
// and missing tells why. Replicas that are found damaged are declared and made anew by the rounds that follow.
func (k *Keeper) Prove(ctx context.Context, window uint64, asked []poreptypes.Challenge) (encoded []byte, missing map[int]error, err error) {
	asks := make([]Ask, len(asked))
	for i, c := range asked {
		if len(c.CommRLast) != 32 {
			return nil, nil, fmt.Errorf("challenge %d has a commitment of %d bytes", i, len(c.CommRLast))
		}
		number, err := k.numberOf(ctx, c.SectorId)
		if err != nil {
			return nil, nil, err
		}
		asks[i] = Ask{Number: number, CommRLast: [32]byte(c.CommRLast), Nodes: c.Nodes, Node: c.Node}
	}
	if encoded, missing, err = k.files.Prove(ctx, window, asks); err != nil {
		return nil, nil, err
	}
	for i, why := range missing {
		if errors.Is(why, ErrDamaged) || errors.Is(why, ErrNoSector) {
			k.spoil(asks[i].Number, why)
		}
	}
	return encoded, missing, nil
}

// numberOf returns the provider's number of a sector on chain.
func (k *Keeper) numberOf(ctx context.Context, id uint64) (uint64, error) {
	if number, ok := k.health.number(id); ok {
		return number, nil
	}
	found, err := k.chain.Sector(ctx, id)
	if err != nil {
		return 0, err
	}
	k.health.name(id, found.Number)
	return found.Number, nil
}
