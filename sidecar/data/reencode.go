package data

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"time"

	"github.com/ipdm-network/ipdm/sdk/go/format"
	"github.com/ipdm-network/ipdm/sdk/go/format/envelope"
	"github.com/ipdm-network/ipdm/sdk/go/format/layout"
	"github.com/ipdm-network/ipdm/sidecar/data/compress"
	"github.com/ipdm-network/ipdm/sidecar/data/store"
)

const (
	// hotHeat is the heat of a block from which its encoding is made quick to read.
	hotHeat = 4.0
	// coldHeat is the heat below which all blocks of an encoding must be for it to be made dense: a block that was stored,
	// or read, two half-lives ago.
	coldHeat = 0.25
	// minGain: a dense encoding takes the place of another if it is shorter by one part in so many.
	minGain = 20
	// repackBytes is the plain size below which an encoding is packed together with others.
	repackBytes = 128 << 10
	// maxSettled bounds how many encodings are remembered as not worth another try.
	maxSettled = 1 << 18
)

// ReencodeOptions bound a pass of Reencode.
type ReencodeOptions struct {
	MaxBytes       uint64 // plain size of what is read, about; no bound if 0
	BytesPerSecond uint64 // plain, on average; no bound if 0
}

// ReencodeResult tells what a pass did.
type ReencodeResult struct {
	Replaced   uint64 // encodings
	PlainBytes uint64 // their plain size
	OldBytes   uint64 // their length
	NewBytes   uint64 // length of what took their place
	More       bool   // there is more to do: the pass met its bound, or a put or get began
}

// Reencode changes how blocks are encoded by how often they are read: what is hot becomes quick to decode, what is cold
// dense; small encodings, and packs that are half garbage, are packed together. Blocks, and so CIDs, stay as they are. An
// encoding that a layout names stays.
//
// It works while no put, get or fetch runs and gives up when one begins. The new encoding is durable, and was read back,
// before the old one is deleted: interrupted or killed at any time it leaves every block stored. It excludes GC, and so
// should be bounded to seconds.
func (e *Engine) Reencode(ctx context.Context, o ReencodeOptions) (ReencodeResult, error) {
	e.gc.Lock()
	defer e.gc.Unlock()
	defer e.leases.collect()()
	r := &reencoding{engine: e, opts: o, fixed: map[format.Digest]struct{}{}, live: map[uint64]struct{}{}}
	if err := r.run(ctx); err != nil {
		return r.result, fmt.Errorf("failed to encode anew: %w", err)
	}
	return r.result, nil
}

// reencoding is one pass.
type reencoding struct {
	engine  *Engine
	opts    ReencodeOptions
	fixed   map[format.Digest]struct{} // encodings that layouts name
	live    map[uint64]struct{}        // beginnings of the digests of blocks that pinned manifests list
	todo    []rewrite
	planned uint64
	small   rewrite // small encodings to be packed together
	blocks  int     // of small
	result  ReencodeResult
}

// rewrite is to put one encoding in the place of some.
type rewrite struct {
	old        []format.Digest
	plainBytes uint64
	effort     compress.Effort
	repack     bool // it is done to have fewer encodings, or less garbage
}

func (r *reencoding) run(ctx context.Context) error {
	if r.engine.leases.busy() {
		r.result.More = true
		return nil
	}
	if err := r.findFixed(ctx); err != nil {
		return err
	}
	if err := r.findLive(ctx); err != nil {
		return err
	}
	err := r.engine.store.IterateEncodings(ctx, r.plan)
	if err != nil && !errors.Is(err, errEnough) {
		return err
	}
	r.flushSmall()
	for _, w := range r.todo {
		if r.engine.leases.busy() {
			r.result.More = true
			return nil
		}
		if err := r.engine.rewrite(ctx, w, r); err != nil {
			if errors.Is(err, store.ErrFull) {
				return nil // there is room to make no better encoding
			}
			return err
		}
		if err := r.slowDown(ctx, w.plainBytes); err != nil {
			return err
		}
	}
	return nil
}

