package transfer

import (
	"context"
	"errors"
	"sync/atomic"
	"time"

	"github.com/libp2p/go-libp2p/core/peer"

	datav1 "github.com/ipdm-network/ipdm/sdk/go/data/v1"
)

// progressEvery is how often a put that is still at work says so.
const progressEvery = time.Second

func (s *Server) put(ctx context.Context, p peer.ID, w *wire, m *datav1.PutRequest) error {
	offer, err := parsePut(m)
	if err != nil {
		return refusedError{err}
	}
	return s.take(ctx, p, w, offer)
}

func (s *Server) update(ctx context.Context, p peer.ID, w *wire, m *datav1.UpdateRequest) error {
	offer, err := parseUpdate(m)
	if err != nil {
		return refusedError{err}
	}
	return s.take(ctx, p, w, offer)
}

// mayPush tells why a peer may not push, if so.
func (s *Server) mayPush(p peer.ID) error {
	switch {
	case s.opts.Keeper == nil:
		return refusedError{ErrNotOffered}
	case s.opts.Policy == nil || !s.opts.Policy.MayPush(p):
		return refusedError{ErrNotAllowed}
	}
	return nil
}

// take has an offer stored and reports progress meanwhile. When the peer goes away the work ends.
func (s *Server) take(ctx context.Context, p peer.ID, w *wire, o Offer) error {
	if err := s.mayPush(p); err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var received atomic.Uint64
	var existing bool
	done := make(chan error, 1)
	s.serving.Add(1)
	go func() {
		defer s.serving.Done()
		var err error
		existing, err = s.opts.Keeper.Put(ctx, p, o, received.Store)
		done <- err
	}()
	ticker := time.NewTicker(progressEvery)
	defer ticker.Stop()
	for {
		select {
		case err := <-done:
			if err != nil {
				return refusedError{err}
			}
			return w.write(&datav1.Response{Result: &datav1.Response_Put{Put: &datav1.PutResponse{ReceivedBytes: received.Load(), Existing: existing}}})
		case <-ticker.C:
			err := w.write(&datav1.Response{Result: &datav1.Response_PutProgress{PutProgress: &datav1.PutProgress{ReceivedBytes: received.Load()}}})
			if err == nil {
				err = w.flush()
			}
			if err != nil {
				cancel()
				return errors.Join(err, <-done)
			}
		}
	}
}

func (s *Server) delete(ctx context.Context, p peer.ID, w *wire, m *datav1.DeleteRequest) error {
	root, err := parseCID(m.Root)
	if err != nil {
		return refusedError{err}
	}
	if err := s.mayPush(p); err != nil {
		return err
	}
	removed, err := s.opts.Keeper.Delete(ctx, p, root)
	if err != nil {
		return refusedError{err}
	}
	return w.write(&datav1.Response{Result: &datav1.Response_Delete{Delete: &datav1.DeleteResponse{Removed: uint32(removed)}}})
}
