package data

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/ipfs/go-cid"
	"golang.org/x/sync/errgroup"

	"github.com/ipdm-network/ipdm/sdk/go/format"
	"github.com/ipdm-network/ipdm/sdk/go/format/envelope"
	"github.com/ipdm-network/ipdm/sdk/go/format/layout"
	"github.com/ipdm-network/ipdm/sidecar/data/store"
)

const (
	// healTimeout bounds the time in which the network must give what one encoding takes.
	healTimeout = 2 * time.Minute
	// healCalls is how many blocks of one encoding are waited for at once.
	healCalls = 64
)

// HealDamaged tries to heal every encoding that is known to be damaged, found by whatever read it. It returns how many
// it healed and how many are left. That something is not to be had is no error.
//
// If the blocks have other copies, a damaged encoding is dropped; else it is fetched from other nodes, or its blocks are.
// An encoding that a held layout names is brought back exactly as it was, or left.
func (e *Engine) HealDamaged(ctx context.Context) (healed, left int, err error) {
	if _, err := e.ScrubState(ctx); err != nil {
		return 0, 0, err
	}
	var damaged []format.Digest
	err = e.store.IterateEncodings(ctx, func(enc store.Encoding) error {
		if enc.Damaged {
			damaged = append(damaged, enc.Digest)
		}
		return nil
	})
	if err != nil {
		return 0, 0, fmt.Errorf("failed to look for damage: %w", err)
	}
	for i, d := range damaged {
		ok, err := e.heal(ctx, d)
		if err != nil {
			return healed, len(damaged) - i, err
		}
		if ok {
			healed++
		} else {
			left++
		}
	}
	if healed > 0 {
		err = e.saveScrub(ctx)
	}
	return healed, left, err
}

// heal heals one encoding and tells whether it did, or whether it is gone or was healed by someone else.
func (e *Engine) heal(ctx context.Context, d format.Digest) (bool, error) {
	e.scrub.healing.Lock()
	defer e.scrub.healing.Unlock()
	enc, err := e.store.StatEncoding(ctx, d)
	if errors.Is(err, store.ErrNotFound) || err == nil && !enc.Damaged {
		return true, nil
	}
	if err != nil {
		return false, err
	}
	within, cancel := context.WithTimeout(ctx, healTimeout)
	defer cancel()
	err = e.replace(within, enc)
	switch {
	case ctx.Err() != nil:
		return false, ctx.Err()
	case errors.Is(err, store.ErrFailed) || errors.Is(err, store.ErrClosed):
		return false, err
	case err != nil:
		e.log.Warn("an encoding stays damaged for now", "encoding", format.EncodingCID(d), "blocks", len(enc.Entries), "error", err)
		return false, nil
	}
	e.changeScrub(func(st *ScrubState) { st.Healed++ })
	e.log.Info("healed a damaged encoding", "encoding", format.EncodingCID(d), "blocks", len(enc.Entries))
	return true, nil
}

// replace puts something sound in the place of a damaged encoding.
func (e *Engine) replace(ctx context.Context, enc store.Encoding) error {
	le := e.leases.begin()
	defer le.end()
	le.claim(enc.Digest)
	for _, entry := range enc.Entries {
		le.claim(entry.Digest)
	}
	kept, err := e.keptByLayout(ctx, enc.Digest)
	if err != nil {
		return err
	}
	if !kept {
		if done, err := e.dropIfCopied(ctx, enc); done || err != nil {
			return err
		}
	}
	err = e.refetch(ctx, enc.Digest)
	if err == nil || ctx.Err() != nil || errors.Is(err, store.ErrFull) || errors.Is(err, store.ErrFailed) {
		return err
	}
	blocks, err := e.gather(ctx, enc)
	if err != nil {
		return err
	}
	if again, ok := encodeAgain(enc, blocks); ok {
		return e.putEncoding(ctx, again)
	}
	if kept {
		return fmt.Errorf("%w: nobody has the encoding that a held layout names", ErrMissing)
	}
	done, err := e.dropIfCopied(ctx, enc)
	if err == nil && !done {
		err = fmt.Errorf("%w: blocks were fetched and could not be kept", store.ErrFull)
	}
	return err
}

