package s3store

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"sync"

	"github.com/cockroachdb/pebble/v2"
	"github.com/cockroachdb/pebble/v2/bloom"

	"github.com/ipdm-network/ipdm/sdk/go/format"
	"github.com/ipdm-network/ipdm/sidecar/data/store"
	"github.com/ipdm-network/ipdm/sidecar/data/store/internal/keyrange"
)

// The first byte of every key of the local index.
const (
	spaceBlock     = 'b' // block digest -> copies
	spaceConfirmed = 'c' // confirmed
	spaceEncoding  = 'e' // encoding digest -> encoding number 8
	spaceFigures   = 'f' // figures
	spaceIdentity  = 'i' // store 16 | local folder 16
	spaceLength    = 'l' // segment 8 -> length 8
	spaceMeta      = 'm' // metadata key -> metadata value
	spaceRecord    = 'n' // encoding number 8 -> record
	spaceLive      = 's' // segment 8 -> live bytes 8
	spaceUndo      = 'u' // rising number 8 -> undo
)

func digestKey(space byte, d format.Digest) []byte {
	return append(append(make([]byte, 0, 1+format.DigestSize), space), d[:]...)
}

func numberKey(space byte, n uint64) []byte {
	return binary.BigEndian.AppendUint64(append(make([]byte, 0, 9), space), n)
}

func metaKey(key []byte) []byte {
	return append(append(make([]byte, 0, 1+len(key)), spaceMeta), key...)
}

// copySize is the length of one copy in binary: encoding number 8 | position 2 | codec 1 | size 4.
const copySize = 8 + 2 + 1 + 4

// blockCopy is one place where a block lies. A block's copies stand one behind the other, oldest first.
type blockCopy struct {
	number uint64 // of the encoding
	index  int    // in the encoding
	codec  uint64
	size   uint32
}

func (c blockCopy) append(dst []byte) []byte {
	dst = binary.BigEndian.AppendUint64(dst, c.number)
	dst = binary.BigEndian.AppendUint16(dst, uint16(c.index))
	dst = append(dst, byte(c.codec))
	return binary.BigEndian.AppendUint32(dst, c.size)
}

func decodeCopies(b []byte) ([]blockCopy, error) {
	if len(b)%copySize != 0 {
		return nil, fmt.Errorf("%w: copies of a block in %d bytes", errMalformed, len(b))
	}
	copies := make([]blockCopy, 0, len(b)/copySize)
	for ; len(b) > 0; b = b[copySize:] {
		copies = append(copies, blockCopy{
			number: binary.BigEndian.Uint64(b),
			index:  int(binary.BigEndian.Uint16(b[8:])),
			codec:  uint64(b[10]),
			size:   binary.BigEndian.Uint32(b[11:]),
		})
	}
	return copies, nil
}

// figures count what the index names. In binary the fields follow each other, 8 bytes each.
type figures struct {
	next       uint64 // number of the next encoding
	encodings  uint64
	blocks     uint64
	envelopes  uint64 // bytes
	plainBytes uint64
}

// confirmed is the state of the bucket that the index has reached. In binary the fields follow each other, 8 bytes each.
type confirmed struct {
	seq      uint64 // the last journal entry
	epoch    uint64 // of that entry
	segments uint64 // bytes of all segments
}

func appendUint64s(dst []byte, numbers ...uint64) []byte {
	for _, n := range numbers {
		dst = binary.BigEndian.AppendUint64(dst, n)
	}
	return dst
}

// index is the local copy of what the bucket says, and a little more: changes that the journal does not hold yet, each
// with what undoes it. One goroutine changes it.
type index struct {
	db   *pebble.DB
	undo uint64 // number of the next undo; belongs to the changing goroutine

	mu        sync.RWMutex
	figures   figures   // guarded by mu
	confirmed confirmed // guarded by mu
}

// openIndex opens the index in dir, and undoes what the journal may not hold. It fails with store.ErrLocked.
func openIndex(dir string, o Options, log pebble.Logger) (*index, error) {
	cache := pebble.NewCache(o.IndexCacheBytes)
	defer cache.Unref()
	po := &pebble.Options{
		FS:                 o.FS,
		Cache:              cache,
		FormatMajorVersion: pebble.FormatNewest,
		MemTableSize:       16 << 20,
		Logger:             log,
	}
	for i := range po.Levels {
		po.Levels[i].FilterPolicy = bloom.FilterPolicy(10)
	}
	db, err := pebble.Open(o.FS.PathJoin(dir, "index"), po)
	if err != nil {
		return nil, indexError("open the index in "+dir, err)
	}
	x := &index{db: db}
	if err := x.rollback(0); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return x, nil
}

