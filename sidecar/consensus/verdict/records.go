package verdict

import (
	"context"
	"errors"
	"fmt"

	"github.com/ipfs/go-cid"
	"github.com/libp2p/go-libp2p/core/peer"

	"github.com/ipdm-network/ipdm/sdk/go/format"
	"github.com/ipdm-network/ipdm/sdk/go/format/unixfs"
	"github.com/ipdm-network/ipdm/sidecar/data"
)

// errContent reports content that is not what the provider has put on chain about it.
var errContent = errors.New("the records are not what was committed to")

// Content reads content that is stored or fetched; *data.Engine does.
type Content interface {
	Get(ctx context.Context, root cid.Cid, opts data.GetOptions, sink data.Sink) error
}

// Network gets blocks from named peers first, and from others that are connected.
type Network interface {
	FetchFrom(ctx context.Context, peers []peer.AddrInfo, cids []cid.Cid, got func(cid.Cid, []byte) error) error
}

// fetch reads the records of a seal into memory. It fails with errContent when what the provider committed to cannot be them,
// whoever delivers it, and otherwise with what kept them from being had.
func (j *Judge) fetch(ctx context.Context, s *Seal) ([]byte, error) {
	r := &records{want: s.LengthBytes}
	var peers []peer.AddrInfo
	if s.Provider.ID != "" {
		peers = []peer.AddrInfo{s.Provider}
	}
	opts := data.GetOptions{Fetcher: peerFetcher{j.deps.Network, peers}, Passing: true}
	if err := j.deps.Content.Get(ctx, s.Records, opts, r); err != nil {
		return nil, asContent(err)
	}
	if uint64(len(r.body)) != s.LengthBytes {
		return nil, fmt.Errorf("%w: %d bytes, not %d", errContent, len(r.body), s.LengthBytes)
	}
	if root := format.Sum(r.body); root != s.Root {
		return nil, fmt.Errorf("%w: digest %s, not %s", errContent, root, s.Root)
	}
	return r.body, nil
}

// asContent marks errors about the form of blocks. Each block was hashed against its CID before its form was looked at, so they
// are about what the provider committed to.
func asContent(err error) error {
	for _, form := range []error{unixfs.ErrInvalidNode, unixfs.ErrSizeMismatch, unixfs.ErrUnsupported, unixfs.ErrTooDeep, unixfs.ErrNotFile} {
		if errors.Is(err, form) {
			return fmt.Errorf("%w: %w", errContent, err)
		}
	}
	return err
}

// records takes a file of exactly one length.
type records struct {
	want   uint64
	body   []byte
	begun  bool
	blocks int
}

var _ data.Sink = (*records)(nil)

// Entry implements data.Sink.
func (r *records) Entry(e data.Entry) error {
	switch {
	case r.begun || e.Kind != data.KindFile:
		return fmt.Errorf("%w: %s is no file", errContent, e.Cid)
	case e.SizeBytes != r.want:
		return fmt.Errorf("%w: a file of %d bytes, not %d", errContent, e.SizeBytes, r.want)
	}
	r.begun, r.body = true, make([]byte, 0, r.want)
	return nil
}

// Data implements data.Sink.
func (r *records) Data(p []byte) error {
	if r.blocks++; r.blocks > MaxBlocks {
		return fmt.Errorf("%w: more than %d blocks", errContent, MaxBlocks)
	}
	if uint64(len(r.body)+len(p)) > r.want {
		return fmt.Errorf("%w: more than %d bytes", errContent, r.want)
	}
	r.body = append(r.body, p...)
	return nil
}

// peerFetcher fetches from the provider of one seal.
type peerFetcher struct {
	network Network
	peers   []peer.AddrInfo
}

// Fetch implements data.Fetcher.
func (f peerFetcher) Fetch(ctx context.Context, cids []cid.Cid, got func(cid.Cid, []byte) error) error {
	return f.network.FetchFrom(ctx, f.peers, cids, got)
}
