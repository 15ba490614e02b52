package s3store

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"

	"golang.org/x/sync/singleflight"

	"github.com/ipdm-network/ipdm/sdk/go/format"
	"github.com/ipdm-network/ipdm/sdk/go/format/envelope"
	"github.com/ipdm-network/ipdm/sidecar/data/store"
	"github.com/ipdm-network/ipdm/sidecar/data/store/internal/decoded"
)

// relocations is how often a read is tried again because the envelope was moved or replaced meanwhile.
const relocations = 4

// errMoved reports that the envelope is elsewhere or gone by now.
var errMoved = errors.New("encoding was moved while it was read")

func (s *Store) isDamaged(number uint64) bool {
	s.mu.RLock()
	defer s.mu.RUnlock()
	_, bad := s.damaged[number]
	return bad
}

// envelope returns the bytes a record names, unverified.
func (s *Store) envelope(ctx context.Context, r record) ([]byte, error) {
	if data, ok := s.buffered(r); ok {
		return data, nil
	}
	return s.bucket.getRange(ctx, segmentKey(r.segment), r.offset, r.length)
}

// readVerified returns the envelope a record names. When what lies there is not that envelope, although the record
// still holds, the encoding is marked damaged and the error wraps store.ErrCorrupt.
func (s *Store) readVerified(ctx context.Context, number uint64, r record) ([]byte, error) {
	data, err := s.envelope(ctx, r)
	if err == nil && format.Sum(data) != r.digest {
		err = fmt.Errorf("%w: digest differs", store.ErrCorrupt)
	}
	if err != nil {
		return nil, s.blame(number, r, err)
	}
	return data, nil
}

