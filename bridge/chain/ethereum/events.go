package ethereum

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
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
	return newReader(nodes, cfg.Gateway, cfg.FirstBlock, least), nil
}

// minEndpoints returns how many endpoints have to answer unless it is said otherwise.
func minEndpoints(urls []string) int { return min(len(urls), 2) }

func newReader(nodes []endpoint, gateway common.Address, firstBlock uint64, least int) *Reader {
	r := &Reader{nodes: nodes, least: least}
	for _, node := range nodes {
		r.sources = append(r.sources, newSource(node, gateway, firstBlock))
	}
	return r
}

// Close closes the connections.
func (r *Reader) Close() { hangUp(r.nodes) }

// Events reads final events, at most limit from a nonce on, as relayer.Gateway says. All endpoints are asked at the same time. Those that
// answer have to agree up to the block that is final for all of them; Through is just before its time, since on some chains blocks of the
// same time follow. It fails, with the hosts' names, if too few answer, if two contradict each other, or if one shows fewer events than the
// gateway counts.
func (r *Reader) Events(ctx context.Context, first uint64, limit int) (relayer.Events, error) {
	if limit < 1 {
		return relayer.Events{}, fmt.Errorf("at most %d events are asked for: at least 1 expected", limit)
	}
	views, failures := r.views(ctx, first, limit)
	if errors.Is(failures, errUnsound) {
		return relayer.Events{}, fmt.Errorf("failed to read events: %w", failures)
	}
	if err := r.enough(len(views), failures); err != nil {
		return relayer.Events{}, err
	}
	oldest := slices.MinFunc(views, func(a, b view) int { return cmp.Compare(a.final.number, b.final.number) })
	records := oldest.until(oldest.final.number)
	agreed := 0
	for _, v := range views {
		same, err := v.block(ctx, oldest.final.number)
		switch {
		case err != nil:
			failures = errors.Join(failures, fmt.Errorf("%s: %w", v.of.host, err))
			continue
		case same != oldest.final:
			return relayer.Events{}, fmt.Errorf("%s and %s disagree on block %d", oldest.of.host, v.of.host, oldest.final.number)
		case !slices.EqualFunc(records, v.until(oldest.final.number), sameEvent):
			return relayer.Events{}, fmt.Errorf("%s and %s disagree on the events from %d on", oldest.of.host, v.of.host, first)
		}
		agreed++
	}
	if err := r.enough(agreed, failures); err != nil {
		return relayer.Events{}, err
	}
	return relayer.Events{Records: records, Through: time.UnixMilli(int64(oldest.final.millis) - 1).UTC()}, nil
}

// views asks all endpoints at the same time.
func (r *Reader) views(ctx context.Context, first uint64, limit int) (views []view, failures error) {
	all, errs := make([]view, len(r.sources)), make([]error, len(r.sources))
	var asked sync.WaitGroup
	for i, s := range r.sources {
		asked.Go(func() { all[i], errs[i] = s.view(ctx, first, limit) })
	}
	asked.Wait()
	for i, err := range errs {
		if err != nil {
			failures = errors.Join(failures, fmt.Errorf("%s: %w", r.sources[i].host, err))
			continue
		}
		views = append(views, all[i])
	}
	return views, failures
}

// enough fails if too few endpoints have answered.
func (r *Reader) enough(answers int, failures error) error {
	if answers >= r.least {
		return nil
	}
	return fmt.Errorf("failed to read events: %d of %d endpoints answer, %d have to: %w", answers, len(r.sources), r.least, failures)
}

// sameEvent compares records by their events, which have the hashes of the payloads.
func sameEvent(a, b wire.EventRecord) bool { return a.Event == b.Event }
