package node

import (
	"context"
	"errors"
	"fmt"
	"log/slog"

	"github.com/ipdm-network/ipdm/sidecar/data/cache"
	"github.com/ipdm-network/ipdm/sidecar/data/prefetch"
	"github.com/ipdm-network/ipdm/sidecar/data/store"
	"github.com/ipdm-network/ipdm/sidecar/data/store/pebblestore"
	"github.com/ipdm-network/ipdm/sidecar/data/store/s3store"
)

// openStore opens the block store, on one local disk or two or in a bucket, with a cache in memory in front of it. An object store that does not answer, or refuses,
// fails the start: without it the node has nothing, and could not tell whether another node uses the same store.
func (n *Node) openStore(ctx context.Context) error {
	if err := n.openBackend(ctx); err != nil {
		return err
	}
	cfg := n.opts.Config.Store
	n.cacheBytes = uint64(cfg.MemoryCacheMiB) << 20
	if n.cacheBytes == 0 {
		return nil
	}
	if cfg.Prefetch || cfg.WarmUp {
		n.staged = prefetch.NewStore(n.store, n.cacheBytes/stagedPart)
		n.store = n.staged
		n.cacheBytes -= n.cacheBytes / stagedPart
	}
	var err error
	if n.cache, err = cache.New(n.store, n.cacheBytes); err != nil {
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
	options, err := cfg.options(log)
	if err != nil {
		return err
	}
	s, err := pebblestore.Open(n.opts.Home.StoreDir(), options)
	if errors.Is(err, store.ErrCorrupt) {
		return fmt.Errorf("%w (repair it with: ipdm fsck --repair --home %s)", err, n.opts.Home)
	}
	if err != nil {
		return err
	}
	n.store = s
	if n.tiers, err = openTiers(ctx, cfg, s, log); err != nil {
		n.store = nil // closed
		return err
	}
	if n.tiers != nil {
		n.store = n.tiers
	}
	return nil
}

// options returns the options of a store on a local disk. When there are two the quota is for both together, so that
// neither has one.
func (c StoreConfig) options(log *slog.Logger) (pebblestore.Options, error) {
	quota, err := c.quotaBytes()
	if err != nil {
		return pebblestore.Options{}, fmt.Errorf("[store] quota: %w", err)
	}
	if c.ColdDir != "" {
		quota = 0
	}
	return pebblestore.Options{
		IndexCacheBytes:   c.IndexCacheMiB << 20,
		DecodedCacheBytes: c.DecodedCacheMiB << 20,
		ReserveBytes:      uint64(c.ReserveMiB) << 20,
		QuotaBytes:        quota,
		PageCache:         !c.DirectIO,
		Logger:            log,
	}, nil
}

// workBytes is what puts, gets and the rest of the daemon take in memory beside the caches.
const workBytes = 64 << 20

// HeapBytes is how large the heap of a daemon becomes, garbage included.
func (c StoreConfig) HeapBytes() uint64 {
	tiers := int64(1)
	if c.ColdDir != "" {
		tiers = 2
	}
	return 2 * (uint64(tiers*(c.IndexCacheMiB+c.DecodedCacheMiB)+c.MemoryCacheMiB)<<20 + workBytes)
}

// roomLeft tells how many bytes the store can still take.
func (n *Node) roomLeft(ctx context.Context) (uint64, error) {
	stats, err := n.store.Stats(ctx)
	return stats.FreeBytes, err
}
