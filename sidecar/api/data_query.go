package api

import (
	"context"

	sidecarv1 "github.com/ipdm-network/ipdm/sdk/go/sidecar/v1"
	"github.com/ipdm-network/ipdm/sidecar/data/catalogue"
)

// Query implements sidecarv1.DataServiceServer.
func (s *dataService) Query(ctx context.Context, request *sidecarv1.QueryRequest) (*sidecarv1.QueryResponse, error) {
	if request.GetCountOnly() {
		if request.GetNetwork() || len(request.GetCursor()) > 0 {
			return nil, invalid("a count is of this node and the whole query: it has no cursor and asks no peers")
		}
		matches, examined, err := s.catalogue.Count(ctx, request.GetQuery(), request.GetAllVersions())
		if err != nil {
			return nil, err
		}
		return &sidecarv1.QueryResponse{Matches: uint64(matches), Examined: uint64(examined)}, nil
	}
	answer, err := s.catalogue.Search(ctx, catalogue.Request{
		Query:       request.GetQuery(),
		Cursor:      request.GetCursor(),
		AllVersions: request.GetAllVersions(),
		Network:     request.GetNetwork(),
	})
	if err != nil {
		return nil, err
	}
	response := &sidecarv1.QueryResponse{
		NextCursor: answer.Next,
		Examined:   uint64(answer.Examined),
		Plan:       answer.Plan,
		Peers:      uint32(answer.Peers),
	}
	for _, r := range answer.Rows {
		row := &sidecarv1.QueryRow{Pin: pinMessage(r.Pin), Superseded: r.Superseded}
		for _, p := range r.Peers {
			row.Peers = append(row.Peers, p.String())
		}
		response.Rows = append(response.Rows, row)
	}
	for _, f := range answer.Failures {
		response.Failures = append(response.Failures, &sidecarv1.QueryFailure{PeerId: f.Peer.String(), Reason: f.Err.Error()})
	}
	return response, nil
}

// Counts implements sidecarv1.DataServiceServer.
func (s *dataService) Counts(ctx context.Context, _ *sidecarv1.CountsRequest) (*sidecarv1.CountsResponse, error) {
	local, network, peers, err := s.catalogue.Counts(ctx)
	if err != nil {
		return nil, err
	}
	return &sidecarv1.CountsResponse{Local: countsMessage(local), Network: countsMessage(network), Peers: uint32(peers)}, nil
}

func countsMessage(c catalogue.Counts) *sidecarv1.Counts {
	return &sidecarv1.Counts{Roots: c.Roots, Owners: c.Owners, Tags: c.Tags}
}