// blame decides what a failed read of a record means, and marks the encoding if it is damaged.
func (s *Store) blame(number uint64, r record, cause error) error {
	if !isDamage(cause) {
		return cause
	}
	now, err := recordOf(s.index.db, number)
	switch {
	case errors.Is(err, store.ErrNotFound) || err == nil && !now.at(r):
		return errMoved
	case err != nil:
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, known := s.damaged[number]; !known {
		s.damaged[number] = struct{}{}
		s.opts.Logger.Error("an encoding is damaged", "encoding", r.digest, "object", segmentKey(r.segment), "offset", r.offset, "error", cause)
	}
	return fmt.Errorf("%w: encoding %s: %w", store.ErrCorrupt, r.digest, cause)
}

// Encoding implements store.Store.
func (s *Store) Encoding(ctx context.Context, encoding format.Digest) ([]byte, error) {
	leave, err := s.enter(ctx)
	if err != nil {
		return nil, err
	}
	defer leave()
	for range relocations {
		number, r, err := find(s.index.db, encoding)
		if err != nil {
			return nil, err
		}
		data, err := s.readVerified(ctx, number, r)
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
	number, r, err := find(s.index.db, encoding)
	if err != nil {
		return store.Encoding{}, err
	}
	return r.encoding(s.isDamaged(number)), nil
}

// soundCopies returns the copies of a block that are not known to be damaged, oldest first.
func (s *Store) soundCopies(ctx context.Context, block format.Digest) ([]blockCopy, error) {
	leave, err := s.enter(ctx)
	if err != nil {
		return nil, err
	}
	defer leave()
	copies, err := copiesOf(s.index.db, block)
	return slices.DeleteFunc(copies, func(c blockCopy) bool { return s.isDamaged(c.number) }), err
}

// Has implements store.Store.
func (s *Store) Has(ctx context.Context, block format.Digest) (bool, error) {
	copies, err := s.soundCopies(ctx, block)
	return len(copies) > 0, err
}

// MayHave implements store.Store.
func (s *Store) MayHave(ctx context.Context, blocks []format.Digest) (may []bool, err error) {
	may = make([]bool, len(blocks))
	for i, block := range blocks {
		if may[i], err = s.Has(ctx, block); err != nil {
			return nil, err
		}
	}
	return may, nil
}

// Stat implements store.Store.
func (s *Store) Stat(ctx context.Context, block format.Digest) (store.BlockInfo, error) {
	copies, err := s.soundCopies(ctx, block)
	if err != nil {
		return store.BlockInfo{}, err
	}
	if len(copies) == 0 {
		return store.BlockInfo{}, fmt.Errorf("failed to stat block %s: %w", block, store.ErrNotFound)
	}
	return store.BlockInfo{Codec: copies[0].codec, SizeBytes: copies[0].size}, nil
}

// Locate implements store.Store.
func (s *Store) Locate(ctx context.Context, block format.Digest) ([]format.Digest, error) {
	leave, err := s.enter(ctx)
	if err != nil {
		return nil, err
	}
	defer leave()
	copies, err := s.soundCopies(ctx, block)
	if err != nil {
		return nil, err
	}
	var digests []format.Digest
	for _, c := range copies {
		r, err := recordOf(s.index.db, c.number)
		if errors.Is(err, store.ErrNotFound) {
			continue
		}
		if err != nil {
			return nil, err
		}
		digests = append(digests, r.digest)
	}
	return digests, nil
}

// Open implements store.Store.
func (s *Store) Open(ctx context.Context, block format.Digest) (format.Block, error) {
	leave, err := s.enter(ctx)
	if err != nil {
		return format.Block{}, err
	}
	defer leave()
	for range relocations {
		b, err := s.openBlock(ctx, block)
		if !errors.Is(err, errMoved) {
			return b, err
		}
	}
	return format.Block{}, fmt.Errorf("failed to open block %s: %w", block, errMoved)
}

func (s *Store) openBlock(ctx context.Context, block format.Digest) (format.Block, error) {
	copies, err := copiesOf(s.index.db, block)
	if err != nil {
		return format.Block{}, err
	}
	err = fmt.Errorf("failed to open block %s: %w", block, store.ErrNotFound)
	for _, c := range copies {
		var b format.Block
		b, err = s.plain(ctx, block, c)
		if err == nil {
			return b, nil
		}
		if !errors.Is(err, store.ErrCorrupt) {
			return format.Block{}, err
		}
	}
	return format.Block{}, err
}

// plain returns a block out of an encoding. Readers of one encoding share its request, which goes on when one of them
// gives up.
func (s *Store) plain(ctx context.Context, block format.Digest, c blockCopy) (format.Block, error) {
	if d, ok := s.decoded.Get(c.number, c.index); ok {
		return d.Block(c.index, block)
	}
	done := make(chan singleflight.Result, 1)
	s.workers.Go(func() {
		d, err, _ := s.loading.Do(strconv.FormatUint(c.number, 16), func() (any, error) { return s.decode(s.ctx, c.number) })
		done <- singleflight.Result{Val: d, Err: err}
	})
	select {
	case r := <-done:
		if r.Err != nil {
			return format.Block{}, r.Err
		}
		return r.Val.(*decoded.Encoding).Block(c.index, block)
	case <-ctx.Done():
		return format.Block{}, ctx.Err()
	}
}

// decode reads and decodes an encoding, every digest verified, and keeps the result if it is worth it.
func (s *Store) decode(ctx context.Context, number uint64) (*decoded.Encoding, error) {
	r, err := recordOf(s.index.db, number)
	if errors.Is(err, store.ErrNotFound) {
		return nil, errMoved
	}
	if err != nil {
		return nil, err
	}
	data, err := s.envelope(ctx, r)
	if err != nil {
		return nil, s.blame(number, r, err)
	}
	h, err := envelope.Parse(data)
	var plain []byte
	if err == nil {
		plain, err = h.Decode(nil)
	}
	if err == nil && !slices.Equal(h.Entries, r.entries) {
		err = errors.New("another encoding lies in its place")
	}
	if err != nil {
		return nil, s.blame(number, r, fmt.Errorf("%w: %w", store.ErrCorrupt, err))
	}
	d := &decoded.Encoding{Number: number, Plain: plain, Entries: h.Entries}
	s.decoded.Add(d)
	return d, nil
}
