package data

import (
	"context"
	"fmt"

	"github.com/ipdm-network/ipdm/sdk/go/format"
	"github.com/ipdm-network/ipdm/sdk/go/format/unixfs"
)

// eventKind says what happened in the stream of items.
type eventKind uint8

const (
	eventLeaf    eventKind = iota + 1 // a block of the file begun last
	eventFile                         // the file is complete
	eventSymlink                      // a symbolic link
	eventDir                          // a directory begins
	eventClose                        // so many directories are complete
)

// event is one step on the way to the root.
type event struct {
	kind   eventKind
	job    *job // of a leaf: where its digest will be
	index  int
	size   int
	name   string
	target string
	count  int
	attrs  unixfs.Attributes
}

// treeBuilder lays out the DAG from events in order, waiting for digests as it needs them. It runs on a goroutine of its
// own beside the one that reads the items.
type treeBuilder struct {
	file     *unixfs.FileBuilder
	dirs     []*dirInWork
	packer   packer
	pipeline *pipeline

	root      unixfs.Link
	fileCount uint64
	sizeBytes uint64
}

type dirInWork struct {
	name    string
	attrs   unixfs.Attributes
	builder unixfs.DirBuilder
}

func newTreeBuilder(p *pipeline, packBytes int) *treeBuilder {
	t := &treeBuilder{pipeline: p, packer: packer{limit: packBytes}}
	t.file = unixfs.NewFileBuilder(t.emit)
	return t
}

// emit takes a finished node.
func (t *treeBuilder) emit(codec uint64, digest format.Digest, data []byte) error {
	b := format.Block{Codec: codec, Digest: digest, Data: data}
	if len(data) >= smallBytes {
		j := newJob(true)
		j.blocks = []format.Block{b}
		return t.pipeline.submit(j)
	}
	if t.packer.full(len(data)) {
		if err := t.pipeline.submit(t.packer.take()); err != nil {
			return err
		}
	}
	t.packer.add(b)
	return nil
}

// run takes events until the channel is closed and then completes the root.
func (t *treeBuilder) run(ctx context.Context, events <-chan event) error {
	for {
		select {
		case ev, ok := <-events:
			if !ok {
				return t.finish()
			}
			if err := t.take(ctx, ev); err != nil {
				return t.pipeline.fail(err)
			}
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

func (t *treeBuilder) take(ctx context.Context, ev event) error {
	switch ev.kind {
	case eventLeaf:
		select {
		case <-ev.job.ready:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
		return t.file.AddLeaf(ev.job.digests[ev.index], ev.size)
	case eventFile:
		t.fileCount++
		t.sizeBytes += t.file.SizeBytes()
		link, err := t.file.Finish(ev.attrs)
		if err != nil {
			return err
		}
		return t.place(ev.name, link)
	case eventSymlink:
		link, err := unixfs.EncodeSymlink(ev.target, ev.attrs, t.emit)
		if err != nil {
			return fmt.Errorf("%w: symbolic link %q: %w", ErrPath, ev.name, err)
		}
		return t.place(ev.name, link)
	case eventDir:
		t.dirs = append(t.dirs, &dirInWork{name: ev.name, attrs: ev.attrs})
		return nil
	case eventClose:
		for range ev.count {
			if err := t.closeDir(); err != nil {
				return err
			}
		}
		return nil
	}
	return fmt.Errorf("%w: event %d", ErrSequence, ev.kind)
}

// place puts a finished entry into the innermost directory, or makes it the root.
func (t *treeBuilder) place(name string, link unixfs.Link) error {
	if len(t.dirs) == 0 {
		t.root = link
		return nil
	}
	return t.dirs[len(t.dirs)-1].builder.Add(name, link)
}

func (t *treeBuilder) closeDir() error {
	d := t.dirs[len(t.dirs)-1]
	t.dirs = t.dirs[:len(t.dirs)-1]
	link, err := d.builder.Finish(d.attrs, t.emit)
	if err != nil {
		return err
	}
	return t.place(d.name, link)
}

// finish closes what is open and hands over the last nodes.
func (t *treeBuilder) finish() error {
	for len(t.dirs) > 0 {
		if err := t.closeDir(); err != nil {
			return t.pipeline.fail(err)
		}
	}
	if j := t.packer.take(); j != nil {
		return t.pipeline.submit(j)
	}
	return nil
}
