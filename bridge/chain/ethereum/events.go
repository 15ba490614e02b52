package ethereum

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/ethereum/go-ethereum/common"

	"github.com/ipdm-network/ipdm/bridge/relayer"
	"github.com/ipdm-network/ipdm/x/bridge/wire"
)

// ReaderConfig says whose events to read, and where.
type ReaderConfig struct {
	Name         string         // in errors; "ethereum" if empty
	URLs         []string       // of JSON-RPC endpoints
	Gateway      common.Address // IpdmGateway
	Domain       wire.Domain    // that it has to be of; 0 is not checked
	FirstBlock   uint64         // from which its events are looked for
	CallTimeout  time.Duration  // of one request; 15 s if it is zero
	MinEndpoints int            // how many have to answer; if it is zero two, or one where no more is given
}

// Reader reads the events of one gateway. It needs no key. It is safe for concurrent use, and no goroutine outlives a call but for those
// of connections.
type Reader struct {
	nodes   []endpoint
	sources []*source // one for each node
	least   int       // how many of them have to answer
}

// NewReader returns a reader. Close it after use. It fails if the settings are not complete or an endpoint's URL is malformed.
func NewReader(ctx context.Context, cfg ReaderConfig) (*Reader, error) {
	if len(cfg.URLs) == 0 || cfg.Gateway == (common.Address{}) {
		return nil, errors.New("endpoints and gateway have to be given")
	}
	least := cmp.Or(cfg.MinEndpoints, minEndpoints(cfg.URLs))
	if least < 1 || least > len(cfg.URLs) {
		return nil, fmt.Errorf("%d endpoints have to answer, but %d are given", least, len(cfg.URLs))
	}
	nodes, err := dial(ctx, cmp.Or(cfg.Name, defaultName), cfg.URLs, cmp.Or(cfg.CallTimeout, defaultCallTimeout))
	if err != nil {
		return nil, err
	}
	return newReader(nodes, gateway{cfg.Gateway, cfg.Domain, cfg.FirstBlock}, least), nil
}

// minEndpoints returns how many endpoints have to answer unless it is said otherwise.
func minEndpoints(urls []string) int { return min(len(urls), 2) }

// gateway is one whose events are read.
type gateway struct {
	address    common.Address
	domain     wire.Domain // 0 for any
	firstBlock uint64
}

func newReader(nodes []endpoint, of gateway, least int) *Reader {
	r := &Reader{nodes: nodes, least: least}
	for _, node := range nodes {
		r.sources = append(r.sources, newSource(node, of))
	}
	return r
}

// Close closes the connections.
func (r *Reader) Close() { hangUp(r.nodes) }

// Events reads final events, at most limit from a nonce on, as relayer.Gateway says. All endpoints are asked at the same time, each for a
// part of the time that ctx leaves. The bound is the final block up to which as many have come as have to answer, so that one that is stuck
// keeps nobody waiting. Those that are ahead of it have to agree up to it, those that are behind up to where they are. Through is just before
// the bound's time, since on some chains blocks of the same time follow. It fails, with the hosts' names, if too few answer, if two
// contradict each other, if one shows fewer events than the gateway counts, or if the gateway is of another domain.
func (r *Reader) Events(ctx context.Context, first uint64, limit int) (relayer.Events, error) {
	if limit < 1 {
		return relayer.Events{}, fmt.Errorf("at most %d events are asked for: at least 1 expected", limit)
	}
	views, failures := concurrently(ctx, r.sources, func(ctx context.Context, s *source) (view, error) { return s.view(ctx, first, limit) })
	for len(views) >= r.least && !wrong(failures) {
		slices.SortStableFunc(views, func(a, b view) int { return cmp.Compare(b.final.number, a.final.number) })
		bound := views[r.least-1]
		agreeing, others := concurrently(ctx, views, func(ctx context.Context, v view) (view, error) { return v, agree(ctx, bound, v) })
		if others == nil {
			through := time.UnixMilli(int64(bound.final.millis) - 1).UTC()
			return relayer.Events{Records: bound.until(bound.final.number), Through: through}, nil
		}
		views, failures = agreeing, errors.Join(failures, others)
	}
	if errors.Is(failures, errDisagree) {
		for _, s := range r.sources {
			s.keep(progress{}) // one is wrong, and must not stay so
		}
	}
	if wrong(failures) {
		return relayer.Events{}, fmt.Errorf("failed to read events: %w", failures)
	}
	return relayer.Events{}, fmt.Errorf(
		"failed to read events: %d of %d endpoints answer, %d have to: %w", len(views), len(r.sources), r.least, failures)
}

// wrong tells whether something is amiss that no other endpoint's answer can outweigh.
func wrong(err error) bool {
	return errors.Is(err, errUnsound) || errors.Is(err, errDomain) || errors.Is(err, errDisagree)
}
