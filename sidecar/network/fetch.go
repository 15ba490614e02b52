package network

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/ipfs/boxo/bitswap/client/traceability"
	"github.com/ipfs/boxo/exchange"
	blocks "github.com/ipfs/go-block-format"
	"github.com/ipfs/go-cid"
	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/multiformats/go-multihash"
)

// Fetch gets blocks from the network in one Bitswap session and passes each to
// got as it arrives, in no particular order, once per distinct CID. Every block
// has been hashed and matches its CID. got is called from one goroutine at a time
// and may keep the bytes; while it runs, only a bounded number of further blocks
// is asked for. Fetch does not look into the local store and does not write to it.
//
// It returns nil when all blocks were delivered, and otherwise
//   - an error wrapping ErrEmptyBlock or ErrInvalidCID, before anything is asked
//     for, if one of the CIDs cannot be fetched;
//   - a *NotFoundError when no block arrived for Config.FetchTimeout;
//   - ErrBlockTooLarge when a block exceeds MaxBlockBytes;
//   - the error of got, wrapped, or that of ctx, or ErrClosed.
func (n *Network) Fetch(ctx context.Context, cids []cid.Cid, got func(cid.Cid, []byte) error) error {
	return n.fetchTimed(ctx, nil, nil, cids, got)
}

// FetchFrom is Fetch, but connects to the given peers first, the best ones ahead,
// and keeps these connections open for as long as it runs. Blocks are accepted
// from any other connected peer as well. Peers that cannot be reached or that
// deliver nothing lose score; that alone is no error.
func (n *Network) FetchFrom(ctx context.Context, peers []peer.AddrInfo, cids []cid.Cid, got func(cid.Cid, []byte) error) error {
	return n.fetchTimed(ctx, peers, nil, cids, got)
}

// fetchTimed counts and times a fetch. A nil session means a new one.
func (n *Network) fetchTimed(ctx context.Context, peers []peer.AddrInfo, session exchange.Fetcher, cids []cid.Cid, got func(cid.Cid, []byte) error) error {
	ctx, end, err := n.begin(ctx)
	if err != nil {
		return err
	}
	defer end()
	start := time.Now()
	err = n.fetch(ctx, peers, session, cids, got)
	n.metrics.fetchSeconds.Observe(time.Since(start).Seconds())
	n.metrics.fetches.WithLabelValues(outcome(err)).Inc()
	return err
}

func (n *Network) fetch(ctx context.Context, peers []peer.AddrInfo, session exchange.Fetcher, cids []cid.Cid, got func(cid.Cid, []byte) error) error {
	wanted, inline, err := splitWants(cids)
	if err != nil {
		return err
	}
	for _, b := range inline {
		if err := got(b.Cid(), b.RawData()); err != nil {
			return fmt.Errorf("failed to accept block %s: %w", b.Cid(), err)
		}
	}
	if len(wanted) == 0 {
		return nil
	}
	hints := n.connectHints(ctx, peers)
	defer hints.release()

	// Late blocks of this fetch are expected, so all its wants end together.
	n.wants.add(wanted)
	defer n.wants.remove(wanted)
	f := newFetchRun(ctx, n, session, wanted)
	defer f.close()
	err = f.run(ctx, got)
	if errors.Is(err, ErrNotFound) {
		for _, p := range hints.connected() {
			if f.served[p] == 0 {
				n.scores.failed(p)
			}
		}
	}
	return err
}

// splitWants checks the CIDs, drops duplicates and takes out those that carry
// their data themselves.
func splitWants(cids []cid.Cid) (wanted []cid.Cid, inline []blocks.Block, err error) {
	seen := make(map[cid.Cid]struct{}, len(cids))
	wanted = make([]cid.Cid, 0, len(cids))
	for _, c := range cids {
		if _, dup := seen[c]; dup {
			continue
		}
		seen[c] = struct{}{}
		if err := checkWant(c); err != nil {
			return nil, nil, err
		}
		digest, err := multihash.Decode(c.Hash())
		if err != nil {
			return nil, nil, fmt.Errorf("%w: %s: %w", ErrInvalidCID, c, err)
		}
		if digest.Code != multihash.IDENTITY {
			wanted = append(wanted, c)
			continue
		}
		b, err := blocks.NewBlockWithCid(digest.Digest, c)
		if err != nil {
			return nil, nil, fmt.Errorf("%w: %s: %w", ErrInvalidCID, c, err)
		}
		inline = append(inline, b)
	}
	return wanted, inline, nil
}

// source returns the peer that sent a block, if that is known.
func source(b blocks.Block) (peer.ID, bool) {
	traced, ok := b.(traceability.Block)
	if !ok || traced.From == "" {
		return "", false
	}
	return traced.From, true
}
