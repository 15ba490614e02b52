package data

import (
	"context"
	"fmt"

	"github.com/ipdm-network/ipdm/sdk/go/format"
	"github.com/ipdm-network/ipdm/sidecar/data/compress"
)

// PutBlocks stores blocks of one codec as they are, with no DAG and no manifest, and returns their digests in order. It
// is made for many small blocks: they are hashed on all cores, packed in the order given and written with one sync for
// each 4 MiB. The data must not change until it returns; all blocks are durable then, and only those that were not
// stored before have been written.
//
// Nothing keeps such blocks: they are cache, and the next collection deletes those that no pinned manifest names by
// then. While PutBlocks runs they are leased.
//
// It fails with ErrOptions, and with ErrTooLarge when a block exceeds format.MaxBlockSize; nothing is stored then. After
// any other error some of the blocks may be stored.
func (e *Engine) PutBlocks(ctx context.Context, codec uint64, blocks [][]byte, effort compress.Effort) ([]format.Digest, error) {
	if !effort.Valid() {
		return nil, fmt.Errorf("%w: %s", ErrOptions, effort)
	}
	if !format.KnownCodec(codec) {
		return nil, fmt.Errorf("%w: codec 0x%x", ErrOptions, codec)
	}
	for i, data := range blocks {
		if len(data) > format.MaxBlockSize {
			return nil, fmt.Errorf("%w: block %d of %d bytes", ErrTooLarge, i, len(data))
		}
	}
	l := e.leases.beginFor(len(blocks))
	defer l.end()
	p := e.newPipeline(ctx, l, effort)
	jobs, err := p.submitBlocks(codec, blocks)
	if err != nil {
		err = p.fail(err)
	}
	if cerr := p.close(); err == nil {
		err = cerr
	}
	if err != nil {
		return nil, fmt.Errorf("failed to put blocks: %w", err)
	}
	digests := make([]format.Digest, 0, len(blocks))
	for _, j := range jobs {
		digests = append(digests, j.digests...)
	}
	if err := e.store.Sync(ctx); err != nil {
		return nil, fmt.Errorf("failed to put blocks: %w", err)
	}
	return digests, nil
}

// submitBlocks hands over blocks in packs, in their order, and returns the packs.
func (p *pipeline) submitBlocks(codec uint64, blocks [][]byte) ([]*job, error) {
	packer := packer{limit: packBytes(p.effort)}
	var jobs []*job
	flush := func() error {
		j := packer.take()
		if j == nil {
			return nil
		}
		jobs = append(jobs, j)
		return p.submit(j)
	}
	for _, data := range blocks {
		if packer.full(len(data)) || len(data) >= smallBytes {
			if err := flush(); err != nil {
				return jobs, err
			}
		}
		packer.refer(codec, data)
		if len(data) >= smallBytes {
			if err := flush(); err != nil {
				return jobs, err
			}
		}
	}
	return jobs, flush()
}
