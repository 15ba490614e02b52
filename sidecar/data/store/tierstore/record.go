package tierstore

import (
	"bytes"
	"context"
	"errors"
	"fmt"

	"github.com/ipdm-network/ipdm/sdk/go/format"
	"github.com/ipdm-network/ipdm/sidecar/data/store"
)

// The keys of the store's own metadata.
const (
	ownPrefix   = "\x00tier/"
	idKey       = ownPrefix + "id"
	copyPrefix  = ownPrefix + "copy/"
	gravePrefix = ownPrefix + "grave/"
)

func copyKey(d format.Digest) []byte { return append([]byte(copyPrefix), d[:]...) }

func graveKey(d format.Digest) []byte { return append([]byte(gravePrefix), d[:]...) }

// isOwn tells whether a metadata key is the store's own.
func isOwn(key []byte) bool { return bytes.HasPrefix(key, []byte(ownPrefix)) }

// records calls yield for the digest of every record whose key begins with prefix.
func records(ctx context.Context, hot store.Store, prefix string, yield func(format.Digest) error) error {
	return hot.IterateMeta(ctx, []byte(prefix), func(key, _ []byte) error {
		if len(key) != len(prefix)+format.DigestSize {
			return fmt.Errorf("%w: a record of the tiers has a key of %d bytes", store.ErrCorrupt, len(key))
		}
		return yield(format.Digest(key[len(prefix):]))
	})
}

// size is what an encoding adds to the figures.
type size struct{ encodings, blocks, envelope, plain uint64 }

func sizeOf(e store.Encoding) size {
	return size{1, uint64(len(e.Entries)), uint64(e.LengthBytes), uint64(e.PlainBytes)}
}

func sizeOfAll(s store.Stats) size {
	return size{s.Encodings, s.Blocks, s.EnvelopeBytes, s.PlainBytes}
}

func (s size) plus(o size) size {
	return size{s.encodings + o.encodings, s.blocks + o.blocks, s.envelope + o.envelope, s.plain + o.plain}
}

// minus returns the difference, at least 0: a damaged encoding may tell less of itself than was counted.
func (s size) minus(o size) size {
	less := func(a, b uint64) uint64 { return a - min(a, b) }
	return size{less(s.encodings, o.encodings), less(s.blocks, o.blocks), less(s.envelope, o.envelope), less(s.plain, o.plain)}
}

// stat describes an encoding of one tier, if it is there.
func stat(ctx context.Context, s store.Store, d format.Digest) (e store.Encoding, found bool, err error) {
	e, err = s.StatEncoding(ctx, d)
	if errors.Is(err, store.ErrNotFound) {
		return e, false, nil
	}
	return e, err == nil, err
}
