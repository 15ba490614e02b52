package api_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"

	sidecarv1 "github.com/ipdm-network/ipdm/sdk/go/sidecar/v1"
	"github.com/ipdm-network/ipdm/sidecar/api"
)

// sealer is an agent that only has sectors.
type sealer struct {
	mu    sync.Mutex
	list  *sidecarv1.ListSectorsResponse // guarded by mu
	err   error                          // guarded by mu
	looks int                            // guarded by mu
}

func (s *sealer) Status(context.Context) *sidecarv1.ProviderStatusResponse {
	return &sidecarv1.ProviderStatusResponse{}
}

func (s *sealer) SetHealing(bool) {}

func (s *sealer) Sectors(context.Context) (*sidecarv1.ListSectorsResponse, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.looks++
	if s.err != nil {
		return nil, s.err
	}
	return proto.Clone(s.list).(*sidecarv1.ListSectorsResponse), nil
}

func (s *sealer) set(change func(*sealer)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	change(s)
}

func (s *sealer) looked() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.looks
}

func sectorAt(done uint64) *sidecarv1.ListSectorsResponse {
	return &sidecarv1.ListSectorsResponse{Sectors: []*sidecarv1.SectorInfo{{Number: 1, State: "labelling", Done: done, Total: 10}}}
}

func TestSectorsAreListedAndWatchedAsTheyChange(t *testing.T) {
	agent := &sealer{list: sectorAt(1)}
	client := sidecarv1.NewSectorServiceClient(serve(t, func(o *api.Options) { o.Agent = agent }))
	list, err := client.List(t.Context(), &sidecarv1.ListSectorsRequest{})
	require.NoError(t, err)
	require.True(t, proto.Equal(sectorAt(1), list))

	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	stream, err := client.Watch(ctx, &sidecarv1.WatchSectorsRequest{})
	require.NoError(t, err)
	first, err := stream.Recv()
	require.NoError(t, err)
	require.EqualValues(t, 1, first.Sectors[0].Done)
	looks := agent.looked()
	require.Eventually(t, func() bool { return agent.looked() > looks+1 }, 20*time.Second, 10*time.Millisecond)
	agent.set(func(s *sealer) { s.list = sectorAt(7) })
	second, err := stream.Recv()
	require.NoError(t, err)
	require.EqualValues(t, 7, second.Sectors[0].Done, "what did not change is not sent again")

	agent.set(func(s *sealer) { s.err = errors.New("the disk is gone") })
	_, err = stream.Recv()
	require.ErrorContains(t, err, "the disk is gone")
}

func TestANodeThatIsNoProviderHasNoSectors(t *testing.T) {
	client := sidecarv1.NewSectorServiceClient(serve(t, nil))
	_, err := client.List(t.Context(), &sidecarv1.ListSectorsRequest{})
	require.Equal(t, codes.FailedPrecondition, status.Code(err))
	stream, err := client.Watch(t.Context(), &sidecarv1.WatchSectorsRequest{})
	require.NoError(t, err)
	_, err = stream.Recv()
	require.Equal(t, codes.FailedPrecondition, status.Code(err))
	require.ErrorContains(t, err, "[provider]")
}
