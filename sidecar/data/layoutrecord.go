package data

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"time"

	"github.com/ipfs/go-cid"

	"github.com/ipdm-network/ipdm/sdk/go/format"
	"github.com/ipdm-network/ipdm/sdk/go/format/layout"
	"github.com/ipdm-network/ipdm/sdk/go/format/manifest"
	"github.com/ipdm-network/ipdm/sidecar/data/store"
)

const (
	layoutPrefix   = "layout/"   // + layout digest -> header block
	layoutOfPrefix = "layoutof/" // + manifest digest + layout digest -> nothing
	commDPrefix    = "commd/"    // + comm_d + layout digest -> nothing
	holdPrefix     = "hold/"     // + layout digest + holder -> time of the hold, unix milliseconds
)

// DraftHolder is who holds a layout that was made and has no deal yet. Its hold ends by itself after DraftTTL.
const (
	DraftHolder = "draft"
	DraftTTL    = 24 * time.Hour
)

// maxHolderBytes bounds the name of a holder.
const maxHolderBytes = 128

// Layout describes a stored layout.
type Layout struct {
	Cid       cid.Cid
	Manifest  cid.Cid
	CommD     format.Digest
	SizeBytes uint64 // length of all encodings together: what the deal is about
	Encodings uint32
}

func layoutOf(d format.Digest, h *layout.Header) *Layout {
	return &Layout{
		Cid: format.CBORCID(d), Manifest: h.Manifest, CommD: h.CommD, SizeBytes: h.Length, Encodings: h.Encodings,
	}
}

func metaKeyOf(prefix string, parts ...[]byte) []byte {
	key := []byte(prefix)
	for _, p := range parts {
		key = append(key, p...)
	}
	return key
}

// recordLayout stores the record of a layout and a hold on it, durably, with what batch has already. The caller holds
// e.holds.
func (e *Engine) recordLayout(ctx context.Context, header format.Block, h *layout.Header, holder string, batch *store.Batch) error {
	m, err := format.DigestOf(h.Manifest)
	if err != nil {
		return err
	}
	now := binary.BigEndian.AppendUint64(nil, uint64(e.now().UnixMilli()))
	for _, kv := range []struct{ key, value []byte }{
		{metaKeyOf(layoutPrefix, header.Digest[:]), header.Data},
		{metaKeyOf(layoutOfPrefix, m[:], header.Digest[:]), nil},
		{metaKeyOf(commDPrefix, h.CommD[:], header.Digest[:]), nil},
		{metaKeyOf(holdPrefix, header.Digest[:], []byte(holder)), now},
	} {
		if err := batch.SetMeta(kv.key, kv.value); err != nil {
			return err
		}
	}
	if err := e.store.Apply(ctx, batch, store.Durable); err != nil {
		return fmt.Errorf("failed to record layout: %w", err)
	}
	return nil
}

// dropLayout adds the removal of a layout's record, and of every hold on it, to batch.
func (e *Engine) dropLayout(ctx context.Context, d format.Digest, h *layout.Header, batch *store.Batch) error {
	m, err := format.DigestOf(h.Manifest)
	if err != nil {
		return err
	}
	keys := [][]byte{
		metaKeyOf(layoutPrefix, d[:]),
		metaKeyOf(layoutOfPrefix, m[:], d[:]),
		metaKeyOf(commDPrefix, h.CommD[:], d[:]),
	}
	err = e.store.IterateMeta(ctx, metaKeyOf(holdPrefix, d[:]), func(key, _ []byte) error {
		keys = append(keys, append([]byte(nil), key...))
		return nil
	})
	if err != nil {
		return err
	}
	for _, key := range keys {
		if err := batch.DeleteMeta(key); err != nil {
			return err
		}
	}
	e.trees.remove(h.CommD)
	return nil
}

// layoutHeader returns the recorded header of a layout. It fails with ErrNoLayout.
func (e *Engine) layoutHeader(ctx context.Context, d format.Digest) (*layout.Header, error) {
	value, err := e.store.Meta(ctx, metaKeyOf(layoutPrefix, d[:]))
	if errors.Is(err, store.ErrNotFound) {
		return nil, fmt.Errorf("%w: %s", ErrNoLayout, format.CBORCID(d))
	}
	if err != nil {
		return nil, err
	}
	h, err := layout.DecodeHeader(value)
	if err != nil {
		return nil, fmt.Errorf("%w: recorded layout: %w", store.ErrCorrupt, err)
	}
	return h, nil
}

