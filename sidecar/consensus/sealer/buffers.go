package sealer

import (
	"context"
	"errors"

	"github.com/ipdm-network/ipdm/x/porep/proof/sdr"
)

// buffers are memory for two layers of one or two sectors: the layers that are made, and those before, which take turns. Of two sectors the
// labels of a node lie side by side. They are made from the same nodes, whose labels are then in the same lines of memory.
type buffers struct {
	nodes  uint64
	lanes  uint64 // that there is place for: one or two
	places [2][]byte
}

// maxLanes is how many sectors are labelled together at most.
const maxLanes = 2

// newBuffers takes buffers for the layers of sectors of so many nodes, with one lane. It returns nil when Options.MemoryBytes or the
// system do not allow for them: layers are mapped from their files then. That needs no memory that cannot be given back, but each layer
// begins with pages that the system has to find and to clear, and two sectors share no lines.
func (s *Store) newBuffers(nodes uint64) *buffers {
	if !s.roomFor(nodes) {
		return nil
	}
	b := &buffers{nodes: nodes, lanes: 1}
	for i := range b.places {
		var err error
		if b.places[i], err = newBuffer(int(maxLanes * nodes * sdr.NodeSize)); err != nil {
			s.log.Warn("layers are mapped from their files, which is slower", "err", errors.Join(err, b.free()))
			return nil
		}
	}
	return b
}

// roomFor tells whether a sector of so many nodes may have a lane: it fits in Options.MemoryBytes, and takes half of what the system could
// give at most.
func (s *Store) roomFor(nodes uint64) bool {
	if _, bounded := s.opts.mappedBytes(nodes); bounded {
		return false
	}
	available, known := availableMemory()
	return !known || 2*nodes*sdr.NodeSize <= available/2
}

// lane returns the labels of a layer of a sector.
func (b *buffers) lane(place, lane uint64) (labels []byte, stride uint64) {
	return b.places[place][lane*sdr.NodeSize:], b.lanes * sdr.NodeSize
}

// widen makes place for a second lane beside the first, whose labels move. It is undisturbed but by the gate.
func (b *buffers) widen(ctx context.Context, pass func(context.Context) error) error {
	ctx = context.WithoutCancel(ctx)
	for _, place := range b.places {
		for v := b.nodes; v > 0; {
			if err := pass(ctx); err != nil {
				return err
			}
			for end := v - min(v, scratchNodes); v > end; v-- { // the last one first: none is overwritten before it has moved
				*(*sdr.Hash)(place[(v-1)*maxLanes*sdr.NodeSize:]) = sdr.Hash(place[(v-1)*sdr.NodeSize:])
			}
		}
	}
	b.lanes = maxLanes
	return nil
}

func (b *buffers) free() error {
	if b == nil {
		return nil
	}
	var errs []error
	for i, place := range b.places {
		if place != nil {
			errs = append(errs, freeBuffer(place))
			b.places[i] = nil
		}
	}
	return errors.Join(errs...)
}
