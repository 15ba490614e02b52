package pebblestore

import (
	"log/slog"

	"github.com/cockroachdb/pebble/v2/vfs"
)

// Defaults of Options.
const (
	DefaultIndexCacheBytes   = 32 << 20
	DefaultDecodedCacheBytes = 32 << 20
	DefaultSegmentBytes      = 256 << 20
	DefaultReserveBytes      = 64 << 20
)

// Options tune a store. The zero value of a field takes its default.
type Options struct {
	// IndexCacheBytes is the memory for index blocks.
	IndexCacheBytes int64
	// DecodedCacheBytes is the memory for decoded packs, so that reading many blocks of one pack decodes it once.
	DecodedCacheBytes int64
	// SegmentBytes is the length at which a segment is ended.
	SegmentBytes int64
	// BlockTableEntries is how many blocks the index of blocks collects in memory before it writes them, about 60 bytes
	// each.
	BlockTableEntries int
	// ReserveBytes is the free disk space below which encodings are refused with store.ErrFull. It leaves the index
	// room to work in, so that garbage can still be collected.
	ReserveBytes uint64
	// QuotaBytes is what the store may occupy on disk, index and garbage included: beyond it encodings are refused with
	// store.ErrQuota. Metadata and what Reclaim copies is written all the same. 0 is no quota.
	QuotaBytes uint64
	// PageCache has envelopes written through the page cache of the operating system. Without it long writes pass by it
	// where the system can, which costs far less processor time, and leaves the cache to what is read.
	PageCache bool
	// FS is the file system, the operating system's if nil.
	FS vfs.FS
	// Logger takes the messages of the index; they are dropped if nil.
	Logger *slog.Logger
}

func (o Options) withDefaults() Options {
	if o.IndexCacheBytes == 0 {
		o.IndexCacheBytes = DefaultIndexCacheBytes
	}
	if o.DecodedCacheBytes == 0 {
		o.DecodedCacheBytes = DefaultDecodedCacheBytes
	}
	if o.SegmentBytes == 0 {
		o.SegmentBytes = DefaultSegmentBytes
	}
	if o.ReserveBytes == 0 {
		o.ReserveBytes = DefaultReserveBytes
	}
	if o.FS == nil {
		o.FS = vfs.Default
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	return o
}
