package transfer

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/ipfs/go-cid"

	"github.com/ipdm-network/ipdm/sdk/go/format"
	"github.com/ipdm-network/ipdm/sidecar/data/store"
)

const (
	// lanesPerPeer is how many requests a fetch has outstanding with one peer: one answer is verified and stored while the
	// next one travels.
	lanesPerPeer = 2
	// minShare and maxShare bound what is asked for with one request, in bytes of plain blocks: less would have several
	// peers send the same pack, more would leave the others nothing to take over.
	minShare = 1 << 20
	maxShare = 4 << 20
	// smallGuess is taken for the size of a block that is not known.
	smallGuess = 4 << 10
	// packedBelow is the size below which blocks may lie in a pack with others that are wanted.
	packedBelow = 64 << 10
	// encodingGuess is taken for the size of an encoding.
	encodingGuess = 512 << 10
	// stealAfter is how long a peer must have sent nothing before others take over what it owes.
	stealAfter = 100 * time.Millisecond
	// probeAfter is how long a fetch waits for its first encoding before it asks who has what.
	probeAfter = 10 * time.Millisecond
	// unlikelyAfter is how long a peer that may have a block must have sent nothing before it is asked of those that have it
	// not, by what the Filter knows.
	unlikelyAfter = 500 * time.Millisecond
	// lingerFor is how long a fetch that has everything waits for the ends of answers, after which streams can be used again.
	lingerFor = 100 * time.Millisecond
)

// Want is a block that is asked for, or an encoding by its CID.
type Want struct {
	Cid       cid.Cid
	SizeBytes int // in plain form, 0 if it is not known
}

// Got takes an encoding that has arrived, checked, and the plain bytes of its blocks (see store.Decode). It may be called
// concurrently. An error ends the fetch.
type Got func(enc store.Checked, plain []byte) error

// FetchBlocks asks connected peers for blocks and calls got for each encoding that arrives, which holds at least one of
// them and may hold others; each block is had once. With cut a peer may send blocks out of a pack instead of the pack.
// Peers that do not have a block by the Filter are asked for it when no other is left that may.
//
// It returns nil when no peer has more of them, whether or not all have come: what has not is for the caller to find
// elsewhere. It fails with what got fails with, or with the error of ctx.
func (c *Client) FetchBlocks(ctx context.Context, blocks []Want, cut bool, got Got) error {
	return c.fetch(ctx, &fetch{client: c, cut: cut, got: got}, c.candidates(), blocks)
}

// FetchEncodings is FetchBlocks for encodings that are asked for by their CIDs.
func (c *Client) FetchEncodings(ctx context.Context, encodings []cid.Cid, got Got) error {
	wants := make([]Want, len(encodings))
	for i, e := range encodings {
		wants[i] = Want{Cid: e, SizeBytes: encodingGuess}
	}
	return c.fetch(ctx, &fetch{client: c, encodings: true, got: got}, c.candidates(), wants)
}

// fetch is one call of FetchBlocks, FetchEncodings or FetchThrough.
type fetch struct {
	client    *Client
	encodings bool
	cut       bool
	through   bool    // the peer is to fetch what it does not have
	root      cid.Cid // for it, or cid.Undef
	choosy    bool    // some want has peers that are likelier to have it than others
	got       Got
	cancel    context.CancelFunc

	mu      sync.Mutex
	changed chan struct{}           // closed and replaced when others may find work; guarded by mu
	queue   []*want                 // not asked of anyone now; guarded by mu
	missing map[format.Digest]*want // not had yet; guarded by mu
	lanes   map[*lane]struct{}      // running; guarded by mu
	begun   time.Time
	came    bool        // something has come; guarded by mu
	err     error       // of got; guarded by mu
	linger  *time.Timer // breaks off what is outstanding; guarded by mu
}

// want is one block or encoding of a fetch. The mutex of the fetch guards it.
type want struct {
	cid    cid.Cid
	digest format.Digest
	size   int
	queued bool
	asked  map[*remote]struct{} // who was asked for it, whatever the answer
	likely []*remote            // those who may have it and did not say no, if the Filter knows of others that they have it not
}

