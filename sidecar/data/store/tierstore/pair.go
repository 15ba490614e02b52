package tierstore

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"

	"github.com/ipdm-network/ipdm/sdk/go/format"
	"github.com/ipdm-network/ipdm/sidecar/data/store"
)

// ErrPair reports two stores that are not the tiers of one: the cold one is another's, or empty although there was one.
var ErrPair = errors.New("the two tiers do not belong together")

// idBytes is the length of an id.
const idBytes = 16

// Paired tells whether hot has a cold tier: without that it lacks a part of its content.
func Paired(ctx context.Context, hot store.Store) (bool, error) {
	id, err := idOf(ctx, hot)
	return id != nil, err
}

// idOf returns the id of a tier, nil if it has none.
func idOf(ctx context.Context, s store.Store) ([]byte, error) {
	id, err := s.Meta(ctx, []byte(idKey))
	if errors.Is(err, store.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("failed to read the id of a tier: %w", err)
	}
	return id, nil
}

func setID(ctx context.Context, s store.Store, id []byte) error {
	var b store.Batch
	if err := b.SetMeta([]byte(idKey), id); err != nil {
		return err
	}
	if err := s.Apply(ctx, &b, store.Durable); err != nil {
		return fmt.Errorf("failed to write the id of a tier: %w", err)
	}
	return nil
}

// pair checks that the two stores are a pair, and makes new ones one. It fails with ErrPair.
func pair(ctx context.Context, hot, cold store.Store) error {
	id, err := idOf(ctx, hot)
	if err != nil {
		return err
	}
	coldID, err := idOf(ctx, cold)
	if err != nil {
		return err
	}
	if id != nil && bytes.Equal(id, coldID) {
		return nil
	}
	stats, err := cold.Stats(ctx)
	switch {
	case err != nil:
		return fmt.Errorf("failed to look into the cold tier: %w", err)
	case id != nil && coldID == nil && stats.Encodings == 0:
		return fmt.Errorf("%w: the cold tier is empty, and was not when it was last used", ErrPair)
	case id != nil || stats.Encodings > 0:
		return fmt.Errorf("%w: the cold tier is that of another store", ErrPair)
	}
	return join(ctx, hot, cold, nil, coldID)
}

// join gives both tiers an id: that of hot if it has one, else that of cold, else a new one. The cold tier gets it first:
// a crash in between leaves a cold tier that is empty, which any store may take.
func join(ctx context.Context, hot, cold store.Store, id, coldID []byte) error {
	switch {
	case id != nil:
	case coldID != nil:
		id = coldID
	default:
		id = make([]byte, idBytes)
		_, _ = rand.Read(id)
	}
	if err := setID(ctx, cold, id); err != nil {
		return err
	}
	return setID(ctx, hot, id)
}

// Rejoin makes two stores a pair again after one of them was lost, or its index was made anew: whatever is in cold counts
// as stored, but for what hot knows to be deleted. It tells whether they were no pair before. They must not be in use as
// tiers. It fails with ErrPair when each is a part of another pair.
func Rejoin(ctx context.Context, hot, cold store.Store) (changed bool, err error) {
	id, err := idOf(ctx, hot)
	if err != nil {
		return false, err
	}
	coldID, err := idOf(ctx, cold)
	if err != nil {
		return false, err
	}
	if id != nil && coldID != nil && !bytes.Equal(id, coldID) {
		return false, fmt.Errorf("%w: the cold tier is that of another store", ErrPair)
	}
	if changed = id == nil || !bytes.Equal(id, coldID); changed {
		if err := join(ctx, hot, cold, id, coldID); err != nil {
			return false, err
		}
	}
	var b store.Batch
	write := func(least int) error {
		if len(b.Ops()) < least {
			return nil
		}
		defer b.Reset()
		return hot.Apply(ctx, &b, store.Durable)
	}
	err = hot.IterateEncodings(ctx, func(e store.Encoding) error {
		_, both, err := stat(ctx, cold, e.Digest)
		if err != nil || !both {
			return err
		}
		if err := b.SetMeta(copyKey(e.Digest), nil); err != nil {
			return err
		}
		return write(1000)
	})
	if err == nil {
		err = write(1)
	}
	if err != nil {
		return false, fmt.Errorf("failed to compare the tiers: %w", err)
	}
	return changed, nil
}

// load reads the records, and drops those that mean nothing any more. The caller is alone.
func (s *Store) load(ctx context.Context) error {
	var stale store.Batch
	for prefix, known := range map[string]map[format.Digest]size{copyPrefix: s.copies, gravePrefix: s.graves} {
		err := records(ctx, s.hot, prefix, func(d format.Digest) error {
			e, there, err := stat(ctx, s.cold, d)
			if err != nil {
				return err
			}
			if there && prefix == copyPrefix {
				_, there, err = stat(ctx, s.hot, d)
			}
			if err != nil || !there {
				return errors.Join(err, stale.DeleteMeta(append([]byte(prefix), d[:]...)))
			}
			known[d] = sizeOf(e)
			s.hidden = s.hidden.plus(sizeOf(e))
			return nil
		})
		if err != nil {
			return fmt.Errorf("failed to read the records of the tiers: %w", err)
		}
	}
	if !stale.Empty() {
		if err := s.hot.Apply(ctx, &stale, store.Lazy); err != nil {
			return fmt.Errorf("failed to tidy the records of the tiers: %w", err)
		}
	}
	return s.recount(ctx)
}
