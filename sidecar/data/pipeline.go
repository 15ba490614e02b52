package data

import (
	"context"
	"fmt"
	"sync"

	"golang.org/x/sync/errgroup"

	"github.com/ipdm-network/ipdm/sdk/go/format"
	"github.com/ipdm-network/ipdm/sidecar/data/compress"
	"github.com/ipdm-network/ipdm/sidecar/data/store"
)

const (
	// jobQueue is how many groups may wait for a worker, each of at most 1 MiB.
	jobQueue = 4
	// writeQueue is how many encodings may wait to be written, each of at most 2 MiB.
	writeQueue = 8
	// writeBatchBytes is how much is handed to the store at once.
	writeBatchBytes = 4 << 20
)

// pipeline hashes, deduplicates, encodes and writes groups of blocks: some workers, and one writer. What it writes is
// visible at once and durable after the store's next durable change.
type pipeline struct {
	engine *Engine
	lease  *lease
	effort compress.Effort

	jobs      chan *job
	encodings chan store.Checked
	workers   *errgroup.Group
	writer    *errgroup.Group
	caller    context.Context // of whoever began the put
	ctx       context.Context // of the workers and the writer; done at the first failure, or at the end
	cancel    context.CancelCauseFunc

	mu          sync.Mutex
	leaves      uint64                    // distinct raw blocks; guarded by mu
	newLeaves   uint64                    // of them, not stored before; guarded by mu
	newBytes    uint64                    // their plain size; guarded by mu
	storedBytes uint64                    // envelopes written and reused; guarded by mu
	addedBytes  uint64                    // envelopes written; guarded by mu
	reused      map[format.Digest]*reused // encodings that held a block before; guarded by mu
}

// reused is an encoding that was stored before and is relied on if it can be read back.
type reused struct {
	checked chan struct{} // closed when the rest is set
	sound   bool
	err     error
}

func (e *Engine) newPipeline(ctx context.Context, l *lease, effort compress.Effort) *pipeline {
	caller := ctx
	ctx, cancel := context.WithCancelCause(ctx)
	p := &pipeline{
		engine:    e,
		lease:     l,
		effort:    effort,
		jobs:      make(chan *job, jobQueue),
		encodings: make(chan store.Checked, writeQueue),
		workers:   &errgroup.Group{},
		writer:    &errgroup.Group{},
		caller:    caller,
		ctx:       ctx,
		cancel:    cancel,
		reused:    map[format.Digest]*reused{},
	}
	for range e.workers {
		p.workers.Go(p.work)
	}
	p.writer.Go(p.write)
	return p
}

// fail ends the pipeline with err, unless it has failed already, and returns the error it failed with.
func (p *pipeline) fail(err error) error {
	p.cancel(err)
	return context.Cause(p.ctx)
}

// submit hands over a group.
func (p *pipeline) submit(j *job) error {
	select {
	case p.jobs <- j:
		return nil
	case <-p.ctx.Done():
		return context.Cause(p.ctx)
	}
}

// close waits until everything submitted is written, or has failed. No submit may follow or run.
func (p *pipeline) close() error {
	close(p.jobs)
	err := p.workers.Wait()
	close(p.encodings)
	if werr := p.writer.Wait(); err == nil {
		err = werr
	}
	if err == nil {
		err = context.Cause(p.ctx)
	}
	p.cancel(nil)
	return err
}

func (p *pipeline) work() error {
	for {
		select {
		case j, ok := <-p.jobs:
			if !ok {
				return nil
			}
			if err := p.process(j); err != nil {
				return p.fail(err)
			}
		case <-p.ctx.Done():
			return context.Cause(p.ctx)
		}
	}
}

