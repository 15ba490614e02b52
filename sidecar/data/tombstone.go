package data

import (
	"context"
	"encoding/binary"
	"fmt"
	"math"
	"time"

	"github.com/ipfs/go-cid"

	"github.com/ipdm-network/ipdm/sdk/go/format"
	"github.com/ipdm-network/ipdm/sidecar/data/store"
)

const tombstonePrefix = "tombstone/" // + digest of the root -> Tombstone

// tombstoneTTL is how long a deletion is remembered.
const tombstoneTTL = 30 * 24 * time.Hour

const (
	tombstoneVersion      = 1
	tombstoneHeader       = 1 + 1 + 8 + 8 + 8 + 2 + 1
	flagContained         = 1
	maxDeleterBytes       = 128
	maxTombstoneManifests = math.MaxUint16
)

// Tombstone is the record of a deletion.
type Tombstone struct {
	Root      cid.Cid
	Manifests []cid.Cid // those that were pinned
	Deleted   time.Time
	Expires   time.Time // when it is forgotten
	By        string    // who deleted it, at most 128 bytes
	// Contained tells that another pinned root contains this one, which can therefore still be read.
	Contained bool
}

func tombstoneKey(root format.Digest) []byte { return metaKeyOf(tombstonePrefix, root[:]) }

// addTo adds the record to a batch: version, flags, codec of the root, times of deletion and expiry in unix milliseconds,
// number of manifests, length of By, the manifests' digests, By. Numbers are big endian.
func (t *Tombstone) addTo(batch *store.Batch) error {
	root, err := format.DigestOf(t.Root)
	if err != nil {
		return err
	}
	value := []byte{tombstoneVersion, 0}
	if t.Contained {
		value[1] |= flagContained
	}
	value = binary.BigEndian.AppendUint64(value, t.Root.Prefix().Codec)
	value = binary.BigEndian.AppendUint64(value, uint64(t.Deleted.UnixMilli()))
	value = binary.BigEndian.AppendUint64(value, uint64(t.Expires.UnixMilli()))
	value = binary.BigEndian.AppendUint16(value, uint16(len(t.Manifests)))
	value = append(value, byte(len(t.By)))
	for _, m := range t.Manifests {
		d, err := format.DigestOf(m)
		if err != nil {
			return err
		}
		value = append(value, d[:]...)
	}
	return batch.SetMeta(tombstoneKey(root), append(value, t.By...))
}

// decodeTombstone reads the record of a root. It fails with store.ErrCorrupt.
func decodeTombstone(root format.Digest, value []byte) (*Tombstone, error) {
	if len(value) < tombstoneHeader || value[0] != tombstoneVersion || value[1]&^flagContained != 0 {
		return nil, fmt.Errorf("%w: tombstone of %d bytes", store.ErrCorrupt, len(value))
	}
	codec := binary.BigEndian.Uint64(value[2:])
	deleted, expires := binary.BigEndian.Uint64(value[10:]), binary.BigEndian.Uint64(value[18:])
	manifests, by := int(binary.BigEndian.Uint16(value[26:])), int(value[28])
	tail := value[tombstoneHeader:]
	if (codec != format.Raw && codec != format.DagPB) || deleted > math.MaxInt64 || expires > math.MaxInt64 ||
		by > maxDeleterBytes || len(tail) != manifests*format.DigestSize+by {
		return nil, fmt.Errorf("%w: tombstone of %d bytes", store.ErrCorrupt, len(value))
	}
	t := &Tombstone{
		Root:      format.BlockCID(codec, root),
		Deleted:   time.UnixMilli(int64(deleted)),
		Expires:   time.UnixMilli(int64(expires)),
		By:        string(tail[manifests*format.DigestSize:]),
		Contained: value[1]&flagContained != 0,
	}
	for i := range manifests {
		t.Manifests = append(t.Manifests, format.CBORCID(format.Digest(tail[i*format.DigestSize:][:format.DigestSize])))
	}
	return t, nil
}

// Deleted calls yield for every tombstone that has not expired, ordered by root, until it fails.
func (e *Engine) Deleted(ctx context.Context, yield func(*Tombstone) error) error {
	now := e.now()
	return e.eachTombstone(ctx, func(t *Tombstone) error {
		if !now.Before(t.Expires) {
			return nil
		}
		return yield(t)
	})
}

func (e *Engine) eachTombstone(ctx context.Context, yield func(*Tombstone) error) error {
	return e.store.IterateMeta(ctx, []byte(tombstonePrefix), func(key, value []byte) error {
		root, err := format.DigestFromBytes(key[len(tombstonePrefix):])
		if err != nil {
			return fmt.Errorf("%w: tombstone key: %w", store.ErrCorrupt, err)
		}
		t, err := decodeTombstone(root, value)
		if err != nil {
			return err
		}
		return yield(t)
	})
}
