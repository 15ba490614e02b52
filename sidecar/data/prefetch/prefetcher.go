package prefetch

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"sync"
	"sync/atomic"
	"time"

	"github.com/ipfs/go-cid"

	"github.com/ipdm-network/ipdm/sdk/go/format"
	"github.com/ipdm-network/ipdm/sdk/go/format/envelope"
	"github.com/ipdm-network/ipdm/sdk/go/format/manifest"
	"github.com/ipdm-network/ipdm/sdk/go/format/unixfs"
	"github.com/ipdm-network/ipdm/sidecar/data"
	"github.com/ipdm-network/ipdm/sidecar/data/heat"
)

const (
	// loaders is how many items are loaded at a time, maxQueued how many wait for it.
	loaders   = 8
	maxQueued = 4096
	// maxEvents is how many events wait to be looked at. More are lost, which costs a guess and nothing else.
	maxEvents = 1024
	// encodingGuess is what an encoding is taken for until it is loaded.
	encodingGuess = 512 << 10
	// sharedBytes is the length from which a block is kept as the store returned it. A shorter one is copied: it may have
	// been cut out of a decoded pack, all of which would stay in memory with it.
	sharedBytes = envelope.MaxPlainSize / 2
)

// Memory is the cache above the Store; *cache.Store is one.
type Memory interface {
	// Peek returns a block that is in memory, and does not count as a read.
	Peek(block format.Digest) (format.Block, bool)
}

// Pins finds manifests; *data.Engine does.
type Pins interface {
	Pins(ctx context.Context, root cid.Cid) ([]data.Pin, error)
}

// Options are the parts of a Prefetcher. Those without a remark are needed.
type Options struct {
	Store  *Store
	Memory Memory
	Pins   Pins
	// Sequences has the next blocks of what is being read loaded.
	Sequences bool
	// Successors has the beginning of what is likely to be opened next loaded, and learns that; may be nil.
	Successors *heat.Successors
	// Now is the clock, time.Now if nil.
	Now func() time.Time
}

// Prefetcher loads into a Store what it guesses will be read. Those who serve blocks tell it which; these calls return at
// once and may be concurrent. What it learns too late, or too much of, it leaves out.
type Prefetcher struct {
	opts       Options
	stage      *stage
	maxWindow  int
	events     chan event
	jobs       chan *staged
	cancel     context.CancelFunc
	running    sync.WaitGroup
	lastServed atomic.Int64 // unix nanoseconds
	lost       atomic.Uint64
	predicted  atomic.Uint64
	confirmed  atomic.Uint64

	// What follows is used by the goroutine that looks at events.
	known   *known
	readers *readers
	tick    uint64
}

// eventKind says how a block was handed out.
type eventKind uint8

const (
	servedBlock    eventKind = iota // as it is
	servedEncoding                  // in an encoding
	seen                            // it is only known who has got it
)

type event struct {
	kind   eventKind
	reader string
	block  format.Digest
	asked  []format.Digest // nil but for what has been asked for and not been handed out yet
}

// Figures are the counts of a Prefetcher since it was started.
type Figures struct {
	Loaded    uint64 // blocks and encodings
	Used      uint64 // of these, read from memory
	Displaced uint64 // of these, displaced or deleted before anybody read them
	Overtaken uint64 // planned, but read before their turn came
	Bytes     uint64 // loaded and not yet read, now
	Predicted uint64 // roots whose opening was foreseen
	Confirmed uint64 // of these, opened
	Lost      uint64 // events left out because too many waited
}

// New starts a Prefetcher, until Close.
func New(o Options) *Prefetcher {
	if o.Now == nil {
		o.Now = time.Now
	}
	p := &Prefetcher{
		opts:      o,
		stage:     o.Store.stage,
		maxWindow: min(maxWindowBytes, o.Store.stage.maxBytes/2),
		events:    make(chan event, maxEvents),
		jobs:      make(chan *staged, maxQueued),
		known:     newKnown(),
		readers:   newReaders(),
	}
	ctx, cancel := context.WithCancel(context.Background())
	p.cancel = cancel
	p.running.Go(func() { p.watch(ctx) })
	for range loaders {
		p.running.Go(func() { p.loadAll(ctx) })
	}
	return p
}

// Close ends what is under way and waits for it. The Store stays open.
func (p *Prefetcher) Close() {
	p.cancel()
	p.running.Wait()
}

// ServedBlock tells that a block was handed out in plain form, it is not known to whom.
func (p *Prefetcher) ServedBlock(block format.Digest) {
	if p.opts.Sequences {
		p.tell(event{kind: servedBlock, block: block})
	}
}

// ServedEncoding tells that a block was handed to a reader in an encoding that holds it, or an encoding by its own digest.
func (p *Prefetcher) ServedEncoding(reader string, block format.Digest) {
	p.tell(event{kind: servedEncoding, reader: reader, block: block})
}

