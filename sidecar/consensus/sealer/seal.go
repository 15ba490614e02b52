package sealer

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"

	"github.com/ipdm-network/ipdm/sdk/go/format/commitment"
	"github.com/ipdm-network/ipdm/sidecar/consensus/priority"
	"github.com/ipdm-network/ipdm/sidecar/consensus/sectors"
	"github.com/ipdm-network/ipdm/x/porep/proof"
	"github.com/ipdm-network/ipdm/x/porep/proof/sdr"
)

// streamBytes is the buffer of files that are read or written from end to end.
const streamBytes = 1 << 20

// Seal implements sectors.Files. A sealer that was interrupted goes on from its last checkpoint, and the result is the same.
func (s *Store) Seal(ctx context.Context, number uint64) (sectors.Commitments, error) {
	d, done, err := s.existing(number)
	if err != nil {
		return sectors.Commitments{}, err
	}
	defer done()
	if d.Phase == sectors.PhaseSealed {
		return d.commitments(), nil
	}
	if err := s.aside(d, func() error { return s.sealPhases(ctx, d) }); err != nil {
		return sectors.Commitments{}, fmt.Errorf("failed to seal sector %d: %w", number, err)
	}
	return d.commitments(), nil
}

// aside does work on a sector in a goroutine of its own, whose thread has a low priority and ends with it, and returns when it is done.
func (s *Store) aside(d *description, work func() error) error {
	result := make(chan error, 1)
	go func() {
		priority.Lower()
		result <- work()
	}()
	return s.explainFull(d, <-result)
}

// explainFull says of an error of a full disk what would help.
func (s *Store) explainFull(d *description, err error) error {
	if !diskFull(err) {
		return err
	}
	needed, taken := workBytes(d.nodes()), s.diskBytes(d.Number)
	return fmt.Errorf("%w: %s needs up to %d bytes more, and goes on once they are there: %w",
		ErrDiskFull, s.sectorDir(d.Number), needed-min(needed, taken), err)
}

func (s *Store) sealPhases(ctx context.Context, d *description) error {
	if err := s.checkLayers(ctx, d); err != nil {
		return err
	}
	if d.Phase == sectors.PhaseLabelling {
		if err := s.label(ctx, d); err != nil {
			return err
		}
		d.Phase = sectors.PhaseEncoding
		if err := s.save(d); err != nil {
			return err
		}
	}
	if d.Phase == sectors.PhaseEncoding {
		if err := s.encode(ctx, d); err != nil {
			return err
		}
		d.Phase = sectors.PhaseCommitting
		if err := s.save(d); err != nil {
			return err
		}
	}
	commC, commRLast, err := s.buildTrees(ctx, d)
	if err != nil {
		return err
	}
	d.CommC, d.CommRLast, d.Phase = digest(commC), digest(commRLast), sectors.PhaseSealed
	if err := s.save(d); err != nil {
		return err
	}
	if len(d.Released) > 0 {
		if err := s.punchReleased(d); err != nil {
			return err
		}
	}
	return s.remove(d.Number, formerTreeFile)
}

// encode writes the replica: the data, streamed from the encodings, combined with the labels of the last layer. It begins anew when it is
// interrupted, since it takes little time. Pieces that were let go of and whose data is gone stay as they are: see former.
func (s *Store) encode(ctx context.Context, d *description) (err error) {
	labels, err := os.Open(s.path(d.Number, layerFile(sdr.Layers)))
	if err != nil {
		return fmt.Errorf("failed to open the last layer: %w", err)
	}
	defer labels.Close()
	former, err := s.openFormer(d)
	if err != nil {
		return err
	}
	defer former.close()
	replica, err := os.OpenFile(s.path(d.Number, replicaFile), os.O_WRONLY|os.O_CREATE, 0o600)
	if err != nil {
		return fmt.Errorf("failed to make the replica: %w", err)
	}
	defer func() { err = closeAfter(replica, err) }()
	size := int64(d.nodes() * sdr.NodeSize)
	if err := reserve(replica, size); err != nil {
		return fmt.Errorf("failed to reserve %d bytes for the replica: %w", size, err)
	}
	w := &encoder{
		store: s, ctx: ctx, number: d.Number, total: uint64(size),
		labels: bufio.NewReaderSize(labels, streamBytes), file: replica, replica: bufio.NewWriterSize(replica, streamBytes),
	}
	d.PassedOver = nil
	for _, p := range d.Pieces {
		if err := w.zeros(p.StartNode * sdr.NodeSize); err != nil {
			return err
		}
		err := s.writePiece(ctx, w, p)
		if errors.Is(err, errNoData) && ctx.Err() == nil && former.tree != nil && slices.Contains(d.Released, p.StartNode) {
			d.PassedOver = append(d.PassedOver, p.StartNode)
			err = w.skip((p.StartNode + p.sdr().Nodes()) * sdr.NodeSize)
		}
		if err != nil {
			return fmt.Errorf("failed to encode replica %d of deal %d: %w", p.ReplicaIndex, p.DealID, err)
		}
	}
	if err := w.zeros(uint64(size)); err != nil {
		return err
	}
	if err := w.replica.Flush(); err != nil {
		return fmt.Errorf("failed to write the replica: %w", err)
	}
	if err := replica.Truncate(size); err != nil {
		return fmt.Errorf("failed to cut the replica: %w", err)
	}
	if err := replica.Sync(); err != nil {
		return fmt.Errorf("failed to sync the replica: %w", err)
	}
	return nil
}

