package pebblestore

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"strconv"

	"github.com/cockroachdb/pebble/v2"

	"github.com/ipdm-network/ipdm/sdk/go/format"
	"github.com/ipdm-network/ipdm/sdk/go/format/envelope"
	"github.com/ipdm-network/ipdm/sidecar/data/store"
	"github.com/ipdm-network/ipdm/sidecar/data/store/internal/decoded"
)

// relocations is how often a read is tried again because the envelope was moved or replaced meanwhile.
const relocations = 4

// get returns a copy of an index value.
func (s *Store) get(key []byte) ([]byte, error) {
	value, closer, err := s.db.Get(key)
	if err != nil {
		return nil, err
	}
	value = append([]byte(nil), value...)
	if err := closer.Close(); err != nil {
		return nil, err
	}
	return value, nil
}

// record returns the record with the given number.
func (s *Store) record(number uint64) (record, error) {
	value, closer, err := s.db.Get(recordKey(number))
	if err != nil {
		return record{}, readError("read the index", err)
	}
	r, err := decodeRecord(value)
	if err := errors.Join(err, closer.Close()); err != nil {
		return record{}, readError("read the index", err)
	}
	return r, nil
}

// find returns the record of an encoding and its number.
func (s *Store) find(d format.Digest) (uint64, record, error) {
	value, err := s.get(encodingKey(d))
	if err != nil {
		return 0, record{}, readError("look up encoding", err)
	}
	if len(value) != 8 {
		return 0, record{}, readError("look up encoding", errRecord)
	}
	number := binary.BigEndian.Uint64(value)
	r, err := s.record(number)
	return number, r, err
}

func (s *Store) isDamaged(number uint64) bool {
	s.mu.RLock()
	defer s.mu.RUnlock()
	_, bad := s.damaged[number]
	return bad
}

// readVerified returns the envelope a record names. When what lies there is not that envelope, although the record
// still holds, the encoding is marked damaged and the error wraps store.ErrCorrupt.
func (s *Store) readVerified(number uint64, r record) ([]byte, error) {
	data, err := s.files.read(r)
	if err == nil && format.Sum(data) != r.digest {
		err = fmt.Errorf("%w: digest differs", store.ErrCorrupt)
	}
	if err == nil {
		return data, nil
	}
	return nil, s.blame(number, r, err)
}

