package sectors

import (
	"errors"
	"fmt"
	"sync"
	"time"

	markettypes "github.com/ipdm-network/ipdm/x/market/types"
	poreptypes "github.com/ipdm-network/ipdm/x/porep/types"
)

var (
	// ErrTooLarge reports a replica that no sector class of the chain holds.
	ErrTooLarge = errors.New("replica is larger than a sector")
	// ErrBacklog reports that no more sealed replicas are taken for now.
	ErrBacklog = errors.New("sealing is backlogged")
)

// replicaKey names one assignment of a replica: when it is assigned again, that is another one.
type replicaKey struct {
	deal       uint64
	index      uint32
	assignedAt int64 // unix nanoseconds, chain time
}

func keyOf(r Replica) replicaKey {
	return replicaKey{r.DealID, r.ReplicaIndex, r.AssignedAt.UnixNano()}
}

func keyOfAssigned(r markettypes.Replica) replicaKey {
	key := replicaKey{deal: r.DealId, index: r.Index}
	if r.AssignedAt != nil {
		key.assignedAt = r.AssignedAt.UnixNano()
	}
	return key
}

// place names a replica of a deal, whoever has it.
type place struct {
	deal  uint64
	index uint32
}

// waiting are the replicas that have no sector yet.
type waiting struct {
	mu  sync.Mutex
	all map[replicaKey]Replica // guarded by mu
}

func newWaiting() *waiting { return &waiting{all: map[replicaKey]Replica{}} }

func (w *waiting) add(r Replica) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.all[keyOf(r)] = r
}

func (w *waiting) has(key replicaKey) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	_, ok := w.all[key]
	return ok
}

func (w *waiting) remove(replicas []Replica) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, r := range replicas {
		delete(w.all, keyOf(r))
	}
}

// forget drops replicas that are not assigned any more, and those that are in a sector.
func (w *waiting) forget(assigned map[replicaKey]bool, planned map[place]bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for key := range w.all {
		if !assigned[key] || planned[place{key.deal, key.index}] {
			delete(w.all, key)
		}
	}
}

func (w *waiting) list() []Replica {
	w.mu.Lock()
	defer w.mu.Unlock()
	list := make([]Replica, 0, len(w.all))
	for _, r := range w.all {
		list = append(list, r)
	}
	return list
}

// Judge tells whether a sealed replica that was just assigned can be sealed in time. fetching are the committed bytes of sealed
// replicas whose data is being fetched, freeBytes what the disk can take besides what is spoken for. It fails with ErrTooLarge or
// ErrBacklog.
func (k *Keeper) Judge(params poreptypes.Params, sizeBytes, fetching, freeBytes uint64, now, deadline time.Time) error {
	// Encodings have 128 KiB or more but for the last, and a gap is below two nodes: what a commitment of so many bytes
	// can need at most is known before its leaves are.
	class, ok := ClassFor(sizeBytes/NodeBytes+1, params.SectorClasses)
	if !ok {
		return fmt.Errorf("%w: %d bytes, a sector holds at most %d", ErrTooLarge, sizeBytes, largestBytes(params.SectorClasses))
	}
	if used := sizeBytes + fetching + k.sealingBytes(); used > k.cfg.MaxSealingBytes {
		return fmt.Errorf("%w: %d bytes wait or are being sealed, at most %d do at a time", ErrBacklog, used, k.cfg.MaxSealingBytes)
	}
	if needed := k.files.WorkBytes(class); needed > freeBytes {
		return fmt.Errorf("%w: a sector needs %d bytes of disk while it is being sealed, %d are left", ErrBacklog, needed, freeBytes)
	}
	if work := k.backlog(class); now.Add(slack(work, deadline.Sub(now))).After(deadline) {
		return fmt.Errorf("%w: the sectors before it and its own take about %v, it is due in %v",
			ErrBacklog, work.Round(time.Second), deadline.Sub(now).Round(time.Second))
	}
	return nil
}

// sealingBytes are the committed bytes of what waits for a sector or is in one that is not accepted yet.
func (k *Keeper) sealingBytes() uint64 {
	sum := k.board.read().sectorBytes
	for _, replica := range k.waiting.list() {
		sum += replica.TotalBytes
	}
	return sum
}

// TimeNeeded is how long before its deadline a replica of so many bytes has to be ready to be sealed.
func (k *Keeper) TimeNeeded(params poreptypes.Params, sizeBytes uint64, given time.Duration) time.Duration {
	class, ok := ClassFor(sizeBytes/NodeBytes+1, params.SectorClasses)
	if !ok {
		return 0
	}
	return slack(k.backlog(class), given)
}

// backlog is how long it takes until a further sector of a class would be sealed.
func (k *Keeper) backlog(class poreptypes.SectorClass) time.Duration {
	bytes := ClassBytes(class)
	if left := k.board.read().leftBytes; left > 0 {
		bytes += left / uint64(k.cfg.Sealers)
	}
	return k.pace.expected(bytes)
}

// Has tells whether a replica waits for a sector or is in one.
func (k *Keeper) Has(r markettypes.Replica) bool {
	return k.waiting.has(keyOfAssigned(r)) || k.board.planned(place{r.DealId, r.Index})
}

// Add queues a replica whose data is stored and checked, to be sealed. Its place in a sector is not looked at. It fails with
// ErrTooLarge.
func (k *Keeper) Add(params poreptypes.Params, r Replica) error {
	r.Nodes = alignedNodes(r.Leaves, r.TotalBytes)
	if _, ok := ClassFor(r.Nodes, params.SectorClasses); !ok {
		return fmt.Errorf("%w: %d nodes of %d bytes, a sector holds at most %d bytes",
			ErrTooLarge, r.Nodes, NodeBytes, largestBytes(params.SectorClasses))
	}
	k.waiting.add(r)
	return nil
}
