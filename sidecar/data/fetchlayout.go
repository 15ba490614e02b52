package data

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"

	"github.com/ipfs/go-cid"
	"golang.org/x/sync/errgroup"

	"github.com/ipdm-network/ipdm/sdk/go/format"
	"github.com/ipdm-network/ipdm/sdk/go/format/layout"
	"github.com/ipdm-network/ipdm/sdk/go/format/manifest"
	"github.com/ipdm-network/ipdm/sidecar/data/store"
)

// encodingBatch is how many encodings, of at most 2 MiB each, are asked for in one call of the Fetcher.
const encodingBatch = 8

// FetchLayoutOptions bound what FetchLayout accepts. The zero value accepts anything.
type FetchLayoutOptions struct {
	Root      cid.Cid // the manifest must be of this root, unless cid.Undef
	SizeBytes uint64  // the layout must have exactly this length, unless 0
	MaxBytes  uint64  // the layout must not be longer, unless 0
	Holder    string  // holds the layout when it is there, unless empty
	Fetcher   Fetcher // used in place of the engine's own, unless nil
}

// FetchLayout makes a layout stored here: its blocks, its manifest, and every encoding it names. Encodings that are
// stored already are read back and checked; what is missing or damaged is fetched, some at a time in parallel, and
// verified against the layout and the manifest. It may be called again after a failure and goes on where it was; what
// it has got by then is cache unless the layout is held. With a holder the layout is recorded, and all is durable on
// return.
//
// It fails with ErrMismatch when the layout, its manifest or an encoding is not what it should be, ErrTooLarge, or
// ErrMissing when something is not to be had.
func (e *Engine) FetchLayout(ctx context.Context, layoutCID cid.Cid, opts FetchLayoutOptions) (*Layout, error) {
	l, err := e.fetchLayout(ctx, layoutCID, opts)
	if err != nil {
		return nil, fmt.Errorf("failed to fetch layout %s: %w", layoutCID, err)
	}
	return l, nil
}

func (e *Engine) fetchLayout(ctx context.Context, layoutCID cid.Cid, opts FetchLayoutOptions) (_ *Layout, err error) {
	digest, err := format.DigestOf(layoutCID)
	if err != nil {
		return nil, err
	}
	if opts.Fetcher == nil {
		opts.Fetcher = e.fetcher
	}
	src := e.newSource(ctx, cid.Undef, opts.Fetcher)
	defer func() { err = errors.Join(err, src.close()) }()

	r, err := layout.Open(ctx, layoutCID, src.get)
	if err != nil {
		return nil, mismatch(err)
	}
	h := r.Header()
	switch {
	case opts.SizeBytes != 0 && h.Length != opts.SizeBytes:
		return nil, fmt.Errorf("%w: layout is of %d bytes, not %d", ErrMismatch, h.Length, opts.SizeBytes)
	case opts.MaxBytes != 0 && h.Length > opts.MaxBytes:
		return nil, fmt.Errorf("%w: layout is of %d bytes, at most %d", ErrTooLarge, h.Length, opts.MaxBytes)
	}
	m, err := manifest.Open(ctx, h.Manifest, src.get)
	if err != nil {
		return nil, mismatch(err)
	}
	if opts.Root.Defined() && !m.Header().Root.Equals(opts.Root) {
		return nil, fmt.Errorf("%w: layout is of root %s, not %s", ErrMismatch, m.Header().Root, opts.Root)
	}
	if err := layout.Validate(ctx, r, m); err != nil {
		return nil, mismatch(err)
	}
	targets, err := layout.ReadTargets(ctx, m)
	if err != nil {
		return nil, mismatch(err)
	}
	if err := e.fetchEncodings(ctx, src, r, targets); err != nil {
		return nil, err
	}
	l := layoutOf(digest, h)
	if opts.Holder == "" {
		return l, nil
	}
	if _, err := checkHold(layoutCID, opts.Holder); err != nil {
		return nil, err
	}
	// The layout's own blocks may still wait in the source to be stored: a lease of their own tells which do.
	le := e.leases.begin()
	defer le.end()
	var batch store.Batch
	header, err := e.keepLayout(ctx, le, r, &batch)
	if err != nil {
		return nil, err
	}
	e.pins.Lock()
	defer e.pins.Unlock()
	e.holds.Lock()
	defer e.holds.Unlock()
	if err := e.endTombstone(ctx, m.Header().Root); err != nil {
		return nil, err
	}
	return l, e.recordLayout(ctx, header, h, opts.Holder, &batch)
}

// keepLayout adds the layout's own blocks to batch if they are not stored, and returns the header block.
func (e *Engine) keepLayout(ctx context.Context, le *lease, r *layout.Reader, batch *store.Batch) (format.Block, error) {
	header, err := r.Header().Encode()
	if err != nil {
		return format.Block{}, err
	}
	// Pages are made again from what was read: they have one form.
	blocks := []format.Block{header}
	b := layout.NewBuilder(r.Header().Manifest, func(page format.Block) error {
		blocks = append(blocks, page)
		return nil
	})
	for enc, err := range r.Encodings(ctx) {
		if err != nil {
			return format.Block{}, err
		}
		if err := b.Append(enc); err != nil {
			return format.Block{}, err
		}
	}
	if _, err := b.Finish(); err != nil {
		return format.Block{}, err
	}
	return header, e.keep(ctx, le, blocks, batch)
}

