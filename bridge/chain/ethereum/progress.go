package ethereum

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/ethereum/go-ethereum"
	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/common/hexutil"
)

// progress is how far an endpoint's logs have been read: the records are all events from a nonce on in blocks before the next. It holds
// as long as the endpoint shows the final block on which it was read.
type progress struct {
	first   uint64 // nonce
	records []located
	next    uint64 // block to read next
	upon    block  // zero if nothing is known
}

// from returns the progress for events from a later nonce on.
func (p progress) from(first uint64) progress {
	p.records = slices.Clip(p.records[min(first-p.first, uint64(len(p.records))):]) // others may go on from the same
	p.first = first
	return p
}

// before returns the progress up to a block, with which the reading is to go on.
func (p progress) before(number uint64) progress {
	end := slices.IndexFunc(p.records, func(r located) bool { return r.block >= number })
	p.records, p.next = p.records[:end], number
	return p
}

// resume returns what is known of the events from a nonce on. It forgets everything if the endpoint shows another block, or none, where
// there was a final one.
func (s *source) resume(ctx context.Context, first uint64, final block) (progress, error) {
	known, anew := s.kept(), progress{first: first, next: s.firstBlock}
	if first < known.first || known.upon.hash == (common.Hash{}) {
		return anew, nil
	}
	now := final
	if final.number != known.upon.number {
		var err error
		if now, err = s.getBlock(ctx, hexutil.EncodeUint64(known.upon.number)); err != nil && !errors.Is(err, ethereum.NotFound) {
			return progress{}, fmt.Errorf("failed to read block %d: %w", known.upon.number, err)
		}
	}
	if now != known.upon {
		s.keep(progress{})
		return anew, nil
	}
	return known.from(first), nil
}

func (s *source) kept() progress {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.known
}

func (s *source) keep(p progress) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.known = p
}
