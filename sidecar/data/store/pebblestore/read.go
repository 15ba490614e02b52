package pebblestore

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"strconv"

	"github.com/ipdm-network/ipdm/sdk/go/format"
	"github.com/ipdm-network/ipdm/sdk/go/format/envelope"
	"github.com/ipdm-network/ipdm/sidecar/data/store"
	"github.com/ipdm-network/ipdm/sidecar/data/store/internal/decoded"
	"github.com/ipdm-network/ipdm/sidecar/data/store/pebblestore/blockindex"
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

// errNoRecord is errMoved of an encoding that is not there: any more, or not yet.
var errNoRecord = fmt.Errorf("%w and has no record", errMoved)

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
	return s.describe(number, r)
}

// describe describes an encoding by its record. One that is damaged may be without its blocks. It fails with
// store.ErrNotFound when the encoding is gone by now.
func (s *Store) describe(number uint64, r record) (store.Encoding, error) {
	for range relocations {
		entries, err := s.entries(number, r)
		if errors.Is(err, errMoved) {
			if r, err = s.record(number); err != nil {
				return store.Encoding{}, err
			}
			continue
		}
		if err != nil && !errors.Is(err, store.ErrCorrupt) {
			return store.Encoding{}, err
		}
		return store.Encoding{
			Digest: r.digest, LengthBytes: r.length, PlainBytes: r.plain, Algorithm: r.alg, Entries: entries,
			Damaged: s.isDamaged(number),
		}, nil
	}
	return store.Encoding{}, fmt.Errorf("failed to describe encoding %s: %w", r.digest, errMoved)
}

// entries returns the blocks of an encoding. It fails with store.ErrCorrupt, and marks the encoding damaged, when they
// cannot be told.
func (s *Store) entries(number uint64, r record) ([]envelope.Entry, error) {
	if r.entries != nil {
		return r.entries, nil
	}
	entries, err := s.files.table(r)
	if err != nil {
		return nil, s.blame(number, r, err)
	}
	return entries, nil
}

// copies calls yield for every copy of a block, oldest first, until it returns false.
func (s *Store) copies(ctx context.Context, block format.Digest, yield func(blockindex.Entry) bool) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	err := s.blocks.Find(block, func(e blockindex.Entry) bool { return !s.live.has(e.Encoding) || yield(e) })
	if err != nil {
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
	err = s.copies(ctx, block, func(e blockindex.Entry) bool {
		found = !s.isDamaged(e.Encoding)
		return !found
	})
	return found, err
}

// MayHave implements store.Store.
func (s *Store) MayHave(ctx context.Context, blocks []format.Digest) ([]bool, error) {
	leave, err := s.enter(ctx)
	if err != nil {
		return nil, err
	}
	defer leave()
	may := make([]bool, len(blocks))
	s.blocks.MayHave(blocks, may)
	return may, nil
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
	err = s.copies(ctx, block, func(e blockindex.Entry) bool {
		if s.isDamaged(e.Encoding) {
			return true
		}
		found, info = true, store.BlockInfo{Codec: e.Codec, SizeBytes: e.Size}
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
	err = s.copies(ctx, block, func(e blockindex.Entry) bool {
		if !s.isDamaged(e.Encoding) {
			numbers = append(numbers, e.Encoding)
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
	if b, ok := s.decoded.Block(&block); ok && !s.gate.Closed() {
		return b, ctx.Err()
	}
	leave, err := s.enter(ctx)
	if err != nil {
		return format.Block{}, err
	}
	defer leave()
	for range relocations {
		var b format.Block
		b, err = s.open(ctx, block)
		if !errors.Is(err, errMoved) {
			return b, err
		}
	}
	if errors.Is(err, errNoRecord) {
		err = store.ErrNotFound // on its way in, or just deleted
	}
	return format.Block{}, fmt.Errorf("failed to open block %s: %w", block, err)
}

func (s *Store) open(ctx context.Context, block format.Digest) (format.Block, error) {
	var places []blockindex.Entry
	err := s.copies(ctx, block, func(e blockindex.Entry) bool {
		places = append(places, e)
		return true
	})
	if err != nil {
		return format.Block{}, err
	}
	err = fmt.Errorf("failed to open block %s: %w", block, store.ErrNotFound)
	for _, p := range places {
		var b format.Block
		if b, err = s.plain(p); err == nil {
			return b, nil
		}
		if !errors.Is(err, store.ErrCorrupt) {
			return format.Block{}, err
		}
	}
	return format.Block{}, err
}

// plain returns a block out of an encoding.
func (s *Store) plain(e blockindex.Entry) (format.Block, error) {
	if d, ok := s.decoded.Get(e.Encoding, int(e.Position)); ok {
		return d.Block(int(e.Position), e.Block)
	}
	loaded, err, _ := s.loading.Do(strconv.FormatUint(e.Encoding, 16), func() (any, error) { return s.decode(e.Encoding) })
	if err != nil {
		return format.Block{}, err
	}
	return loaded.(*decoded.Encoding).Block(int(e.Position), e.Block)
}

// decode reads and decodes an encoding, every digest verified, and keeps the result if it is worth it.
func (s *Store) decode(number uint64) (*decoded.Encoding, error) {
	r, err := s.record(number)
	if errors.Is(err, store.ErrNotFound) {
		return nil, errNoRecord
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
	if err == nil && (len(h.Entries) != r.count || r.entries != nil && !slices.Equal(h.Entries, r.entries)) {
		err = fmt.Errorf("%w: another encoding lies in its place", store.ErrCorrupt)
	}
	if err != nil {
		return nil, s.blame(number, r, err)
	}
	d := &decoded.Encoding{Number: number, Plain: plain, Entries: h.Entries}
	s.decoded.Add(d)
	if !s.live.has(number) {
		s.decoded.Remove(number) // deleted before it was added, so nothing else takes it out
	}
	return d, nil
}
