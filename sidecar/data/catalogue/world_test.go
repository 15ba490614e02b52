package catalogue_test

import (
	"context"
	"crypto/ed25519"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/ipfs/go-cid"
	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/stretchr/testify/require"

	"github.com/ipdm-network/ipdm/sdk/go/format"
	"github.com/ipdm-network/ipdm/sdk/go/format/envelope"
	"github.com/ipdm-network/ipdm/sdk/go/format/manifest"
	"github.com/ipdm-network/ipdm/sidecar/data"
	"github.com/ipdm-network/ipdm/sidecar/data/catalogue"
	"github.com/ipdm-network/ipdm/sidecar/data/index"
	"github.com/ipdm-network/ipdm/sidecar/data/store"
)

var key = ed25519.NewKeyFromSeed(make([]byte, ed25519.SeedSize))

func ownerName(c manifest.Creator) string { return fmt.Sprintf("owner%x", c.Key[:2]) }

// newPin returns a signed manifest of one block.
func newPin(t *testing.T, n int, meta manifest.Meta) data.Pin {
	t.Helper()
	meta.Creator = manifest.Creator{Kind: manifest.Ed25519, Key: key.Public().(ed25519.PublicKey)}
	b := manifest.NewBuilder(func(format.Block) error { return nil })
	require.NoError(t, b.Append(manifest.Entry{Codec: format.Raw, Digest: format.Sum(fmt.Appendf(nil, "block %d", n)), Size: 1}))
	h, err := b.Finish(meta)
	require.NoError(t, err)
	require.NoError(t, h.Sign(func(m []byte) ([]byte, error) { return ed25519.Sign(key, m), nil }))
	block, err := h.Encode()
	require.NoError(t, err)
	return data.Pin{Root: h.Root, Manifest: block.CID(), Header: h}
}

func encoded(t *testing.T, p data.Pin) []byte {
	t.Helper()
	block, err := p.Header.Encode()
	require.NoError(t, err)
	return block.Data
}

// place is the content of one node.
type place struct {
	*catalogue.Catalogue
	index  *index.Index
	pins   map[cid.Cid]data.Pin
	blocks []format.Digest // stored without a manifest
}

func (p *place) PinOf(_ context.Context, _, manifest cid.Cid) (data.Pin, error) {
	pin, ok := p.pins[manifest]
	if !ok {
		return data.Pin{}, data.ErrNotPinned
	}
	return pin, nil
}

func (p *place) Stats(context.Context) (store.Stats, error) {
	return store.Stats{Blocks: uint64(len(p.blocks))}, nil
}

func (p *place) IterateEncodings(_ context.Context, yield func(store.Encoding) error) error {
	var entries []envelope.Entry
	for _, d := range p.blocks {
		entries = append(entries, envelope.Entry{Digest: d})
	}
	return yield(store.Encoding{Entries: entries})
}

// newPlace returns a node with pins, which asks remote.
func newPlace(t *testing.T, remote catalogue.Remote, pins ...data.Pin) *place {
	t.Helper()
	p := &place{index: index.New(index.Options{OwnerName: ownerName}), pins: map[cid.Cid]data.Pin{}}
	for _, pin := range pins {
		p.index.Pinned(pin)
		p.pins[pin.Manifest] = pin
	}
	p.Catalogue = catalogue.New(catalogue.Options{
		Index: p.index, Pins: p, Blocks: p, OwnerName: ownerName, Remote: remote, Timeout: 2 * time.Second, Refresh: time.Hour,
	})
	t.Cleanup(p.Close)
	return p
}

// answerer is a peer.
type answerer interface {
	Query(ctx context.Context, text string, limit int, cursor []byte) ([][]byte, []byte, error)
	Summary(ctx context.Context) (uint64, []byte, error)
}

var errDown = errors.New("peer is down")

// liar answers with what it is given.
type liar struct {
	headers [][]byte
	next    []byte
	err     error
}

func (l liar) Query(context.Context, string, int, []byte) ([][]byte, []byte, error) {
	return l.headers, l.next, l.err
}

func (l liar) Summary(context.Context) (uint64, []byte, error) { return 0, nil, errDown }

// network is a Remote of peers in this process.
type network struct {
	ids     []peer.ID
	peers   map[peer.ID]answerer
	queried chan peer.ID // takes who was asked; may be nil
}

func newNetwork() *network { return &network{peers: map[peer.ID]answerer{}} }

func (n *network) add(id peer.ID, a answerer) {
	n.ids = append(n.ids, id)
	n.peers[id] = a
}

func (n *network) Peers() []peer.ID { return n.ids }

func (n *network) Query(ctx context.Context, p peer.ID, text string, limit int, cursor []byte) ([][]byte, []byte, error) {
	if n.queried != nil {
		n.queried <- p
	}
	return n.peers[p].Query(ctx, text, limit, cursor)
}

func (n *network) Summary(ctx context.Context, p peer.ID, known uint64) (uint64, []byte, error) {
	version, summary, err := n.peers[p].Summary(ctx)
	if version == known {
		summary = nil
	}
	return version, summary, err
}
