package node

import (
	"context"
	"log/slog"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/ipdm-network/ipdm/sidecar/data"
)

const (
	// healEvery is how often what is known to be damaged is tried to heal.
	healEvery = 10 * time.Minute
	// scrubRetry is the pause after a pass that failed.
	scrubRetry = time.Minute
)

// scrubber reads everything stored from time to time, and heals what anyone has found damaged. Close ends it.
type scrubber struct {
	background
	engine         *data.Engine
	interval       time.Duration
	bytesPerSecond uint64
	healEvery      time.Duration
	log            *slog.Logger
}

// startScrubber starts scrubbing; it returns nil if that is turned off.
func (n *Node) startScrubber() *scrubber {
	cfg := n.opts.Config.Store
	if cfg.ScrubInterval == 0 {
		return nil
	}
	s := &scrubber{
		engine:         n.engine,
		interval:       time.Duration(cfg.ScrubInterval),
		bytesPerSecond: uint64(cfg.ScrubRateMiB) << 20,
		healEvery:      healEvery,
		log:            n.log.With("part", "scrub"),
	}
	n.registry.MustRegister(scrubFigures{n.engine})
	s.start(s.passes, s.heals)
	return s
}

// passes makes one pass after the other until ctx is done.
func (s *scrubber) passes(ctx context.Context) {
	for ctx.Err() == nil {
		if err := s.pass(ctx); err != nil && ctx.Err() == nil {
			s.log.Error("failed to read everything stored", "error", err)
			wait(ctx, scrubRetry)
		}
	}
}

// pass waits until a pass is due and makes it.
func (s *scrubber) pass(ctx context.Context) error {
	due, err := s.engine.ScheduleScrub(ctx, time.Now().Add(s.interval))
	if err != nil {
		return err
	}
	before, err := s.engine.ScrubState(ctx)
	if err != nil {
		return err
	}
	if before.Started.IsZero() && !wait(ctx, min(time.Until(due), s.interval)) {
		return nil
	}
	err = s.engine.Scrub(ctx, s.bytesPerSecond, func(started time.Time) time.Time { return started.Add(s.interval) })
	if err != nil {
		return err
	}
	after, err := s.engine.ScrubState(ctx)
	if err != nil {
		return err
	}
	s.log.Info("read everything stored", "encodings", after.Encodings, "bytes", after.Bytes,
		"damaged", after.Damaged-before.Damaged, "healed", after.Healed-before.Healed, "next", after.Due)
	return nil
}

// heals tries to heal what is known to be damaged until ctx is done.
func (s *scrubber) heals(ctx context.Context) {
	for wait(ctx, s.healEvery) {
		stats, err := s.engine.Store().Stats(ctx)
		if err != nil || stats.Damaged == 0 {
			continue
		}
		if _, _, err := s.engine.HealDamaged(ctx); err != nil && ctx.Err() == nil {
			s.log.Error("failed to heal what is damaged", "error", err)
		}
	}
}

// wait waits for a time and tells whether ctx is still not done.
func wait(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return ctx.Err() == nil
	case <-ctx.Done():
		return false
	}
}

// scrubFigures reads how far scrubbing is when metrics are collected.
type scrubFigures struct{ engine *data.Engine }

var (
	scrubChecked  = prometheus.NewDesc("ipdm_store_scrub_checked_bytes_total", "Bytes of encodings read and compared by the scrubber.", nil, nil)
	scrubDamaged  = prometheus.NewDesc("ipdm_store_scrub_damaged_encodings_total", "Encodings that the scrubber found damaged.", nil, nil)
	scrubHealed   = prometheus.NewDesc("ipdm_store_scrub_healed_encodings_total", "Damaged encodings that were replaced.", nil, nil)
	scrubLastPass = prometheus.NewDesc("ipdm_store_scrub_last_pass_timestamp_seconds", "When everything stored had been read the last time; 0 if never.", nil, nil)
)

// Describe implements prometheus.Collector.
func (scrubFigures) Describe(descs chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{scrubChecked, scrubDamaged, scrubHealed, scrubLastPass} {
		descs <- d
	}
}

// Collect implements prometheus.Collector.
func (f scrubFigures) Collect(metrics chan<- prometheus.Metric) {
	st, err := f.engine.ScrubState(context.Background())
	if err != nil {
		metrics <- prometheus.NewInvalidMetric(scrubChecked, err)
		return
	}
	for desc, value := range map[*prometheus.Desc]uint64{
		scrubChecked: st.TotalBytes, scrubDamaged: st.Damaged, scrubHealed: st.Healed,
	} {
		metrics <- prometheus.MustNewConstMetric(desc, prometheus.CounterValue, float64(value))
	}
	var last float64
	if !st.Finished.IsZero() {
		last = float64(st.Finished.Unix())
	}
	metrics <- prometheus.MustNewConstMetric(scrubLastPass, prometheus.GaugeValue, last)
}
