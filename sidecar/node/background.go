package node

import (
	"context"
	"sync"
)

// background are the goroutines that a part of the node owns.
type background struct {
	cancel  context.CancelFunc
	running sync.WaitGroup
}

// start has each of the functions run until close, which ends their context.
func (b *background) start(run ...func(context.Context)) {
	ctx, cancel := context.WithCancel(context.Background())
	b.cancel = cancel
	for _, f := range run {
		b.running.Go(func() { f(ctx) })
	}
}

// close ends the goroutines and waits for them.
func (b *background) close() {
	b.cancel()
	b.running.Wait()
}
