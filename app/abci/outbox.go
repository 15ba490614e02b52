package abci

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"slices"
	"sync"
	"time"

	"cosmossdk.io/log/v2"
)

// sourceTimeout is how long the sources together may take for one payload. A
// source that takes longer is cut off through its context.
const sourceTimeout = 2 * time.Second

// Source is something a validator wants to say in its votes.
//
// A source that is an io.Closer is closed with the outbox, perhaps repeatedly.
type Source interface {
	// Kind is the kind of the section. Each source has its own.
	Kind() SectionKind

	// Pending returns the data of the section given that the block of the given
	// height has been committed, or nothing when there is nothing to say. It may
	// be at most limitBytes long. It is called after a commit, off the consensus
	// path, by one goroutine. It must return an item again and again until the
	// committed state shows that the chain has recorded it.
	Pending(ctx context.Context, committedHeight int64, limitBytes int) ([]byte, error)
}

// Outbox holds the payload of the next vote extension. It is refilled after
// commits only, so a block that was executed optimistically and then dropped
// leaves nothing behind. It is safe for concurrent use.
type Outbox struct {
	logger  log.Logger
	sources []Source // by ascending kind

	mu      sync.Mutex
	payload []byte // guarded by mu; nil until something has been prepared

	commits chan int64 // newest committed height that the worker has not seen
	stop    context.CancelFunc
	done    chan struct{} // closed when the worker has returned
}

// NewOutbox makes an outbox over the sources and starts the goroutine that asks
// them, which Close ends. It returns an error if two sources have one kind.
func NewOutbox(logger log.Logger, sources ...Source) (*Outbox, error) {
	sorted := slices.SortedFunc(slices.Values(sources), func(a, b Source) int { return int(a.Kind()) - int(b.Kind()) })
	for i := 1; i < len(sorted); i++ {
		if sorted[i].Kind() == sorted[i-1].Kind() {
			return nil, fmt.Errorf("two vote extension sources of kind %d", sorted[i].Kind())
		}
	}

	ctx, stop := context.WithCancel(context.Background())
	o := &Outbox{
		logger:  logger.With(log.ModuleKey, "vote-extensions"),
		sources: sorted,
		commits: make(chan int64, 1),
		stop:    stop,
		done:    make(chan struct{}),
	}
	if len(sorted) == 0 {
		o.payload = []byte{payloadVersion}
		close(o.done)
		return o, nil
	}
	go o.work(ctx)
	return o, nil
}

// Committed tells the outbox that the block of the given height has been
// committed. It does not wait.
func (o *Outbox) Committed(height int64) {
	if len(o.sources) == 0 {
		return
	}
	select {
	case <-o.commits: // drop a height that was not looked at yet
	default:
	}
	select {
	case o.commits <- height:
	default:
	}
}

// Payload returns the newest payload that has been prepared, nil if there is
// none. It does not wait. The caller owns the result.
func (o *Outbox) Payload() []byte {
	o.mu.Lock()
	defer o.mu.Unlock()
	return bytes.Clone(o.payload)
}

// Close ends the goroutine of the outbox and waits for it, and then closes the
// sources that are io.Closers. It may be called more than once.
func (o *Outbox) Close() {
	o.stop()
	<-o.done
	for _, source := range o.sources {
		closer, ok := source.(io.Closer)
		if !ok {
			continue
		}
		if err := closer.Close(); err != nil {
			o.logger.Error("failed to close a vote extension source", "kind", source.Kind(), "err", err)
		}
	}
}

func (o *Outbox) work(ctx context.Context) {
	defer close(o.done)
	for {
		select {
		case <-ctx.Done():
			return
		case height := <-o.commits:
			payload := o.prepare(ctx, height)
			o.mu.Lock()
			o.payload = payload
			o.mu.Unlock()
		}
	}
}

// prepare asks every source and leaves out those that fail or do not fit. Those
// with the greater kinds come first: they have little to say, and the verdicts
// take what room is left.
func (o *Outbox) prepare(ctx context.Context, height int64) []byte {
	ctx, cancel := context.WithTimeout(ctx, sourceTimeout)
	defer cancel()

	var sections []Section
	freeBytes := MaxExtensionBytes - 1
	for _, source := range slices.Backward(o.sources) {
		limitBytes := freeBytes - sectionHeaderBytes
		if limitBytes <= 0 {
			break
		}
		data, err := ask(ctx, source, height, limitBytes)
		if err != nil {
			o.logger.Error("vote extension source failed: its section stays empty", "kind", source.Kind(), "height", height, "err", err)
			continue
		}
		if len(data) == 0 {
			continue
		}
		sections = append(sections, Section{Kind: source.Kind(), Data: data})
		freeBytes -= sectionHeaderBytes + len(data)
	}

	slices.Reverse(sections)
	payload, err := EncodePayload(sections)
	if err != nil {
		o.logger.Error("failed to encode the vote extension: it stays empty", "height", height, "err", err)
		return nil
	}
	return payload
}

// ask calls one source and turns a panic or an oversize answer into an error.
func ask(ctx context.Context, source Source, height int64, limitBytes int) (data []byte, err error) {
	defer func() {
		if r := recover(); r != nil {
			data, err = nil, fmt.Errorf("panic: %v", r)
		}
	}()
	data, err = source.Pending(ctx, height, limitBytes)
	if err != nil {
		return nil, err
	}
	if len(data) > limitBytes {
		return nil, fmt.Errorf("%d bytes, at most %d", len(data), limitBytes)
	}
	return data, nil
}
