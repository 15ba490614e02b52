package tierstore

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/ipdm-network/ipdm/sdk/go/format"
	"github.com/ipdm-network/ipdm/sidecar/data/store"
)

// read looks in the hot tier and then in the cold one. The cold one answers with store.ErrNotFound for what is buried. What
// is in neither may have been deleted from one after it was stored in the other: a reader that finds nothing while something
// is deleted waits for that and looks again.
func read[T any](s *Store, hot, cold func() (T, error)) (T, error) {
	before, quiet := s.deletions.Load(), s.deleting.Load() == 0
	v, err := readOnce(hot, cold)
	if err == nil || !isAbsent(err) || quiet && s.deletions.Load() == before {
		return v, err
	}
	s.removal.Lock()
	defer s.removal.Unlock()
	return readOnce(hot, cold)
}

func readOnce[T any](hot, cold func() (T, error)) (T, error) {
	v, hotErr := hot()
	if hotErr == nil || !isAbsent(hotErr) {
		return v, hotErr
	}
	v, err := cold()
	if err != nil && isAbsent(err) && errors.Is(hotErr, store.ErrCorrupt) {
		err = hotErr
	}
	return v, err
}

// beginDeletion begins the deletion of encodings; the caller must run the function returned when readers can see it.
func (s *Store) beginDeletion() (end func()) {
	s.removal.RLock()
	s.deleting.Add(1)
	s.deletions.Add(1)
	return func() {
		s.deleting.Add(-1)
		s.removal.RUnlock()
	}
}

// isAbsent tells whether the other tier may know better.
func isAbsent(err error) bool {
	return errors.Is(err, store.ErrNotFound) || errors.Is(err, store.ErrCorrupt)
}

// locateCold tells whether encodings in the cold tier hold a block, and whether one of them is not buried.
func (s *Store) locateCold(ctx context.Context, block format.Digest) (there, sound bool, err error) {
	at, err := s.cold.Locate(ctx, block)
	return len(at) > 0, slices.ContainsFunc(at, func(d format.Digest) bool { return !s.isBuried(d) }), err
}

func notFound[T any](what string, d format.Digest) (T, error) {
	var zero T
	return zero, fmt.Errorf("failed to find %s %s: %w", what, d, store.ErrNotFound)
}

// fromCold reads about a block from the cold tier, unless all that holds it there is buried. Of a block that is not there
// cold tells best whether it is damaged.
func fromCold[T any](ctx context.Context, s *Store, block format.Digest, read func(context.Context, format.Digest) (T, error)) (T, error) {
	s.mu.Lock()
	buried := len(s.graves) > 0
	s.mu.Unlock()
	if !buried {
		return read(ctx, block)
	}
	var zero T
	there, sound, err := s.locateCold(ctx, block)
	if err != nil {
		return zero, err
	}
	if there && !sound {
		return notFound[T]("block", block)
	}
	v, err := read(ctx, block)
	if err != nil || there {
		return v, err
	}
	// It has come meanwhile, or is being deleted there: then it may be in memory for a moment longer than in the index.
	if _, sound, err = s.locateCold(ctx, block); err != nil {
		return zero, err
	}
	if !sound {
		return notFound[T]("block", block)
	}
	return v, nil
}

// Open implements store.Store.
func (s *Store) Open(ctx context.Context, block format.Digest) (format.Block, error) {
	leave, err := s.enter(ctx)
	if err != nil {
		return format.Block{}, err
	}
	defer leave()
	return read(s, func() (format.Block, error) {
		b, err := s.hot.Open(ctx, block)
		s.count(tierHot, err)
		if err == nil {
			s.history.Touch(block)
		}
		return b, err
	}, func() (format.Block, error) {
		b, err := fromCold(ctx, s, block, s.cold.Open)
		s.count(tierCold, err)
		if err == nil {
			s.history.Touch(block)
			s.wantBlock(ctx, block)
		}
		return b, err
	})
}

// Has implements store.Store.
func (s *Store) Has(ctx context.Context, block format.Digest) (bool, error) {
	leave, err := s.enter(ctx)
	if err != nil {
		return false, err
	}
	defer leave()
	_, err = read(s, func() (struct{}, error) {
		return has(ctx, block, s.hot.Has)
	}, func() (struct{}, error) {
		return fromCold(ctx, s, block, func(ctx context.Context, block format.Digest) (struct{}, error) {
			return has(ctx, block, s.cold.Has)
		})
	})
	if errors.Is(err, store.ErrNotFound) {
		return false, nil
	}
	return err == nil, err
}

