package api

import (
	"context"

	sidecarv1 "github.com/ipdm-network/ipdm/sdk/go/sidecar/v1"
)

// followService implements sidecarv1.FollowServiceServer.
type followService struct {
	sidecarv1.UnimplementedFollowServiceServer
	follows Follows // may be nil
}

// List implements sidecarv1.FollowServiceServer.
func (s *followService) List(context.Context, *sidecarv1.ListFollowsRequest) (*sidecarv1.ListFollowsResponse, error) {
	response := &sidecarv1.ListFollowsResponse{}
	if s.follows == nil {
		return response, nil
	}
	for _, f := range s.follows.List() {
		response.Follows = append(response.Follows, &sidecarv1.Follow{
			Name:      f.Name,
			Kind:      f.Kind,
			Position:  f.Position,
			Finalized: f.Finalized,
			Lag:       f.Lag,
			Changes:   f.Changes,
			Batches:   f.Batches,
			LastRoot:  f.LastRoot,
			Trouble:   f.Trouble,
			Stopped:   f.Stopped,
		})
	}
	return response, nil
}
