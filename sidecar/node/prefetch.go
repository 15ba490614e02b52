package node

import (
	"context"
	"log/slog"
	"time"

	"github.com/ipfs/go-cid"
	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/ipdm-network/ipdm/sdk/go/format"
	"github.com/ipdm-network/ipdm/sidecar/data"
	"github.com/ipdm-network/ipdm/sidecar/data/prefetch"
)

const (
	// stagedPart is the part of memory_cache_mib, one byte in so many, for what is loaded and has not been read yet.
	stagedPart = 8
	// warmPart is the part of the cache, one byte in so many, that is filled after a start.
	warmPart = 2
	// warmQuiet is how long nothing must have been served for the next block to be read, warmPause how often to look.
	warmQuiet = 200 * time.Millisecond
	warmPause = 100 * time.Millisecond
	// localReader is the name of those who read through the API; those of peers are their ids.
	localReader = ""
)

// startPrefetch starts the loading of what is likely to be read, if that is on. Nothing is served before it has returned.
func (n *Node) startPrefetch() {
	if n.staged == nil {
		return
	}
	cfg := n.opts.Config.Store
	o := prefetch.Options{Store: n.staged, Memory: n.cache, Pins: n.engine, Sequences: cfg.Prefetch}
	if cfg.WarmUp {
		o.Successors = n.engine.Successors()
	}
	n.prefetch = prefetch.New(o)
	n.registry.MustRegister(prefetchFigures{n.prefetch})
}

// opened tells the prefetcher that a root is read through the API.
func (n *Node) opened(root cid.Cid) {
	if d, err := format.DigestOf(root); err == nil && n.prefetch != nil {
		n.prefetch.Read(localReader, d)
	}
}

// bitswapServer is what Bitswap serves by: the engine, and the prefetcher is told as well.
type bitswapServer struct {
	*data.Engine
	prefetch *prefetch.Prefetcher
}

// Touch implements blockstore.Server.
func (s bitswapServer) Touch(block format.Digest) {
	s.Engine.Touch(block)
	s.prefetch.ServedBlock(block)
}

// audience tells the prefetcher what peers have got. It implements transfer.Audience.
type audience struct{ prefetch *prefetch.Prefetcher }

// Asked implements transfer.Audience.
func (a audience) Asked(by peer.ID, encodings []format.Digest) {
	a.prefetch.Asked(string(by), encodings)
}

// Served implements transfer.Audience.
func (a audience) Served(to peer.ID, block format.Digest) {
	a.prefetch.ServedEncoding(string(to), block)
}

// sent is told of the blocks that Bitswap has sent. Only nodes can begin a root of several blocks.
func (a audience) sent(to peer.ID, c cid.Cid) {
	if c.Type() != format.DagPB {
		return
	}
	if d, err := format.DigestOf(c); err == nil {
		a.prefetch.Read(string(to), d)
	}
}

// warmUp fills the memory cache after a start. Close ends it.
type warmUp struct {
	background
	node *Node
	log  *slog.Logger
}

// startWarmUp starts to fill the memory cache; it returns nil if that is turned off.
func (n *Node) startWarmUp() *warmUp {
	if n.prefetch == nil || !n.opts.Config.Store.WarmUp {
		return nil
	}
	w := &warmUp{node: n, log: n.log.With("part", "data")}
	w.start(w.run)
	return w
}

func (w *warmUp) run(ctx context.Context) {
	hottest := w.node.engine.Heat().Hottest(data.HeatCapacity)
	blocks, err := prefetch.WarmUp(ctx, w.node.cache, hottest, w.node.cacheBytes/warmPart, w.idle)
	switch {
	case ctx.Err() != nil:
	case err != nil:
		w.log.Warn("the memory cache begins cold", "error", err)
	case blocks > 0:
		w.log.Info("loaded into memory what is read most", "blocks", blocks)
	}
}

// idle waits until nothing is put, fetched or served.
func (w *warmUp) idle(ctx context.Context) error {
	for ctx.Err() == nil && (w.node.engine.Busy() || !w.node.prefetch.Idle(warmQuiet)) {
		wait(ctx, warmPause)
	}
	return ctx.Err()
}

// prefetchFigures reads the figures of the prefetcher when they are collected.
type prefetchFigures struct{ prefetch *prefetch.Prefetcher }

var (
	prefetchLoaded    = prometheus.NewDesc("ipdm_prefetch_loaded_total", "Blocks and encodings loaded into memory before they were asked for.", nil, nil)
	prefetchUsed      = prometheus.NewDesc("ipdm_prefetch_used_total", "Of these, read from memory afterwards.", nil, nil)
	prefetchDisplaced = prometheus.NewDesc("ipdm_prefetch_displaced_total", "Of these, gone from memory before anybody read them.", nil, nil)
	prefetchOvertaken = prometheus.NewDesc("ipdm_prefetch_overtaken_total", "Blocks and encodings that were read before their loading began.", nil, nil)
	prefetchBytes     = prometheus.NewDesc("ipdm_prefetch_bytes", "What is loaded, or going to be, and has not been read yet.", nil, nil)
	prefetchPredicted = prometheus.NewDesc("ipdm_prefetch_predicted_roots_total", "Roots expected to be opened next.", nil, nil)
	prefetchConfirmed = prometheus.NewDesc("ipdm_prefetch_confirmed_roots_total", "Of these, opened next.", nil, nil)
	prefetchLost      = prometheus.NewDesc("ipdm_prefetch_lost_events_total", "Reads that were not looked at because too many came at a time.", nil, nil)
)

// Describe implements prometheus.Collector.
func (prefetchFigures) Describe(descs chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{
		prefetchLoaded, prefetchUsed, prefetchDisplaced, prefetchOvertaken, prefetchBytes, prefetchPredicted, prefetchConfirmed, prefetchLost,
	} {
		descs <- d
	}
}

// Collect implements prometheus.Collector.
func (p prefetchFigures) Collect(metrics chan<- prometheus.Metric) {
	f := p.prefetch.Figures()
	for desc, value := range map[*prometheus.Desc]uint64{
		prefetchLoaded: f.Loaded, prefetchUsed: f.Used, prefetchDisplaced: f.Displaced, prefetchOvertaken: f.Overtaken,
		prefetchPredicted: f.Predicted, prefetchConfirmed: f.Confirmed, prefetchLost: f.Lost,
	} {
		metrics <- prometheus.MustNewConstMetric(desc, prometheus.CounterValue, float64(value))
	}
	metrics <- prometheus.MustNewConstMetric(prefetchBytes, prometheus.GaugeValue, float64(f.Bytes))
}
