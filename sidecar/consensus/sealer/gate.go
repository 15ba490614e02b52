package sealer

import (
	"context"
	"sync"
)

// gate lets work pass but while somebody holds it.
type gate struct {
	mu     sync.Mutex
	holds  int           // guarded by mu
	opened chan struct{} // guarded by mu; closed when holds falls to 0, nil while nobody holds
}

// hold closes the gate until release is called; it is open again once everybody has released it.
func (g *gate) hold() (release func()) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.holds == 0 {
		g.opened = make(chan struct{})
	}
	g.holds++
	return sync.OnceFunc(func() {
		g.mu.Lock()
		defer g.mu.Unlock()
		if g.holds--; g.holds == 0 {
			close(g.opened)
			g.opened = nil
		}
	})
}

// pass waits until the gate is open. It fails when ctx ends.
func (g *gate) pass(ctx context.Context) error {
	for {
		g.mu.Lock()
		opened := g.opened
		g.mu.Unlock()
		if opened == nil {
			return ctx.Err()
		}
		select {
		case <-opened:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}