// MayHave implements store.Store.
func (s *Store) MayHave(ctx context.Context, blocks []format.Digest) ([]bool, error) {
	leave, err := s.enter(ctx)
	if err != nil {
		return nil, err
	}
	defer leave()
	hot, err := s.hot.MayHave(ctx, blocks)
	if err != nil {
		return nil, err
	}
	cold, err := s.cold.MayHave(ctx, blocks)
	if err != nil {
		return nil, err
	}
	for i := range hot {
		hot[i] = hot[i] || cold[i]
	}
	return hot, nil
}

// has fails with store.ErrNotFound when there is no such block.
func has(ctx context.Context, block format.Digest, ask func(context.Context, format.Digest) (bool, error)) (struct{}, error) {
	ok, err := ask(ctx, block)
	if err == nil && !ok {
		err = store.ErrNotFound
	}
	return struct{}{}, err
}

// Stat implements store.Store.
func (s *Store) Stat(ctx context.Context, block format.Digest) (store.BlockInfo, error) {
	leave, err := s.enter(ctx)
	if err != nil {
		return store.BlockInfo{}, err
	}
	defer leave()
	return read(s, func() (store.BlockInfo, error) {
		return s.hot.Stat(ctx, block)
	}, func() (store.BlockInfo, error) {
		return fromCold(ctx, s, block, s.cold.Stat)
	})
}

// Locate implements store.Store. Encodings in the cold tier come first.
func (s *Store) Locate(ctx context.Context, block format.Digest) ([]format.Digest, error) {
	leave, err := s.enter(ctx)
	if err != nil {
		return nil, err
	}
	defer leave()
	var hot []format.Digest
	at, err := read(s, func() ([]format.Digest, error) {
		hot, err = s.hot.Locate(ctx, block)
		if err != nil {
			return nil, err
		}
		return nil, store.ErrNotFound
	}, func() ([]format.Digest, error) {
		// Asked last, so that what is moved there meanwhile is found.
		at, err := s.cold.Locate(ctx, block)
		if err != nil {
			return nil, err
		}
		at = slices.DeleteFunc(at, s.isBuried)
		for _, d := range hot {
			if !slices.Contains(at, d) {
				at = append(at, d)
			}
		}
		if len(at) == 0 {
			return nil, store.ErrNotFound
		}
		return at, nil
	})
	if errors.Is(err, store.ErrNotFound) {
		return nil, nil
	}
	return at, err
}

// Encoding implements store.Store.
func (s *Store) Encoding(ctx context.Context, encoding format.Digest) ([]byte, error) {
	leave, err := s.enter(ctx)
	if err != nil {
		return nil, err
	}
	defer leave()
	return read(s, func() ([]byte, error) {
		data, err := s.hot.Encoding(ctx, encoding)
		if err == nil {
			s.history.Touch(encoding)
		}
		return data, err
	}, func() ([]byte, error) {
		if s.isBuried(encoding) {
			return notFound[[]byte]("encoding", encoding)
		}
		data, err := s.cold.Encoding(ctx, encoding)
		if err == nil {
			s.history.Touch(encoding)
			s.want(encoding, s.history.Heat(encoding))
		}
		return data, err
	})
}

// StatEncoding implements store.Store. An encoding that is damaged in one tier only is not damaged.
func (s *Store) StatEncoding(ctx context.Context, encoding format.Digest) (store.Encoding, error) {
	leave, err := s.enter(ctx)
	if err != nil {
		return store.Encoding{}, err
	}
	defer leave()
	return s.statEncoding(ctx, encoding)
}

func (s *Store) statEncoding(ctx context.Context, encoding format.Digest) (store.Encoding, error) {
	return read(s, func() (store.Encoding, error) {
		e, err := s.hot.StatEncoding(ctx, encoding)
		if err != nil || !e.Damaged {
			return e, err
		}
		other, there, err := stat(ctx, s.cold, encoding)
		if there && !other.Damaged && !s.isBuried(encoding) {
			return other, nil
		}
		return e, err
	}, func() (store.Encoding, error) {
		if s.isBuried(encoding) {
			return notFound[store.Encoding]("encoding", encoding)
		}
		return s.cold.StatEncoding(ctx, encoding)
	})
}
