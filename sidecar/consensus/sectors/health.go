package sectors

import (
	"sync"
	"time"

	poreptypes "github.com/ipdm-network/ipdm/x/porep/types"
)

// health is what is known of the replicas on disk. Losing it costs reading them again.
type health struct {
	mu       sync.Mutex
	numbers  map[uint64]uint64    // guarded by mu: id of a sector on chain -> number
	damaged  map[uint64]error     // guarded by mu: by number
	verified map[uint64]time.Time // guarded by mu: by number, chain time at which the replica was last found sound
}

func newHealth() *health {
	return &health{numbers: map[uint64]uint64{}, damaged: map[uint64]error{}, verified: map[uint64]time.Time{}}
}

// number returns that of a sector on chain.
func (h *health) number(id uint64) (uint64, bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	number, ok := h.numbers[id]
	return number, ok
}

func (h *health) name(id, number uint64) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.numbers[id] = number
}

// spoil marks a replica as damaged and tells whether that is news.
func (h *health) spoil(number uint64, why error) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	_, known := h.damaged[number]
	h.damaged[number] = why
	delete(h.verified, number)
	return !known
}

// damage returns why a replica is damaged, nil if it is not known to be.
func (h *health) damage(number uint64) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.damaged[number]
}

// sound marks a replica as whole as of a chain time.
func (h *health) sound(number uint64, at time.Time) {
	h.mu.Lock()
	defer h.mu.Unlock()
	delete(h.damaged, number)
	h.verified[number] = at
}

// soundSince tells whether a replica was found whole at a chain time or after.
func (h *health) soundSince(number uint64, at time.Time) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	verified, ok := h.verified[number]
	return ok && h.damaged[number] == nil && !verified.Before(at)
}

// forget drops what is known of a sector that is gone.
func (h *health) forget(number uint64) {
	h.mu.Lock()
	defer h.mu.Unlock()
	delete(h.damaged, number)
	delete(h.verified, number)
	for id, n := range h.numbers {
		if n == number {
			delete(h.numbers, id)
		}
	}
}

// IsWhole tells whether all of the replica that holds a faulty unit was found sound since the unit faulted.
func (k *Keeper) IsWhole(unit poreptypes.Unit) bool {
	number, ok := k.health.number(unit.SectorId)
	return ok && unit.FaultedAt != nil && k.health.soundSince(number, *unit.FaultedAt)
}
