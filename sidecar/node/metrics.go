package node

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/ipdm-network/ipdm/sidecar/data/cache"
	"github.com/ipdm-network/ipdm/sidecar/data/store"
)

// metricsServer serves /metrics and /healthz.
type metricsServer struct {
	server  *http.Server
	address string
	serving sync.WaitGroup
}

// startMetrics registers the node's own metrics and serves them; without an address it only registers.
func startMetrics(address string, n *Node) (*metricsServer, error) {
	n.registry.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}), storeFigures{n.store})
	if n.cache != nil {
		n.registry.MustRegister(cacheFigures{n.cache})
	}
	if n.tiers != nil {
		n.registry.MustRegister(tierFigures{n.tiers})
	}
	if address == "" {
		return nil, nil //nolint:nilnil // off is no error
	}
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return nil, fmt.Errorf("failed to listen for metrics on %s: %w (set [metrics] listen to another port)", address, err)
	}
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", promhttp.HandlerFor(n.registry, promhttp.HandlerOpts{}))
	mux.HandleFunc("GET /healthz", n.healthz)
	m := &metricsServer{
		server:  &http.Server{Handler: mux, ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 10 * time.Second, WriteTimeout: 30 * time.Second},
		address: listener.Addr().String(),
	}
	m.serving.Go(func() {
		if err := m.server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			n.fail(fmt.Errorf("failed to serve metrics: %w", err))
		}
	})
	return m, nil
}

// healthz answers 200 when the store works and 503 with the reason when it does not.
func (n *Node) healthz(w http.ResponseWriter, r *http.Request) {
	body := map[string]any{"status": "ok", "peer_id": n.network.ID().String(), "peers": len(n.network.Peers())}
	w.Header().Set("Content-Type", "application/json")
	if _, err := n.store.Stats(r.Context()); err != nil {
		body["status"], body["error"] = "failing", err.Error()
		w.WriteHeader(http.StatusServiceUnavailable)
	}
	// A client that has gone away is nobody to tell.
	_ = json.NewEncoder(w).Encode(body)
}

func (m *metricsServer) close() error {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	err := m.server.Shutdown(ctx)
	if err != nil {
		err = m.server.Close()
	}
	m.serving.Wait()
	return err
}

// storeFigures reads the store's figures when they are collected.
type storeFigures struct{ store store.Store }

var (
	storeEncodings = prometheus.NewDesc("ipdm_store_encodings", "Encodings stored.", nil, nil)
	storeBlocks    = prometheus.NewDesc("ipdm_store_blocks", "Blocks in all encodings.", nil, nil)
	storeEnvelopes = prometheus.NewDesc("ipdm_store_envelope_bytes", "Length of all encodings.", nil, nil)
	storePlain     = prometheus.NewDesc("ipdm_store_plain_bytes", "Length of all blocks in plain form.", nil, nil)
	storeDisk      = prometheus.NewDesc("ipdm_store_disk_bytes", "What the store occupies on disk.", nil, nil)
	storeQuota     = prometheus.NewDesc("ipdm_store_quota_bytes", "What the store may occupy on disk; 0 is no quota.", nil, nil)
	storeFree      = prometheus.NewDesc("ipdm_store_free_bytes", "What can be stored until the quota or the reserve is reached.", nil, nil)
	storeDamaged   = prometheus.NewDesc("ipdm_store_damaged_encodings", "Encodings found unreadable since the start.", nil, nil)
)

// Describe implements prometheus.Collector.
func (storeFigures) Describe(descs chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{storeEncodings, storeBlocks, storeEnvelopes, storePlain, storeDisk, storeQuota, storeFree, storeDamaged} {
		descs <- d
	}
}

// Collect implements prometheus.Collector.
func (f storeFigures) Collect(metrics chan<- prometheus.Metric) {
	s, err := f.store.Stats(context.Background())
	if err != nil {
		metrics <- prometheus.NewInvalidMetric(storeEncodings, err)
		return
	}
	for desc, value := range map[*prometheus.Desc]uint64{
		storeEncodings: s.Encodings, storeBlocks: s.Blocks, storeEnvelopes: s.EnvelopeBytes,
		storePlain: s.PlainBytes, storeDisk: s.DiskBytes, storeQuota: s.QuotaBytes,
		storeFree: s.FreeBytes, storeDamaged: s.Damaged,
	} {
		metrics <- prometheus.MustNewConstMetric(desc, prometheus.GaugeValue, float64(value))
	}
}

// cacheFigures reads the figures of the cache in memory when they are collected.
type cacheFigures struct{ cache *cache.Store }

var (
	cacheHits      = prometheus.NewDesc("ipdm_memory_cache_hits_total", "Blocks read from memory.", nil, nil)
	cacheMisses    = prometheus.NewDesc("ipdm_memory_cache_misses_total", "Blocks looked for in the store, because they were not in memory.", nil, nil)
	cacheEvictions = prometheus.NewDesc("ipdm_memory_cache_evictions_total", "Blocks that made room in memory for others, or were not let in.", nil, nil)
	cacheBlocks    = prometheus.NewDesc("ipdm_memory_cache_blocks", "Blocks in memory.", nil, nil)
	cacheBytes     = prometheus.NewDesc("ipdm_memory_cache_bytes", "Memory that they take.", nil, nil)
)

// Describe implements prometheus.Collector.
func (cacheFigures) Describe(descs chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{cacheHits, cacheMisses, cacheEvictions, cacheBlocks, cacheBytes} {
		descs <- d
	}
}

// Collect implements prometheus.Collector.
func (c cacheFigures) Collect(metrics chan<- prometheus.Metric) {
	f := c.cache.Figures()
	for desc, value := range map[*prometheus.Desc]uint64{cacheHits: f.Hits, cacheMisses: f.Misses, cacheEvictions: f.Evictions} {
		metrics <- prometheus.MustNewConstMetric(desc, prometheus.CounterValue, float64(value))
	}
	for desc, value := range map[*prometheus.Desc]uint64{cacheBlocks: f.Blocks, cacheBytes: f.Bytes} {
		metrics <- prometheus.MustNewConstMetric(desc, prometheus.GaugeValue, float64(value))
	}
}
