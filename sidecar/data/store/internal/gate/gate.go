package gate

import (
	"sync"
	"sync/atomic"

	"github.com/ipdm-network/ipdm/sidecar/data/store"
)

// Gate counts running calls, so that Close can wait for them. Calls may nest: one that begins inside another while the
// gate closes fails, which ends the outer one.
type Gate struct {
	mu     sync.Mutex
	idle   sync.Cond // signalled when calls falls to 0; its lock is mu
	calls  int       // guarded by mu
	closed atomic.Bool
}

// New returns an open gate.
func New() *Gate {
	g := &Gate{}
	g.idle.L = &g.mu
	return g
}

// Enter begins a call. It fails with store.ErrClosed.
func (g *Gate) Enter() error {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.closed.Load() {
		return store.ErrClosed
	}
	g.calls++
	return nil
}

// Leave ends a call.
func (g *Gate) Leave() {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.calls--; g.calls == 0 {
		g.idle.Broadcast()
	}
}

// Shut refuses further calls, waits for those that run, and tells whether this was the first time.
func (g *Gate) Shut() bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	first := !g.closed.Swap(true)
	for g.calls > 0 {
		g.idle.Wait()
	}
	return first
}

// Closed tells whether the gate refuses calls. A call that uses memory only, and none that Close takes away, need not enter if it does not.
func (g *Gate) Closed() bool { return g.closed.Load() }
