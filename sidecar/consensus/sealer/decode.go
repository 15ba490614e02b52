package sealer

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"

	"github.com/ipdm-network/ipdm/sdk/go/format"
	"github.com/ipdm-network/ipdm/sdk/go/format/commitment"
	"github.com/ipdm-network/ipdm/sidecar/consensus/sectors"
	"github.com/ipdm-network/ipdm/x/porep/proof/sdr"
)

// Decode writes the data of the piece that begins at a node to w: the encodings of its commitment, end to end. It reads the replica and the
// tree of the commitment, and no encoding. Labels that were deleted are made anew, which takes as long as to make them first, and twice
// the sector's size of memory, or of disk where Options.MemoryBytes is less; it begins anew when it is interrupted. Every encoding is
// compared with its digest before it is written.
//
// It fails with ErrNotSealed, with ErrPlan when no piece begins there, and with sectors.ErrDamaged for a piece that was let go of
// and for data that is not what was committed to.
func (s *Store) Decode(ctx context.Context, number, startNode uint64, w io.Writer) error {
	d, done, err := s.existing(number)
	if err != nil {
		return err
	}
	defer done()
	index := slices.IndexFunc(d.Pieces, func(p piece) bool { return p.StartNode == startNode })
	switch {
	case d.Phase != sectors.PhaseSealed:
		return fmt.Errorf("%w: %d", ErrNotSealed, number)
	case index < 0:
		return fmt.Errorf("%w: sector %d has no piece at node %d", ErrPlan, number, startNode)
	case slices.Contains(d.Released, startNode):
		return fmt.Errorf("%w: the piece at node %d of sector %d was let go of", sectors.ErrDamaged, startNode, number)
	}
	if err := s.aside(d, func() error { return s.decode(ctx, d, d.Pieces[index], w) }); err != nil {
		return fmt.Errorf("failed to decode sector %d: %w", number, err)
	}
	return nil
}

func (s *Store) decode(ctx context.Context, d *description, p piece, w io.Writer) (err error) {
	tree, err := s.tree(ctx, p)
	if err != nil {
		return err
	}
	sealed, err := s.openSealed(d.Number)
	if err != nil {
		return err
	}
	defer sealed.close()
	defer func() { err = errors.Join(err, s.remove(d.Number, decodeFiles[:]...)) }()
	labels, err := s.lastLabels(ctx, d)
	if err != nil {
		return err
	}
	defer labels.Close()
	for i := range tree.LeafCount() {
		if err := s.gate.pass(ctx); err != nil {
			return err
		}
		leaf, err := tree.Leaf(i)
		if err != nil {
			return fmt.Errorf("failed to find leaf %d: %w", i, err)
		}
		at := int64((p.StartNode + commitment.AlignedStart(i, leaf.Offset)) * sdr.NodeSize)
		encoding, label := make([]byte, leaf.Length), make([]byte, leaf.Length)
		if _, err := sealed.replica.ReadAt(encoding, at); err != nil {
			return damaged(fmt.Errorf("failed to read the replica: %w", err))
		}
		if _, err := labels.ReadAt(label, at); err != nil {
			return fmt.Errorf("failed to read the last layer: %w", err)
		}
		sdr.Encode(encoding, encoding, label)
		if format.Sum(encoding) != leaf.Digest {
			return fmt.Errorf("%w: encoding %d of the piece at node %d", sectors.ErrDamaged, i, p.StartNode)
		}
		if _, err := w.Write(encoding); err != nil {
			return fmt.Errorf("failed to write the data: %w", err)
		}
	}
	return nil
}

// lastLabels opens the last layer, which it makes anew when it is gone or damaged.
func (s *Store) lastLabels(ctx context.Context, d *description) (*os.File, error) {
	sum, err := s.layerDigest(ctx, d, sdr.Layers)
	if err != nil {
		return nil, err
	}
	path := s.path(d.Number, layerFile(sdr.Layers))
	if sum != d.LayerDigests[sdr.Layers-1] {
		if path, err = s.relabel(ctx, d); err != nil {
			return nil, err
		}
	}
	file, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("failed to open the last layer: %w", err)
	}
	return file, nil
}
