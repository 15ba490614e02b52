package store

import (
	"context"

	"github.com/ipdm-network/ipdm/sdk/go/format"
	"github.com/ipdm-network/ipdm/sdk/go/format/envelope"
)

// Durability says when a change counts as done.
type Durability uint8

const (
	// Lazy returns as soon as the change is visible. Until the next Durable change or Sync, a process that is killed and
	// a power failure may undo it.
	Lazy Durability = iota
	// Durable returns when the change and every one before it survive a power failure.
	Durable
)

// Limits of metadata, in bytes.
const (
	MaxMetaKeyBytes   = 1 << 10
	MaxMetaValueBytes = 1 << 20
)

// BlockInfo describes a stored block.
type BlockInfo struct {
	Codec     uint64
	SizeBytes uint32 // length in plain form
}

// Encoding describes a stored encoding.
type Encoding struct {
	Digest      format.Digest // of the envelope bytes
	LengthBytes uint32        // of the envelope
	PlainBytes  uint32        // length of all its blocks together
	Algorithm   envelope.Algorithm
	Entries     []envelope.Entry // the blocks it holds, in payload order; none if it is too damaged to tell
	Damaged     bool             // found unreadable since the store was opened; its blocks count as absent
}

// Stats are the figures of a store.
type Stats struct {
	Encodings     uint64 // sound and damaged
	Blocks        uint64 // entries of all encodings; a block in two encodings counts twice
	EnvelopeBytes uint64 // sum of the lengths of all envelopes
	PlainBytes    uint64 // sum of their plain sizes
	DiskBytes     uint64 // what the store occupies on disk, indexes and space not yet reclaimed included
	Damaged       uint64 // encodings found unreadable since the store was opened
	QuotaBytes    uint64 // what DiskBytes may grow to; 0 is no quota
	ReserveBytes  uint64 // of the disk that are kept free
	FreeBytes     uint64 // what can be stored until the quota or the reserve is reached; math.MaxUint64 if no bound is known
}

// Store keeps encodings and metadata. All methods may be called concurrently. Everything read is verified against its
// digest before it is returned. Errors wrap those of this package; a done context gives its own error.
type Store interface {
	// Apply makes all changes of the batch or none. The batch can be reused after Reset. It fails with ErrFull,
	// ErrFailed, ErrUnavailable or ErrClosed. After ErrUnavailable, and when ctx ends first, they may have been made.
	Apply(ctx context.Context, b *Batch, d Durability) error

	// Open returns a block by the digest of its plain bytes; its data may be shared and must not be modified. It fails
	// with ErrNotFound, or with ErrCorrupt when every copy is damaged.
	Open(ctx context.Context, block format.Digest) (format.Block, error)
	// Has tells whether at least one copy of the block is stored that is not known to be damaged.
	Has(ctx context.Context, block format.Digest) (bool, error)
	// MayHave tells of many blocks which may be stored, for much less than Has and Locate cost for each. False is certain but
	// for what came, or was moved from one part of the store to another, during the call.
	MayHave(ctx context.Context, blocks []format.Digest) ([]bool, error)
	// Stat describes a block without reading it. It fails with ErrNotFound.
	Stat(ctx context.Context, block format.Digest) (BlockInfo, error)
	// Locate returns the digests of the sound encodings that hold the block, oldest first in each part of the store; none
	// is no error.
	Locate(ctx context.Context, block format.Digest) ([]format.Digest, error)

	// Encoding returns the bytes of an envelope, for the caller to keep. It fails with ErrNotFound or ErrCorrupt.
	Encoding(ctx context.Context, encoding format.Digest) ([]byte, error)
	// StatEncoding describes an encoding without reading more than its table. It fails with ErrNotFound.
	StatEncoding(ctx context.Context, encoding format.Digest) (Encoding, error)
	// IterateEncodings calls yield for every encoding, in the order they were stored, until it fails. Changes made
	// meanwhile may or may not be seen. A store of several parts keeps the order in each part only.
	IterateEncodings(ctx context.Context, yield func(Encoding) error) error

	// Meta returns a metadata value. It fails with ErrNotFound.
	Meta(ctx context.Context, key []byte) ([]byte, error)
	// IterateMeta calls yield for every key that begins with prefix, in byte order, until it fails. The slices are
	// valid during the call only. Changes made meanwhile are not seen.
	IterateMeta(ctx context.Context, prefix []byte, yield func(key, value []byte) error) error

	// Reclaim gives the space of deleted encodings back to the file system, as far as that is worth the work, and
	// returns how many bytes that was. It may be interrupted at any time.
	Reclaim(ctx context.Context) (freedBytes uint64, err error)
	// Sync makes every change so far durable.
	Sync(ctx context.Context) error
	// Stats returns the store's figures.
	Stats(ctx context.Context) (Stats, error)
	// Close waits for running calls and releases the directory. It does not imply Sync.
	Close() error
}
