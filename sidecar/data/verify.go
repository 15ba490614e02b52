package data

import (
	"context"
	"errors"
	"fmt"

	"github.com/ipfs/go-cid"
	"golang.org/x/sync/errgroup"

	"github.com/ipdm-network/ipdm/sdk/go/format"
	"github.com/ipdm-network/ipdm/sdk/go/format/manifest"
	"github.com/ipdm-network/ipdm/sidecar/data/store"
)

// VerifyProgress is reported by Verify after each encoding, and for each problem.
type VerifyProgress struct {
	CheckedEncodings uint64
	CheckedBytes     uint64
	Problems         uint64
	Problem          string // the problem found now, or empty
}

// verifyRun is one Verify.
type verifyRun struct {
	engine *Engine
	report func(VerifyProgress) error
	state  VerifyProgress
}

// Verify reads what is stored again and compares it with its digests: every copy of every block of a root, or with
// cid.Undef the whole store, followed by a look for missing blocks of pinned roots. Damaged encodings count as absent
// from then on, so that putting or fetching the content again replaces them. report is called from one goroutine; its
// error ends the run. Problems are no error: they are counted in the result.
func (e *Engine) Verify(ctx context.Context, root cid.Cid, report func(VerifyProgress) error) (VerifyProgress, error) {
	v := &verifyRun{engine: e, report: report}
	if v.report == nil {
		v.report = func(VerifyProgress) error { return nil }
	}
	var err error
	if root.Defined() {
		err = v.root(ctx, root)
	} else {
		err = v.everything(ctx)
	}
	if err != nil {
		return v.state, fmt.Errorf("failed to verify: %w", err)
	}
	return v.state, nil
}

func (v *verifyRun) problem(format string, args ...any) error {
	v.state.Problems++
	p := v.state
	p.Problem = fmt.Sprintf(format, args...)
	return v.report(p)
}

func (v *verifyRun) everything(ctx context.Context) error {
	var all []format.Digest
	err := v.engine.store.IterateEncodings(ctx, func(enc store.Encoding) error {
		all = append(all, enc.Digest)
		return nil
	})
	if err != nil {
		return err
	}
	if err := v.encodings(ctx, all); err != nil {
		return err
	}
	var roots []cid.Cid
	err = v.engine.List(ctx, func(p Pin) error {
		if len(roots) == 0 || !roots[len(roots)-1].Equals(p.Root) {
			roots = append(roots, p.Root)
		}
		return nil
	})
	if err != nil {
		return err
	}
	for _, root := range roots {
		if err := v.missing(ctx, root); err != nil {
			return err
		}
	}
	return nil
}

func (v *verifyRun) root(ctx context.Context, root cid.Cid) error {
	seen := map[format.Digest]struct{}{}
	var all []format.Digest
	_, err := v.engine.eachBlock(ctx, root, func(entry manifest.Entry) error {
		at, err := v.engine.store.Locate(ctx, entry.Digest)
		for _, d := range at {
			if _, ok := seen[d]; !ok {
				seen[d] = struct{}{}
				all = append(all, d)
			}
		}
		return err
	})
	if err != nil {
		if errors.Is(err, ErrMissing) {
			return v.problem("root %s: %v", root, err)
		}
		return err
	}
	if err := v.encodings(ctx, all); err != nil {
		return err
	}
	return v.missing(ctx, root)
}

// missing reports the blocks of a root that have no sound copy.
func (v *verifyRun) missing(ctx context.Context, root cid.Cid) error {
	_, err := v.engine.eachBlock(ctx, root, func(entry manifest.Entry) error {
		has, err := v.engine.store.Has(ctx, entry.Digest)
		if err == nil && !has {
			err = v.problem("block %s of root %s is missing", entry.CID(), root)
		}
		return err
	})
	if errors.Is(err, ErrMissing) {
		return v.problem("root %s: %v", root, err)
	}
	return err
}

// encodings reads and checks encodings on all cores and reports from this goroutine.
func (v *verifyRun) encodings(ctx context.Context, all []format.Digest) error {
	type result struct {
		digest format.Digest
		size   int
		err    error
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	g, gctx := errgroup.WithContext(ctx)
	todo := make(chan format.Digest)
	results := make(chan result)
	g.Go(func() error {
		defer close(todo)
		for _, d := range all {
			select {
			case todo <- d:
			case <-gctx.Done():
				return gctx.Err()
			}
		}
		return nil
	})
	for range v.engine.workers {
		g.Go(func() error {
			for d := range todo {
				size, err := v.engine.checkEncoding(gctx, d)
				if err != nil && !errors.Is(err, store.ErrCorrupt) && !errors.Is(err, store.ErrNotFound) {
					return err
				}
				select {
				case results <- result{d, size, err}:
				case <-gctx.Done():
					return gctx.Err()
				}
			}
			return nil
		})
	}
	stopped := make(chan error, 1)
	go func() {
		stopped <- g.Wait()
		close(results)
	}()
	var reportErr error
	for r := range results {
		if reportErr != nil {
			continue
		}
		switch {
		case errors.Is(r.err, store.ErrNotFound): // deleted meanwhile
			continue
		case r.err != nil:
			reportErr = v.problem("encoding %s: %v", format.EncodingCID(r.digest), r.err)
		}
		v.state.CheckedEncodings++
		v.state.CheckedBytes += uint64(r.size)
		if reportErr == nil {
			reportErr = v.report(v.state)
		}
		if reportErr != nil {
			cancel()
		}
	}
	err := <-stopped
	if reportErr != nil {
		return reportErr
	}
	return err
}

// checkEncoding reads an encoding and verifies every digest of it.
func (e *Engine) checkEncoding(ctx context.Context, d format.Digest) (sizeBytes int, err error) {
	data, err := e.store.Encoding(ctx, d)
	if err != nil {
		return 0, err
	}
	if _, err := store.Check(data); err != nil {
		return len(data), fmt.Errorf("%w: %w", store.ErrCorrupt, err)
	}
	return len(data), nil
}
