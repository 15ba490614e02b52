package blockstore

import (
	"context"
	"errors"
	"fmt"

	"github.com/ipfs/boxo/blockstore"
	blocks "github.com/ipfs/go-block-format"
	"github.com/ipfs/go-cid"
	ipld "github.com/ipfs/go-ipld-format"

	"github.com/ipdm-network/ipdm/sdk/go/format"
	"github.com/ipdm-network/ipdm/sidecar/data/compress"
	"github.com/ipdm-network/ipdm/sidecar/data/store"
)

// ErrRefused reports a block that cannot be stored: its CID is not one of ours or its bytes do not match it.
var ErrRefused = errors.New("block refused")

// Blockstore is a boxo blockstore on a store. It may be used concurrently.
//
// Whether a CID names a block or an encoding is decided by looking it up as a block first and as an encoding second,
// never by the bytes. Put stores plain blocks, each in an envelope of its own and durable only with the store's next
// durable change. A block that is itself an encoding already stored is not put in another envelope; encodings are
// otherwise stored with store.PutEncoding and not through here.
type Blockstore struct {
	store  store.Store
	server Server // nil to serve everything and tell nobody
}

var _ blockstore.Blockstore = (*Blockstore)(nil)

// Server says what others may have; *data.Engine does. Its methods may be called concurrently.
type Server interface {
	// Refuses tells whether a block is not to be served although it is stored.
	Refuses(ctx context.Context, block format.Digest) (bool, error)
	// Touch is told of every block and encoding that is handed out.
	Touch(block format.Digest)
}

// New returns a Blockstore on s. What server refuses is as if it were not stored, to readers; nil refuses nothing.
func New(s store.Store, server Server) *Blockstore {
	return &Blockstore{store: s, server: server}
}

// admit fails for what is not to be served.
func (b *Blockstore) admit(ctx context.Context, c cid.Cid, d format.Digest) error {
	if b.server == nil {
		return nil
	}
	refused, err := b.server.Refuses(ctx, d)
	if err == nil && refused {
		err = ipld.ErrNotFound{Cid: c}
	}
	return err
}

// notFound translates the store's errors: a damaged block counts as absent, so that Bitswap gets it elsewhere.
func notFound(c cid.Cid, err error) error {
	if errors.Is(err, store.ErrNotFound) || errors.Is(err, store.ErrCorrupt) {
		return ipld.ErrNotFound{Cid: c}
	}
	return err
}

// digestOf returns the digest in c; a CID that is not ours is simply not stored.
func digestOf(c cid.Cid) (format.Digest, error) {
	d, err := format.DigestOf(c)
	if err != nil {
		return format.Digest{}, ipld.ErrNotFound{Cid: c}
	}
	return d, nil
}

// mayBeEncoding tells whether c can be an encoding CID.
func mayBeEncoding(c cid.Cid) bool { return c.Prefix().Codec == format.Raw }

// Get implements blockstore.Blockstore.
func (b *Blockstore) Get(ctx context.Context, c cid.Cid) (blocks.Block, error) {
	d, err := digestOf(c)
	if err != nil {
		return nil, err
	}
	if err := b.admit(ctx, c, d); err != nil {
		return nil, err
	}
	block, err := b.store.Open(ctx, d)
	data := block.Data
	if errors.Is(err, store.ErrNotFound) && mayBeEncoding(c) {
		data, err = b.store.Encoding(ctx, d)
	}
	if err != nil {
		return nil, notFound(c, err)
	}
	if b.server != nil {
		b.server.Touch(d)
	}
	return blocks.NewBlockWithCid(data, c)
}

// GetSize implements blockstore.Blockstore.
func (b *Blockstore) GetSize(ctx context.Context, c cid.Cid) (int, error) {
	d, err := digestOf(c)
	if err != nil {
		return -1, err
	}
	if err := b.admit(ctx, c, d); err != nil {
		return -1, err
	}
	return b.size(ctx, c, d)
}

