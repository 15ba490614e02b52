package data

import (
	"context"
	"fmt"
	"strings"

	"github.com/ipfs/go-cid"
	"golang.org/x/sync/errgroup"

	"github.com/ipdm-network/ipdm/sdk/go/format"
	"github.com/ipdm-network/ipdm/sdk/go/format/unixfs"
)

// getWindow is how many blocks are read ahead of the one being handed out, each of at most 1 MiB.
const getWindow = 16

// EntryKind is the kind of an entry.
type EntryKind uint8

// The kinds of entry.
const (
	KindFile EntryKind = iota + 1
	KindDirectory
	KindSymlink
)

// Entry is a file, directory or symbolic link.
type Entry struct {
	Path       string // relative to what was asked for, slash-separated; empty for that itself
	Kind       EntryKind
	Cid        cid.Cid
	Executable bool
	Target     string // of a symbolic link
	SizeBytes  uint64 // of a file
}

// Sink takes what Get reads: entries in depth-first order with siblings by name, each file's bytes after its entry.
type Sink interface {
	Entry(e Entry) error
	// Data continues the file begun last. The slice is shared: it may be kept and is not to be modified.
	Data(p []byte) error
}

// Range is a part of a file, from First to Last inclusive as in HTTP. A Last below zero, or behind the end, means the end.
type Range struct{ First, Last int64 }

// GetOptions select what is read.
type GetOptions struct {
	Path      string  // inside the directory root
	Range     *Range  // of a file; nil for all of it
	LocalOnly bool    // never use a Fetcher
	Fetcher   Fetcher // used in place of the engine's own and of the Resolver, unless nil
	Passing   bool    // what is fetched is only read, not stored
}

// piece is a step of a get in the order of its output: an entry, or bytes.
type piece struct {
	entry *Entry
	data  []byte
	err   error
	done  chan struct{} // closed when data or err is set; nil if they are from the start
}

// Get streams a file or a tree to sink. Every block is verified before any byte of it is handed out. It fails with
// ErrMissing when blocks are neither stored nor to be had, with the errors of package unixfs for what is not there or
// not well-formed (unixfs.ErrNotFound, unixfs.ErrRange, ...), and with what sink fails with.
func (e *Engine) Get(ctx context.Context, root cid.Cid, opts GetOptions, sink Sink) (err error) {
	if err := e.checkRoot(ctx, root); err != nil {
		return fmt.Errorf("failed to get %s: %w", root, err)
	}
	if e.opened != nil {
		e.opened(root)
	}
	fetcher, resolved := e.fetcherFor(opts.LocalOnly), root
	if opts.Fetcher != nil && !opts.LocalOnly {
		fetcher, resolved = opts.Fetcher, cid.Undef
	}
	src := e.newSource(ctx, resolved, fetcher)
	if src.passing = opts.Passing; !opts.Passing && resolved.Defined() {
		src.joinGroup()
	}
	src.whole = opts.Path == "" && opts.Range == nil
	defer func() {
		if cerr := src.close(); err == nil {
			err = cerr
		}
	}()
	ctx, cancel := context.WithCancel(ctx)
	r := &getRun{source: src, ordered: make(chan *piece, getWindow)}
	var producer errgroup.Group
	r.loaders.SetLimit(getWindow)
	producer.Go(func() error {
		defer close(r.ordered)
		err := r.produce(ctx, root, opts)
		if lerr := r.loaders.Wait(); err == nil {
			err = lerr
		}
		return err
	})
	err = r.consume(sink)
	cancel()
	perr := producer.Wait()
	if err == nil {
		err = perr
	}
	if err != nil {
		return fmt.Errorf("failed to get %s: %w", root, err)
	}
	return nil
}

func (e *Engine) fetcherFor(localOnly bool) Fetcher {
	if localOnly {
		return nil
	}
	return e.fetcher
}

// getRun is one Get.
type getRun struct {
	source  *source
	ordered chan *piece
	loaders errgroup.Group
}

