package api

import (
	"context"
	"fmt"
	"strings"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/libp2p/go-libp2p/core/peer"

	sidecarv1 "github.com/ipdm-network/ipdm/sdk/go/sidecar/v1"
	"github.com/ipdm-network/ipdm/sidecar/network"
)

// nodeService implements sidecarv1.NodeServiceServer.
type nodeService struct {
	sidecarv1.UnimplementedNodeServiceServer
	node    Node
	chain   Chain
	agent   Agent
	version string
	network string
}

// ID implements sidecarv1.NodeServiceServer.
func (s *nodeService) ID(context.Context, *sidecarv1.IDRequest) (*sidecarv1.IDResponse, error) {
	info := s.node.AddrInfo()
	addrs, err := peer.AddrInfoToP2pAddrs(&info)
	if err != nil {
		return nil, fmt.Errorf("failed to list the node's addresses: %w", err)
	}
	response := &sidecarv1.IDResponse{PeerId: info.ID.String(), Version: s.version, Network: s.network}
	for _, a := range addrs {
		response.Multiaddrs = append(response.Multiaddrs, a.String())
	}
	return response, nil
}

// Peers implements sidecarv1.NodeServiceServer.
func (s *nodeService) Peers(context.Context, *sidecarv1.PeersRequest) (*sidecarv1.PeersResponse, error) {
	response := &sidecarv1.PeersResponse{}
	for _, p := range s.node.Peers() {
		m := &sidecarv1.Peer{
			PeerId:    p.ID.String(),
			LatencyUs: p.Latency.Microseconds(),
			Inbound:   p.Direction == network.Inbound,
			Agent:     p.Agent,
			Score:     p.Score,
		}
		if len(p.Addrs) > 0 {
			m.Multiaddr = p.Addrs[0].String()
		}
		response.Peers = append(response.Peers, m)
	}
	return response, nil
}

// Connect implements sidecarv1.NodeServiceServer.
func (s *nodeService) Connect(ctx context.Context, request *sidecarv1.ConnectRequest) (*sidecarv1.ConnectResponse, error) {
	if _, err := network.ParsePeers([]string{request.GetMultiaddr()}); err != nil {
		return nil, invalid("%v (want /ip4/.../p2p/PEERID, as in `ipdm id` of that node)", err)
	}
	if err := s.node.ConnectAddr(ctx, request.GetMultiaddr()); err != nil {
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		return nil, status.Errorf(codes.Unavailable, "%v", err)
	}
	return &sidecarv1.ConnectResponse{}, nil
}

// Chain implements sidecarv1.NodeServiceServer.
func (s *nodeService) Chain(context.Context, *sidecarv1.ChainRequest) (*sidecarv1.ChainResponse, error) {
	return &sidecarv1.ChainResponse{Grpc: strings.Join(s.chain.Endpoints, ","), ChainId: s.chain.ID}, nil
}

// ProviderStatus implements sidecarv1.NodeServiceServer.
func (s *nodeService) ProviderStatus(ctx context.Context, _ *sidecarv1.ProviderStatusRequest) (*sidecarv1.ProviderStatusResponse, error) {
	if s.agent == nil {
		return &sidecarv1.ProviderStatusResponse{}, nil
	}
	response := s.agent.Status(ctx)
	response.Enabled = true
	return response, nil
}

// SetHealing implements sidecarv1.NodeServiceServer.
func (s *nodeService) SetHealing(_ context.Context, request *sidecarv1.SetHealingRequest) (*sidecarv1.SetHealingResponse, error) {
	if s.agent == nil {
		return nil, status.Error(codes.FailedPrecondition,
			"this node is no provider: enable [provider] in its config.toml and restart the daemon")
	}
	s.agent.SetHealing(request.GetEnabled())
	return &sidecarv1.SetHealingResponse{}, nil
}