// load reads the figures into memory.
func (x *index) load() error {
	var f figures
	var c confirmed
	for space, fields := range map[byte][]*uint64{
		spaceFigures:   {&f.next, &f.encodings, &f.blocks, &f.envelopes, &f.plainBytes},
		spaceConfirmed: {&c.seq, &c.epoch, &c.segments},
	} {
		value, err := getFrom(x.db, []byte{space})
		if errors.Is(err, store.ErrNotFound) {
			continue
		}
		if err == nil && len(value) != 8*len(fields) {
			err = indexError("read the index", errMalformed)
		}
		if err != nil {
			return err
		}
		for i, field := range fields {
			*field = binary.BigEndian.Uint64(value[8*i:])
		}
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	// What is known in memory of an encoding goes by its number: one that was taken back is not given again.
	f.next = max(f.next, x.figures.next)
	x.figures, x.confirmed = f, c
	return nil
}

func (x *index) state() (figures, confirmed) {
	x.mu.RLock()
	defer x.mu.RUnlock()
	return x.figures, x.confirmed
}

// identities returns the names of the store and of the local folder, zero if there are none.
func (x *index) identities() (storeID, folder identity, err error) {
	value, err := getFrom(x.db, []byte{spaceIdentity})
	if errors.Is(err, store.ErrNotFound) {
		return storeID, folder, nil
	}
	if err == nil && len(value) != len(storeID)+len(folder) {
		err = indexError("read the index", errMalformed)
	}
	if err == nil {
		copy(storeID[:], value)
		copy(folder[:], value[len(storeID):])
	}
	return storeID, folder, err
}

func (x *index) setIdentities(storeID, folder identity) error {
	if err := x.db.Set([]byte{spaceIdentity}, append(storeID[:], folder[:]...), pebble.Sync); err != nil {
		return indexError("write the index", err)
	}
	return nil
}

// clear forgets everything but the identities.
func (x *index) clear() error {
	b := x.db.NewBatch()
	for _, space := range []byte{spaceBlock, spaceConfirmed, spaceEncoding, spaceFigures, spaceLength, spaceMeta, spaceRecord, spaceLive, spaceUndo} {
		if err := b.DeleteRange([]byte{space}, []byte{space + 1}, nil); err != nil {
			return errors.Join(indexError("clear the index", err), b.Close())
		}
	}
	if err := b.Commit(pebble.Sync); err != nil {
		return indexError("clear the index", err)
	}
	x.undo = 0
	x.mu.Lock()
	x.figures = figures{}
	x.mu.Unlock()
	return x.load()
}

// rollback undoes every change since the undo with the given number, and forgets those undoes.
func (x *index) rollback(from uint64) (err error) {
	it, err := x.db.NewIter(&pebble.IterOptions{LowerBound: numberKey(spaceUndo, from), UpperBound: []byte{spaceUndo + 1}})
	if err != nil {
		return indexError("undo changes", err)
	}
	b := x.db.NewBatch()
	defer func() { err = errors.Join(err, b.Close()) }()
	for ok := it.Last(); ok; ok = it.Prev() {
		f := fields{rest: it.Value()}
		had, key := f.uint8(), f.bytes(int(f.uint16()), 1, 1+store.MaxMetaKeyBytes)
		err := f.err
		if err == nil && had == 1 {
			err = b.Set(key, f.rest, nil)
		} else if err == nil {
			err = b.Delete(key, nil)
		}
		if err != nil {
			return errors.Join(indexError("undo changes", err), it.Close())
		}
	}
	if err := it.Close(); err != nil {
		return indexError("undo changes", err)
	}
	if err := b.DeleteRange(numberKey(spaceUndo, from), []byte{spaceUndo + 1}, nil); err != nil {
		return indexError("undo changes", err)
	}
	if err := b.Commit(pebble.NoSync); err != nil {
		return indexError("undo changes", err)
	}
	x.undo = from
	return x.load()
}

// confirm records that the bucket has reached state c with the segments given, and that the undoes before the given
// number are needed no more.
func (x *index) confirm(b *pebble.Batch, c confirmed, segments []change, undone uint64) error {
	for _, s := range segments {
		key := numberKey(spaceLength, s.segment)
		length, err := getNumber(x.db, key)
		if err != nil {
			return err
		}
		c.segments -= length
		if s.kind == changeDrop {
			err = b.Delete(key, nil)
		} else {
			c.segments += s.length
			err = b.Set(key, appendUint64s(nil, s.length), nil)
		}
		if err != nil {
			return indexError("write the index", err)
		}
	}
	if err := b.Set([]byte{spaceConfirmed}, appendUint64s(nil, c.seq, c.epoch, c.segments), nil); err != nil {
		return indexError("write the index", err)
	}
	if undone > 0 {
		if err := b.DeleteRange(numberKey(spaceUndo, 0), numberKey(spaceUndo, undone), nil); err != nil {
			return indexError("write the index", err)
		}
	}
	if err := b.Commit(pebble.NoSync); err != nil {
		return indexError("write the index", err)
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	x.confirmed = c
	return nil
}

// getFrom returns a copy of a value. It fails with store.ErrNotFound.
func getFrom(r pebble.Reader, key []byte) ([]byte, error) {
	value, closer, err := r.Get(key)
	if err != nil {
		return nil, indexError("read the index", err)
	}
	value = append([]byte(nil), value...)
	if err := closer.Close(); err != nil {
		return nil, indexError("read the index", err)
	}
	return value, nil
}

// getNumber returns a value of 8 bytes, 0 if there is none.
func getNumber(r pebble.Reader, key []byte) (uint64, error) {
	value, err := getFrom(r, key)
	if errors.Is(err, store.ErrNotFound) {
		return 0, nil
	}
	if err == nil && len(value) != 8 {
		err = indexError("read the index", errMalformed)
	}
	if err != nil {
		return 0, err
	}
	return binary.BigEndian.Uint64(value), nil
}

// recordOf returns the record with the given number. It fails with store.ErrNotFound.
func recordOf(r pebble.Reader, number uint64) (record, error) {
	value, err := getFrom(r, numberKey(spaceRecord, number))
	if err != nil {
		return record{}, err
	}
	rec, rest, err := decodeRecord(value)
	if err == nil && len(rest) > 0 {
		err = errMalformed
	}
	if err != nil {
		return record{}, indexError("read the index", err)
	}
	return rec, nil
}

// find returns the record of an encoding and its number. It fails with store.ErrNotFound.
func find(r pebble.Reader, d format.Digest) (uint64, record, error) {
	value, err := getFrom(r, digestKey(spaceEncoding, d))
	if err == nil && len(value) != 8 {
		err = indexError("look up encoding", errMalformed)
	}
	if err != nil {
		return 0, record{}, err
	}
	number := binary.BigEndian.Uint64(value)
	rec, err := recordOf(r, number)
	return number, rec, err
}

// copiesOf returns the copies of a block, none if there are none.
func copiesOf(r pebble.Reader, block format.Digest) ([]blockCopy, error) {
	value, closer, err := r.Get(digestKey(spaceBlock, block))
	if errors.Is(err, pebble.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, indexError("look up block", err)
	}
	copies, err := decodeCopies(value)
	if err := errors.Join(err, closer.Close()); err != nil {
		return nil, indexError("look up block", err)
	}
	return copies, nil
}

// eachKey calls yield for every key that begins with prefix. The slices are valid during the call.
func eachKey(ctx context.Context, r pebble.Reader, prefix []byte, yield func(key, value []byte) error) error {
	return keyrange.Each(ctx, r, prefix, keyrange.After(prefix), indexError, yield)
}

// eachRecord calls yield for every record by rising number.
func eachRecord(ctx context.Context, r pebble.Reader, yield func(number uint64, rec record) error) error {
	return eachKey(ctx, r, []byte{spaceRecord}, func(key, value []byte) error {
		rec, rest, err := decodeRecord(value)
		if err == nil && (len(key) != 9 || len(rest) > 0) {
			err = errMalformed
		}
		if err != nil {
			return indexError("read the index", err)
		}
		return yield(binary.BigEndian.Uint64(key[1:]), rec)
	})
}

// eachNumber calls yield for every key of a space of segments.
func eachNumber(ctx context.Context, r pebble.Reader, space byte, yield func(segment, value uint64) error) error {
	return eachKey(ctx, r, []byte{space}, func(key, value []byte) error {
		if len(key) != 9 || len(value) != 8 {
			return indexError("read the index", errMalformed)
		}
		return yield(binary.BigEndian.Uint64(key[1:]), binary.BigEndian.Uint64(value))
	})
}
