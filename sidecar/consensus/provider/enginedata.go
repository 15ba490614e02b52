package provider

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/ipfs/go-cid"
	"github.com/libp2p/go-libp2p/core/peer"
	ma "github.com/multiformats/go-multiaddr"

	"github.com/ipdm-network/ipdm/sdk/go/format"
	"github.com/ipdm-network/ipdm/sdk/go/format/commitment"
	"github.com/ipdm-network/ipdm/sidecar/data"
	"github.com/ipdm-network/ipdm/sidecar/data/store"
	markettypes "github.com/ipdm-network/ipdm/x/market/types"
	"github.com/ipdm-network/ipdm/x/porep/proof"
)

// holderPrefix begins the names under which the agent holds layouts; the deal's id follows.
const holderPrefix = "provider/"

// Network makes Fetchers that get content from named peers, and from others that are connected.
type Network interface {
	From(peers []peer.AddrInfo) data.Fetcher
}

// EngineData is the Data of a node: its data engine, filled through its network.
type EngineData struct {
	engine    *data.Engine
	network   Network
	freeBytes func(context.Context) (uint64, error)
}

// NewEngineData returns the Data of an engine and a network. freeBytes tells how much the disk can still take; see DiskFree.
func NewEngineData(engine *data.Engine, network Network, freeBytes func(context.Context) (uint64, error)) *EngineData {
	return &EngineData{engine: engine, network: network, freeBytes: freeBytes}
}

var _ Data = (*EngineData)(nil)

// Fetch implements Data.
func (d *EngineData) Fetch(ctx context.Context, dealID uint64, want Layout, sources []markettypes.Endpoint) error {
	got, err := d.engine.FetchLayout(ctx, want.CID, data.FetchLayoutOptions{
		Root:      want.Root,
		SizeBytes: want.SizeBytes,
		Holder:    holderOf(dealID),
		Fetcher:   d.network.From(peersOf(sources)),
	})
	switch {
	case errors.Is(err, data.ErrMismatch), errors.Is(err, data.ErrTooLarge):
		return fmt.Errorf("%w: %w", ErrMismatch, err)
	case errors.Is(err, store.ErrFull):
		return fmt.Errorf("%w: %w", ErrNoSpace, err)
	case err != nil:
		return err
	case !got.Manifest.Equals(want.Manifest):
		return fmt.Errorf("%w: layout is of manifest %s, not %s", ErrMismatch, got.Manifest, want.Manifest)
	case got.CommD != want.CommD:
		return fmt.Errorf("%w: layout commits to %s, not %s", ErrMismatch, got.CommD, want.CommD)
	}
	return nil
}

// Recompute implements Data.
func (d *EngineData) Recompute(ctx context.Context, layout cid.Cid) (format.Digest, uint64, error) {
	commD, sizeBytes, err := d.engine.RecomputeCommD(ctx, layout)
	if errors.Is(err, data.ErrMismatch) {
		return format.Digest{}, 0, fmt.Errorf("%w: %w", ErrMismatch, err)
	}
	return commD, sizeBytes, err
}

// Source implements Data.
func (d *EngineData) Source() proof.Source { return localSource{d.engine.ProofSource()} }

// Release implements Data.
func (d *EngineData) Release(ctx context.Context, pin Pin) error {
	return d.engine.ReleaseLayout(ctx, pin.Layout, holderOf(pin.DealID))
}

// Pins implements Data.
func (d *EngineData) Pins(ctx context.Context) ([]Pin, error) {
	var pins []Pin
	err := d.engine.Layouts(ctx, func(l *data.Layout, holders []string) error {
		for _, holder := range holders {
			if dealID, ok := dealOf(holder); ok {
				pins = append(pins, Pin{Layout: l.Cid, DealID: dealID})
			}
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("failed to list the pins of deals: %w", err)
	}
	return pins, nil
}

// FreeBytes implements Data.
func (d *EngineData) FreeBytes(ctx context.Context) (uint64, error) { return d.freeBytes(ctx) }

func holderOf(dealID uint64) string { return holderPrefix + strconv.FormatUint(dealID, 10) }

func dealOf(holder string) (uint64, bool) {
	text, ok := strings.CutPrefix(holder, holderPrefix)
	if !ok {
		return 0, false
	}
	dealID, err := strconv.ParseUint(text, 10, 64)
	return dealID, err == nil
}

// localSource tells bytes that are lost from those that cannot be read for other reasons, such as too many open files.
type localSource struct{ source data.ProofSource }

// Tree implements proof.Source.
func (s localSource) Tree(ctx context.Context, commD format.Digest) (*commitment.Tree, error) {
	tree, err := s.source.Tree(ctx, commD)
	return tree, passing(err)
}

// Encoding implements proof.Source.
func (s localSource) Encoding(ctx context.Context, digest format.Digest) ([]byte, error) {
	encoding, err := s.source.Encoding(ctx, digest)
	return encoding, passing(err)
}

func passing(err error) error {
	for _, lost := range []error{store.ErrNotFound, store.ErrCorrupt, data.ErrNoLayout, data.ErrMismatch} {
		if errors.Is(err, lost) {
			return err
		}
	}
	if err == nil {
		return nil
	}
	return fmt.Errorf("%w: %w", ErrPassing, err)
}

// peersOf reads endpoints from the chain, which anyone may have written: what cannot be read is left out.
func peersOf(sources []markettypes.Endpoint) []peer.AddrInfo {
	var peers []peer.AddrInfo
	for _, source := range sources {
		id, err := peer.Decode(source.PeerId)
		if err != nil {
			continue
		}
		info := peer.AddrInfo{ID: id}
		for _, text := range source.Multiaddrs[:min(len(source.Multiaddrs), maxMultiaddrs)] {
			if address, err := ma.NewMultiaddr(text); err == nil {
				info.Addrs = append(info.Addrs, address)
			}
		}
		peers = append(peers, info)
	}
	return peers
}
