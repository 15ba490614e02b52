package api

import (
	"context"
	"fmt"
	"strings"

	"github.com/ipfs/go-cid"
	"github.com/libp2p/go-libp2p/core/peer"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/ipdm-network/ipdm/sdk/go/format"
	sidecarv1 "github.com/ipdm-network/ipdm/sdk/go/sidecar/v1"
	"github.com/ipdm-network/ipdm/sidecar/data"
	"github.com/ipdm-network/ipdm/sidecar/data/transfer"
)

// Pusher has other nodes keep content; *transfer.Client does.
type Pusher interface {
	Put(ctx context.Context, p peer.ID, o transfer.Offer, progress func(receivedBytes uint64)) (transfer.PutResult, error)
	Delete(ctx context.Context, p peer.ID, root cid.Cid) (removed int, err error)
}

// Push implements sidecarv1.DataServiceServer.
func (s *dataService) Push(request *sidecarv1.PushRequest, stream sidecarv1.DataService_PushServer) error {
	ctx := stream.Context()
	offer, err := parseOffer(request)
	if err != nil {
		return err
	}
	target, err := s.reach(ctx, request.GetPeer())
	if err != nil {
		return err
	}
	if request.GetDelete() {
		removed, err := s.pusher.Delete(ctx, target, offer.Root)
		if err != nil {
			return err
		}
		return stream.Send(&sidecarv1.PushResponse{Done: true, Removed: uint32(removed)})
	}
	if offer.Manifest, err = s.newestManifest(ctx, offer.Root); err != nil {
		return err
	}
	result, err := s.pusher.Put(ctx, target, offer, func(receivedBytes uint64) {
		// A caller that has gone away ends the context.
		_ = stream.Send(&sidecarv1.PushResponse{ReceivedBytes: receivedBytes})
	})
	if err != nil {
		return err
	}
	return stream.Send(&sidecarv1.PushResponse{ReceivedBytes: result.ReceivedBytes, Done: true, Existing: result.Existing})
}

// parseOffer reads the roots of a request.
func parseOffer(request *sidecarv1.PushRequest) (transfer.Offer, error) {
	root, err := format.ParseCID(request.GetRoot())
	if err != nil {
		return transfer.Offer{}, err
	}
	o := transfer.Offer{Root: root, Replaced: cid.Undef}
	if request.GetReplacedRoot() != "" {
		if o.Replaced, err = format.ParseCID(request.GetReplacedRoot()); err != nil {
			return transfer.Offer{}, err
		}
	}
	if request.GetDelete() && o.Replaced.Defined() {
		return transfer.Offer{}, invalid("a delete replaces nothing")
	}
	return o, nil
}

// reach returns the peer that is meant, connected if an address is given.
func (s *dataService) reach(ctx context.Context, text string) (peer.ID, error) {
	if !strings.HasPrefix(text, "/") {
		id, err := peer.Decode(text)
		if err != nil {
			return "", invalid("%q is neither a peer id nor a multiaddr that ends in /p2p/PEERID", text)
		}
		return id, nil
	}
	info, err := peer.AddrInfoFromString(text)
	if err != nil {
		return "", invalid("%q is neither a peer id nor a multiaddr that ends in /p2p/PEERID", text)
	}
	if err := s.node.ConnectAddr(ctx, text); err != nil {
		if ctx.Err() != nil {
			return "", ctx.Err()
		}
		return "", status.Errorf(codes.Unavailable, "%v", err)
	}
	return info.ID, nil
}

// newestManifest returns the manifest of a root that was pinned last.
func (s *dataService) newestManifest(ctx context.Context, root cid.Cid) (cid.Cid, error) {
	pins, err := s.content.Pins(ctx, root)
	if err != nil {
		return cid.Undef, err
	}
	if len(pins) == 0 {
		return cid.Undef, fmt.Errorf("%w: %s", data.ErrNotPinned, root)
	}
	newest := pins[0]
	for _, p := range pins[1:] {
		if p.Header.UnixMilli > newest.Header.UnixMilli {
			newest = p
		}
	}
	return newest.Manifest, nil
}
