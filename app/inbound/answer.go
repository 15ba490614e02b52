package inbound

import (
	sidecarv1 "github.com/ipdm-network/ipdm/sdk/go/sidecar/v1"
	"github.com/ipdm-network/ipdm/x/bridge/wire"
)

// requestFor asks the sidecar for all targets.
func requestFor(targets []wire.RangeTarget) *sidecarv1.RangesRequest {
	request := &sidecarv1.RangesRequest{}
	for _, t := range targets {
		request.Targets = append(request.Targets, &sidecarv1.InboundTarget{
			Domain: uint32(t.Domain), Application: t.Application[:], FirstNonce: t.FirstNonce, UntilUnixMilli: t.UntilMillis,
		})
	}
	return request
}

// answerTo returns the vote in an answer of the sidecar, and whether it is one on the target: what no honest sidecar says would spoil the
// votes on other domains.
func answerTo(target wire.RangeTarget, m *sidecarv1.InboundRange) (wire.RangeVote, bool) {
	if len(m.GetRoot()) != len(wire.Hash{}) {
		return wire.RangeVote{}, false
	}
	vote := wire.RangeVote{
		Domain: wire.Domain(m.GetDomain()), TimeMillis: m.GetTimeUnixMilli(), FirstNonce: m.GetFirstNonce(), Count: m.GetCount(),
		Root: wire.Hash(m.GetRoot()),
	}
	full := vote.Count == wire.MaxRangeEvents // its time may be earlier
	ok := vote.Domain == target.Domain && vote.FirstNonce == target.FirstNonce && vote.Count <= wire.MaxRangeEvents &&
		(vote.TimeMillis == target.UntilMillis || full && vote.TimeMillis < target.UntilMillis) &&
		(vote.Count == 0) == (vote.Root == wire.Hash{})
	return vote, ok
}