// Read tells who reads a block that may be the start of a root. Every reader has a name of its own.
func (p *Prefetcher) Read(reader string, block format.Digest) {
	if p.opts.Successors != nil {
		p.tell(event{kind: seen, reader: reader, block: block})
	}
}

// Asked tells that a reader has asked for encodings, by their own digests, and is going to be handed them in this order. The
// slice is not to be changed afterwards.
func (p *Prefetcher) Asked(reader string, encodings []format.Digest) {
	if p.opts.Sequences && len(encodings) > 1 {
		p.tell(event{kind: servedEncoding, reader: reader, block: encodings[0], asked: encodings})
	}
}

func (p *Prefetcher) tell(e event) {
	p.lastServed.Store(p.opts.Now().UnixNano())
	select {
	case p.events <- e:
	default:
		p.lost.Add(1)
	}
}

// Idle tells whether nothing has been served for a time.
func (p *Prefetcher) Idle(since time.Duration) bool {
	return p.opts.Now().UnixNano()-p.lastServed.Load() >= int64(since)
}

// Figures returns the counts.
func (p *Prefetcher) Figures() Figures {
	stats, held := p.stage.figures()
	return Figures{
		Loaded:    stats.loaded,
		Used:      stats.used,
		Displaced: stats.displaced,
		Overtaken: stats.overtaken,
		Bytes:     uint64(held),
		Predicted: p.predicted.Load(),
		Confirmed: p.confirmed.Load(),
		Lost:      p.lost.Load(),
	}
}

// loadAll loads what is planned until ctx is done.
func (p *Prefetcher) loadAll(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case e := <-p.jobs:
			if p.stage.begin(e) {
				b, err := p.load(ctx, e.item)
				p.stage.finish(e, b, err)
			}
		}
	}
}

func (p *Prefetcher) load(ctx context.Context, it item) (format.Block, error) {
	if it.encoded {
		data, err := p.opts.Store.Store.Encoding(ctx, it.digest)
		return format.Block{Digest: it.digest, Data: data}, err
	}
	b, err := p.opts.Store.Store.Open(ctx, it.digest)
	if len(b.Data) < sharedBytes {
		b.Data = bytes.Clone(b.Data)
	}
	return b, err
}

// watch looks at events until ctx is done.
func (p *Prefetcher) watch(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case e := <-p.events:
			p.tick++
			p.look(ctx, e)
		}
	}
}

func (p *Prefetcher) look(ctx context.Context, e event) {
	if e.asked != nil {
		p.expect(ctx, e)
		return
	}
	at, found := p.known.find(e.block)
	start := p.known.sequences[e.block]
	if start == nil && (!found || at.page.sequence.load == nil && at.entry().Codec != format.Raw) {
		start = p.open(ctx, e.block)
	}
	if start != nil && start.root {
		p.opened(ctx, e, start.start)
	}
	if e.kind == seen || !p.opts.Sequences {
		return
	}
	if found && at.page.sequence != start {
		p.advance(ctx, at.page.sequence, at.position(), e)
	}
	if start != nil {
		position := 0
		if e.block != start.start {
			position = -1 // the manifest itself, behind which the root comes
		}
		p.advance(ctx, start, position, e)
	}
}

// open finds out what begins with a block, nil if nothing does.
func (p *Prefetcher) open(ctx context.Context, block format.Digest) *sequence {
	info, err := p.opts.Store.Stat(ctx, block)
	if err != nil {
		return nil
	}
	switch info.Codec {
	case format.DagCBOR:
		body, err := p.read(ctx, block)
		if err != nil {
			return nil
		}
		header, err := manifest.DecodeHeader(body)
		if err != nil {
			return nil // a page, or something else
		}
		return p.openRoot(ctx, header.Root)
	case format.DagPB:
		if s := p.openRoot(ctx, format.NodeCID(block)); s != nil {
			return s
		}
		return p.openNode(ctx, block)
	}
	return nil
}

// openRoot makes the sequence of a root known, as a pinned manifest lists it. It returns nil if there is none.
func (p *Prefetcher) openRoot(ctx context.Context, c cid.Cid) *sequence {
	root, err := format.DigestOf(c)
	if err != nil {
		return nil
	}
	if s := p.known.sequences[root]; s != nil && s.root {
		return s
	}
	pins, err := p.opts.Pins.Pins(ctx, c)
	if err != nil || len(pins) == 0 {
		return nil
	}
	h := pins[0].Header
	s := &sequence{start: root, root: true, load: func(ctx context.Context, page int) ([]manifest.Entry, error) {
		return p.page(ctx, h, page)
	}}
	first, err := s.load(ctx, 0)
	if err != nil {
		return nil
	}
	p.known.add(s, first)
	return s
}

// expect has what was asked for loaded, in its order.
func (p *Prefetcher) expect(ctx context.Context, e event) {
	q := &sequence{start: e.block, encoded: true}
	entries := make([]manifest.Entry, len(e.asked))
	for i, d := range e.asked {
		entries[i] = manifest.Entry{Codec: format.Raw, Digest: d, Size: encodingGuess}
	}
	p.known.add(q, entries)
	s := q.follow(e.reader, 0, p.tick, min(beginningBytes, p.maxWindow))
	s.run = established
	p.fill(ctx, q, s, true, s.windowBytes)
}

