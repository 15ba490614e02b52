package store

import (
	"fmt"

	"github.com/ipdm-network/ipdm/sdk/go/format"
)

// OpKind says what an Op does.
type OpKind uint8

// The kinds of change.
const (
	OpPutEncoding OpKind = iota + 1
	OpDeleteEncoding
	OpSetMeta
	OpDeleteMeta
)

// Op is one change of a Batch, for implementations of Store to read.
type Op struct {
	Kind     OpKind
	Encoding Checked       // of OpPutEncoding
	Digest   format.Digest // of OpDeleteEncoding
	Key      []byte        // of OpSetMeta and OpDeleteMeta
	Value    []byte        // of OpSetMeta
}

// Batch collects changes that are made together, in the order they were added. The zero value is empty. It keeps
// references to what is added. It is not safe for concurrent use.
type Batch struct {
	ops       []Op
	sizeBytes int
}

// PutEncoding adds an encoding. Storing one that is stored already changes nothing, unless the stored copy is damaged:
// then it is replaced.
func (b *Batch) PutEncoding(e Checked) {
	b.ops = append(b.ops, Op{Kind: OpPutEncoding, Encoding: e})
	b.sizeBytes += len(e.env)
}

// DeleteEncoding removes an encoding; that it is not stored is no error.
func (b *Batch) DeleteEncoding(encoding format.Digest) {
	b.ops = append(b.ops, Op{Kind: OpDeleteEncoding, Digest: encoding})
}

// SetMeta sets a metadata value. It fails with ErrInvalid when key or value exceed their limits.
func (b *Batch) SetMeta(key, value []byte) error {
	if err := checkKey(key); err != nil {
		return err
	}
	if len(value) > MaxMetaValueBytes {
		return fmt.Errorf("%w: metadata value of %d bytes", ErrInvalid, len(value))
	}
	b.ops = append(b.ops, Op{Kind: OpSetMeta, Key: key, Value: value})
	b.sizeBytes += len(key) + len(value)
	return nil
}

// DeleteMeta removes a metadata value; that there is none is no error. It fails with ErrInvalid.
func (b *Batch) DeleteMeta(key []byte) error {
	if err := checkKey(key); err != nil {
		return err
	}
	b.ops = append(b.ops, Op{Kind: OpDeleteMeta, Key: key})
	b.sizeBytes += len(key)
	return nil
}

// Ops returns the changes in order.
func (b *Batch) Ops() []Op { return b.ops }

// SizeBytes returns the length of everything added.
func (b *Batch) SizeBytes() int { return b.sizeBytes }

// Empty tells whether nothing was added.
func (b *Batch) Empty() bool { return len(b.ops) == 0 }

// Reset empties the batch for reuse.
func (b *Batch) Reset() {
	clear(b.ops)
	b.ops, b.sizeBytes = b.ops[:0], 0
}

func checkKey(key []byte) error {
	if len(key) == 0 || len(key) > MaxMetaKeyBytes {
		return fmt.Errorf("%w: metadata key of %d bytes", ErrInvalid, len(key))
	}
	return nil
}
