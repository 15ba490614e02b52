package api

import (
	"context"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	sidecarv1 "github.com/ipdm-network/ipdm/sdk/go/sidecar/v1"
	"github.com/ipdm-network/ipdm/x/bridge/wire"
)

// inboundService implements sidecarv1.InboundServiceServer.
type inboundService struct {
	sidecarv1.UnimplementedInboundServiceServer
	observer Observer
}

// Ranges implements sidecarv1.InboundServiceServer.
func (s *inboundService) Ranges(ctx context.Context, request *sidecarv1.RangesRequest) (*sidecarv1.RangesResponse, error) {
	if s.observer == nil {
		return nil, status.Error(codes.FailedPrecondition,
			"this node reads no gateway: name those of the bridge in [[bridge.ethereum]] and [[bridge.solana]] of its config.toml and restart the daemon")
	}
	targets, err := targetsOf(request.GetTargets())
	if err != nil {
		return nil, err
	}
	response := &sidecarv1.RangesResponse{}
	for _, v := range s.observer.Ranges(ctx, targets) {
		response.Ranges = append(response.Ranges, &sidecarv1.InboundRange{
			Domain: uint32(v.Domain), TimeUnixMilli: v.TimeMillis, FirstNonce: v.FirstNonce, Count: v.Count, Root: v.Root[:],
		})
	}
	return response, nil
}

// targetsOf reads targets: at most wire.MaxRangeVotes, of distinct domains, none of which is IPDM's.
func targetsOf(messages []*sidecarv1.InboundTarget) ([]wire.RangeTarget, error) {
	if n := len(messages); n > wire.MaxRangeVotes {
		return nil, invalid("%d targets, at most %d", n, wire.MaxRangeVotes)
	}
	targets := make([]wire.RangeTarget, len(messages))
	named := make(map[uint32]bool, len(messages))
	for i, m := range messages {
		domain, application := m.GetDomain(), m.GetApplication()
		switch {
		case domain == 0:
			return nil, invalid("target %d: domain 0 is IPDM itself", i)
		case named[domain]:
			return nil, invalid("target %d: domain %d twice", i, domain)
		case len(application) != len(wire.Party{}):
			return nil, invalid("target %d, domain %d: an application of %d bytes, not %d", i, domain, len(application), len(wire.Party{}))
		}
		named[domain] = true
		targets[i] = wire.RangeTarget{
			Domain: wire.Domain(domain), Application: wire.Party(application), FirstNonce: m.GetFirstNonce(), UntilMillis: m.GetUntilUnixMilli(),
		}
	}
	return targets, nil
}
