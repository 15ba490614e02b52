package data

import (
	"context"
	"errors"
	"fmt"

	"github.com/ipfs/go-cid"

	"github.com/ipdm-network/ipdm/sdk/go/format"
	"github.com/ipdm-network/ipdm/sdk/go/format/manifest"
	"github.com/ipdm-network/ipdm/sdk/go/format/unixfs"
	"github.com/ipdm-network/ipdm/sidecar/data/store"
)

// Stat describes what is stored of a root.
type Stat struct {
	Root        cid.Cid
	Kind        EntryKind
	SizeBytes   uint64            // plain size: of a pinned root as its manifest says, else the sum of its distinct leaves
	PlainBytes  uint64            // plain size of its distinct blocks
	StoredBytes uint64            // length of the encodings that hold it
	Blocks      uint64            // distinct leaves
	Nodes       uint64            // distinct other blocks
	Missing     uint64            // blocks that are not stored, or damaged
	Pins        []Pin             // its manifests
	Algorithms  map[string]uint64 // encodings by algorithm
}

// Stat describes a root. Unless a pinned manifest lists its blocks it walks the DAG in the store, and fails with
// ErrMissing if a node of it is not there.
func (e *Engine) Stat(ctx context.Context, root cid.Cid) (*Stat, error) {
	if err := e.checkRoot(ctx, root); err != nil {
		return nil, fmt.Errorf("failed to stat %s: %w", root, err)
	}
	st := &Stat{Root: root, Algorithms: map[string]uint64{}}
	encodings := map[format.Digest]struct{}{}
	var err error
	st.Pins, err = e.eachBlock(ctx, root, func(entry manifest.Entry) error {
		if entry.Codec == format.Raw {
			st.Blocks++
			st.SizeBytes += uint64(entry.Size)
		} else {
			st.Nodes++
		}
		st.PlainBytes += uint64(entry.Size)
		at, err := e.store.Locate(ctx, entry.Digest)
		if err != nil {
			return err
		}
		if len(at) == 0 {
			st.Missing++
			return nil
		}
		if _, known := encodings[at[0]]; known {
			return nil
		}
		encodings[at[0]] = struct{}{}
		enc, err := e.store.StatEncoding(ctx, at[0])
		if err != nil {
			return err
		}
		st.StoredBytes += uint64(enc.LengthBytes)
		st.Algorithms[enc.Algorithm.String()]++
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("failed to stat %s: %w", root, err)
	}
	if len(st.Pins) > 0 {
		st.SizeBytes = st.Pins[0].Header.ContentSize
	}
	st.Kind = KindFile
	if node, err := unixfs.Load(ctx, e.local, root); err == nil {
		switch {
		case node.IsDir():
			st.Kind = KindDirectory
		case node.Kind == unixfs.KindSymlink:
			st.Kind = KindSymlink
		}
	}
	return st, nil
}

// eachBlock calls yield for every distinct block under root: as the first pinned manifest lists them, otherwise by
// walking the DAG in the store. It returns the pins.
func (e *Engine) eachBlock(ctx context.Context, root cid.Cid, yield func(manifest.Entry) error) ([]Pin, error) {
	pins, err := e.Pins(ctx, root)
	if err != nil {
		return nil, err
	}
	if len(pins) > 0 {
		if err := e.eachEntry(ctx, pins[0], yield); err != nil {
			return nil, err
		}
		return pins, nil
	}
	err = unixfs.Walk(ctx, e.local, root, unixfs.WalkOptions{}, func(v unixfs.Visit) error {
		d, err := format.DigestOf(v.Cid)
		if err != nil {
			return err
		}
		return yield(manifest.Entry{Codec: v.Cid.Prefix().Codec, Digest: d, Size: uint32(v.SizeBytes)})
	})
	if errors.Is(err, store.ErrNotFound) || errors.Is(err, store.ErrCorrupt) {
		err = fmt.Errorf("%w: %w", ErrMissing, err)
	}
	return nil, err
}