// writePiece streams the aligned stream of a piece, whose encodings must be what its commitment says. It fails with errNoData where they
// are not there.
func (s *Store) writePiece(ctx context.Context, w *encoder, p piece) error {
	tree, err := s.tree(ctx, p)
	if err != nil {
		return fmt.Errorf("%w: %w", errNoData, err)
	}
	for i := range tree.LeafCount() {
		leaf, err := tree.Leaf(i)
		if err != nil {
			return fmt.Errorf("failed to find leaf %d: %w", i, err)
		}
		encoding, err := s.source.Encoding(ctx, leaf.Digest)
		if err != nil {
			return fmt.Errorf("%w: encoding %s: %w", errNoData, leaf.Digest, err)
		}
		if uint64(len(encoding)) != uint64(leaf.Length) {
			return fmt.Errorf("%w: encoding %s has %d bytes, want %d", commitment.ErrEncoding, leaf.Digest, len(encoding), leaf.Length)
		}
		if err := w.zeros((p.StartNode + commitment.AlignedStart(i, leaf.Offset)) * sdr.NodeSize); err != nil {
			return err
		}
		if err := w.write(encoding); err != nil {
			return err
		}
	}
	return nil
}

func (s *Store) tree(ctx context.Context, p piece) (*commitment.Tree, error) {
	want := p.sdr()
	tree, err := s.source.Tree(ctx, want.CommD)
	if err != nil {
		return nil, fmt.Errorf("failed to find the tree of %s: %w", want.CommD, err)
	}
	if tree.CommD() != want.CommD || tree.TotalLength() != want.TotalBytes || tree.LeafCount() != want.Leaves {
		return nil, fmt.Errorf("%w: want %s over %d bytes", proof.ErrSource, want.CommD, want.TotalBytes)
	}
	return tree, nil
}

// encoder combines a stream of data with that of the labels.
type encoder struct {
	store   *Store
	ctx     context.Context //nolint:containedctx // one call's, in which the encoder lives
	number  uint64
	at      uint64 // position in the sector
	total   uint64
	labels  *bufio.Reader
	file    *os.File
	replica *bufio.Writer // to file
	label   [streamBytes]byte
}

var noData [64 << 10]byte

// zeros writes zeros up to a position.
func (w *encoder) zeros(end uint64) error {
	for w.at < end {
		if err := w.write(noData[:min(end-w.at, uint64(len(noData)))]); err != nil {
			return err
		}
	}
	return nil
}

// skip leaves the replica as it is up to a position.
func (w *encoder) skip(end uint64) error {
	if err := w.replica.Flush(); err != nil {
		return fmt.Errorf("failed to write the replica: %w", err)
	}
	if _, err := w.file.Seek(int64(end), io.SeekStart); err != nil {
		return fmt.Errorf("failed to pass over a part of the replica: %w", err)
	}
	for w.at < end {
		if err := w.store.gate.pass(w.ctx); err != nil {
			return err
		}
		n, err := w.labels.Discard(int(min(end-w.at, streamBytes)))
		if err != nil {
			return fmt.Errorf("failed to read the last layer: %w", err)
		}
		w.at += uint64(n)
	}
	return nil
}

// write encodes data. It does not change it.
func (w *encoder) write(data []byte) error {
	for len(data) > 0 {
		if err := w.store.gate.pass(w.ctx); err != nil {
			return err
		}
		label := w.label[:min(len(data), len(w.label))]
		if _, err := io.ReadFull(w.labels, label); err != nil {
			return fmt.Errorf("failed to read the last layer: %w", err)
		}
		sdr.Encode(label, data[:len(label)], label)
		if _, err := w.replica.Write(label); err != nil {
			return fmt.Errorf("failed to write the replica: %w", err)
		}
		data = data[len(label):]
		w.at += uint64(len(label))
		w.store.report(w.number, w.at, w.total)
	}
	return nil
}
