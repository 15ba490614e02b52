package s3store

import (
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/cockroachdb/pebble/v2"

	"github.com/ipdm-network/ipdm/sdk/go/format"
	"github.com/ipdm-network/ipdm/sidecar/data/store"
)

// txn is a set of changes to the index that become visible together. It sees its own.
type txn struct {
	index   *index
	batch   *pebble.Batch
	undo    bool // keep what undoes each change
	figures figures
}

// begin begins a transaction, which ends with commit or close. With undo the changes can be rolled back.
func (x *index) begin(undo bool) *txn {
	f, _ := x.state()
	return &txn{index: x, batch: x.db.NewIndexedBatch(), undo: undo, figures: f}
}

func (t *txn) close() error { return t.batch.Close() }

// commit makes the changes visible, but for the figures in memory, which publish brings up to them.
func (t *txn) commit() error {
	if err := t.finish(); err != nil {
		return err
	}
	if err := t.batch.Commit(pebble.NoSync); err != nil {
		return indexError("write the index", err)
	}
	t.publish()
	return nil
}

// finish adds the figures.
func (t *txn) finish() error {
	f := t.figures
	return t.set([]byte{spaceFigures}, appendUint64s(nil, f.next, f.encodings, f.blocks, f.envelopes, f.plainBytes))
}

func (t *txn) publish() {
	t.index.mu.Lock()
	defer t.index.mu.Unlock()
	t.index.figures = t.figures
}

func (t *txn) set(key, value []byte) error {
	if err := t.remember(key); err != nil {
		return err
	}
	if err := t.batch.Set(key, value, nil); err != nil {
		return indexError("write the index", err)
	}
	return nil
}

func (t *txn) delete(key []byte) error {
	if err := t.remember(key); err != nil {
		return err
	}
	if err := t.batch.Delete(key, nil); err != nil {
		return indexError("write the index", err)
	}
	return nil
}

// remember writes down what key has now. In binary:
//
//	whether there is a value 1 | key length 2 | key | value
func (t *txn) remember(key []byte) error {
	if !t.undo {
		return nil
	}
	value, err := getFrom(t.batch, key)
	had := byte(1)
	if errors.Is(err, store.ErrNotFound) {
		had, err = 0, nil
	}
	if err != nil {
		return err
	}
	b := append(binary.BigEndian.AppendUint16([]byte{had}, uint16(len(key))), key...)
	if err := t.batch.Set(numberKey(spaceUndo, t.index.undo), append(b, value...), nil); err != nil {
		return indexError("write the index", err)
	}
	t.index.undo++
	return nil
}

// apply makes one change. Those of segments are the concern of confirm.
func (t *txn) apply(c change) error {
	switch c.kind {
	case changeAdd:
		return t.add(c.number, c.rec)
	case changeDelete:
		return t.remove(c.number)
	case changeMove:
		return t.move(c.number, c.segment, c.offset)
	case changeSetMeta:
		return t.set(metaKey(c.key), c.value)
	case changeUnset:
		return t.delete(metaKey(c.key))
	case changeSegment, changeDrop:
		return nil
	}
	return fmt.Errorf("%w: change of kind %d", errMalformed, c.kind)
}

func (t *txn) add(number uint64, rec record) error {
	if err := t.set(digestKey(spaceEncoding, rec.digest), appendUint64s(nil, number)); err != nil {
		return err
	}
	if err := t.set(numberKey(spaceRecord, number), rec.append(nil)); err != nil {
		return err
	}
	for i, e := range rec.entries {
		key := digestKey(spaceBlock, e.Digest)
		copies, err := getFrom(t.batch, key)
		if err != nil && !errors.Is(err, store.ErrNotFound) {
			return err
		}
		if err := t.set(key, blockCopy{number: number, index: i, codec: e.Codec, size: e.Size}.append(copies)); err != nil {
			return err
		}
	}
	t.figures.next = max(t.figures.next, number+1)
	t.count(rec, +1)
	return t.live(rec.segment, int64(rec.length))
}

func (t *txn) remove(number uint64) error {
	rec, err := recordOf(t.batch, number)
	if err != nil {
		return err
	}
	for _, e := range rec.entries {
		if err := t.removeCopy(e.Digest, number); err != nil {
			return err
		}
	}
	if err := t.delete(digestKey(spaceEncoding, rec.digest)); err != nil {
		return err
	}
	if err := t.delete(numberKey(spaceRecord, number)); err != nil {
		return err
	}
	t.count(rec, -1)
	return t.live(rec.segment, -int64(rec.length))
}

// removeCopy takes the copies of a block in an encoding out of the index.
func (t *txn) removeCopy(block format.Digest, number uint64) error {
	copies, err := copiesOf(t.batch, block)
	if err != nil {
		return err
	}
	var left []byte
	for _, c := range copies {
		if c.number != number {
			left = c.append(left)
		}
	}
	key := digestKey(spaceBlock, block)
	if len(left) == 0 {
		return t.delete(key)
	}
	return t.set(key, left)
}

func (t *txn) move(number, segment uint64, offset uint32) error {
	rec, err := recordOf(t.batch, number)
	if err != nil {
		return err
	}
	if err := t.live(rec.segment, -int64(rec.length)); err != nil {
		return err
	}
	rec.segment, rec.offset = segment, offset
	if err := t.live(segment, int64(rec.length)); err != nil {
		return err
	}
	return t.set(numberKey(spaceRecord, number), rec.append(nil))
}

// count adds a record to the figures, or takes it out with sign -1.
func (t *txn) count(rec record, sign int) {
	add := func(total *uint64, n int) { *total += uint64(sign * n) }
	add(&t.figures.encodings, 1)
	add(&t.figures.blocks, len(rec.entries))
	add(&t.figures.envelopes, int(rec.length))
	add(&t.figures.plainBytes, int(rec.plain))
}

// live changes the number of live bytes in a segment.
func (t *txn) live(segment uint64, by int64) error {
	key := numberKey(spaceLive, segment)
	bytes, err := getNumber(t.batch, key)
	if err != nil {
		return err
	}
	if bytes += uint64(by); bytes == 0 {
		return t.delete(key)
	}
	return t.set(key, appendUint64s(nil, bytes))
}