// fetchEncodings has every encoding of the layout stored and checked.
func (e *Engine) fetchEncodings(ctx context.Context, src *source, r *layout.Reader, targets *layout.Targets) error {
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(fetchCalls)
	var batch []layout.Encoding
	flush := func() {
		some := batch
		batch = nil
		if len(some) > 0 {
			g.Go(func() error { return e.fetchSome(ctx, src, some, targets) })
		}
	}
	var iterErr error
	for enc, err := range r.Encodings(ctx) {
		if err != nil {
			iterErr = mismatch(err)
			break
		}
		if batch = append(batch, enc); len(batch) == encodingBatch {
			flush()
		}
	}
	if iterErr == nil {
		flush()
	}
	if err := g.Wait(); err != nil {
		return err
	}
	return iterErr
}

// fetchSome checks some encodings in the store and fetches the others.
func (e *Engine) fetchSome(ctx context.Context, src *source, some []layout.Encoding, targets *layout.Targets) error {
	missing := map[cid.Cid]layout.Encoding{}
	var cids []cid.Cid
	for _, enc := range some {
		ok, err := e.leaseSound(ctx, src.lease, enc, targets)
		if err != nil {
			return err
		}
		if !ok {
			missing[enc.CID()] = enc
			cids = append(cids, enc.CID())
		}
	}
	if len(cids) == 0 {
		return nil
	}
	if src.fetcher == nil {
		return fmt.Errorf("%w: encoding %s", ErrMissing, cids[0])
	}
	var mu sync.Mutex
	var batch store.Batch
	take := func(checked store.Checked) error {
		c := format.EncodingCID(checked.Digest())
		mu.Lock()
		defer mu.Unlock()
		enc, ok := missing[c]
		if !ok {
			return nil
		}
		if err := targets.CheckHeader(enc, checked.Header()); err != nil {
			return mismatch(err)
		}
		delete(missing, c)
		batch.PutEncoding(checked)
		return nil
	}
	var err error
	if f, ok := src.fetcher.(EncodingFetcher); ok {
		err = f.FetchEncodings(ctx, cids, func(checked store.Checked, _ []byte) error { return take(checked) })
		cids = slices.DeleteFunc(cids, func(c cid.Cid) bool { _, due := missing[c]; return !due })
	}
	if err == nil && len(cids) > 0 {
		err = src.fetcher.Fetch(ctx, cids, func(c cid.Cid, data []byte) error {
			if _, due := missing[c]; !due {
				return nil
			}
			checked, err := store.Check(data)
			if err != nil {
				return mismatch(err)
			}
			if !format.EncodingCID(checked.Digest()).Equals(c) {
				return fmt.Errorf("%w: what was sent as %s is something else", ErrMismatch, c)
			}
			return take(checked)
		})
	}
	if aerr := e.store.Apply(ctx, &batch, store.Lazy); aerr != nil {
		return fmt.Errorf("failed to store encodings: %w", aerr)
	}
	switch {
	case errors.Is(err, ErrMismatch) || ctx.Err() != nil && err != nil:
		return err
	case err != nil && len(missing) > 0:
		return fmt.Errorf("%w: %d encodings: %w", ErrMissing, len(missing), err)
	}
	for c := range missing {
		return fmt.Errorf("%w: encoding %s", ErrMissing, c)
	}
	return nil
}

// leaseSound leases an encoding and tells whether it is stored and sound. One that turns out damaged is thereby known
// to the store as such and will be replaced.
func (e *Engine) leaseSound(ctx context.Context, le *lease, enc layout.Encoding, targets *layout.Targets) (bool, error) {
	e.leases.sweep.RLock()
	le.claim(enc.Digest)
	_, err := e.store.StatEncoding(ctx, enc.Digest)
	e.leases.sweep.RUnlock()
	var data []byte
	if err == nil {
		data, err = e.store.Encoding(ctx, enc.Digest)
	}
	if errors.Is(err, store.ErrNotFound) || errors.Is(err, store.ErrCorrupt) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	if _, err := targets.Check(enc, data); err != nil {
		return false, mismatch(err)
	}
	return true, nil
}

// mismatch marks an error about content that is not what it should be; errors of getting it pass unchanged.
func mismatch(err error) error {
	if errors.Is(err, ErrMissing) || errors.Is(err, ErrMismatch) || errors.Is(err, store.ErrFailed) ||
		errors.Is(err, store.ErrFull) || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	return fmt.Errorf("%w: %w", ErrMismatch, err)
}

// resolveDeals finds the deals of the root that s reads, which also connects to those who hold it. When all of it is going
// to be read, the deals' encodings are fetched at once; of a part, and of what the group caches together, the blocks are
// fetched as they are needed. Failure leaves the blocks to be fetched one by one, so it is logged only.
func (e *Engine) resolveDeals(ctx context.Context, s *source) {
	layouts, err := e.resolver.Layouts(ctx, s.root)
	if err != nil {
		e.log.Warn("failed to look for deals of a root", "root", s.root, "error", err)
		return
	}
	if !s.whole || s.shared {
		return
	}
	for _, l := range layouts {
		_, err := e.FetchLayout(ctx, l, FetchLayoutOptions{Root: s.root, Fetcher: s.fetcher})
		if err == nil || ctx.Err() != nil {
			return
		}
		e.log.Warn("failed to fetch the encodings of a deal", "root", s.root, "layout", l, "error", err)
	}
}
