package data

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"

	"github.com/ipfs/go-cid"
	"github.com/libp2p/go-libp2p/core/peer"
	"golang.org/x/sync/errgroup"

	"github.com/ipdm-network/ipdm/sdk/go/format"
	"github.com/ipdm-network/ipdm/sdk/go/format/envelope"
	"github.com/ipdm-network/ipdm/sidecar/data/compress"
	"github.com/ipdm-network/ipdm/sidecar/data/store"
	"github.com/ipdm-network/ipdm/sidecar/data/transfer"
)

const (
	// fetchBatch is how many blocks are asked for in one call of the Fetcher.
	fetchBatch = 1024
	// fetchCalls is how many such calls run at once.
	fetchCalls = 4
)

// source reads blocks from the store and gets what is missing through the Fetcher, many at a time. What it fetched is
// verified, and unless passing stored as cache that garbage collection may take away. It must be closed.
type source struct {
	engine  *Engine
	root    cid.Cid                   // for the Resolver, or cid.Undef
	whole   bool                      // all of the root is going to be read
	passing bool                      // what is fetched is not stored
	shared  bool                      // what is fetched is what the group caches together
	group   Group                     // fetches what belongs to its other members, nil if this node fetches all itself
	fetcher Fetcher                   // nil to read the store only
	kept    func(store.Checked) error // is told of every encoding that was fetched and stored, unless nil
	lease   *lease

	calls  errgroup.Group
	loop   sync.WaitGroup // run and the read-ahead
	ctx    context.Context
	cancel context.CancelFunc

	resolve sync.Once
	reached sync.Once
	unkept  sync.Once // to say so once

	queued chan struct{} // signals that there are blocks to fetch
	moved  chan struct{} // signals the read-ahead that blocks have come or been read

	mu           sync.Mutex          // guards the fields below
	cache        packer              // small fetched blocks not yet stored
	asked        map[cid.Cid]*wanted // being fetched, read ahead, or had lately
	urgent       []*wanted           // to be fetched, someone waits for them
	later        []*wanted           // to be fetched, read ahead
	packed       []*wanted           // to be fetched in batches of their own, one at a time: see bundled
	packsComing  bool                // such a batch is being fetched
	packedUrgent bool                // someone waits for the first of packed
	arrived      []*wanted           // for the read-ahead to go on from
	aheadCount   int                 // leaves in the window of the read-ahead
	aheadCharged int                 // their bytes
	nodesHeld    int                 // bytes of nodes that the read-ahead has got for later
	recent       []*wanted           // oldest first
	recentBytes  int
	vain         map[peer.ID]struct{} // members of the group that are not asked again
	ahead        *readAhead           // to be started when a block is missing, or nil
	aheadRoot    cid.Cid
}

func (e *Engine) newSource(ctx context.Context, root cid.Cid, fetcher Fetcher) *source {
	ctx, cancel := context.WithCancel(ctx)
	s := &source{
		engine:  e,
		root:    root,
		fetcher: fetcher,
		lease:   e.leases.begin(),
		queued:  make(chan struct{}, 1),
		moved:   make(chan struct{}, 1),
		asked:   map[cid.Cid]*wanted{},
		vain:    map[peer.ID]struct{}{},
		ctx:     ctx,
		cancel:  cancel,
		cache:   packer{limit: envelope.MaxPlainSize / 2},
	}
	s.calls.SetLimit(fetchCalls)
	if fetcher != nil {
		s.loop.Go(s.run)
	}
	return s
}

