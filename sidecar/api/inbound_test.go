package api_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"

	sidecarv1 "github.com/ipdm-network/ipdm/sdk/go/sidecar/v1"
	"github.com/ipdm-network/ipdm/sidecar/api"
	"github.com/ipdm-network/ipdm/x/bridge/wire"
)

// knowing answers every target that has an odd domain. It is for one call at a time.
type knowing struct{ asked []wire.RangeTarget }

func (k *knowing) Ranges(_ context.Context, targets []wire.RangeTarget) []wire.RangeVote {
	k.asked = targets
	var votes []wire.RangeVote
	for _, t := range targets {
		if t.Domain%2 == 1 {
			votes = append(votes, wire.RangeVote{
				Domain: t.Domain, TimeMillis: t.UntilMillis, FirstNonce: t.FirstNonce, Count: 3, Root: wire.Hash{byte(t.Domain)},
			})
		}
	}
	return votes
}

func inboundTarget(domain uint32) *sidecarv1.InboundTarget {
	application := wire.Party{31: byte(domain)}
	return &sidecarv1.InboundTarget{Domain: domain, Application: application[:], FirstNonce: 7, UntilUnixMilli: 1_000}
}

func TestRanges(t *testing.T) {
	k := &knowing{}
	client := sidecarv1.NewInboundServiceClient(serve(t, func(o *api.Options) { o.Observer = k }))
	response, err := client.Ranges(t.Context(), &sidecarv1.RangesRequest{Targets: []*sidecarv1.InboundTarget{inboundTarget(3), inboundTarget(2)}})
	require.NoError(t, err)
	require.Equal(t, []wire.RangeTarget{
		{Domain: 3, Application: wire.Party{31: 3}, FirstNonce: 7, UntilMillis: 1_000},
		{Domain: 2, Application: wire.Party{31: 2}, FirstNonce: 7, UntilMillis: 1_000},
	}, k.asked)
	root := wire.Hash{3}
	want := &sidecarv1.RangesResponse{Ranges: []*sidecarv1.InboundRange{{Domain: 3, TimeUnixMilli: 1_000, FirstNonce: 7, Count: 3, Root: root[:]}}}
	require.True(t, proto.Equal(want, response), "%v", response)

	var most []*sidecarv1.InboundTarget
	for domain := range uint32(wire.MaxRangeVotes) {
		most = append(most, inboundTarget(domain+1))
	}
	response, err = client.Ranges(t.Context(), &sidecarv1.RangesRequest{Targets: most})
	require.NoError(t, err)
	require.Len(t, response.GetRanges(), wire.MaxRangeVotes/2)
	response, err = client.Ranges(t.Context(), &sidecarv1.RangesRequest{})
	require.NoError(t, err)
	require.Empty(t, response.GetRanges())
	require.Empty(t, k.asked, "so that it can forget")
}

func TestRangesThatCannotBeAsked(t *testing.T) {
	k := &knowing{}
	client := sidecarv1.NewInboundServiceClient(serve(t, func(o *api.Options) { o.Observer = k }))
	var many []*sidecarv1.InboundTarget
	for domain := range uint32(wire.MaxRangeVotes + 1) {
		many = append(many, inboundTarget(domain+1))
	}
	for told, targets := range map[string][]*sidecarv1.InboundTarget{
		"9 targets, at most 8":                  many,
		"target 1: domain 0 is IPDM itself":     {inboundTarget(1), inboundTarget(0)},
		"target 1: domain 4 twice":              {inboundTarget(4), inboundTarget(4)},
		"an application of 0 bytes, not 32":     {{Domain: 1}},
		"an application of 20 bytes, not 32":    {{Domain: 1, Application: make([]byte, 20)}},
		"domain 5: an application of 33 bytes,": {{Domain: 5, Application: make([]byte, 33)}},
	} {
		_, err := client.Ranges(t.Context(), &sidecarv1.RangesRequest{Targets: targets})
		require.Equal(t, codes.InvalidArgument, status.Code(err), told)
		require.ErrorContains(t, err, told)
	}
	require.Nil(t, k.asked)
}

func TestNodesThatReadNoGateway(t *testing.T) {
	_, err := sidecarv1.NewInboundServiceClient(serve(t, nil)).Ranges(t.Context(), &sidecarv1.RangesRequest{})
	require.Equal(t, codes.FailedPrecondition, status.Code(err))
	require.ErrorContains(t, err, "[[bridge.ethereum]]")
}
