package transfer

import (
	"cmp"
	"context"
	"slices"
	"sync"
	"time"

	"github.com/ipfs/go-cid"
	"github.com/libp2p/go-libp2p/core/peer"

	"github.com/ipdm-network/ipdm/sidecar/data/store"
)

// fetchesFor tells whether the server fetches for a peer.
func (s *Server) fetchesFor(p peer.ID) bool { return s.opts.Fetcher != nil && s.opts.Group.Has(p) }

// turnsOf returns the fetches that a member has.
func (s *Server) turnsOf(p peer.ID) chan struct{} {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.turns[p] == nil {
		s.turns[p] = make(chan struct{}, memberFetches)
	}
	return s.turns[p]
}

// fetch has what is missing fetched and sends it as it comes. It gives up when nothing has come for the stall timeout, the
// wait for its turn included; what has not come by then stays missing.
func (a *answering) fetch(ctx context.Context) error {
	due, err := a.reopen(ctx)
	if err != nil {
		return err
	}
	// What was here leaves before the wait begins.
	if err := a.wire.flush(); err != nil {
		return err
	}
	if err := a.fetchDue(ctx, due); err != nil {
		return err
	}
	// The rest may have been stored by a fetch that began before.
	for _, i := range due {
		d := a.request.digests[i]
		if _, pending := a.pending[d]; !pending {
			continue
		}
		delete(a.pending, d)
		found, err := a.find(ctx, d)
		if err != nil {
			return err
		}
		if !found {
			a.missing = append(a.missing, i)
		}
	}
	slices.Sort(a.missing)
	return nil
}

// reopen makes what is missing pending again and returns its positions, but for what is not to be sent, and for what has been
// sent all the same: it was stored just after it was missed, in an encoding that was sent for another block.
func (a *answering) reopen(ctx context.Context) (due []uint32, err error) {
	missing := a.missing
	a.missing = nil
	for _, i := range missing {
		d := a.request.digests[i]
		if _, sent := a.sent[d]; sent {
			continue
		}
		refused, err := a.refused(ctx, d)
		if err != nil {
			return nil, refusedError{err}
		}
		if refused {
			a.missing = append(a.missing, i)
			continue
		}
		a.pending[d] = struct{}{}
		due = append(due, i)
	}
	return due, nil
}

// fetchDue sends what a fetch brings. It fails if the peer is not reached any more.
func (a *answering) fetchDue(ctx context.Context, due []uint32) error {
	s := a.server
	patient, giveUp := context.WithCancel(ctx)
	defer giveUp()
	quiet := time.AfterFunc(s.opts.StallTimeout, giveUp)
	defer quiet.Stop()
	for _, turns := range []chan struct{}{s.turnsOf(a.peer), s.fetches} {
		select {
		case turns <- struct{}{}:
			defer func() { <-turns }()
		case <-patient.Done():
			return ctx.Err()
		}
	}
	wants := make([]cid.Cid, len(due))
	for i, at := range due {
		wants[i] = a.request.cids[at]
	}
	var sending sync.Mutex // guards broken, a.pending and the writing
	var broken error
	err := s.opts.Fetcher.FetchFor(patient, a.request.root, wants, a.request.cut, func(enc store.Checked) error {
		sending.Lock()
		defer sending.Unlock()
		if broken != nil || !a.settle(enc) {
			return broken
		}
		quiet.Stop()
		defer quiet.Reset(s.opts.StallTimeout)
		if broken = a.send(enc.Bytes()); broken == nil {
			broken = a.wire.flush()
		}
		return broken
	})
	if err != nil {
		s.opts.Logger.Debug("not all is to be had that a member of the group asked for", "peer", a.peer, "error", err)
	}
	return cmp.Or(broken, ctx.Err())
}

// settle takes what an encoding holds off what is pending, and tells whether that is anything.
func (a *answering) settle(enc store.Checked) bool {
	wanted := 0
	for _, e := range enc.Header().Entries {
		if _, due := a.pending[e.Digest]; due {
			wanted++
			delete(a.pending, e.Digest)
		}
	}
	a.server.metrics.fetched.Add(float64(wanted))
	return wanted > 0
}