// readAhead has the tree below root fetched ahead of its readers, from the first block on that is missing. If
// shallow it is the nodes of a directory's entries only.
func (s *source) readAhead(root cid.Cid, shallow bool) {
	if root.Prefix().Codec == format.Raw {
		return // a single block
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ahead, s.aheadRoot = &readAhead{source: s, shallow: shallow}, root
}

// startAhead starts the read-ahead if there is one to start.
func (s *source) startAhead() {
	s.mu.Lock()
	r, root := s.ahead, s.aheadRoot
	s.ahead = nil
	s.mu.Unlock()
	if r != nil {
		s.loop.Go(func() { r.run(s.ctx, root) })
	}
}

// close waits for fetches to end and stores what is left of the cache.
func (s *source) close() error {
	s.cancel()
	s.loop.Wait()
	_ = s.calls.Wait() // each wanted block has its own error
	s.mu.Lock()
	j := s.cache.take()
	s.mu.Unlock()
	defer s.lease.end()
	return s.save(context.WithoutCancel(s.ctx), j)
}

// get implements the getters of unixfs, manifest and layout.
func (s *source) get(ctx context.Context, c cid.Cid) ([]byte, error) { return s.getSized(ctx, c, 0) }

// getSized is get for a block whose size in bytes is known, if it is not 0.
func (s *source) getSized(ctx context.Context, c cid.Cid, size int) ([]byte, error) {
	s.engine.touch(c)
	if w := s.find(c); w != nil {
		return w.wait(ctx)
	}
	data, err := s.engine.local(ctx, c)
	if err == nil || !(errors.Is(err, store.ErrNotFound) || errors.Is(err, store.ErrCorrupt)) {
		return data, err
	}
	if s.fetcher == nil {
		return nil, fmt.Errorf("%w: %s: %w", ErrMissing, c, err)
	}
	if s.engine.resolver != nil && s.root.Defined() {
		s.resolve.Do(func() { s.engine.resolveDeals(ctx, s) })
		if data, err := s.engine.local(ctx, c); err == nil {
			return data, nil
		}
	}
	if s.ctx.Err() != nil {
		return nil, s.ctx.Err()
	}
	w := s.ask(c, size)
	s.startAhead()
	data, werr := w.wait(ctx)
	if werr != nil && errors.Is(err, store.ErrCorrupt) && ctx.Err() == nil {
		return nil, fmt.Errorf("%w; nor is it to be had elsewhere: %w", err, werr)
	}
	return data, werr
}

// run gathers wanted blocks into calls of the Fetcher.
func (s *source) run() {
	free := make(chan struct{}, fetchCalls)
	for {
		select {
		case free <- struct{}{}: // blocks gather while all calls are busy
		case <-s.ctx.Done():
		}
		batch, packs := s.next(s.ctx)
		if batch == nil {
			break
		}
		landed := func() {}
		if packs {
			landed = sync.OnceFunc(s.landed)
		}
		s.calls.Go(func() error {
			s.fetch(batch, landed)
			landed()
			<-free
			return nil
		})
	}
	s.giveUp()
}

// fetch gets one batch and wakes those who wait. It may call landed when no more encodings come with it.
func (s *source) fetch(batch []*wanted, landed func()) {
	if s.shared {
		s.fetchShared(batch)
		return
	}
	s.fetchOutside(batch, landed)
}

// fetchOutside gets a batch in encodings from nodes that send them, calls landed, and gets the rest block by block.
func (s *source) fetchOutside(batch []*wanted, landed func()) {
	if f, ok := s.fetcher.(EncodingFetcher); ok {
		batch = s.fetchEncoded(f, batch)
		if s.shared && len(batch) > 0 && s.reach(batch) {
			batch = s.fetchEncoded(f, batch)
		}
	}
	landed()
	if len(batch) > 0 {
		s.fetchPlain(batch)
	}
}

// fetchEncoded gets what it can of a batch in encodings and returns the rest.
func (s *source) fetchEncoded(f EncodingFetcher, batch []*wanted) []*wanted {
	err := f.FetchBlocks(s.ctx, wantsOf(batch), !s.whole, s.receive)
	left := slices.DeleteFunc(batch, (*wanted).here)
	if err == nil {
		return left
	}
	for _, w := range left {
		s.deliver(w, nil, fmt.Errorf("%w: %w", ErrMissing, err))
	}
	return nil
}

func wantsOf(batch []*wanted) []transfer.Want {
	wants := make([]transfer.Want, len(batch))
	for i, w := range batch {
		wants[i] = transfer.Want{Cid: w.cid, SizeBytes: w.size}
	}
	return wants
}

// receive stores an encoding as it came and hands out the blocks in it that somebody waits for, whichever batch they are
// of. It may be called concurrently.
func (s *source) receive(enc store.Checked, plain []byte) error {
	if !s.passing && s.lease.claim(enc.Digest()) {
		if err := s.store(s.ctx, enc); err != nil {
			return err
		}
	}
	s.handOut(enc, plain)
	return nil
}

// handOut hands out the blocks of an encoding that somebody waits for.
func (s *source) handOut(enc store.Checked, plain []byte) {
	var waiting []*wanted
	var bodies [][]byte
	held := 0
	s.mu.Lock()
	for _, e := range enc.Header().Entries {
		if w := s.asked[format.BlockCID(e.Codec, e.Digest)]; w != nil && !w.here() {
			body := plain[e.Offset : e.Offset+e.Size : e.Offset+e.Size]
			waiting, bodies, held = append(waiting, w), append(bodies, body), held+len(body)
		}
	}
	s.mu.Unlock()
	for i, w := range waiting {
		body := bodies[i]
		if held < len(plain)/2 {
			body = bytes.Clone(body) // lest a few blocks keep the whole pack in memory
		}
		s.deliver(w, body, nil)
	}
}

// fetchPlain gets a batch block by block.
func (s *source) fetchPlain(batch []*wanted) {
	waiting := make(map[cid.Cid]*wanted, len(batch))
	cids := make([]cid.Cid, 0, len(batch))
	for _, w := range batch {
		waiting[w.cid] = w
		cids = append(cids, w.cid)
	}
	err := s.fetcher.Fetch(s.ctx, cids, func(c cid.Cid, data []byte) error {
		w := waiting[c]
		if w == nil {
			return nil // not asked for, or got before
		}
		b, err := verified(c, data)
		if err == nil {
			err = s.keep(b)
		}
		if err != nil {
			return err
		}
		delete(waiting, c)
		s.deliver(w, b.Data, nil)
		return nil
	})
	if err == nil {
		err = errors.New("no node sent it")
	}
	for _, w := range waiting {
		s.deliver(w, nil, fmt.Errorf("%w: %w", ErrMissing, err))
	}
}

// verified returns data as the block c. It fails with ErrMismatch if it is not.
func verified(c cid.Cid, data []byte) (format.Block, error) {
	d, err := format.DigestOf(c)
	if err != nil {
		return format.Block{}, err
	}
	if len(data) > format.MaxBlockSize {
		return format.Block{}, fmt.Errorf("%w: %s has %d bytes", ErrTooLarge, c, len(data))
	}
	if format.Sum(data) != d {
		return format.Block{}, fmt.Errorf("%w: what was sent as %s is something else", ErrMismatch, c)
	}
	return format.Block{Codec: c.Prefix().Codec, Digest: d, Data: data}, nil
}

// keep stores a fetched block, small ones some at a time.
func (s *source) keep(b format.Block) error {
	if s.passing || !s.lease.claim(b.Digest) {
		return nil
	}
	var full *job
	if len(b.Data) >= smallBytes {
		full = newJob(true)
		full.blocks = []format.Block{b}
	} else {
		s.mu.Lock()
		if s.cache.full(len(b.Data)) {
			full = s.cache.take()
		}
		s.cache.add(b)
		s.mu.Unlock()
	}
	return s.save(s.ctx, full)
}

// save stores a group of fetched blocks; nil is none.
func (s *source) save(ctx context.Context, j *job) error {
	if j == nil {
		return nil
	}
	enc, err := compress.Encode(j.blocks, compress.Balanced)
	if err != nil {
		return err
	}
	return s.store(ctx, enc)
}

// store stores what was fetched as cache. That the store takes no more does not keep it from being read.
func (s *source) store(ctx context.Context, enc store.Checked) error {
	var batch store.Batch
	batch.PutEncoding(enc)
	err := s.engine.store.Apply(ctx, &batch, store.Lazy)
	switch {
	case errors.Is(err, store.ErrFull) || errors.Is(err, store.ErrFailed):
		s.unkept.Do(func() { s.engine.log.Warn("fetched blocks are read but not kept", "root", s.root, "error", err) })
	case err != nil:
		return fmt.Errorf("failed to store fetched blocks: %w", err)
	}
	if s.kept != nil {
		return s.kept(enc)
	}
	return nil
}
