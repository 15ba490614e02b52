package sealer

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"lukechampine.com/blake3"

	"github.com/ipdm-network/ipdm/sidecar/consensus/sectors"
	"github.com/ipdm-network/ipdm/x/porep/proof/sdr"
)

// setDigest keeps the digest of the layer of the checkpoint, up to it.
func (d *description) setDigest(sum digest) {
	d.LayerDigests = append(d.LayerDigests[:d.Layer-1], sum)
}

// backTo makes labelling begin anew with a layer.
func (d *description) backTo(layer uint32) {
	d.Phase, d.Layer, d.Node = sectors.PhaseLabelling, layer, 0
	d.LayerDigests = d.LayerDigests[:layer-1]
	d.CommC, d.CommRLast = digest{}, digest{}
}

// checkLayers compares the layers that there should be with their digests, and goes back to the first that is missing or not what was
// written. It costs nothing for a sector that has none yet.
func (s *Store) checkLayers(ctx context.Context, d *description) error {
	for layer := uint32(1); int(layer) <= len(d.LayerDigests); layer++ {
		sum, err := s.layerDigest(ctx, d, layer)
		if err != nil {
			return err
		}
		if sum == d.LayerDigests[layer-1] {
			continue
		}
		s.log.Warn("a layer of labels is damaged or gone; labelling begins anew there", "sector", d.Number, "layer", layer)
		d.backTo(layer)
		return s.save(d)
	}
	return nil
}

// layerDigest hashes what is on disk of a begun layer, up to the checkpoint. What is missing or cut short has another digest than any
// layer: the zero one.
func (s *Store) layerDigest(ctx context.Context, d *description, layer uint32) (digest, error) {
	file, err := os.Open(s.path(d.Number, layerFile(layer)))
	if errors.Is(err, fs.ErrNotExist) {
		return digest{}, nil
	}
	if err != nil {
		return digest{}, fmt.Errorf("failed to open layer %d: %w", layer, err)
	}
	defer file.Close()
	h := blake3.New(sdr.NodeSize, nil)
	buffer := make([]byte, streamBytes)
	for left := d.labelsOf(layer); left > 0; {
		if err := s.gate.pass(ctx); err != nil {
			return digest{}, err
		}
		part := buffer[:min(left, uint64(len(buffer)))]
		if _, err := io.ReadFull(file, part); errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			return digest{}, nil
		} else if err != nil {
			return digest{}, fmt.Errorf("failed to read layer %d: %w", layer, err)
		}
		_, _ = h.Write(part) // it never fails
		left -= uint64(len(part))
	}
	return digest(h.Sum(nil)), nil
}
