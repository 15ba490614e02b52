package data

import (
	"context"
	"fmt"
	"time"

	"github.com/ipfs/go-cid"

	"github.com/ipdm-network/ipdm/sdk/go/format/envelope"
	"github.com/ipdm-network/ipdm/sdk/go/format/manifest"
	"github.com/ipdm-network/ipdm/sidecar/data/compress"
)

// packBytes returns the plain size at which a pack is full: larger packs compress better, and more has to be read for one
// of their blocks.
func packBytes(e compress.Effort) int {
	if e == compress.Dense {
		return envelope.MaxPlainSize
	}
	return envelope.MaxPlainSize / 2
}

// Signer signs a manifest for its creator. It gets the bytes that manifest.Header.SigningBytes returns.
type Signer func(ctx context.Context, signingBytes []byte) (signature []byte, err error)

// PutOptions describe a put. Creator and Sign are required.
type PutOptions struct {
	Effort      compress.Effort
	Tags        []string // "key=value"; sorted and freed of duplicates by Put
	ContentType string
	Supersedes  cid.Cid // the manifest that the new one replaces, or cid.Undef
	// KeepSuperseded is how long the replaced manifest stays pinned, as the engine does if 0, or KeepForever.
	KeepSuperseded time.Duration
	Creator        manifest.Creator
	Sign           Signer
}

func (o *PutOptions) check() error {
	if o.Sign == nil {
		return fmt.Errorf("%w: no signer", ErrOptions)
	}
	if !o.Effort.Valid() {
		return fmt.Errorf("%w: %s", ErrOptions, o.Effort)
	}
	meta := o.meta(0, time.Unix(0, 0))
	if err := meta.Validate(); err != nil {
		return fmt.Errorf("%w: %w", ErrOptions, err)
	}
	return nil
}

func (o *PutOptions) meta(contentBytes uint64, now time.Time) manifest.Meta {
	return manifest.Meta{
		Creator:     o.Creator,
		UnixMilli:   now.UnixMilli(),
		Tags:        o.Tags,
		ContentType: o.ContentType,
		ContentSize: contentBytes,
		Supersedes:  o.Supersedes,
	}
}

// FileInfo is what is recorded of a file or directory beside its content.
type FileInfo struct {
	Executable bool
	ModTime    time.Time // zero to record none
}

// PutResult tells what a put stored. It is durable when it is returned.
type PutResult struct {
	Root        cid.Cid
	Manifest    cid.Cid
	SizeBytes   uint64 // plain size: the files' lengths together
	StoredBytes uint64 // length of all encodings that hold the content
	Blocks      uint64 // distinct leaves
	NewBlocks   uint64 // leaves that were not stored before
	NewBytes    uint64 // their plain size
	AddedBytes  uint64 // length of the encodings that this put added to the store
	Files       uint64
	Existing    bool // an equal manifest was pinned already and is returned
}
