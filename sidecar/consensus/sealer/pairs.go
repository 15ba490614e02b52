package sealer

import (
	"context"
	"sync"

	"github.com/ipdm-network/ipdm/x/porep/proof/sdr"
)

// stretch is labels of one sector to be made one after another: those of a layer up to the next checkpoint.
type stretch struct {
	ctx      context.Context //nolint:containedctx // that of the call to Seal; whoever makes the labels must heed it
	labeller *sdr.Labeller
	run      sdr.Run // From moves on
	// step is how many labels are made between two looks at the gate at most, and passed is called after so many or fewer.
	step   uint64
	passed func(labels uint64) error
}

func (s *stretch) left() uint64 { return s.run.To - s.run.From }

// next returns the run of the next labels.
func (s *stretch) next(labels uint64) sdr.Run {
	run := s.run
	run.To = run.From + labels
	return run
}

func (s *stretch) advance(labels uint64) error {
	s.run.From += labels
	return s.passed(labels)
}

// pairs brings sectors together that are being labelled at a time. Two of them are labelled by one thread, which takes turns
// between them. Whoever has no other to go with goes alone, and whoever waits does so for one step of another at most.
//
// A sealer that labels is free unless it is in a pair. One that finds an offer accepts it and makes the labels of both, until one of
// the two stretches ends. One that finds none, but another one free, leaves an offer: the other finds it after its step, or
// declines when it ends. There is never more than one offer, since the next to come accepts it.
type pairs struct {
	gate *gate

	mu    sync.Mutex
	free  int    // guarded by mu
	offer *offer // guarded by mu; nil when nobody waits
}

// offer is a stretch that waits for another.
type offer struct {
	stretch *stretch
	// over is closed once the stretch belongs to its sealer again: err is set before.
	over chan struct{}
	err  error
}

// label makes the labels of a stretch. When it fails, those below run.From were made.
func (p *pairs) label(s *stretch) error {
	p.mu.Lock()
	p.free++
	p.mu.Unlock()
	defer p.leave()
	for s.left() > 0 {
		if err := p.gate.pass(s.ctx); err != nil {
			return err
		}
		p.mu.Lock()
		switch {
		case p.offer != nil:
			other := p.offer
			p.offer = nil
			p.free -= 2
			p.mu.Unlock()
			var err error
			err, other.err = p.together(s, other.stretch)
			p.mu.Lock()
			p.free += 2
			p.mu.Unlock()
			close(other.over)
			if err != nil {
				return err
			}
		case p.free > 1:
			own := &offer{stretch: s, over: make(chan struct{})}
			p.offer = own
			p.mu.Unlock()
			if err := p.wait(own); err != nil {
				return err
			}
		default:
			p.mu.Unlock()
			labels := min(s.step, s.left())
			run := s.next(labels)
			s.labeller.Label(run.Layer, run.Current, run.Previous, run.From, run.To)
			if err := s.advance(labels); err != nil {
				return err
			}
		}
	}
	return nil
}

// leave declines the offer of one who would wait in vain.
func (p *pairs) leave() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.free--; p.free == 1 && p.offer != nil {
		close(p.offer.over)
		p.offer = nil
	}
}

// wait returns when an offer was declined, or when the other is done with the stretch.
func (p *pairs) wait(own *offer) error {
	select {
	case <-own.over:
		return own.err
	case <-own.stretch.ctx.Done():
	}
	p.mu.Lock()
	if p.offer == own {
		p.offer = nil
		p.mu.Unlock()
		return own.stretch.ctx.Err()
	}
	p.mu.Unlock()
	<-own.over // within a step: together looks at both contexts
	return own.err
}

// together makes labels of two stretches until one of them ends or fails.
func (p *pairs) together(own, other *stretch) (ownErr, otherErr error) {
	ctx, cancel := context.WithCancel(own.ctx)
	defer cancel()
	defer context.AfterFunc(other.ctx, cancel)()
	for own.left() > 0 && other.left() > 0 && ownErr == nil && otherErr == nil {
		if p.gate.pass(ctx) != nil {
			return own.ctx.Err(), other.ctx.Err()
		}
		labels := min(own.step, other.step, own.left(), other.left())
		sdr.LabelTwo(own.labeller, own.next(labels), other.labeller, other.next(labels))
		ownErr, otherErr = own.advance(labels), other.advance(labels)
	}
	return ownErr, otherErr
}
