package data

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"

	"github.com/ipdm-network/ipdm/sdk/go/format"
	"github.com/ipdm-network/ipdm/sdk/go/format/unixfs"
	"github.com/ipdm-network/ipdm/sidecar/data/chunk"
)

// eventQueue is how many steps the reader of items may be ahead of the tree builder.
const eventQueue = 4096

// Put is a put in progress. The caller feeds it items in depth-first order and ends it with Finish; Abort, which may
// always be called, gives up what was not finished. Its methods are for one goroutine.
type Put struct {
	engine *Engine
	opts   PutOptions
	lease  *lease
	lines  *pipeline
	events chan event
	tree   *treeBuilder
	treeWG sync.WaitGroup
	ctx    context.Context // done when the caller's is, or at the first failure

	treeErr error // set before treeWG is done

	order   itemOrder
	packer  packer
	file    *fileInWork // the file begun last, nil if none
	pending []byte      // its bytes not yet cut
	opened  bool        // the root was begun
	ended   bool
}

type fileInWork struct {
	name  string
	attrs unixfs.Attributes
}

// NewPut begins a put. The context governs all of it. It fails with ErrOptions.
func (e *Engine) NewPut(ctx context.Context, opts PutOptions) (*Put, error) {
	opts.Tags = slices.Clone(opts.Tags)
	slices.Sort(opts.Tags)
	opts.Tags = slices.Compact(opts.Tags)
	if err := opts.check(); err != nil {
		return nil, err
	}
	l := e.leases.begin()
	lines := e.newPipeline(ctx, l, opts.Effort)
	p := &Put{
		engine: e,
		opts:   opts,
		lease:  l,
		lines:  lines,
		events: make(chan event, eventQueue),
		tree:   newTreeBuilder(lines, packBytes(opts.Effort)),
		ctx:    lines.ctx,
		packer: packer{limit: packBytes(opts.Effort)},
	}
	p.treeWG.Go(func() { p.treeErr = p.tree.run(p.ctx, p.events) })
	return p, nil
}

// attributes returns what UnixFS records.
func (i FileInfo) attributes() unixfs.Attributes {
	a := unixfs.Attributes{ModTime: i.ModTime}
	if i.Executable {
		a.Mode = unixfs.ExecutableMode
	}
	return a
}

// BeginFile begins a file, whose bytes follow through Write. An empty path makes the file the root. It fails with
// ErrPath, ErrOrder or ErrDuplicate, or with what the put failed with before.
func (p *Put) BeginFile(path string, info FileInfo) error {
	st, err := p.begin(path, false)
	if err != nil {
		return err
	}
	p.file = &fileInWork{name: st.name, attrs: info.attributes()}
	return nil
}

// BeginDir begins a directory. An empty path begins the root; without it the root begins with the first item.
func (p *Put) BeginDir(path string, info FileInfo) error {
	st, err := p.begin(path, true)
	if err != nil {
		return err
	}
	return p.send(event{kind: eventDir, name: st.name, attrs: unixfs.Attributes{ModTime: info.ModTime}})
}

// Symlink adds a symbolic link, which is stored and never followed. It fails as BeginFile does.
func (p *Put) Symlink(path, target string, info FileInfo) error {
	if len(target) == 0 || len(target) > unixfs.MaxSymlinkBytes {
		return fmt.Errorf("%w: target of %q has %d bytes", ErrPath, path, len(target))
	}
	st, err := p.begin(path, false)
	if err != nil {
		return err
	}
	attrs := unixfs.Attributes{ModTime: info.ModTime}
	return p.send(event{kind: eventSymlink, name: st.name, target: target, attrs: attrs})
}

// begin ends the file before, admits an item and closes directories.
func (p *Put) begin(path string, isDir bool) (step, error) {
	if p.ended {
		return step{}, fmt.Errorf("%w: the put has ended", ErrSequence)
	}
	if err := p.endFile(); err != nil {
		return step{}, err
	}
	st, err := p.order.next(path, isDir)
	if err != nil {
		return step{}, err
	}
	p.opened = true
	if st.implicitRoot {
		if err := p.send(event{kind: eventDir}); err != nil {
			return step{}, err
		}
	}
	if st.close > 0 {
		if err := p.send(event{kind: eventClose, count: st.close}); err != nil {
			return step{}, err
		}
	}
	return st, nil
}

