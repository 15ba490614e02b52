package node

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/ipdm-network/ipdm/sidecar/api"
	"github.com/ipdm-network/ipdm/sidecar/data/store"
	"github.com/ipdm-network/ipdm/sidecar/data/store/pebblestore"
	"github.com/ipdm-network/ipdm/sidecar/data/store/tierstore"
)

// validateTiers reports settings of the tiers that cannot work.
func (c StoreConfig) validateTiers() []error {
	if c.ColdDir == "" && c.HotMax == "" {
		return nil
	}
	var errs []error
	if c.ColdDir == "" || c.HotMax == "" {
		errs = append(errs, errors.New("[store] cold_dir and hot_max need each other: a folder on the slow disk, and how much stays on the fast one"))
	}
	if c.Backend != backendLocal {
		errs = append(errs, fmt.Errorf("[store] cold_dir is for the backend %q only", backendLocal))
	}
	if c.ColdDir != "" && !filepath.IsAbs(c.ColdDir) {
		errs = append(errs, fmt.Errorf("[store] cold_dir must be a full path, not %q", c.ColdDir))
	}
	if c.HotMax != "" {
		if n, err := ParseBytes(c.HotMax); err != nil || n == 0 {
			errs = append(errs, errors.New("[store] hot_max must be a size such as \"100GiB\""))
		}
	}
	return errs
}

// isStore tells whether there is a store in a folder.
func isStore(dir string) (bool, error) {
	_, err := os.Stat(filepath.Join(dir, "segments"))
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	return err == nil, err
}

// openTiers puts the cold tier behind the hot one, if the settings have one; else the tierstore is nil. It closes hot when
// it fails. A cold tier that is not there although it was before is an error that wraps tierstore.ErrPair.
func openTiers(ctx context.Context, cfg StoreConfig, hot *pebblestore.Store, log *slog.Logger) (_ *tierstore.Store, err error) {
	failed := true
	defer func() {
		if failed && err != nil {
			err = errors.Join(err, hot.Close())
		}
	}()
	paired, err := tierstore.Paired(ctx, hot)
	if err != nil {
		return nil, err
	}
	if cfg.ColdDir == "" {
		if paired {
			return nil, fmt.Errorf("%w: a part of the content is on a slow disk, and [store] cold_dir does not say where", tierstore.ErrPair)
		}
		return nil, nil //nolint:nilnil // one tier is no error
	}
	there, err := isStore(cfg.ColdDir)
	if err != nil {
		return nil, fmt.Errorf("failed to look into [store] cold_dir: %w", err)
	}
	if paired && !there {
		return nil, fmt.Errorf("%w: there is no store in [store] cold_dir %s (%s)", tierstore.ErrPair, cfg.ColdDir, pairAdvice)
	}
	cold, err := openCold(cfg, log)
	if err != nil {
		return nil, err
	}
	hotMax, err := ParseBytes(cfg.HotMax)
	if err != nil {
		return nil, errors.Join(err, cold.Close())
	}
	quota, err := cfg.quotaBytes()
	if err != nil {
		return nil, errors.Join(err, cold.Close())
	}
	failed = false // Open closes both
	s, err := tierstore.Open(ctx, hot, cold, tierstore.Options{HotMaxBytes: hotMax, QuotaBytes: quota, Logger: log})
	if errors.Is(err, tierstore.ErrPair) {
		return nil, fmt.Errorf("%w: [store] cold_dir %s (%s)", err, cfg.ColdDir, pairAdvice)
	}
	return s, err
}

// pairAdvice says what to do about tiers that do not belong together.
const pairAdvice = "is the disk mounted, and the right one? When its content is lost for good: ipdm fsck --repair"

// openCold opens the store in the cold folder, which must exist: one that does not may be on a disk that is not mounted.
func openCold(cfg StoreConfig, log *slog.Logger) (*pebblestore.Store, error) {
	if _, err := os.Stat(cfg.ColdDir); err != nil {
		return nil, fmt.Errorf("failed to open [store] cold_dir: %w (mount its disk, or make the folder)", err)
	}
	options, err := cfg.options(log.With("tier", "cold"))
	if err != nil {
		return nil, err
	}
	s, err := pebblestore.Open(cfg.ColdDir, options)
	if errors.Is(err, store.ErrCorrupt) {
		return nil, fmt.Errorf("%w (repair it with: ipdm fsck --repair)", err)
	}
	return s, err
}