func (c *Client) fetch(ctx context.Context, f *fetch, remotes []*remote, wants []Want) error {
	if len(remotes) == 0 || len(wants) == 0 {
		return ctx.Err()
	}
	f.changed, f.missing, f.lanes, f.begun = make(chan struct{}), make(map[format.Digest]*want, len(wants)), map[*lane]struct{}{}, time.Now()
	for _, w := range wants {
		d, err := format.DigestOf(w.Cid)
		if err != nil || f.missing[d] != nil {
			continue // only ours travel here
		}
		size := w.SizeBytes
		if size <= 0 {
			size = smallGuess
		}
		next := &want{cid: w.Cid, digest: d, size: min(size, format.MaxEncodingSize), queued: true, asked: map[*remote]struct{}{}}
		next.likely = f.likely(remotes, w.Cid)
		f.choosy = f.choosy || len(next.likely) > 0
		f.missing[d] = next
		f.queue = append(f.queue, next)
	}
	parent := ctx
	ctx, f.cancel = context.WithCancel(ctx)
	defer f.cancel()
	var lanes []*lane
	for range min(lanesPerPeer, len(f.queue)) {
		for _, r := range remotes {
			l := &lane{fetch: f, remote: r}
			f.lanes[l] = struct{}{}
			lanes = append(lanes, l)
		}
	}
	var running sync.WaitGroup
	for _, l := range lanes {
		running.Go(func() { l.run(ctx) })
	}
	running.Wait()
	if f.linger != nil {
		f.linger.Stop()
	}
	if f.err != nil {
		return f.err
	}
	return parent.Err()
}

// signal lets waiting lanes look for work again. The caller holds mu.
func (f *fetch) signal() {
	close(f.changed)
	f.changed = make(chan struct{})
}

// job is what one request asks a peer for.
type job struct {
	wants []*want
	probe bool
}

// next returns what a lane is to ask for, nil when there will be nothing more for it.
func (f *fetch) next(ctx context.Context, l *lane) *job {
	for ctx.Err() == nil {
		f.mu.Lock()
		j, wait := f.find(l)
		changed := f.changed
		f.mu.Unlock()
		if j != nil || wait == 0 {
			return j
		}
		timer := time.NewTimer(wait)
		select {
		case <-changed:
		case <-timer.C:
		case <-ctx.Done():
		}
		timer.Stop()
	}
	return nil
}

// likely returns which peers may have a block, or nil if all may or none.
func (f *fetch) likely(remotes []*remote, c cid.Cid) []*remote {
	filter := f.client.opts.Filter
	if filter == nil || f.encodings || len(remotes) < 2 {
		return nil
	}
	var some []*remote
	for _, r := range remotes {
		if filter.MayHave(r.id, c) {
			some = append(some, r)
		}
	}
	if len(some) == len(remotes) {
		return nil
	}
	return some
}

// ruleOut takes note that a peer does not have a want, or did not send it. The caller holds the mutex of the fetch.
func (w *want) ruleOut(r *remote) {
	w.likely = slices.DeleteFunc(w.likely, func(other *remote) bool { return other == r })
}

// lively returns the peers that are not slow to send what they owe, which matters if wants have likelier peers. The caller
// holds mu.
func (f *fetch) lively() map[*remote]bool {
	if !f.choosy {
		return nil
	}
	peers := make(map[*remote]bool, len(f.lanes))
	for l := range f.lanes {
		if len(l.owed) == 0 || time.Since(l.heard) < unlikelyAfter {
			peers[l.remote] = true
		}
	}
	return peers
}

// barred tells whether a lane leaves a want to a peer that is likelier to have it. The caller holds mu.
func (w *want) barred(l *lane, lively map[*remote]bool) bool {
	return !slices.Contains(w.likely, l.remote) && slices.ContainsFunc(w.likely, func(r *remote) bool { return lively[r] })
}

// find looks for work of a lane: what nobody is asked for, else whether the peer has what others are asked for, else what
// they are slow to send. Without work it returns after what time to look again, 0 for never. The caller holds mu.
func (f *fetch) find(l *lane) (*job, time.Duration) {
	lively := f.lively()
	if wants := f.share(l, lively); len(wants) > 0 {
		l.take(wants)
		return &job{wants: wants}, 0
	}
	var open []*want // not yet asked of this peer
	left := false    // to likelier peers
	for _, w := range f.missing {
		switch _, asked := w.asked[l.remote]; {
		case asked:
		case w.barred(l, lively):
			left = true
		default:
			open = append(open, w)
		}
	}
	if len(open) == 0 && !left {
		return nil, 0
	}
	if len(open) > 0 && !f.came && !l.probed {
		if wait := probeAfter - time.Since(f.begun); wait > 0 {
			return nil, wait
		}
		l.probed = true
		return &job{wants: open[:min(len(open), MaxWants)], probe: true}, 0
	}
	return f.steal(l, lively)
}