// slowDown waits for as long as reading so many bytes may take.
func (r *reencoding) slowDown(ctx context.Context, plainBytes uint64) error {
	if r.opts.BytesPerSecond == 0 {
		return nil
	}
	wait := time.NewTimer(time.Duration(float64(plainBytes) / float64(r.opts.BytesPerSecond) * float64(time.Second)))
	defer wait.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-wait.C:
		return nil
	}
}

// findFixed lists the encodings of all layouts.
func (r *reencoding) findFixed(ctx context.Context) error {
	e := r.engine
	e.holds.Lock()
	defer e.holds.Unlock()
	return e.eachLayout(ctx, func(d format.Digest, _ *layout.Header) error {
		return e.eachEncoding(ctx, d, func(encoding format.Digest) error {
			r.fixed[encoding] = struct{}{}
			return nil
		})
	})
}

// findLive lists the blocks that are pinned. A digest is known by its beginning: one that is taken for another's is kept
// without need.
func (r *reencoding) findLive(ctx context.Context) error {
	return r.engine.List(ctx, func(p Pin) error {
		return r.engine.eachKept(ctx, p, func(block format.Digest) error {
			r.live[beginning(block)] = struct{}{}
			return nil
		})
	})
}

func beginning(d format.Digest) uint64 { return binary.BigEndian.Uint64(d[:]) }

// worth tells whether a block is pinned, or is cache that has been stored or read not long ago.
func (r *reencoding) worth(block format.Digest) bool {
	if _, ok := r.live[beginning(block)]; ok {
		return true
	}
	return r.engine.heat.Heat(block) >= coldHeat
}

// plan decides what to do about one encoding.
func (r *reencoding) plan(enc store.Encoding) error {
	if _, ok := r.fixed[enc.Digest]; ok || enc.Damaged {
		return nil
	}
	hottest, worthBytes := 0.0, uint64(0)
	for _, entry := range enc.Entries {
		hottest = max(hottest, r.engine.heat.Heat(entry.Digest))
		if r.worth(entry.Digest) {
			worthBytes += uint64(entry.Size)
		}
	}
	if worthBytes == 0 {
		return nil // garbage, or cold cache: GC takes it
	}
	w := rewrite{old: []format.Digest{enc.Digest}, plainBytes: uint64(enc.PlainBytes), effort: compress.Balanced}
	half := worthBytes < uint64(enc.PlainBytes)/2
	switch {
	case hottest >= hotHeat && enc.Algorithm == envelope.Zstd:
		w.effort = compress.Fast
	case hottest >= hotHeat:
		return nil
	case half || enc.PlainBytes < repackBytes:
		if r.engine.settled.has(enc.Digest, w.effort) {
			return nil
		}
		if r.small.plainBytes+w.plainBytes > envelope.MaxPlainSize || r.blocks+len(enc.Entries) > maxPackBlocks {
			r.flushSmall()
		}
		r.small.old = append(r.small.old, enc.Digest)
		r.small.plainBytes += w.plainBytes
		r.small.repack = r.small.repack || half
		r.blocks += len(enc.Entries)
		return r.bound()
	case hottest < coldHeat:
		w.effort = compress.Dense
	default:
		return nil
	}
	if r.engine.settled.has(enc.Digest, w.effort) {
		return nil
	}
	r.add(w)
	return r.bound()
}

func (r *reencoding) add(w rewrite) {
	r.todo = append(r.todo, w)
	r.planned += w.plainBytes
}

// bound ends the planning when there is enough to do.
func (r *reencoding) bound() error {
	if r.opts.MaxBytes == 0 || r.planned+r.small.plainBytes < r.opts.MaxBytes {
		return nil
	}
	r.result.More = true
	return errEnough
}

// flushSmall adds the small encodings gathered, unless it is a single one that is fine as it is.
func (r *reencoding) flushSmall() {
	if len(r.small.old) > 1 || r.small.repack {
		r.small.effort, r.small.repack = compress.Balanced, true
		r.add(r.small)
	}
	r.small, r.blocks = rewrite{}, 0
}
