package prefetch_test

import (
	"context"
	"crypto/ed25519"
	"encoding/binary"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/ipfs/go-cid"
	"github.com/stretchr/testify/require"

	"github.com/ipdm-network/ipdm/sdk/go/format"
	"github.com/ipdm-network/ipdm/sdk/go/format/envelope"
	"github.com/ipdm-network/ipdm/sdk/go/format/manifest"
	"github.com/ipdm-network/ipdm/sidecar/data"
	"github.com/ipdm-network/ipdm/sidecar/data/blockstore"
	"github.com/ipdm-network/ipdm/sidecar/data/cache"
	"github.com/ipdm-network/ipdm/sidecar/data/heat"
	"github.com/ipdm-network/ipdm/sidecar/data/prefetch"
	"github.com/ipdm-network/ipdm/sidecar/data/store"
)

const (
	// latency is what a read from the slow store takes.
	latency = 10 * time.Millisecond
	// leafBytes is the size of the leaves of most contents here.
	leafBytes = 64 << 10
	// cacheBytes and stageBytes are the sizes of the memory cache and of what is loaded ahead.
	cacheBytes = 64 << 20
	stageBytes = 8 << 20
)

// slowStore is a store in memory whose reads take a time. It has what is needed here of a store.
type slowStore struct {
	store.Store // nil

	mu        sync.Mutex
	latency   time.Duration
	blocks    map[format.Digest]format.Block  // guarded by mu
	encodings map[format.Digest]store.Checked // guarded by mu
	holders   map[format.Digest]format.Digest // of blocks, the encodings they are in; guarded by mu
	reads     map[format.Digest]int           // guarded by mu
	running   int                             // reads; guarded by mu
	most      int                             // that ran at a time; guarded by mu
	fail      map[format.Digest]error         // guarded by mu
	gate      map[format.Digest]chan struct{} // reads that wait; guarded by mu
}

func newSlowStore() *slowStore {
	return &slowStore{
		latency:   latency,
		blocks:    map[format.Digest]format.Block{},
		encodings: map[format.Digest]store.Checked{},
		holders:   map[format.Digest]format.Digest{},
		reads:     map[format.Digest]int{},
		fail:      map[format.Digest]error{},
		gate:      map[format.Digest]chan struct{}{},
	}
}

