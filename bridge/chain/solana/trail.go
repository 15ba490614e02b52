package solana

import (
	"context"
	"maps"
	"math"
	"slices"

	"github.com/gagliardetto/solana-go"

	"github.com/ipdm-network/ipdm/bridge/chain/solana/program"
)

// maxKnown bounds the addresses that are remembered of a node.
const maxKnown = 1 << 20

// trail is what a node has told of where events are. Only who holds it uses it.
type trail struct {
	held  chan struct{} // has an element while somebody holds it
	known map[uint64]solana.PublicKey
}

func newTrail() *trail {
	return &trail{held: make(chan struct{}, 1), known: map[uint64]solana.PublicKey{}}
}

// hold waits until nobody else holds the trail. It fails if ctx is done before.
func (t *trail) hold(ctx context.Context) error {
	select {
	case t.held <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (t *trail) release() { <-t.held }

// learn remembers the accounts that a gateway names, of the events from a nonce on.
func (t *trail) learn(g program.Gateway, from uint64) {
	for nonce := max(from, g.FirstRecent()); nonce < g.Events; nonce++ {
		t.known[nonce] = g.Recent(nonce)
	}
}

// next returns the nonces of events that follow each other from one on and whose accounts are known, at most so many.
func (t *trail) next(from uint64, most int) (nonces []uint64) {
	for nonce := from; len(nonces) < most; nonce++ {
		if _, known := t.known[nonce]; !known {
			break
		}
		nonces = append(nonces, nonce)
	}
	return nonces
}

// edge returns, in order, the nonces of the events to read for what they say of those before them: for each place in the ring, of the first
// event from a nonce on whose account is known, unless it is less than a ring behind that.
func (t *trail) edge(from uint64) (nonces []uint64) {
	first := map[uint64]uint64{} // by the place in the ring
	for nonce := range t.known {
		place := nonce % program.EventRing
		if least, found := first[place]; nonce >= from && (!found || nonce < least) {
			first[place] = nonce
		}
	}
	for _, nonce := range first {
		if nonce-from >= program.EventRing {
			nonces = append(nonces, nonce)
		}
	}
	slices.Sort(nonces)
	return nonces
}

// forget drops what is known of events before a nonce.
func (t *trail) forget(before uint64) {
	maps.DeleteFunc(t.known, func(nonce uint64, _ solana.PublicKey) bool { return nonce < before })
}

// bound drops the last events, where too many are known: those are found again. It keeps the first ones that are known from a nonce on.
func (t *trail) bound(from uint64) {
	if len(t.known) <= maxKnown {
		return
	}
	least := uint64(math.MaxUint64)
	for nonce := range t.known {
		if nonce >= from {
			least = min(least, nonce)
		}
	}
	maps.DeleteFunc(t.known, func(nonce uint64, _ solana.PublicKey) bool { return nonce >= least && nonce-least >= maxKnown/2 })
}
