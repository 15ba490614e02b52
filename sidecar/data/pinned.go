package data

import (
	"context"
	"fmt"

	"github.com/ipdm-network/ipdm/sdk/go/format"
	"github.com/ipdm-network/ipdm/sdk/go/format/layout"
	"github.com/ipdm-network/ipdm/sdk/go/format/manifest"
)

// eachEntry calls yield for every entry of a pinned manifest, until it fails.
func (e *Engine) eachEntry(ctx context.Context, p Pin, yield func(manifest.Entry) error) error {
	r, err := manifest.Open(ctx, p.Manifest, e.local)
	if err != nil {
		return unreadable(err)
	}
	for entry, err := range r.Entries(ctx) {
		if err != nil {
			return unreadable(err)
		}
		if err := yield(entry); err != nil {
			return err
		}
	}
	return nil
}

// eachKept calls yield for the digest of every block that a pinned manifest keeps, its own blocks first, until it fails.
func (e *Engine) eachKept(ctx context.Context, p Pin, yield func(format.Digest) error) error {
	d, err := format.DigestOf(p.Manifest)
	if err != nil {
		return err
	}
	for _, block := range append([]format.Digest{d}, p.Header.Pages...) {
		if err := yield(block); err != nil {
			return err
		}
	}
	return e.eachEntry(ctx, p, func(entry manifest.Entry) error { return yield(entry.Digest) })
}

// eachEncoding calls yield for every encoding that a layout names, until it fails.
func (e *Engine) eachEncoding(ctx context.Context, d format.Digest, yield func(format.Digest) error) error {
	r, err := layout.Open(ctx, format.CBORCID(d), e.local)
	if err != nil {
		return unreadable(fmt.Errorf("layout %s: %w", format.CBORCID(d), err))
	}
	for enc, err := range r.Encodings(ctx) {
		if err != nil {
			return unreadable(fmt.Errorf("layout %s: %w", format.CBORCID(d), err))
		}
		if err := yield(enc.Digest); err != nil {
			return err
		}
	}
	return nil
}
