package sealer

import (
	"context"

	"lukechampine.com/blake3"

	"github.com/ipdm-network/ipdm/sidecar/consensus/priority"
	"github.com/ipdm-network/ipdm/x/porep/proof/sdr"
)

// checkpointNodes is how many nodes are labelled between two checkpoints: 64 MiB of a layer, about a second.
const checkpointNodes = 64 << 20 / sdr.NodeSize

// checkpoints writes the checkpoints of one sector, one after another, in a goroutine beside the labelling: the disk is waited for there.
type checkpoints struct {
	store *Store
	// d is the goroutine's while there is one. It is nil when only the labels are kept, those of layers that have a file.
	d    *description
	done chan error // nil while nothing is written
}

// checkpoint is labels of a layer that were made after those of the checkpoint before.
type checkpoint struct {
	layer    *layer
	from, to uint64         // nodes
	hasher   *blake3.Hasher // has taken in the labels before from
}

// write begins to write a checkpoint, once the one before is durable, and fails when that failed. The labels must stay as they are until
// wait, or the next call.
func (c *checkpoints) write(ctx context.Context, p checkpoint) error {
	if err := c.wait(); err != nil {
		return err
	}
	done := make(chan error, 1)
	c.done = done
	go func() {
		priority.Lower()
		done <- c.save(ctx, p)
	}()
	return nil
}

// wait returns when nothing is being written any more.
func (c *checkpoints) wait() error {
	if c.done == nil {
		return nil
	}
	err := <-c.done
	c.done = nil
	return err
}

// save makes labels durable, and then the checkpoint.
func (c *checkpoints) save(ctx context.Context, p checkpoint) error {
	if c.d == nil && p.layer.file.File == nil {
		return nil
	}
	if err := p.layer.store(ctx, p.from, p.to, p.hasher, c.store.gate.pass); err != nil || c.d == nil {
		return err
	}
	if err := p.layer.sync(); err != nil {
		return err
	}
	c.d.Layer, c.d.Node = p.layer.number, p.to
	c.d.setDigest(digest(p.hasher.Sum(nil)))
	return c.store.save(c.d)
}