// size returns the size of what is stored, served or not.
func (b *Blockstore) size(ctx context.Context, c cid.Cid, d format.Digest) (int, error) {
	info, err := b.store.Stat(ctx, d)
	if err == nil {
		return int(info.SizeBytes), nil
	}
	if errors.Is(err, store.ErrNotFound) && mayBeEncoding(c) {
		var enc store.Encoding
		if enc, err = b.store.StatEncoding(ctx, d); err == nil && enc.Damaged {
			err = store.ErrCorrupt
		}
		if err == nil {
			return int(enc.LengthBytes), nil
		}
	}
	return -1, notFound(c, err)
}

// Has implements blockstore.Blockstore.
func (b *Blockstore) Has(ctx context.Context, c cid.Cid) (bool, error) {
	_, err := b.GetSize(ctx, c)
	if ipld.IsNotFound(err) {
		return false, nil
	}
	return err == nil, err
}

// Put implements blockstore.Blockstore.
func (b *Blockstore) Put(ctx context.Context, block blocks.Block) error {
	return b.PutMany(ctx, []blocks.Block{block})
}

// PutMany implements blockstore.Blockstore. It fails with ErrRefused, and then stores none.
func (b *Blockstore) PutMany(ctx context.Context, many []blocks.Block) error {
	var batch store.Batch
	for _, block := range many {
		d, err := format.DigestOf(block.Cid())
		if err != nil {
			return fmt.Errorf("%w: %w", ErrRefused, err)
		}
		if _, err := b.size(ctx, block.Cid(), d); err == nil {
			continue
		} else if !ipld.IsNotFound(err) {
			return err
		}
		if format.Sum(block.RawData()) != d {
			return fmt.Errorf("%w: bytes are not those of %s", ErrRefused, block.Cid())
		}
		one := []format.Block{{Codec: block.Cid().Prefix().Codec, Digest: d, Data: block.RawData()}}
		enc, err := compress.Encode(one, compress.Balanced)
		if err != nil {
			return fmt.Errorf("%w: %w", ErrRefused, err)
		}
		batch.PutEncoding(enc)
	}
	if batch.Empty() {
		return nil
	}
	return b.store.Apply(ctx, &batch, store.Lazy)
}

// DeleteBlock implements blockstore.Blockstore: it deletes every encoding that holds the block, or the encoding named,
// unless other blocks share it: a pack is deleted by its encoding CID or by garbage collection only.
func (b *Blockstore) DeleteBlock(ctx context.Context, c cid.Cid) error {
	d, err := digestOf(c)
	if err != nil {
		return err
	}
	at, err := b.store.Locate(ctx, d)
	if err != nil {
		return err
	}
	var batch store.Batch
	if len(at) == 0 && mayBeEncoding(c) {
		batch.DeleteEncoding(d)
	}
	for _, enc := range at {
		info, err := b.store.StatEncoding(ctx, enc)
		if err != nil {
			return notFound(c, err)
		}
		if len(info.Entries) == 1 {
			batch.DeleteEncoding(enc)
		}
	}
	if batch.Empty() {
		return nil
	}
	return b.store.Apply(ctx, &batch, store.Lazy)
}

// AllKeysChan implements blockstore.Blockstore: the CIDs of all blocks, not of encodings.
func (b *Blockstore) AllKeysChan(ctx context.Context) (<-chan cid.Cid, error) {
	keys, _, err := b.AllKeysChanWithErr(ctx)
	return keys, err
}

// AllKeysChanWithErr implements blockstore.AllKeysChanWithErrer. The goroutine behind it ends with ctx at the latest.
func (b *Blockstore) AllKeysChanWithErr(ctx context.Context) (<-chan cid.Cid, func() error, error) {
	keys := make(chan cid.Cid)
	done := make(chan error, 1)
	go func() {
		defer close(keys)
		done <- b.store.IterateEncodings(ctx, func(enc store.Encoding) error {
			if enc.Damaged {
				return nil
			}
			for _, e := range enc.Entries {
				select {
				case keys <- format.BlockCID(e.Codec, e.Digest):
				case <-ctx.Done():
					return ctx.Err()
				}
			}
			return nil
		})
	}()
	return keys, func() error { return <-done }, nil
}
