package node

import (
	"context"
	"log/slog"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/ipdm-network/ipdm/sidecar/data"
)

const (
	// reencodeRetry is how soon a pass that was cut short is followed by the next.
	reencodeRetry = time.Minute
	// reencodePass and reencodeRate bound a pass to some seconds, and what it takes of the disk and a core.
	reencodePass = 128 << 20
	reencodeRate = 16 << 20
)

// reencodable is what a reencoder calls.
type reencodable interface {
	Reencode(ctx context.Context, o data.ReencodeOptions) (data.ReencodeResult, error)
}

// reencoder has the store encoded by how often it is read, from time to time. Close ends it.
type reencoder struct {
	background
	content  reencodable
	interval time.Duration
	log      *slog.Logger

	plain prometheus.Counter
	saved prometheus.Counter
	added prometheus.Counter
}

// startReencoder starts the encoding anew; it returns nil if that is turned off.
func (n *Node) startReencoder() *reencoder {
	cfg := n.opts.Config.Store
	if !cfg.Reencode {
		return nil
	}
	r := newReencoder(n.engine, time.Duration(cfg.ReencodeInterval), n.log.With("part", "reencode"))
	n.registry.MustRegister(r.plain, r.saved, r.added)
	r.start(r.run)
	return r
}

// newReencoder returns a reencoder that has not started.
func newReencoder(content reencodable, interval time.Duration, log *slog.Logger) *reencoder {
	counter := func(name, help string) prometheus.Counter {
		return prometheus.NewCounter(prometheus.CounterOpts{Name: name, Help: help})
	}
	return &reencoder{
		content:  content,
		interval: interval,
		log:      log,
		plain:    counter("ipdm_store_reencoded_bytes_total", "Plain size of what was encoded anew."),
		saved:    counter("ipdm_store_reencode_saved_bytes_total", "By how much passes of encoding anew made the store smaller."),
		added:    counter("ipdm_store_reencode_added_bytes_total", "By how much passes of encoding anew made the store larger, for what is read often."),
	}
}

// run makes passes until ctx is done.
func (r *reencoder) run(ctx context.Context) {
	next := time.NewTimer(r.interval)
	defer next.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-next.C:
			next.Reset(r.pass(ctx))
		}
	}
}

// pass makes one pass and returns how long to wait for the next.
func (r *reencoder) pass(ctx context.Context) time.Duration {
	result, err := r.content.Reencode(ctx, data.ReencodeOptions{MaxBytes: reencodePass, BytesPerSecond: reencodeRate})
	r.plain.Add(float64(result.PlainBytes))
	r.saved.Add(float64(result.OldBytes - min(result.NewBytes, result.OldBytes)))
	r.added.Add(float64(result.NewBytes - min(result.NewBytes, result.OldBytes)))
	switch {
	case ctx.Err() != nil:
	case err != nil:
		r.log.Error("encoding anew failed", "error", err)
	case result.Replaced > 0:
		r.log.Info("encoded anew", "replaced_encodings", result.Replaced, "plain_bytes", result.PlainBytes,
			"old_bytes", result.OldBytes, "new_bytes", result.NewBytes)
	}
	if result.More && err == nil {
		return min(reencodeRetry, r.interval)
	}
	return r.interval
}