// Write adds bytes to the file begun last. It fails with ErrSequence if there is none.
func (p *Put) Write(data []byte) (int, error) {
	if p.ended || p.file == nil {
		return 0, fmt.Errorf("%w: data without a file", ErrSequence)
	}
	written := 0
	for len(data) > 0 {
		n := min(len(data), format.MaxBlockSize-len(p.pending))
		p.pending = append(p.pending, data[:n]...)
		data = data[n:]
		written += n
		if len(p.pending) == format.MaxBlockSize {
			if err := p.cut(); err != nil {
				return written, err
			}
		}
	}
	return written, nil
}

// cut takes one chunk off the pending bytes.
func (p *Put) cut() error {
	n := len(p.pending)
	if n > chunk.DefaultMinBytes {
		n = chunk.Cut(p.pending, chunk.Default())
	}
	if err := p.leaf(p.pending[:n]); err != nil {
		return err
	}
	p.pending = p.pending[:copy(p.pending, p.pending[n:])]
	return nil
}

// leaf hands a chunk over.
func (p *Put) leaf(data []byte) error {
	if len(data) < smallBytes {
		if p.packer.full(len(data)) {
			if err := p.flush(); err != nil {
				return err
			}
		}
		j, index := p.packer.copyIn(format.Raw, data)
		return p.send(event{kind: eventLeaf, job: j, index: index, size: len(data)})
	}
	j := newJob(false)
	j.arena = arenas.Get().(*[]byte)
	*j.arena = append(*j.arena, data...)
	j.blocks = []format.Block{{Codec: format.Raw, Data: *j.arena}}
	if err := p.lines.submit(j); err != nil {
		return err
	}
	return p.send(event{kind: eventLeaf, job: j, size: len(data)})
}

// flush hands over the group of small blocks in the making.
func (p *Put) flush() error {
	if j := p.packer.take(); j != nil {
		return p.lines.submit(j)
	}
	return nil
}

// send queues an event. The tree builder may be waiting for the group in the making, so a full queue flushes it.
func (p *Put) send(ev event) error {
	select {
	case p.events <- ev:
		return nil
	default:
	}
	if err := p.flush(); err != nil {
		return err
	}
	select {
	case p.events <- ev:
		return nil
	case <-p.ctx.Done():
		return context.Cause(p.ctx)
	}
}

func (p *Put) endFile() error {
	if p.file == nil {
		return nil
	}
	for len(p.pending) > 0 {
		if err := p.cut(); err != nil {
			return err
		}
	}
	f := p.file
	p.file = nil
	return p.send(event{kind: eventFile, name: f.name, attrs: f.attrs})
}

// Finish ends the items, makes everything durable, has the manifest signed and pins it. When it returns without error
// the content is safe; otherwise nothing of it is kept. Of a put with an equal manifest that is pinned already (root,
// tags, creator, content type and supersedes), that manifest is returned; so is the superseded one if nothing changed.
func (p *Put) Finish() (*PutResult, error) {
	if p.ended {
		return nil, fmt.Errorf("%w: the put has ended", ErrSequence)
	}
	defer p.Abort()
	if !p.opened {
		return nil, fmt.Errorf("%w: a put of nothing", ErrSequence)
	}
	err := p.endFile()
	if err == nil {
		err = p.flush()
	}
	if err := p.drain(err); err != nil {
		return nil, fmt.Errorf("failed to put: %w", err)
	}
	result := &PutResult{
		Root:        p.tree.root.Cid,
		SizeBytes:   p.tree.sizeBytes,
		StoredBytes: p.lines.storedBytes,
		Blocks:      p.lines.leaves,
		NewBlocks:   p.lines.newLeaves,
		NewBytes:    p.lines.newBytes,
		AddedBytes:  p.lines.addedBytes,
		Files:       p.tree.fileCount,
	}
	if err := p.engine.seal(p.opts, p.lease, p.lines, result); err != nil {
		return nil, fmt.Errorf("failed to put: %w", err)
	}
	return result, nil
}

// drain waits for the goroutines, after telling them to stop if err is not nil, and returns the first error.
func (p *Put) drain(err error) error {
	p.ended = true
	if err != nil {
		err = p.lines.fail(err)
	}
	close(p.events)
	p.treeWG.Wait()
	lineErr := p.lines.close()
	switch {
	case err != nil:
		return err
	case lineErr != nil && !errors.Is(lineErr, context.Canceled):
		return lineErr
	case p.treeErr != nil:
		return p.treeErr
	}
	return lineErr
}

// Abort gives the put up. After Finish, or a second time, it does nothing.
func (p *Put) Abort() {
	if !p.ended {
		_ = p.drain(context.Canceled) // the reason is the caller's own
	}
	p.lease.end()
}
