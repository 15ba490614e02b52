package adversary_test

import (
	"context"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/ipdm-network/ipdm/sdk/go/format"
	"github.com/ipdm-network/ipdm/x/porep/proof"
	"github.com/ipdm-network/ipdm/x/porep/proof/sdr"
	poreptypes "github.com/ipdm-network/ipdm/x/porep/types"
)

// thief has thrown its sector away and shows the honest provider's, node by node as asked, and says that the other's is its own.
type thief struct{}

func (thief) attack(s *scene) {
	id := s.holding(poreptypes.CLASS_SEALED)
	pledge := s.registered(s.rogue).Pledge
	s.rogue.answers = silent
	s.requireEarnsNothing(id, func() {
		asked := s.untilWindow(s.rogue, poreptypes.CLASS_SEALED)
		s.refused(s.rogue.account, &poreptypes.MsgSubmitWindowProof{
			Provider: s.rogue.text, Class: poreptypes.CLASS_SEALED, Window: asked.Window.Index, Proof: s.stolen(asked),
		}, poreptypes.ErrInvalidProof, proof.ErrNode)

		theirs := s.honest.sectors[0]
		root := sdr.ProofRoot(theirs.proof)
		s.refused(s.rogue.account, &poreptypes.MsgProveSeal{
			Provider: s.rogue.text, SectorId: theirs.id, Records: format.NodeCID(root).String(), Root: root[:],
			LengthBytes: uint64(len(theirs.proof)),
		}, poreptypes.ErrNotOwner, nil)
		s.until("the provider is terminated", time.Minute, func() bool {
			return len(told[*poreptypes.EventUnitTerminated](s.world)) > 0
		})
	})
	require.Len(s, told[*poreptypes.EventWindowMissed](s.world), int(poreptypes.LocalnetParams().FaultMaxWindows)+1)
	s.requireSlashed(id, pledge)
}

// stolen opens what the rogue is asked for in the honest provider's sector.
func (s *scene) stolen(asked *poreptypes.QueryChallengesResponse) []byte {
	s.Helper()
	made := &proof.SealedWindowProof{Window: asked.Window.Index}
	for _, c := range asked.Challenges {
		opening, err := s.honest.sectors[0].OpenNode(context.Background(), c.Node)
		require.NoError(s, err)
		made.Openings = append(made.Openings, opening)
	}
	encoded, err := made.MarshalBinary()
	require.NoError(s, err)
	return encoded
}
