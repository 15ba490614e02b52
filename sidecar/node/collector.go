package node

import (
	"context"
	"log/slog"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/ipdm-network/ipdm/sidecar/data"
)

const (
	// diskCheck is how often the room left is looked at.
	diskCheck = 30 * time.Second
	// lowQuotaShare is the part of the quota, 1 in so many bytes, below which room is low.
	lowQuotaShare = 10
	// lowDiskPause is how long nothing is collected for lack of space after it has been: what is left is kept by something.
	lowDiskPause = 10 * time.Minute
)

// The reasons to collect, as they are logged and counted.
const (
	reasonInterval = "interval"
	reasonLowDisk  = "low_disk"
)

// garbage is what a collector calls.
type garbage interface {
	Evict(ctx context.Context, freeBytes uint64) (data.GCResult, error)
}

// collector deletes garbage and the cache that is too much, from time to time and when the disk gets full. Close ends it.
type collector struct {
	background
	garbage   garbage
	interval  time.Duration
	freeBytes func(context.Context) (uint64, error)
	lowBytes  uint64 // room below which it collects at once
	log       *slog.Logger

	runs  *prometheus.CounterVec // by reason and outcome
	freed prometheus.Counter
}

// startCollector starts the automatic collection of garbage; it returns nil if that is turned off.
func (n *Node) startCollector() *collector {
	cfg := n.opts.Config.Store
	if cfg.GCInterval == 0 {
		return nil
	}
	c := newCollector(n.engine, time.Duration(cfg.GCInterval), n.log.With("part", "gc"))
	c.freeBytes = n.roomLeft
	c.lowBytes = uint64(cfg.ReserveMiB) << 20
	if quota, err := cfg.quotaBytes(); err == nil && quota > 0 {
		c.lowBytes = min(c.lowBytes, quota/lowQuotaShare)
	}
	n.registry.MustRegister(c.runs, c.freed)
	c.start(c.run)
	return c
}

// newCollector returns a collector that has not started; freeBytes and lowBytes are left to set.
func newCollector(g garbage, interval time.Duration, log *slog.Logger) *collector {
	return &collector{
		garbage:  g,
		interval: interval,
		log:      log,
		runs: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "ipdm_store_gc_runs_total", Help: "Automatic garbage collections, by reason and outcome.",
		}, []string{"reason", "outcome"}),
		freed: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "ipdm_store_gc_freed_bytes_total", Help: "Length of the encodings deleted by automatic garbage collections.",
		}),
	}
}

// run collects until ctx is done.
func (c *collector) run(ctx context.Context) {
	interval, disk := time.NewTicker(c.interval), time.NewTicker(diskCheck)
	defer interval.Stop()
	defer disk.Stop()
	var pausedUntil time.Time
	for {
		select {
		case <-ctx.Done():
			return
		case <-interval.C:
			c.collect(ctx, reasonInterval, 0)
		case now := <-disk.C:
			missing := c.missingBytes(ctx)
			if now.Before(pausedUntil) || missing == 0 {
				continue
			}
			c.collect(ctx, reasonLowDisk, missing)
			pausedUntil = now.Add(lowDiskPause)
		}
	}
}

// missingBytes is how much is to be freed: when the free space is low, as much as makes it twice that; otherwise nothing.
func (c *collector) missingBytes(ctx context.Context) uint64 {
	free, err := c.freeBytes(ctx)
	if err != nil {
		c.log.Warn("failed to learn the room left", "error", err)
		return 0
	}
	if free >= c.lowBytes {
		return 0
	}
	return 2*c.lowBytes - free
}

// collect runs one collection, logs and counts it.
func (c *collector) collect(ctx context.Context, reason string, freeBytes uint64) {
	start := time.Now()
	r, err := c.garbage.Evict(ctx, freeBytes)
	c.freed.Add(float64(r.FreedBytes))
	switch {
	case ctx.Err() != nil:
		return
	case err != nil:
		c.runs.WithLabelValues(reason, "failed").Inc()
		c.log.Error("automatic gc failed", "reason", reason, "error", err)
		return
	}
	c.runs.WithLabelValues(reason, "done").Inc()
	level := slog.LevelDebug
	if r.DeletedEncodings > 0 || reason == reasonLowDisk {
		level = slog.LevelInfo
	}
	c.log.Log(ctx, level, "collected garbage", "reason", reason, "deleted_encodings", r.DeletedEncodings,
		"freed_bytes", r.FreedBytes, "kept_bytes", r.KeptBytes, "cached_bytes", r.CachedBytes, "took", time.Since(start))
}
