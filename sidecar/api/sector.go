package api

import (
	"context"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"

	sidecarv1 "github.com/ipdm-network/ipdm/sdk/go/sidecar/v1"
)

// watchInterval is how often a watched list is looked at.
const watchInterval = 250 * time.Millisecond

// sectorService implements sidecarv1.SectorServiceServer.
type sectorService struct {
	sidecarv1.UnimplementedSectorServiceServer
	agent   Agent
	closing <-chan struct{}
}

var errNoProvider = status.Error(codes.FailedPrecondition,
	"this node is no provider: enable [provider] in its config.toml and restart the daemon")

// List implements sidecarv1.SectorServiceServer.
func (s *sectorService) List(ctx context.Context, _ *sidecarv1.ListSectorsRequest) (*sidecarv1.ListSectorsResponse, error) {
	if s.agent == nil {
		return nil, errNoProvider
	}
	return s.agent.Sectors(ctx)
}

// Watch implements sidecarv1.SectorServiceServer.
func (s *sectorService) Watch(_ *sidecarv1.WatchSectorsRequest, stream sidecarv1.SectorService_WatchServer) error {
	if s.agent == nil {
		return errNoProvider
	}
	ticker := time.NewTicker(watchInterval)
	defer ticker.Stop()
	var last *sidecarv1.ListSectorsResponse
	for {
		now, err := s.agent.Sectors(stream.Context())
		if err != nil {
			return err
		}
		if last == nil || !proto.Equal(last, now) {
			if err := stream.Send(now); err != nil {
				return err
			}
			last = now
		}
		select {
		case <-stream.Context().Done():
			return nil
		case <-s.closing:
			return status.Error(codes.Unavailable, "the daemon is stopping")
		case <-ticker.C:
		}
	}
}
