package data

import (
	"context"
	"errors"
	"fmt"

	"github.com/ipdm-network/ipdm/sdk/go/format"
	"github.com/ipdm-network/ipdm/sdk/go/format/layout"
	"github.com/ipdm-network/ipdm/sdk/go/format/manifest"
	"github.com/ipdm-network/ipdm/sidecar/data/store"
)

// AuditResult is what Audit found.
type AuditResult struct {
	Pins              uint64
	IncompletePins    uint64
	Layouts           uint64 // held ones
	IncompleteLayouts uint64 // held layouts with encodings missing
	Encodings         uint64
	Orphans           uint64 // encodings that nothing keeps: cache, and garbage until the next collection
	OrphanBytes       uint64
	// OrphansUnknown tells that what to keep could not be found out, because a manifest or held layout cannot be read.
	OrphansUnknown bool
}

// Audit follows every pin and every held layout to the blocks and encodings they need, and tells what is missing and
// which encodings nothing keeps. It changes nothing, and looks encodings up without reading them: damage counts if it is
// known to the store. report is called for each thing that is wrong; its error ends the run.
func (e *Engine) Audit(ctx context.Context, report func(problem string) error) (AuditResult, error) {
	e.gc.Lock()
	defer e.gc.Unlock()
	a := &audit{
		engine: e,
		report: report,
		marks:  &collection{engine: e, keep: map[format.Digest]bool{}, wanted: map[format.Digest]struct{}{}, keepRecords: true},
	}
	if err := a.run(ctx); err != nil {
		return a.result, fmt.Errorf("failed to audit: %w", err)
	}
	return a.result, nil
}

// audit is one Audit.
type audit struct {
	engine *Engine
	report func(problem string) error
	marks  *collection
	result AuditResult
}

func (a *audit) run(ctx context.Context) error {
	if err := a.layouts(ctx); err != nil {
		return err
	}
	var pins []Pin
	if err := a.engine.List(ctx, func(p Pin) error {
		pins = append(pins, p)
		return nil
	}); err != nil {
		return err
	}
	for _, p := range pins {
		a.result.Pins++
		if err := a.pin(ctx, p); err != nil {
			return err
		}
	}
	return a.orphans(ctx)
}

// layouts marks what held layouts keep.
func (a *audit) layouts(ctx context.Context) error {
	e := a.engine
	err := e.eachLayout(ctx, func(d format.Digest, _ *layout.Header) error {
		held, err := e.held(ctx, d)
		if err != nil || !held {
			return err
		}
		a.result.Layouts++
		missing, total, err := a.missingEncodings(ctx, d)
		switch {
		case errors.Is(err, ErrMissing):
			err = a.report(fmt.Sprintf("layout %s: %v", format.CBORCID(d), err))
		case err == nil && missing > 0:
			err = a.report(fmt.Sprintf("layout %s: %d of %d encodings are missing", format.CBORCID(d), missing, total))
		default:
			return err
		}
		a.result.IncompleteLayouts++
		return err
	})
	if err != nil {
		return err
	}
	err = a.marks.markLayouts(ctx)
	if errors.Is(err, ErrMissing) {
		a.result.OrphansUnknown = true
		return nil
	}
	return err
}

func (a *audit) missingEncodings(ctx context.Context, d format.Digest) (missing, total uint64, err error) {
	r, err := layout.Open(ctx, format.CBORCID(d), a.engine.local)
	if err != nil {
		return 0, 0, unreadable(err)
	}
	for enc, err := range r.Encodings(ctx) {
		if err != nil {
			return missing, total, unreadable(err)
		}
		total++
		st, err := a.engine.store.StatEncoding(ctx, enc.Digest)
		switch {
		case errors.Is(err, store.ErrNotFound) || err == nil && st.Damaged:
			missing++
		case err != nil:
			return missing, total, err
		}
	}
	return missing, total, nil
}

// pin reports what a pin lacks, and marks what it keeps.
func (a *audit) pin(ctx context.Context, p Pin) error {
	missing, total, err := a.missingBlocks(ctx, p)
	switch {
	case errors.Is(err, ErrMissing):
		a.result.IncompletePins++
		a.result.OrphansUnknown = true
		return a.report(fmt.Sprintf("manifest %s of root %s: %v", p.Manifest, p.Root, err))
	case err != nil:
		return err
	}
	if missing > 0 {
		a.result.IncompletePins++
		if err := a.report(fmt.Sprintf("root %s: %d of %d blocks are missing", p.Root, missing, total)); err != nil {
			return err
		}
	}
	return a.engine.eachKept(ctx, p, func(d format.Digest) error { return a.marks.markBlock(ctx, d) })
}

func (a *audit) missingBlocks(ctx context.Context, p Pin) (missing, total uint64, err error) {
	err = a.engine.eachEntry(ctx, p, func(entry manifest.Entry) error {
		total++
		has, err := a.engine.store.Has(ctx, entry.Digest)
		if err == nil && !has {
			missing++
		}
		return err
	})
	return missing, total, err
}

// orphans counts the encodings that a collection would delete.
func (a *audit) orphans(ctx context.Context) error {
	return a.engine.store.IterateEncodings(ctx, func(enc store.Encoding) error {
		a.result.Encodings++
		if a.result.OrphansUnknown {
			return nil
		}
		if _, ok := a.marks.keep[enc.Digest]; !ok && !a.marks.needed(enc, nil) {
			a.result.Orphans++
			a.result.OrphanBytes += uint64(enc.LengthBytes)
		}
		return nil
	})
}
