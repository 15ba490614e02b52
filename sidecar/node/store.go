package node

import (
	"context"
	"math"

	"github.com/ipdm-network/ipdm/sidecar/consensus/provider"
	"github.com/ipdm-network/ipdm/sidecar/data/cache"
	"github.com/ipdm-network/ipdm/sidecar/data/store/pebblestore"
	"github.com/ipdm-network/ipdm/sidecar/data/store/s3store"
)

// openStore opens the block store, on the local disk or in a bucket, with a cache in memory in front of it. An object store that does not answer, or refuses,
// fails the start: without it the node has nothing, and could not tell whether another node uses the same store.
func (n *Node) openStore(ctx context.Context) error {
	if err := n.openBackend(ctx); err != nil {
		return err
	}
	if n.opts.Config.Store.MemoryCacheMiB == 0 {
		return nil
	}
	var err error
	if n.cache, err = cache.New(n.store, uint64(n.opts.Config.Store.MemoryCacheMiB)<<20); err != nil {
		return err
	}
	n.store = n.cache
	return nil
}

func (n *Node) openBackend(ctx context.Context) error {
	cfg, log := n.opts.Config.Store, n.log.With("part", "store")
	if cfg.Backend == backendS3 {
		s, err := s3store.Open(ctx, n.opts.Home.S3IndexDir(), cfg.S3.location(), s3store.Options{
			IndexCacheBytes:   cfg.IndexCacheMiB << 20,
			DecodedCacheBytes: cfg.DecodedCacheMiB << 20,
			Logger:            log,
		})
		if err != nil {
			return err
		}
		n.store = s
		return nil
	}
	s, err := pebblestore.Open(n.opts.Home.StoreDir(), pebblestore.Options{
		IndexCacheBytes:   cfg.IndexCacheMiB << 20,
		DecodedCacheBytes: cfg.DecodedCacheMiB << 20,
		ReserveBytes:      uint64(cfg.ReserveMiB) << 20,
		Logger:            log,
	})
	if err != nil {
		return err
	}
	n.store = s
	return nil
}

// storeFree returns a function that tells how many bytes the store can still take; a bucket has no bound that is known
// before it is reached.
func (n *Node) storeFree() func(context.Context) (uint64, error) {
	if n.opts.Config.Store.Backend == backendS3 {
		return func(context.Context) (uint64, error) { return math.MaxUint64, nil }
	}
	return provider.DiskFree(n.opts.Home.StoreDir())
}
