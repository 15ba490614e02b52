package s3store

import (
	"context"

	"github.com/ipdm-network/ipdm/sidecar/data/store"
)

// IterateEncodings implements store.Store.
func (s *Store) IterateEncodings(ctx context.Context, yield func(store.Encoding) error) error {
	leave, err := s.enter(ctx)
	if err != nil {
		return err
	}
	defer leave()
	return eachRecord(ctx, s.index.db, func(number uint64, r record) error {
		return yield(r.encoding(s.isDamaged(number)))
	})
}

// Meta implements store.Store.
func (s *Store) Meta(ctx context.Context, key []byte) ([]byte, error) {
	leave, err := s.enter(ctx)
	if err != nil {
		return nil, err
	}
	defer leave()
	return getFrom(s.index.db, metaKey(key))
}

// IterateMeta implements store.Store.
func (s *Store) IterateMeta(ctx context.Context, prefix []byte, yield func(key, value []byte) error) error {
	leave, err := s.enter(ctx)
	if err != nil {
		return err
	}
	defer leave()
	return eachKey(ctx, s.index.db, metaKey(prefix), func(key, value []byte) error { return yield(key[1:], value) })
}