// keptByLayout tells whether a held layout names an encoding; one that cannot be read might.
func (e *Engine) keptByLayout(ctx context.Context, d format.Digest) (bool, error) {
	err := e.eachLayout(ctx, func(l format.Digest, _ *layout.Header) error {
		held, err := e.held(ctx, l)
		if err != nil || !held {
			return err
		}
		r, err := layout.Open(ctx, format.CBORCID(l), e.local)
		if err != nil {
			return unreadable(err)
		}
		for enc, err := range r.Encodings(ctx) {
			if err != nil {
				return unreadable(err)
			}
			if enc.Digest == d {
				return errEnough
			}
		}
		return nil
	})
	if errors.Is(err, errEnough) || errors.Is(err, ErrMissing) {
		return true, nil
	}
	return false, err
}

// dropIfCopied deletes an encoding if each of its blocks can be read from another one.
func (e *Engine) dropIfCopied(ctx context.Context, enc store.Encoding) (bool, error) {
	for _, entry := range enc.Entries {
		if ok, err := e.readable(ctx, entry.Digest); err != nil || !ok {
			return false, err
		}
	}
	var batch store.Batch
	batch.DeleteEncoding(enc.Digest)
	return true, e.store.Apply(ctx, &batch, store.Durable)
}

// refetch gets the very same encoding from other nodes.
func (e *Engine) refetch(ctx context.Context, d format.Digest) error {
	if e.fetcher == nil {
		return fmt.Errorf("%w: there is no network", ErrMissing)
	}
	var got *store.Checked
	err := e.fetcher.Fetch(ctx, []cid.Cid{format.EncodingCID(d)}, func(_ cid.Cid, data []byte) error {
		checked, err := store.Check(data)
		if err != nil || checked.Digest() != d {
			return fmt.Errorf("%w: what was sent as encoding %s is something else", ErrMismatch, d)
		}
		got = &checked
		return nil
	})
	if err == nil && got == nil {
		err = ErrMissing
	}
	if err != nil {
		return fmt.Errorf("failed to fetch encoding %s: %w", d, err)
	}
	return e.putEncoding(ctx, *got)
}

func (e *Engine) putEncoding(ctx context.Context, enc store.Checked) error {
	var batch store.Batch
	batch.PutEncoding(enc)
	return e.store.Apply(ctx, &batch, store.Durable)
}

// gather returns the blocks of an encoding, from other copies or from other nodes; what is fetched is stored.
func (e *Engine) gather(ctx context.Context, enc store.Encoding) (_ []format.Block, err error) {
	src := e.newSource(ctx, cid.Undef, e.fetcher)
	defer func() { err = errors.Join(err, src.close()) }()
	blocks := make([]format.Block, len(enc.Entries))
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(healCalls)
	for i, entry := range enc.Entries {
		g.Go(func() error {
			data, err := src.get(ctx, format.BlockCID(entry.Codec, entry.Digest))
			blocks[i] = format.Block{Codec: entry.Codec, Digest: entry.Digest, Data: data}
			return err
		})
	}
	return blocks, g.Wait()
}

// encodeAgain tries to make an encoding anew from its blocks, with whatever parameters its algorithm has.
func encodeAgain(enc store.Encoding, blocks []format.Block) (store.Checked, bool) {
	params := envelope.LevelBest + 1
	if enc.Algorithm == envelope.Bitpack {
		params = 1 << 8
	}
	for p := range params {
		again, err := store.Encode(enc.Algorithm, p, blocks)
		if err == nil && again.Digest() == enc.Digest {
			return again, true
		}
	}
	return store.Checked{}, false
}
