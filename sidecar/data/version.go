package data

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"time"

	"github.com/ipdm-network/ipdm/sdk/go/format"
	"github.com/ipdm-network/ipdm/sidecar/data/store"
)

const supersededPrefix = "superseded/" // + manifest digest + digest of the manifest that replaces it -> supersededRecord

// KeepForever as PutOptions.KeepSuperseded keeps the superseded version until it is deleted.
const KeepForever time.Duration = -1

// defaultKeepSuperseded is how long a superseded version is kept unless the engine or the put says otherwise.
const defaultKeepSuperseded = 30 * 24 * time.Hour

const supersededVersion = 1

// forever is the time of a version that is kept until it is deleted.
const forever = math.MaxInt64

// appendSuperseded appends the value of a superseded record: a version byte and the time until which the old version is
// kept, in unix milliseconds, big endian.
func appendSuperseded(dst []byte, keepUntil int64) []byte {
	return binary.BigEndian.AppendUint64(append(dst, supersededVersion), uint64(keepUntil))
}

// decodeSuperseded reads what appendSuperseded writes. It fails with store.ErrCorrupt.
func decodeSuperseded(value []byte) (keepUntil int64, err error) {
	if len(value) != 9 || value[0] != supersededVersion || value[1] > math.MaxInt8 {
		return 0, fmt.Errorf("%w: superseded record of %d bytes", store.ErrCorrupt, len(value))
	}
	return int64(binary.BigEndian.Uint64(value[1:])), nil
}

// supersession says that one manifest replaces another.
type supersession struct {
	old, new  format.Digest
	keepUntil int64 // unix milliseconds until which the old one is kept
}

func supersededKey(old, successor format.Digest) []byte {
	return metaKeyOf(supersededPrefix, old[:], successor[:])
}

// supersessions returns every recorded supersession, by the old manifest.
func (e *Engine) supersessions(ctx context.Context) ([]supersession, error) {
	var all []supersession
	err := e.store.IterateMeta(ctx, []byte(supersededPrefix), func(key, value []byte) error {
		tail := key[len(supersededPrefix):]
		if len(tail) != 2*format.DigestSize {
			return fmt.Errorf("%w: superseded key of %d bytes", store.ErrCorrupt, len(key))
		}
		until, err := decodeSuperseded(value)
		if err != nil {
			return err
		}
		all = append(all, supersession{format.Digest(tail[:format.DigestSize]), format.Digest(tail[format.DigestSize:]), until})
		return nil
	})
	return all, err
}

// supersede adds the record that p replaces an older manifest to batch.
func (e *Engine) supersede(p Pin, keep time.Duration, batch *store.Batch) error {
	old, err := format.DigestOf(p.Header.Supersedes)
	if err != nil {
		return err
	}
	successor, err := format.DigestOf(p.Manifest)
	if err != nil {
		return err
	}
	if keep == 0 {
		keep = e.keepSuperseded
	}
	until := int64(forever)
	if keep > 0 {
		until = e.now().Add(keep).UnixMilli()
	}
	return batch.SetMeta(supersededKey(old, successor), appendSuperseded(nil, until))
}

// withdraw adds to batch that pins replace nothing any more: what they superseded is kept.
func (e *Engine) withdraw(pins []Pin, batch *store.Batch) error {
	for _, p := range pins {
		if !p.Header.Supersedes.Defined() {
			continue
		}
		old, err := format.DigestOf(p.Header.Supersedes)
		if err != nil {
			return err
		}
		d, err := format.DigestOf(p.Manifest)
		if err != nil {
			return err
		}
		if err := batch.DeleteMeta(supersededKey(old, d)); err != nil {
			return err
		}
	}
	return nil
}

// expireSuperseded unpins the superseded versions whose time is over. Of a version that several others replace the
// longest time counts.
func (e *Engine) expireSuperseded(ctx context.Context) error {
	e.pins.Lock()
	defer e.pins.Unlock()
	all, err := e.supersessions(ctx)
	if err != nil {
		return err
	}
	now := e.now().UnixMilli()
	var batch store.Batch
	var expired []Pin
	for len(all) > 0 {
		old, until, n := all[0].old, int64(0), 0
		for n < len(all) && all[n].old == old {
			until = max(until, all[n].keepUntil)
			n++
		}
		records := all[:n]
		all = all[n:]
		if until > now {
			continue
		}
		switch p, err := e.PinnedManifest(ctx, format.CBORCID(old)); {
		case err == nil:
			expired = append(expired, p)
		case errors.Is(err, ErrNotPinned):
			if err := e.forgetSupersessions(ctx, records, &batch); err != nil {
				return err
			}
		default:
			return err
		}
	}
	if len(expired) == 0 && batch.Empty() {
		return nil
	}
	for _, p := range expired {
		e.log.Info("a superseded version is kept no longer", "root", p.Root, "manifest", p.Manifest)
	}
	return e.changePins(ctx, pinChange{remove: expired}, &batch)
}

// keepAgain adds to batch that a superseded version is kept until it is deleted: it was put again.
func (e *Engine) keepAgain(ctx context.Context, p Pin, batch *store.Batch) error {
	d, err := format.DigestOf(p.Manifest)
	if err != nil {
		return err
	}
	return e.store.IterateMeta(ctx, metaKeyOf(supersededPrefix, d[:]), func(key, _ []byte) error {
		return batch.SetMeta(bytes.Clone(key), appendSuperseded(nil, forever))
	})
}

// forgetSupersessions drops the records of which neither side is pinned.
func (e *Engine) forgetSupersessions(ctx context.Context, records []supersession, batch *store.Batch) error {
	for _, r := range records {
		_, err := e.PinnedManifest(ctx, format.CBORCID(r.new))
		if err == nil {
			continue // a history goes through it
		}
		if !errors.Is(err, ErrNotPinned) {
			return err
		}
		if err := batch.DeleteMeta(supersededKey(r.old, r.new)); err != nil {
			return err
		}
	}
	return nil
}