// page reads a page of a manifest. It fails with io.EOF behind the last.
func (p *Prefetcher) page(ctx context.Context, h *manifest.Header, page int) ([]manifest.Entry, error) {
	if page >= len(h.Pages) {
		return nil, io.EOF
	}
	body, err := p.read(ctx, h.Pages[page])
	if err != nil {
		return nil, err
	}
	_, entries, err := manifest.DecodePage(body)
	return entries, err
}

// openNode makes a node and what it links to known. It returns nil if it links to nothing.
func (p *Prefetcher) openNode(ctx context.Context, block format.Digest) *sequence {
	body, err := p.read(ctx, block)
	if err != nil {
		return nil
	}
	node, err := unixfs.DecodeNode(body)
	if err != nil || len(node.Links) == 0 {
		return nil
	}
	entries := []manifest.Entry{{Codec: format.DagPB, Digest: block, Size: uint32(len(body))}}
	for _, l := range node.Links {
		if d, err := format.DigestOf(l.Cid); err == nil {
			size := uint32(min(l.TotalSizeBytes, format.MaxBlockSize))
			entries = append(entries, manifest.Entry{Codec: l.Cid.Prefix().Codec, Digest: d, Size: size})
		}
	}
	s := &sequence{start: block}
	p.known.add(s, entries)
	return s
}

// read returns a block without any sign that it was asked for.
func (p *Prefetcher) read(ctx context.Context, block format.Digest) ([]byte, error) {
	if b, ok := p.opts.Memory.Peek(block); ok {
		return b.Data, nil
	}
	b, err := p.opts.Store.Store.Open(ctx, block)
	if err != nil {
		return nil, fmt.Errorf("failed to read %s ahead: %w", block, err)
	}
	return b.Data, nil
}

// advance takes note of a read in a sequence and plans what comes next. The start of a root is the start of its reading, at
// position 0 or, if it is its manifest that was read, -1.
func (p *Prefetcher) advance(ctx context.Context, q *sequence, position int, e event) {
	s := q.follow(e.reader, max(position, 0), p.tick, min(minWindowBytes, p.maxWindow))
	if q.root && position <= 0 && s.next <= 1 {
		s.run = max(s.run, established)
	}
	encoded := e.kind == servedEncoding || q.encoded
	if position >= 0 {
		end := position + 1
		if encoded {
			end = p.endOfEncoding(ctx, q, s, e.block, end)
		}
		s.advance(end)
	}
	if s.run < established || s.aheadBytes >= s.windowBytes/2 {
		return
	}
	s.adapt(p.maxWindow)
	p.fill(ctx, q, s, encoded, s.windowBytes)
}

// endOfEncoding returns the position behind the blocks from a position on that were served in the same encoding as a block.
func (p *Prefetcher) endOfEncoding(ctx context.Context, q *sequence, s *stream, block format.Digest, end int) int {
	at, err := p.opts.Store.Locate(ctx, block)
	if err != nil || len(at) == 0 || q.encoded {
		return end
	}
	s.remembers(at[0])
	for range maxAhead {
		next, ok := p.known.entry(ctx, q, end)
		if !ok {
			break
		}
		in, err := p.opts.Store.Locate(ctx, next.Digest)
		if err != nil || len(in) == 0 || in[0] != at[0] {
			break
		}
		end++
	}
	return end
}

// fill plans what comes next in a sequence until it is so many bytes.
func (p *Prefetcher) fill(ctx context.Context, q *sequence, s *stream, encoded bool, upTo int) {
	for s.aheadBytes < upTo && len(s.sizes) < maxAhead {
		next, ok := p.known.entry(ctx, q, s.planned())
		if !ok {
			return
		}
		if !q.elsewhere(s, s.planned()) && !p.plan(ctx, q, s, next, encoded) {
			return
		}
		s.plan(int(next.Size))
	}
}

// plan has a block loaded, or an encoding that holds it, unless it is in memory. It returns false if there is no room.
func (p *Prefetcher) plan(ctx context.Context, q *sequence, s *stream, block manifest.Entry, encoded bool) bool {
	it := item{digest: block.Digest, encoded: encoded}
	if encoded && !q.encoded {
		at, err := p.opts.Store.Locate(ctx, block.Digest)
		if err != nil || len(at) == 0 || s.remembers(at[0]) {
			return true
		}
		it.digest = at[0]
	} else if _, ok := p.opts.Memory.Peek(block.Digest); ok {
		return true
	}
	planned, ok := p.stage.plan(it, int(block.Size), s.outcome)
	if planned == nil {
		return ok
	}
	select {
	case p.jobs <- planned:
		return true
	default:
		p.stage.drop(planned)
		return false
	}
}