// storeTiers describes the tiers that reads go through, the fastest first.
func (n *Node) storeTiers(ctx context.Context) ([]api.Tier, error) {
	var tiers []api.Tier
	var disk api.Tier
	if n.cache != nil {
		f := n.cache.Figures()
		memory := api.Tier{Name: "memory", Bytes: f.Bytes, Hits: f.Hits, Misses: f.Misses}
		memory.LimitBytes = uint64(n.opts.Config.Store.MemoryCacheMiB) << 20
		if n.prefetch != nil {
			memory.Bytes += n.prefetch.Figures().Bytes
		}
		tiers = append(tiers, memory)
		disk.Hits, disk.Misses = f.Misses-min(f.Misses, f.Absent), f.Absent
	}
	if n.tiers == nil {
		stats, err := n.store.Stats(ctx)
		if err != nil {
			return nil, err
		}
		disk.Name, disk.Bytes = "disk", stats.EnvelopeBytes
		if n.opts.Config.Store.Backend == backendS3 {
			disk.Name = "bucket"
		}
		return append(tiers, disk), nil
	}
	f, err := n.tiers.Figures(ctx)
	if err != nil {
		return nil, err
	}
	for name, t := range eachTier(f) {
		tiers = append(tiers, api.Tier{Name: name, Bytes: t.Bytes, LimitBytes: t.LimitBytes, Hits: t.Hits, Misses: t.Misses})
	}
	return tiers, nil
}

// eachTier yields the tiers on disk by their names, the fast one first.
func eachTier(f tierstore.Figures) func(yield func(string, tierstore.Tier) bool) {
	return func(yield func(string, tierstore.Tier) bool) {
		_ = yield("hot", f.Hot) && yield("cold", f.Cold)
	}
}

// tierFigures reads the figures of the tiers on disk when they are collected.
type tierFigures struct{ tiers *tierstore.Store }

var (
	tierBytes  = prometheus.NewDesc("ipdm_store_tier_bytes", "Length of the encodings in a tier.", []string{"tier"}, nil)
	tierDisk   = prometheus.NewDesc("ipdm_store_tier_disk_bytes", "What a tier occupies on its disk.", []string{"tier"}, nil)
	tierHits   = prometheus.NewDesc("ipdm_store_tier_hits_total", "Blocks read from a tier.", []string{"tier"}, nil)
	tierMisses = prometheus.NewDesc("ipdm_store_tier_misses_total", "Blocks looked for in a tier that were not there, or damaged.", []string{"tier"}, nil)
	tierCopied = prometheus.NewDesc("ipdm_store_tier_copied_bytes", "Length of the encodings that are in both tiers.", nil, nil)
	tierMoves  = prometheus.NewDesc("ipdm_store_tier_moved_encodings_total", "Encodings moved to a tier.", []string{"to"}, nil)
	tierMoved  = prometheus.NewDesc("ipdm_store_tier_moved_bytes_total", "Length of the encodings moved to a tier.", []string{"to"}, nil)
)

// Describe implements prometheus.Collector.
func (tierFigures) Describe(descs chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{tierBytes, tierDisk, tierHits, tierMisses, tierCopied, tierMoves, tierMoved} {
		descs <- d
	}
}

// Collect implements prometheus.Collector.
func (c tierFigures) Collect(metrics chan<- prometheus.Metric) {
	f, err := c.tiers.Figures(context.Background())
	if err != nil {
		metrics <- prometheus.NewInvalidMetric(tierBytes, err)
		return
	}
	metric := func(desc *prometheus.Desc, kind prometheus.ValueType, value uint64, labels ...string) {
		metrics <- prometheus.MustNewConstMetric(desc, kind, float64(value), labels...)
	}
	for name, t := range eachTier(f) {
		metric(tierBytes, prometheus.GaugeValue, t.Bytes, name)
		metric(tierDisk, prometheus.GaugeValue, t.DiskBytes, name)
		metric(tierHits, prometheus.CounterValue, t.Hits, name)
		metric(tierMisses, prometheus.CounterValue, t.Misses, name)
	}
	metric(tierCopied, prometheus.GaugeValue, f.CopiedBytes)
	metric(tierMoves, prometheus.CounterValue, f.Promoted, "hot")
	metric(tierMoves, prometheus.CounterValue, f.Demoted, "cold")
	metric(tierMoved, prometheus.CounterValue, f.PromotedBytes, "hot")
	metric(tierMoved, prometheus.CounterValue, f.DemotedBytes, "cold")
}
