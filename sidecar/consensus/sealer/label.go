package sealer

import (
	"context"
	"errors"

	"lukechampine.com/blake3"

	"github.com/ipdm-network/ipdm/x/porep/proof/sdr"
)

// decodeFiles take turns in holding the layers of a replica that is being decoded, where layers are mapped. The last layer is in the
// second of them anyway.
var decodeFiles = [2]string{"decode-0", "decode-1"}

// label makes all layers from the checkpoint on.
func (s *Store) label(ctx context.Context, d *description) error {
	return s.labelLane(ctx, d, &lane{
		saved: &checkpoints{store: s, d: d}, begun: d.Layer, node: d.Node, saves: d.Node,
		path:   func(layer uint32, _ bool) string { return s.path(d.Number, layerFile(layer)) },
		report: func(p progress) { s.report(d.Number, p.done, p.total) },
	})
}

// relabel makes all layers anew and returns the path of the last one.
func (s *Store) relabel(ctx context.Context, d *description) (path string, err error) {
	err = s.labelLane(ctx, d, &lane{
		saved: &checkpoints{store: s}, begun: 1,
		path: func(layer uint32, mapped bool) string {
			if !mapped && layer < sdr.Layers {
				return ""
			}
			return s.path(d.Number, decodeFiles[layer%2])
		},
		report: func(progress) {},
	})
	return s.path(d.Number, decodeFiles[sdr.Layers%2]), err
}

// labelLane labels a sector, alone or together with another.
func (s *Store) labelLane(ctx context.Context, d *description, l *lane) (err error) {
	graph, err := sdr.NewGraph(d.nodes())
	if err != nil {
		return err
	}
	parents, release, err := s.parents.open(ctx, graph, s.gate.pass)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, release()) }()
	l.ctx, l.nodes, l.parents, l.result = ctx, graph.Nodes(), parents, make(chan error, 1)
	l.labeller = sdr.NewLabeller(graph, sdr.Hash(d.ReplicaID))
	l.labeller.UseParents(parents.data)
	p := s.pairs.join(s, l)
	select {
	case err := <-l.result:
		return err
	case <-ctx.Done():
		if s.pairs.withdraw(p, l) {
			return ctx.Err()
		}
		return <-l.result
	}
}

// lane is a sector while it is labelled.
type lane struct {
	ctx      context.Context //nolint:containedctx // that of the call to Seal, which the pair must heed
	nodes    uint64
	labeller *sdr.Labeller
	parents  *mapping
	saved    *checkpoints
	begun    uint32 // the layer to begin with
	// path is the file of a layer, of one that is in memory alone "".
	path   func(layer uint32, mapped bool) string
	report func(progress)
	// result takes what came of it, once the pair has done with the sector.
	result chan error

	// What follows is the pair's.
	index             uint64 // which of the lanes of the buffers it has
	node              uint64 // whose label is the next to be made
	saves             uint64 // the node from which on labels were not given to saved
	current, previous *layer
	hasher            *blake3.Hasher // of the current layer, up to saves
}

// checkpointEnd is the node before which the next checkpoint is made.
func (l *lane) checkpointEnd() uint64 { return min(l.saves+checkpointNodes, l.nodes) }

// labelled tells whether all labels were made.
func (l *lane) labelled() bool { return l.node == l.nodes && l.current.number == sdr.Layers }

// run is the run of the labels up to a node.
func (l *lane) run(to uint64) sdr.Run {
	run := sdr.Run{Layer: l.current.number, Current: l.current.labels, Stride: l.current.stride, From: l.node, To: to}
	if l.previous != nil {
		run.Previous = l.previous.labels
	}
	return run
}

// made is called after the labels up to a node were made.
func (l *lane) made(to uint64) error {
	l.node = to
	l.report(labelled(l.current.number, to, l.nodes))
	if to < l.checkpointEnd() {
		return nil
	}
	p := checkpoint{layer: l.current, from: l.saves, to: to, hasher: l.hasher}
	l.saves = to
	return l.saved.write(l.ctx, p)
}

// mappings are the mapped files that labels are made in and from.
func (l *lane) mappings() []*mapping {
	all := []*mapping{l.parents}
	for _, layer := range []*layer{l.current, l.previous} {
		if layer != nil && layer.mapping != nil {
			all = append(all, layer.mapping)
		}
	}
	return all
}

// close waits until the last checkpoint is written and closes the files.
func (l *lane) close() error {
	return errors.Join(l.saved.wait(), l.current.close(), l.previous.close())
}
