package data

import (
	"context"
	"errors"
	"slices"

	"github.com/ipdm-network/ipdm/sdk/go/format"
	"github.com/ipdm-network/ipdm/sdk/go/format/envelope"
	"github.com/ipdm-network/ipdm/sidecar/data/compress"
	"github.com/ipdm-network/ipdm/sidecar/data/store"
)

// rewrite puts one encoding in the place of some, if it is better.
func (e *Engine) rewrite(ctx context.Context, w rewrite, r *reencoding) error {
	own := e.leases.begin()
	defer own.end()
	old, blocks, oldBytes, err := r.read(ctx, w, own)
	if err != nil || len(blocks) == 0 {
		return err
	}
	made, err := compress.Encode(blocks, w.effort)
	if err != nil {
		return err
	}
	newBytes := uint64(len(made.Bytes()))
	better := true
	switch {
	case w.repack:
		better = newBytes <= oldBytes
	case w.effort == compress.Dense:
		better = newBytes <= oldBytes-oldBytes/minGain
	case w.effort == compress.Fast:
		better = made.Header().Algorithm != envelope.Zstd
	}
	if !better || slices.Contains(old, made.Digest()) {
		e.settled.add(w.effort, old...)
		return nil
	}
	own.claim(made.Digest())
	var batch store.Batch
	batch.PutEncoding(made)
	if err := e.store.Apply(ctx, &batch, store.Durable); err != nil {
		return err
	}
	if sizeBytes, err := e.soundBytes(ctx, made.Digest()); err != nil || sizeBytes == 0 {
		return err
	}
	if !w.repack {
		e.settled.add(w.effort, made.Digest())
	}
	replaced, err := e.replaced(ctx, old, own)
	if err != nil {
		return err
	}
	r.result.Replaced += replaced
	r.result.PlainBytes += w.plainBytes
	r.result.OldBytes += oldBytes
	r.result.NewBytes += newBytes
	return nil
}

// read returns the encodings that can be read, those of their blocks that are worth to be kept, and the encodings' length.
func (r *reencoding) read(
	ctx context.Context, w rewrite, own *lease,
) (old []format.Digest, blocks []format.Block, lengthBytes uint64, err error) {
	for _, d := range w.old {
		env, err := r.engine.store.Encoding(ctx, d)
		if errors.Is(err, store.ErrNotFound) || errors.Is(err, store.ErrCorrupt) {
			continue
		}
		if err != nil {
			return nil, nil, 0, err
		}
		h, err := envelope.Parse(env)
		if err != nil {
			return nil, nil, 0, err
		}
		plain, err := h.Decode(nil)
		if err != nil {
			return nil, nil, 0, err
		}
		old = append(old, d)
		lengthBytes += uint64(len(env))
		for _, entry := range h.Entries {
			data := plain[entry.Offset:][:entry.Size:entry.Size]
			if (!w.repack || r.worth(entry.Digest)) && own.claim(entry.Digest) {
				blocks = append(blocks, format.Block{Codec: entry.Codec, Digest: entry.Digest, Data: data})
			}
		}
	}
	return old, blocks, lengthBytes, nil
}

// replaced deletes the encodings whose blocks are durable elsewhere, but for those that someone has come to rely on
// since, and returns how many it deleted.
func (e *Engine) replaced(ctx context.Context, old []format.Digest, own *lease) (uint64, error) {
	e.leases.sweep.Lock()
	defer e.leases.sweep.Unlock()
	var others []*lease
	for _, l := range e.leases.all() {
		if l != own {
			others = append(others, l)
		}
	}
	var batch store.Batch
	var n uint64
	for _, d := range old {
		enc, err := e.store.StatEncoding(ctx, d)
		if errors.Is(err, store.ErrNotFound) {
			continue
		}
		if err != nil {
			return 0, err
		}
		if !leased(enc, others) {
			batch.DeleteEncoding(d)
			n++
		}
	}
	if batch.Empty() {
		return 0, nil
	}
	return n, e.store.Apply(ctx, &batch, store.Lazy)
}

// settled remembers encodings that an effort does not make better. It is used by one pass of Reencode at a time.
type settled map[format.Digest]uint8 // a bit for each effort

func (s settled) has(d format.Digest, e compress.Effort) bool { return s[d]&(1<<e) != 0 }

func (s settled) add(e compress.Effort, digests ...format.Digest) {
	if len(s) >= maxSettled {
		clear(s)
	}
	for _, d := range digests {
		s[d] |= 1 << e
	}
}
