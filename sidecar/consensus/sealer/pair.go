package sealer

import (
	"context"
	"errors"
	"slices"

	"lukechampine.com/blake3"

	"github.com/ipdm-network/ipdm/sidecar/consensus/priority"
	"github.com/ipdm-network/ipdm/x/porep/proof/sdr"
)

// stepNodes is how many labels are made between two looks at the gate: about two milliseconds, and three for two sectors at a time.
const stepNodes = 4096

// pair labels one or two sectors of one size in a goroutine of its own, and ends with the last of them. A label has to wait for the one
// before it; meanwhile the processor hashes the label of the same node of the other sector, perhaps of another layer. Whoever is behind is
// labelled until both are at the same node: a sector that joins another waits for nothing, and from then on both go in step.
type pair struct {
	store   *Store
	nodes   uint64
	buffers *buffers // nil where layers are mapped
	place   uint64   // of the buffers, which the current layers have
	memory  *resident
	lanes   []*lane
	// some ends when the context of one of the lanes does; regroup makes it anew.
	some   context.Context //nolint:containedctx // see above
	cancel func()

	members int     // guarded by pairs.mu: the lanes, and those that wait
	waiting []*lane // guarded by pairs.mu
}

func (p *pair) run() {
	priority.Lower()
	p.regroup()
	defer func() { p.cancel() }()
	for over := false; !over; {
		over = p.turn()
	}
}

// turn lets a sector in, or makes some labels, and tells whether no sector is left.
func (p *pair) turn() (over bool) {
	if l := p.store.pairs.newcomer(p); l != nil {
		if err := p.admit(l); err != nil {
			return p.leave(l, err)
		}
		return false
	}
	_ = p.store.gate.pass(p.some) // whose context has ended leaves
	for _, l := range slices.Clone(p.lanes) {
		if err := l.ctx.Err(); err != nil || l.labelled() {
			return p.leave(l, err)
		}
	}
	return p.step()
}

// regroup follows a change of the lanes.
func (p *pair) regroup() {
	if p.cancel != nil {
		p.cancel()
	}
	some, cancel := context.WithCancel(context.Background())
	stops := []func() bool{}
	for _, l := range p.lanes {
		stops = append(stops, context.AfterFunc(l.ctx, cancel))
	}
	p.some = some
	p.cancel = func() {
		for _, stop := range stops {
			stop()
		}
		cancel()
	}
}

// admit lets a sector in, with what it has on disk.
func (p *pair) admit(l *lane) error {
	if err := p.store.gate.pass(l.ctx); err != nil {
		return err
	}
	if err := p.makePlace(l); err != nil {
		return err
	}
	var err error
	if l.begun > 1 {
		if l.previous, err = p.open(l, l.begun-1, 1-p.place); err != nil {
			return err
		}
		if err := l.previous.load(l.ctx, p.nodes, nil, p.store.gate.pass); err != nil {
			return err
		}
	}
	if err := p.begin(l, l.begun); err != nil {
		return err
	}
	if err := l.current.load(l.ctx, l.node, l.hasher, p.store.gate.pass); err != nil {
		return err
	}
	p.lanes = append(p.lanes, l)
	p.regroup()
	return nil
}

// makePlace gives a sector the lane that is free, beside that of another if there is one.
func (p *pair) makePlace(l *lane) error {
	if len(p.lanes) == 0 {
		return nil
	}
	other := p.lanes[0]
	l.index = 1 - other.index
	if p.buffers == nil || p.buffers.lanes == maxLanes {
		return nil
	}
	if err := other.saved.wait(); err != nil {
		p.leave(other, err)
		l.index = 0
		return nil
	}
	if err := p.buffers.widen(l.ctx, p.store.gate.pass); err != nil {
		return err
	}
	other.current.labels, other.current.stride = p.buffers.lane(p.place, other.index)
	if other.previous != nil {
		other.previous.labels, other.previous.stride = p.buffers.lane(1-p.place, other.index)
	}
	return nil
}

// open opens a layer of a sector in a place.
func (p *pair) open(l *lane, number uint32, place uint64) (*layer, error) {
	if p.buffers == nil {
		return mapLayer(number, l.path(number, true), p.nodes)
	}
	labels, stride := p.buffers.lane(place, l.index)
	return openLayer(number, l.path(number, false), labels, stride)
}

// begin opens the layer that a sector is to make next.
func (p *pair) begin(l *lane, number uint32) (err error) {
	l.current, err = p.open(l, number, p.place)
	l.hasher = blake3.New(sdr.NodeSize, nil)
	return err
}

// step makes labels of those sectors that are behind, and goes on to the next layers when none is.
func (p *pair) step() (over bool) {
	var behind []*lane
	node := p.nodes
	for _, l := range p.lanes {
		switch {
		case l.node < node:
			node, behind = l.node, []*lane{l}
		case l.node == node && node < p.nodes:
			behind = append(behind, l)
		}
	}
	if len(behind) == 0 {
		return p.nextLayers()
	}
	end := node + min(stepNodes, p.store.opts.lookAfter(p.nodes))
	for _, l := range p.lanes {
		if l.node > node {
			end = min(end, l.node)
		} else {
			end = min(end, l.checkpointEnd())
		}
	}
	if len(behind) == maxLanes {
		sdr.LabelTwo(behind[0].labeller, behind[0].run(end), behind[1].labeller, behind[1].run(end))
	} else {
		behind[0].labeller.LabelRun(behind[0].run(end))
	}
	for _, l := range behind {
		if err := l.made(end); err != nil {
			over = p.leave(l, err)
		}
	}
	if err := p.memory.passed(uint64(len(behind))*(end-node), p.lanes); err != nil {
		for _, l := range slices.Clone(p.lanes) {
			over = p.leave(l, err)
		}
	}
	return over
}

// nextLayers lets the layers that were made take the place of those before.
func (p *pair) nextLayers() (over bool) {
	p.place = 1 - p.place
	for _, l := range slices.Clone(p.lanes) {
		err := l.previous.close()
		l.previous, l.node, l.saves = l.current, 0, 0
		if err := errors.Join(err, p.begin(l, l.previous.number+1)); err != nil {
			over = p.leave(l, err)
		}
	}
	return over
}

// leave lets a sector out, and tells whether it was the last one.
func (p *pair) leave(l *lane, err error) (over bool) {
	p.lanes = slices.DeleteFunc(p.lanes, func(other *lane) bool { return other == l })
	p.regroup()
	err = errors.Join(err, l.close())
	if over = p.store.pairs.left(p); over {
		err = errors.Join(err, p.buffers.free())
	}
	l.result <- err
	return over
}
