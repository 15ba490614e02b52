package network

import (
	"errors"
	"sync"
)

// errNoPeers tells that the DHT knows nobody yet.
var errNoPeers = errors.New("no DHT peer is known yet")

// broadcast wakes everyone who waits at the moment of a send. The zero value is
// not usable; all methods may be called concurrently.
type broadcast struct {
	mu sync.Mutex // guards ch
	ch chan struct{}
}

func newBroadcast() *broadcast { return &broadcast{ch: make(chan struct{})} }

// wait returns a channel that the next send closes.
func (b *broadcast) wait() <-chan struct{} {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.ch
}

func (b *broadcast) send() {
	b.mu.Lock()
	defer b.mu.Unlock()
	close(b.ch)
	b.ch = make(chan struct{})
}
