package node

import (
	"context"
	"sync"
)

// background is a goroutine that a part of the node owns.
type background struct {
	cancel  context.CancelFunc
	running sync.WaitGroup
}

// start has run run until close, which ends its context.
func (b *background) start(run func(context.Context)) {
	ctx, cancel := context.WithCancel(context.Background())
	b.cancel = cancel
	b.running.Go(func() { run(ctx) })
}

// close ends the goroutine and waits for it.
func (b *background) close() {
	b.cancel()
	b.running.Wait()
}
