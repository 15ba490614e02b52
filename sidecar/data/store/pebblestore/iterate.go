package pebblestore

import (
	"context"
	"encoding/binary"
	"errors"

	"github.com/ipdm-network/ipdm/sidecar/data/store"
	"github.com/ipdm-network/ipdm/sidecar/data/store/internal/keyrange"
)

// each calls yield for every index key that begins with prefix. The slices are valid during the call.
func (s *Store) each(ctx context.Context, prefix []byte, yield func(key, value []byte) error) error {
	return s.between(ctx, prefix, keyrange.After(prefix), yield)
}

// between does the same for every index key from first on and before end.
func (s *Store) between(ctx context.Context, first, end []byte, yield func(key, value []byte) error) error {
	return keyrange.Each(ctx, s.db, first, end, readError, yield)
}

// eachRecord calls yield for every record from a number on, by rising number.
func (s *Store) eachRecord(ctx context.Context, from uint64, yield func(number uint64, r record) error) error {
	return s.between(ctx, recordKey(from), []byte{spaceRecord + 1}, func(key, value []byte) error {
		r, err := decodeRecord(value)
		if err == nil && len(key) != 9 {
			err = errRecord
		}
		if err != nil {
			return readError("read the index", err)
		}
		return yield(binary.BigEndian.Uint64(key[1:]), r)
	})
}

// IterateEncodings implements store.Store.
func (s *Store) IterateEncodings(ctx context.Context, yield func(store.Encoding) error) error {
	leave, err := s.enter(ctx)
	if err != nil {
		return err
	}
	defer leave()
	return s.eachRecord(ctx, 0, func(number uint64, r record) error {
		e, err := s.describe(number, r)
		if errors.Is(err, store.ErrNotFound) {
			return nil
		}
		if err != nil {
			return err
		}
		return yield(e)
	})
}

// Meta implements store.Store.
func (s *Store) Meta(ctx context.Context, key []byte) ([]byte, error) {
	leave, err := s.enter(ctx)
	if err != nil {
		return nil, err
	}
	defer leave()
	value, err := s.get(metaKey(key))
	if err != nil {
		return nil, readError("read metadata", err)
	}
	return value, nil
}

// IterateMeta implements store.Store.
func (s *Store) IterateMeta(ctx context.Context, prefix []byte, yield func(key, value []byte) error) error {
	leave, err := s.enter(ctx)
	if err != nil {
		return err
	}
	defer leave()
	return s.each(ctx, metaKey(prefix), func(key, value []byte) error { return yield(key[1:], value) })
}