// shares returns how many parts the queue is divided into: one for each lane, or one for each peer if the blocks are small, since
// a pack that several lanes of a peer ask for is sent for each. The caller holds mu.
func (f *fetch) shares() int {
	if len(f.queue) > 0 && f.queue[0].size >= packedBelow {
		return len(f.lanes)
	}
	peers := map[*remote]struct{}{}
	for l := range f.lanes {
		peers[l.remote] = struct{}{}
	}
	return len(peers)
}

// share takes a lane's part of the queue. The caller holds mu.
func (f *fetch) share(l *lane, lively map[*remote]bool) []*want {
	total := 0
	for _, w := range f.queue {
		total += w.size
	}
	limit := max(minShare, min(maxShare, total/f.shares()))
	var wants []*want
	var rest []*want
	taken := 0
	for _, w := range f.queue {
		_, asked := w.asked[l.remote]
		switch {
		case !w.queued: // it came with another
		case asked || len(wants) == MaxWants || taken > 0 && taken+w.size > limit || w.barred(l, lively):
			rest = append(rest, w)
		default:
			taken += w.size
			w.queued = false
			wants = append(wants, w)
		}
	}
	f.queue = rest
	return wants
}

// steal takes the second half of what a peer owes that has sent nothing for a while. The caller holds mu.
func (f *fetch) steal(l *lane, lively map[*remote]bool) (*job, time.Duration) {
	var victim *lane
	var can []*want
	wait := stealAfter
	for other := range f.lanes {
		if other.remote == l.remote || len(other.owed) == 0 {
			continue
		}
		if quiet := time.Since(other.heard); quiet < stealAfter {
			wait = min(wait, stealAfter-quiet)
			continue
		}
		var some []*want
		for _, w := range other.owed {
			if _, asked := w.asked[l.remote]; !asked && f.missing[w.digest] == w && !w.barred(l, lively) {
				some = append(some, w)
			}
		}
		if len(some) > len(can) {
			victim, can = other, some
		}
	}
	if victim == nil {
		return nil, max(wait, time.Millisecond)
	}
	wants := can[len(can)/2:]
	l.take(wants)
	return &job{wants: wants}, 0
}

// missed puts wants back that a peer does not have or did not send. The caller holds mu.
func (f *fetch) missed(l *lane, wants []*want) {
	for _, w := range wants {
		l.disown(w)
		w.ruleOut(l.remote)
		if f.missing[w.digest] == w && !w.queued && !f.owed(w) {
			w.queued = true
			f.queue = append(f.queue, w)
		}
	}
	f.signal()
}

// owed tells whether any peer is asked for a want now. The caller holds mu.
func (f *fetch) owed(w *want) bool {
	for l := range f.lanes {
		if l.owes(w) {
			return true
		}
	}
	return false
}

// arrived hands on an encoding unless all that is wanted of it was had before, and tells whether it was needed.
func (f *fetch) arrived(l *lane, enc store.Checked, plain []byte) (needed bool) {
	f.mu.Lock()
	digests := f.digests(enc)
	for _, d := range digests {
		w := f.missing[d]
		if w == nil {
			continue
		}
		needed = true
		delete(f.missing, d)
		w.queued = false
		for other := range f.lanes {
			if other.owes(w) {
				other.disown(w)
				if other != l && len(other.owed) == 0 {
					other.abandon()
				}
			}
		}
	}
	f.came = true
	if len(f.missing) == 0 && f.linger == nil {
		f.linger = time.AfterFunc(lingerFor, f.cancel)
		f.signal()
	}
	f.mu.Unlock()
	if !needed {
		return false
	}
	if err := f.got(enc, plain); err != nil {
		f.mu.Lock()
		if f.err == nil {
			f.err = err
		}
		f.mu.Unlock()
		f.cancel()
	}
	return true
}

// digests returns what an encoding answers.
func (f *fetch) digests(enc store.Checked) []format.Digest {
	if f.encodings {
		return []format.Digest{enc.Digest()}
	}
	entries := enc.Header().Entries
	digests := make([]format.Digest, len(entries))
	for i, e := range entries {
		digests[i] = e.Digest
	}
	return digests
}