// eachLayout calls yield for every recorded layout.
func (e *Engine) eachLayout(ctx context.Context, yield func(format.Digest, *layout.Header) error) error {
	return e.store.IterateMeta(ctx, []byte(layoutPrefix), func(key, value []byte) error {
		d, err := format.DigestFromBytes(key[len(layoutPrefix):])
		if err != nil {
			return fmt.Errorf("%w: layout key: %w", store.ErrCorrupt, err)
		}
		h, err := layout.DecodeHeader(value)
		if err != nil {
			return fmt.Errorf("%w: recorded layout: %w", store.ErrCorrupt, err)
		}
		return yield(d, h)
	})
}

// held tells whether anyone holds a layout; drafts that are past their time do not count.
func (e *Engine) held(ctx context.Context, d format.Digest) (bool, error) {
	prefix := metaKeyOf(holdPrefix, d[:])
	now := e.now().UnixMilli()
	found := false
	err := e.store.IterateMeta(ctx, prefix, func(key, value []byte) error {
		if string(key[len(prefix):]) == DraftHolder && len(value) == 8 &&
			now-int64(binary.BigEndian.Uint64(value)) > DraftTTL.Milliseconds() {
			return nil
		}
		found = true
		return errEnough
	})
	if err != nil && !errors.Is(err, errEnough) {
		return false, err
	}
	return found, nil
}

// Layouts calls yield for every stored layout with the names of its holders, until it fails.
func (e *Engine) Layouts(ctx context.Context, yield func(l *Layout, holders []string) error) error {
	return e.eachLayout(ctx, func(d format.Digest, h *layout.Header) error {
		prefix := metaKeyOf(holdPrefix, d[:])
		var holders []string
		err := e.store.IterateMeta(ctx, prefix, func(key, _ []byte) error {
			holders = append(holders, string(key[len(prefix):]))
			return nil
		})
		if err != nil {
			return err
		}
		return yield(layoutOf(d, h), holders)
	})
}

// HoldLayout keeps a stored layout, and its encodings exactly as they are, until ReleaseLayout with the same holder,
// such as the name of a deal. Holding twice is the same as once. A tombstone of its root ends. It is durable on return and
// fails with ErrNoLayout, or ErrMissing if the manifest cannot be read.
func (e *Engine) HoldLayout(ctx context.Context, layoutCID cid.Cid, holder string) error {
	d, err := checkHold(layoutCID, holder)
	if err != nil {
		return err
	}
	e.pins.Lock()
	defer e.pins.Unlock()
	e.holds.Lock()
	defer e.holds.Unlock()
	h, err := e.layoutHeader(ctx, d)
	if err != nil {
		return err
	}
	m, err := manifest.Open(ctx, h.Manifest, e.local)
	if err != nil {
		return unreadable(err)
	}
	if err := e.endTombstone(ctx, m.Header().Root); err != nil {
		return err
	}
	return e.hold(ctx, d, holder)
}

// hold takes a hold. The caller holds e.holds.
func (e *Engine) hold(ctx context.Context, d format.Digest, holder string) error {
	var batch store.Batch
	now := binary.BigEndian.AppendUint64(nil, uint64(e.now().UnixMilli()))
	if err := batch.SetMeta(metaKeyOf(holdPrefix, d[:], []byte(holder)), now); err != nil {
		return err
	}
	if err := e.store.Apply(ctx, &batch, store.Durable); err != nil {
		return fmt.Errorf("failed to hold layout: %w", err)
	}
	return nil
}

// ReleaseLayout ends a hold; that there is none is no error. A layout that nobody holds is garbage.
func (e *Engine) ReleaseLayout(ctx context.Context, layoutCID cid.Cid, holder string) error {
	d, err := checkHold(layoutCID, holder)
	if err != nil {
		return err
	}
	e.holds.Lock()
	defer e.holds.Unlock()
	var batch store.Batch
	if err := batch.DeleteMeta(metaKeyOf(holdPrefix, d[:], []byte(holder))); err != nil {
		return err
	}
	if err := e.store.Apply(ctx, &batch, store.Durable); err != nil {
		return fmt.Errorf("failed to release layout: %w", err)
	}
	return nil
}

func checkHold(layoutCID cid.Cid, holder string) (format.Digest, error) {
	if holder == "" || len(holder) > maxHolderBytes {
		return format.Digest{}, fmt.Errorf("%w: holder of %d bytes", store.ErrInvalid, len(holder))
	}
	return format.DigestOf(layoutCID)
}