// consume hands pieces out in order.
func (r *getRun) consume(sink Sink) error {
	for p := range r.ordered {
		if p.done != nil {
			<-p.done
		}
		var err error
		switch {
		case p.err != nil:
			err = p.err
		case p.entry != nil:
			err = sink.Entry(*p.entry)
		default:
			err = sink.Data(p.data)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (r *getRun) put(ctx context.Context, p *piece) error {
	select {
	case r.ordered <- p:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (r *getRun) produce(ctx context.Context, root cid.Cid, opts GetOptions) error {
	link, err := unixfs.ResolvePath(ctx, r.source.get, root, opts.Path)
	if err != nil {
		return err
	}
	if opts.Range == nil {
		r.source.readAhead(link.Cid, false)
	}
	node, err := unixfs.Load(ctx, r.source.get, link.Cid)
	if err != nil {
		return err
	}
	if opts.Range != nil && !node.IsFile() && node.Kind != unixfs.KindRaw {
		return fmt.Errorf("%w: a range of a %s", unixfs.ErrNotFile, node.Kind)
	}
	return r.entry(ctx, "", link.Cid, node, opts.Range)
}

// entry sends one entry and all below it.
func (r *getRun) entry(ctx context.Context, path string, c cid.Cid, node *unixfs.Node, rng *Range) error {
	switch {
	case node.Kind == unixfs.KindSymlink:
		return r.put(ctx, &piece{entry: &Entry{Path: path, Kind: KindSymlink, Cid: c, Target: string(node.Data)}})
	case node.IsDir():
		if err := r.put(ctx, &piece{entry: &Entry{Path: path, Kind: KindDirectory, Cid: c}}); err != nil {
			return err
		}
		if strings.Count(path, "/") >= unixfs.MaxPathDepth {
			return unixfs.ErrTooDeep
		}
		links, err := sortedLinks(ctx, r.source.get, c)
		if err != nil {
			return err
		}
		for _, l := range links {
			if err := r.child(ctx, joinPath(path, l.Name), l); err != nil {
				return err
			}
		}
		return nil
	}
	return r.file(ctx, path, c, node, rng)
}

// child sends an entry of a directory. A raw block is a whole file and need not be read here: a loader does, and
// checks that it has the length the directory states.
func (r *getRun) child(ctx context.Context, path string, l unixfs.Link) error {
	if l.Cid.Prefix().Codec == format.Raw && l.TotalSizeBytes > 0 && l.TotalSizeBytes <= format.MaxBlockSize {
		err := r.put(ctx, &piece{entry: &Entry{Path: path, Kind: KindFile, Cid: l.Cid, SizeBytes: l.TotalSizeBytes}})
		if err != nil {
			return err
		}
		return r.leaf(ctx, unixfs.Leaf{Cid: l.Cid, SizeBytes: l.TotalSizeBytes}, 0, l.TotalSizeBytes)
	}
	node, err := unixfs.Load(ctx, r.source.get, l.Cid)
	if err != nil {
		return err
	}
	return r.entry(ctx, path, l.Cid, node, nil)
}

func (r *getRun) file(ctx context.Context, path string, c cid.Cid, node *unixfs.Node, rng *Range) error {
	f, err := unixfs.OpenFile(ctx, r.source.get, c)
	if err != nil {
		return err
	}
	from, to := uint64(0), f.SizeBytes()
	if rng != nil {
		if from, to, err = rng.bounds(f.SizeBytes()); err != nil {
			return err
		}
	}
	entry := &Entry{
		Path: path, Kind: KindFile, Cid: c, SizeBytes: f.SizeBytes(), Executable: node.Perm()&0o111 != 0,
	}
	if err := r.put(ctx, &piece{entry: entry}); err != nil {
		return err
	}
	if from == to {
		return nil
	}
	return f.Leaves(ctx, from, to, func(l unixfs.Leaf) error { return r.leaf(ctx, l, from, to) })
}

// leaf sends the bytes of a leaf that lie in [from, to) and has them loaded if need be.
func (r *getRun) leaf(ctx context.Context, l unixfs.Leaf, from, to uint64) error {
	if l.Data != nil {
		return r.put(ctx, &piece{data: l.Clip(l.Data, from, to)})
	}
	p := &piece{done: make(chan struct{})}
	if err := r.put(ctx, p); err != nil {
		return err
	}
	r.loaders.Go(func() error {
		defer close(p.done)
		data, err := r.source.getSized(ctx, l.Cid, int(min(l.SizeBytes, format.MaxBlockSize)))
		if err == nil {
			err = l.Check(data)
		}
		if err != nil {
			p.err = err
			return err
		}
		p.data = l.Clip(data, from, to)
		return nil
	})
	return nil
}

// bounds returns the half-open range meant. It fails with unixfs.ErrRange.
func (r Range) bounds(size uint64) (from, to uint64, err error) {
	if r.Last >= 0 && r.Last < r.First {
		return 0, 0, fmt.Errorf("%w: it ends before it begins", unixfs.ErrRange)
	}
	if r.First < 0 || uint64(r.First) >= size {
		return 0, 0, fmt.Errorf("%w: it has %d bytes and the range begins at byte %d", unixfs.ErrRange, size, r.First)
	}
	to = size
	if r.Last >= 0 && uint64(r.Last) < size {
		to = uint64(r.Last) + 1
	}
	return uint64(r.First), to, nil
}

func joinPath(dir, name string) string {
	if dir == "" {
		return name
	}
	return dir + "/" + name
}