// read takes its time.
func (s *slowStore) read(ctx context.Context, d format.Digest) error {
	s.mu.Lock()
	s.reads[d]++
	s.running++
	s.most = max(s.most, s.running)
	err, gate := s.fail[d], s.gate[d]
	s.mu.Unlock()
	defer func() {
		s.mu.Lock()
		s.running--
		s.mu.Unlock()
	}()
	if gate != nil {
		select {
		case <-gate:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	timer := time.NewTimer(s.latency)
	defer timer.Stop()
	select {
	case <-timer.C:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (s *slowStore) Open(ctx context.Context, d format.Digest) (format.Block, error) {
	s.mu.Lock()
	b, ok := s.blocks[d]
	s.mu.Unlock()
	if !ok {
		return format.Block{}, store.ErrNotFound
	}
	return b, s.read(ctx, d)
}

func (s *slowStore) Encoding(ctx context.Context, d format.Digest) ([]byte, error) {
	s.mu.Lock()
	e, ok := s.encodings[d]
	s.mu.Unlock()
	if !ok {
		return nil, store.ErrNotFound
	}
	return e.Bytes(), s.read(ctx, d)
}

func (s *slowStore) Stat(_ context.Context, d format.Digest) (store.BlockInfo, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	b, ok := s.blocks[d]
	if !ok {
		return store.BlockInfo{}, store.ErrNotFound
	}
	return store.BlockInfo{Codec: b.Codec, SizeBytes: uint32(len(b.Data))}, nil
}

func (s *slowStore) StatEncoding(_ context.Context, d format.Digest) (store.Encoding, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	e, ok := s.encodings[d]
	if !ok {
		return store.Encoding{}, store.ErrNotFound
	}
	return store.Encoding{Digest: d, LengthBytes: uint32(len(e.Bytes())), Entries: e.Header().Entries}, nil
}

func (s *slowStore) Locate(_ context.Context, d format.Digest) ([]format.Digest, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if in, ok := s.holders[d]; ok {
		return []format.Digest{in}, nil
	}
	return nil, nil
}

// Apply removes the blocks of deleted encodings, and nothing else.
func (s *slowStore) Apply(_ context.Context, b *store.Batch, _ store.Durability) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, op := range b.Ops() {
		for _, e := range s.encodings[op.Digest].Header().Entries {
			delete(s.blocks, e.Digest)
			delete(s.holders, e.Digest)
		}
		delete(s.encodings, op.Digest)
	}
	return nil
}

func (s *slowStore) Close() error { return nil }

// put stores blocks in encodings of so many each.
func (s *slowStore) put(tb testing.TB, each int, blocks ...format.Block) {
	tb.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	for len(blocks) > 0 {
		n := min(each, len(blocks))
		enc, err := store.Encode(envelope.None, 0, blocks[:n])
		require.NoError(tb, err)
		s.encodings[enc.Digest()] = enc
		for _, b := range blocks[:n] {
			s.blocks[b.Digest] = b
			s.holders[b.Digest] = enc.Digest()
		}
		blocks = blocks[n:]
	}
}

// total returns how many reads there were, and how many of one thing at most.
func (s *slowStore) total() (all, ofOne int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, n := range s.reads {
		all += n
		ofOne = max(ofOne, n)
	}
	return all, ofOne
}

func (s *slowStore) of(d format.Digest) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.reads[d]
}

// hold makes reads of a block wait until release is called.
func (s *slowStore) hold(d format.Digest) (release func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	gate := make(chan struct{})
	s.gate[d] = gate
	return func() { close(gate) }
}

// content is what a manifest lists, root first.
type content struct {
	header   *manifest.Header
	manifest format.Block
	blocks   []format.Block
}

func (c *content) root() format.Digest { return c.blocks[0].Digest }

// world is a store with all that lies on it.
type world struct {
	slow     *slowStore
	staged   *prefetch.Store
	cache    *cache.Store
	prefetch *prefetch.Prefetcher
	serving  *blockstore.Blockstore
	source   *prefetch.Source
	table    *heat.Successors

	mu   sync.Mutex
	pins map[cid.Cid][]data.Pin // guarded by mu
}

// newWorld returns an empty world. In one that does not guess nothing is told to a Prefetcher.
func newWorld(tb testing.TB, guess bool, stageBytes uint64) *world {
	tb.Helper()
	w := &world{slow: newSlowStore(), pins: map[cid.Cid][]data.Pin{}}
	w.staged = prefetch.NewStore(w.slow, stageBytes)
	var err error
	w.cache, err = cache.New(w.staged, cacheBytes)
	require.NoError(tb, err)
	w.source = w.staged.Source(w.cache)
	w.table = heat.NewSuccessors(7*24*time.Hour, 100, time.Now)
	if !guess {
		w.serving = blockstore.New(w.cache, nil)
		return w
	}
	w.prefetch = prefetch.New(prefetch.Options{Store: w.staged, Memory: w.cache, Pins: w, Sequences: true, Successors: w.table})
	w.serving = blockstore.New(w.cache, w)
	return w
}

func (w *world) close(tb testing.TB) {
	tb.Helper()
	if w.prefetch != nil {
		w.prefetch.Close()
	}
	require.NoError(tb, w.cache.Close())
}

// Pins implements prefetch.Pins.
func (w *world) Pins(_ context.Context, root cid.Cid) ([]data.Pin, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.pins[root], nil
}

// Refuses and Touch implement blockstore.Server.
func (w *world) Refuses(context.Context, format.Digest) (bool, error) { return false, nil }
func (w *world) Touch(d format.Digest)                                { w.prefetch.ServedBlock(d) }

// leaves returns blocks of random bytes.
func leaves(seed uint64, n, sizeBytes int) []format.Block {
	source := rand.NewChaCha8([32]byte(binary.BigEndian.AppendUint64(make([]byte, 24), seed)))
	blocks := make([]format.Block, n)
	for i := range blocks {
		body := make([]byte, sizeBytes)
		_, _ = source.Read(body)
		blocks[i] = format.NewBlock(format.Raw, body)
	}
	return blocks
}

// pin stores and pins a root with leaves, so many to an encoding.
func (w *world) pin(tb testing.TB, seed uint64, n, sizeBytes, each int) *content {
	tb.Helper()
	root := format.NewBlock(format.DagPB, binary.BigEndian.AppendUint64([]byte("root "), seed))
	c := w.list(tb, int64(seed), append([]format.Block{root}, leaves(seed, n, sizeBytes)...), each)
	w.mu.Lock()
	defer w.mu.Unlock()
	w.pins[root.CID()] = []data.Pin{{Root: root.CID(), Manifest: c.manifest.CID(), Header: c.header}}
	return c
}

// list stores a root and leaves, and a manifest of them.
func (w *world) list(tb testing.TB, unixMilli int64, blocks []format.Block, each int) *content {
	tb.Helper()
	c := &content{blocks: blocks}
	key := ed25519.NewKeyFromSeed(make([]byte, ed25519.SeedSize))
	builder := manifest.NewBuilder(func(page format.Block) error {
		w.slow.put(tb, 1, page)
		return nil
	})
	for _, b := range c.blocks {
		require.NoError(tb, builder.Append(manifest.Entry{Codec: b.Codec, Digest: b.Digest, Size: uint32(len(b.Data))}))
	}
	header, err := builder.Finish(manifest.Meta{Creator: manifest.Creator{Kind: manifest.Ed25519, Key: key.Public().(ed25519.PublicKey)}, UnixMilli: unixMilli})
	require.NoError(tb, err)
	require.NoError(tb, header.Sign(func(m []byte) ([]byte, error) { return ed25519.Sign(key, m), nil }))
	c.header = header
	c.manifest, err = header.Encode()
	require.NoError(tb, err)
	w.slow.put(tb, 1, c.manifest, blocks[0])
	w.slow.put(tb, each, blocks[1:]...)
	return c
}

// get reads a block as Bitswap does.
func (w *world) get(tb testing.TB, b format.Block) {
	tb.Helper()
	got, err := w.serving.Get(tb.Context(), b.CID())
	require.NoError(tb, err)
	require.Equal(tb, b.Data, got.RawData())
}