// process brings one group to the writer.
func (p *pipeline) process(j *job) error {
	if !j.hashed {
		var sums format.Sums
		for i := range j.blocks {
			sums.Add(&j.blocks[i].Digest, j.blocks[i].Data)
		}
		sums.Flush()
	}
	fresh, err := p.fresh(j.blocks)
	if err != nil {
		return err
	}
	j.digests = make([]format.Digest, len(j.blocks))
	for i := range j.blocks {
		j.digests[i] = j.blocks[i].Digest
	}
	close(j.ready)
	if len(fresh) == 0 {
		j.release()
		return nil
	}
	enc, err := compress.Encode(fresh, p.effort)
	j.release()
	if err != nil {
		return err
	}
	select {
	case p.encodings <- enc:
		return nil
	case <-p.ctx.Done():
		return context.Cause(p.ctx)
	}
}

// fresh leases all blocks and returns those that neither this put nor the store has.
func (p *pipeline) fresh(blocks []format.Block) ([]format.Block, error) {
	p.engine.leases.sweep.RLock()
	defer p.engine.leases.sweep.RUnlock()
	claimed := p.lease.claimBlocks(blocks)
	digests := make([]format.Digest, len(claimed))
	for i := range claimed {
		digests[i] = claimed[i].Digest
	}
	may, err := p.engine.store.MayHave(p.ctx, digests)
	if err != nil {
		return nil, fmt.Errorf("failed to look for blocks: %w", err)
	}
	fresh := claimed[:0]
	var leaves, newLeaves, newBytes uint64
	for i, b := range claimed {
		if b.Codec == format.Raw {
			leaves++
		}
		if may[i] {
			stored, err := p.stored(b.Digest)
			if err != nil {
				return nil, err
			}
			if stored {
				continue
			}
		}
		if b.Codec == format.Raw {
			newLeaves++
			newBytes += uint64(len(b.Data))
		}
		fresh = append(fresh, b)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.leaves += leaves
	p.newLeaves += newLeaves
	p.newBytes += newBytes
	return fresh, nil
}

// stored tells whether a block is stored in an encoding that can be relied on.
func (p *pipeline) stored(block format.Digest) (bool, error) {
	at, err := p.engine.store.Locate(p.ctx, block)
	if err != nil {
		return false, fmt.Errorf("failed to look for block: %w", err)
	}
	return p.reuse(at)
}

// reuse tells whether one of the encodings that hold a block can be relied on. What a put acknowledges must be there to
// be read, so each encoding is read back once a put.
func (p *pipeline) reuse(at []format.Digest) (bool, error) {
	for _, d := range at {
		p.mu.Lock()
		r, known := p.reused[d]
		if !known {
			r = &reused{checked: make(chan struct{})}
			p.reused[d] = r
		}
		p.mu.Unlock()
		if !known {
			r.sound, r.err = p.check(d)
			close(r.checked)
		}
		select {
		case <-r.checked:
		case <-p.ctx.Done():
			return false, context.Cause(p.ctx)
		}
		if r.err != nil || r.sound {
			return r.sound, r.err
		}
	}
	return false, nil
}

// check reads an encoding back and counts it if it is sound.
func (p *pipeline) check(d format.Digest) (sound bool, err error) {
	sizeBytes, err := p.engine.soundBytes(p.ctx, d)
	if err != nil {
		return false, fmt.Errorf("failed to look for block: %w", err)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.storedBytes += uint64(sizeBytes)
	return sizeBytes > 0, nil
}

func (p *pipeline) write() error {
	var batch store.Batch
	add := func(enc store.Checked) {
		batch.PutEncoding(enc)
		p.engine.Touch(enc.Header().Entries[0].Digest) // what is new is not cold
	}
	for enc := range p.encodings {
		add(enc)
		for more := true; more && batch.SizeBytes() < writeBatchBytes; {
			select {
			case next, ok := <-p.encodings:
				if more = ok; ok {
					add(next)
				}
			default:
				more = false
			}
		}
		if err := p.engine.store.Apply(p.ctx, &batch, store.Lazy); err != nil {
			return p.fail(fmt.Errorf("failed to store blocks: %w", err))
		}
		p.mu.Lock()
		p.storedBytes += uint64(batch.SizeBytes())
		p.addedBytes += uint64(batch.SizeBytes())
		p.mu.Unlock()
		batch.Reset()
	}
	return nil
}
