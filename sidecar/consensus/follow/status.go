package follow

import (
	"log/slog"
	"maps"
	"slices"
	"strings"
	"sync"
)

// Status is how a follow stands.
type Status struct {
	Name, Kind string
	// Position is the last slot or block up to which all that was seen is stored, Finalized the greatest finalized one that an endpoint told of since the
	// start; 0 for none. Lag is by how many the one is behind the other, 0 before the first position.
	Position, Finalized, Lag uint64
	// Changes and Batches are those stored since the follow began, LastRoot the root of the last batch.
	Changes, Batches uint64
	LastRoot         string
	// Trouble is what keeps the follow from going on at the moment, or empty. With Stopped it does not try again.
	Trouble string
	Stopped bool
}

// board shows how a follow stands: to those who ask, in the log and as metrics. Its methods may be called concurrently.
type board struct {
	log     *slog.Logger
	metrics *metrics

	mu       sync.Mutex
	status   Status            // guarded by mu
	troubles map[string]string // by the part that has them; guarded by mu
}

func newBoard(name, kind string, m *metrics, log *slog.Logger) *board {
	m.stopped.WithLabelValues(name).Set(0)
	return &board{log: log, metrics: m, status: Status{Name: name, Kind: kind}, troubles: map[string]string{}}
}

func (b *board) read() Status {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.status
}

// change changes the status by f.
func (b *board) change(f func(s *Status)) {
	b.mu.Lock()
	defer b.mu.Unlock()
	f(&b.status)
	b.status.Lag = 0
	if b.status.Position > 0 && b.status.Finalized > b.status.Position {
		b.status.Lag = b.status.Finalized - b.status.Position
	}
	b.metrics.position.WithLabelValues(b.status.Name).Set(float64(b.status.Position))
	b.metrics.lag.WithLabelValues(b.status.Name).Set(float64(b.status.Lag))
}

// Trouble tells how an attempt of a part went. A trouble is logged when it is a new one, and when it is over.
func (b *board) Trouble(part string, err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	before := b.troubles[part]
	if err == nil {
		if delete(b.troubles, part); before != "" {
			b.log.Info("a trouble of a follow is over", "step", part)
		}
	} else {
		b.metrics.failures.WithLabelValues(part, b.status.Name).Inc()
		if b.troubles[part] = err.Error(); before != err.Error() {
			b.log.Warn("a follow is in trouble and tries again", "step", part, "err", err)
		}
	}
	var texts []string
	for _, p := range slices.Sorted(maps.Keys(b.troubles)) {
		texts = append(texts, p+": "+b.troubles[p])
	}
	b.status.Trouble = strings.Join(texts, "; ")
}

// stop says that the follow does not go on.
func (b *board) stop(err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.status.Trouble, b.status.Stopped = err.Error(), true
	b.metrics.stopped.WithLabelValues(b.status.Name).Set(1)
	b.log.Error("a follow has stopped", "err", err)
}