// blame decides what a failed read of a record means, and marks the encoding if it is damaged.
func (s *Store) blame(number uint64, r record, cause error) error {
	if !isDamage(cause) {
		return cause
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	// With mu held no commit is published, and no segment that a present record names is removed.
	now, err := s.record(number)
	switch {
	case errors.Is(err, store.ErrNotFound) || err == nil && !now.at(r):
		return errMoved
	case err != nil:
		return err
	}
	if _, known := s.damaged[number]; !known {
		s.damaged[number] = struct{}{}
		s.opts.Logger.Error("an encoding is damaged", "encoding", r.digest, "segment", segmentName(r.segment),
			"offset", r.offset, "error", cause)
	}
	return fmt.Errorf("%w: encoding %s: %w", store.ErrCorrupt, r.digest, cause)
}

// errMoved reports that the envelope is elsewhere or gone by now.
var errMoved = errors.New("encoding was moved while it was read")

// Encoding implements store.Store.
func (s *Store) Encoding(ctx context.Context, encoding format.Digest) ([]byte, error) {
	leave, err := s.enter(ctx)
	if err != nil {
		return nil, err
	}
	defer leave()
	for range relocations {
		number, r, err := s.find(encoding)
		if err != nil {
			return nil, err
		}
		data, err := s.readVerified(number, r)
		if !errors.Is(err, errMoved) {
			return data, err
		}
	}
	return nil, fmt.Errorf("failed to read encoding %s: %w", encoding, errMoved)
}

// StatEncoding implements store.Store.
func (s *Store) StatEncoding(ctx context.Context, encoding format.Digest) (store.Encoding, error) {
	leave, err := s.enter(ctx)
	if err != nil {
		return store.Encoding{}, err
	}
	defer leave()
	number, r, err := s.find(encoding)
	if err != nil {
		return store.Encoding{}, err
	}
	return r.encoding(s.isDamaged(number)), nil
}

// copies calls yield for every copy of a block, oldest first, until it returns false.
func (s *Store) copies(ctx context.Context, block format.Digest, yield func(number uint64, v blockValue) bool) error {
	prefix := blockPrefix(block)
	it, err := s.db.NewIterWithContext(ctx, &pebble.IterOptions{})
	if err != nil {
		return readError("look up block", err)
	}
	for ok := it.SeekPrefixGE(prefix); ok; ok = it.Next() {
		key := it.Key()
		v, err := decodeBlockValue(it.Value())
		if err != nil || len(key) != blockKeySize {
			return errors.Join(readError("look up block", errRecord), it.Close())
		}
		if !yield(binary.BigEndian.Uint64(key[blockPrefixSize:]), v) {
			break
		}
	}
	if err := it.Close(); err != nil {
		return readError("look up block", err)
	}
	return nil
}

// Has implements store.Store.
func (s *Store) Has(ctx context.Context, block format.Digest) (bool, error) {
	leave, err := s.enter(ctx)
	if err != nil {
		return false, err
	}
	defer leave()
	found := false
	err = s.copies(ctx, block, func(number uint64, _ blockValue) bool {
		found = !s.isDamaged(number)
		return !found
	})
	return found, err
}

// Stat implements store.Store.
func (s *Store) Stat(ctx context.Context, block format.Digest) (store.BlockInfo, error) {
	leave, err := s.enter(ctx)
	if err != nil {
		return store.BlockInfo{}, err
	}
	defer leave()
	var info store.BlockInfo
	found := false
	err = s.copies(ctx, block, func(number uint64, v blockValue) bool {
		if s.isDamaged(number) {
			return true
		}
		found, info = true, store.BlockInfo{Codec: v.codec, SizeBytes: v.size}
		return false
	})
	if err == nil && !found {
		err = fmt.Errorf("failed to stat block %s: %w", block, store.ErrNotFound)
	}
	return info, err
}

// Locate implements store.Store.
func (s *Store) Locate(ctx context.Context, block format.Digest) ([]format.Digest, error) {
	leave, err := s.enter(ctx)
	if err != nil {
		return nil, err
	}
	defer leave()
	var numbers []uint64
	err = s.copies(ctx, block, func(number uint64, _ blockValue) bool {
		if !s.isDamaged(number) {
			numbers = append(numbers, number)
		}
		return true
	})
	if err != nil {
		return nil, err
	}
	var digests []format.Digest
	for _, number := range numbers {
		d, err := s.digestOf(number)
		if errors.Is(err, store.ErrNotFound) {
			continue
		}
		if err != nil {
			return nil, err
		}
		digests = append(digests, d)
	}
	return digests, nil
}

// digestOf returns the digest of the encoding with the given number without decoding its table.
func (s *Store) digestOf(number uint64) (format.Digest, error) {
	value, closer, err := s.db.Get(recordKey(number))
	if err != nil {
		return format.Digest{}, readError("read the index", err)
	}
	var d format.Digest
	if len(value) < recordHeaderSize {
		err = errRecord
	} else {
		d = format.Digest(value[22 : 22+format.DigestSize])
	}
	if err := errors.Join(err, closer.Close()); err != nil {
		return format.Digest{}, readError("read the index", err)
	}
	return d, nil
}

// Open implements store.Store.
func (s *Store) Open(ctx context.Context, block format.Digest) (format.Block, error) {
	leave, err := s.enter(ctx)
	if err != nil {
		return format.Block{}, err
	}
	defer leave()
	for range relocations {
		b, err := s.open(ctx, block)
		if !errors.Is(err, errMoved) {
			return b, err
		}
	}
	return format.Block{}, fmt.Errorf("failed to open block %s: %w", block, errMoved)
}

func (s *Store) open(ctx context.Context, block format.Digest) (format.Block, error) {
	type place struct {
		number uint64
		v      blockValue
	}
	var places []place
	err := s.copies(ctx, block, func(number uint64, v blockValue) bool {
		places = append(places, place{number, v})
		return true
	})
	if err != nil {
		return format.Block{}, err
	}
	err = fmt.Errorf("failed to open block %s: %w", block, store.ErrNotFound)
	for _, p := range places {
		var data []byte
		data, err = s.plain(p.number, p.v)
		if err == nil {
			return format.Block{Codec: p.v.codec, Digest: block, Data: data}, nil
		}
		if !errors.Is(err, store.ErrCorrupt) {
			return format.Block{}, err
		}
	}
	return format.Block{}, err
}

// plain returns a block out of an encoding.
func (s *Store) plain(number uint64, v blockValue) ([]byte, error) {
	if d, ok := s.decoded.Get(number); ok {
		return d.Block(v.index)
	}
	loaded, err, _ := s.loading.Do(strconv.FormatUint(number, 16), func() (any, error) { return s.decode(number) })
	if err != nil {
		return nil, err
	}
	return loaded.(*decoded.Encoding).Block(v.index)
}

// decode reads and decodes an encoding, every digest verified, and keeps the result if it is worth it.
func (s *Store) decode(number uint64) (*decoded.Encoding, error) {
	r, err := s.record(number)
	if errors.Is(err, store.ErrNotFound) {
		return nil, errMoved
	}
	if err != nil {
		return nil, err
	}
	data, err := s.files.read(r)
	var h *envelope.Header
	if err == nil {
		if h, err = envelope.Parse(data); err != nil {
			err = fmt.Errorf("%w: %w", store.ErrCorrupt, err)
		}
	}
	var plain []byte
	if err == nil {
		if plain, err = h.Decode(nil); err != nil {
			err = fmt.Errorf("%w: %w", store.ErrCorrupt, err)
		}
	}
	if err == nil && !sameEntries(h.Entries, r.entries) {
		err = fmt.Errorf("%w: another encoding lies in its place", store.ErrCorrupt)
	}
	if err != nil {
		return nil, s.blame(number, r, err)
	}
	d := &decoded.Encoding{Plain: plain, Entries: h.Entries}
	s.decoded.Add(number, d)
	return d, nil
}

func sameEntries(a, b []envelope.Entry) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i] != b[i] {
			return false
		}
	}
	return true
}
