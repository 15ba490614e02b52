package pebblestore

import (
	"sync"
	"sync/atomic"

	"github.com/ipdm-network/ipdm/sidecar/data/store"
)

// gate counts running calls, so that Close can wait for them; one that uses memory only may look at closed instead. Calls may nest: one that begins inside another while the
// gate closes fails, which ends the outer one.
type gate struct {
	mu     sync.Mutex
	idle   sync.Cond // signalled when calls falls to 0; its lock is mu
	calls  int       // guarded by mu
	closed atomic.Bool
}

func newGate() *gate {
	g := &gate{}
	g.idle.L = &g.mu
	return g
}

// enter begins a call. It fails with store.ErrClosed.
func (g *gate) enter() error {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.closed.Load() {
		return store.ErrClosed
	}
	g.calls++
	return nil
}

// leave ends a call.
func (g *gate) leave() {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.calls--; g.calls == 0 {
		g.idle.Broadcast()
	}
}

// shut refuses further calls, waits for those that run, and tells whether this was the first time.
func (g *gate) shut() bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	first := !g.closed.Swap(true)
	for g.calls > 0 {
		g.idle.Wait()
	}
	return first
}
