package adversary_test

import (
	"github.com/stretchr/testify/require"

	"github.com/ipdm-network/ipdm/sdk/go/format/commitment"
	"github.com/ipdm-network/ipdm/x/porep/proof"
	poreptypes "github.com/ipdm-network/ipdm/x/porep/types"
)

// stale has all of its bytes and answers a window with what the one before asked for.
type stale struct{ class poreptypes.Class }

func (a stale) attack(s *scene) {
	id := s.holding(a.class)
	var old *poreptypes.MsgSubmitWindowProof
	s.rogue.answers = func(class poreptypes.Class, asked *poreptypes.QueryChallengesResponse) *poreptypes.MsgSubmitWindowProof {
		old = s.proofOf(s.rogue, class, asked)
		return old
	}
	s.untilWindow(s.rogue, a.class)
	s.untilClosed(s.rogue, a.class)
	require.NotNil(s, old)

	s.rogue.answers = silent
	s.requireEarnsNothing(id, func() {
		asked := s.untilWindow(s.rogue, a.class)
		s.refused(s.rogue.account, old, poreptypes.ErrWrongWindow, nil)
		renumbered := *old
		renumbered.Window = asked.Window.Index
		s.refused(s.rogue.account, &renumbered, poreptypes.ErrInvalidProof, proof.ErrWindow)
		relabelled, cause := s.relabelled(old, asked.Window.Index)
		s.refused(s.rogue.account, relabelled, poreptypes.ErrInvalidProof, cause)
		s.untilClosed(s.rogue, a.class)
		missed := told[*poreptypes.EventWindowMissed](s.world)
		require.Len(s, missed, 1, "caught in its window")
		require.Equal(s, s.rogue.text, missed[0].Provider)
		require.Equal(s, asked.Window.Index, missed[0].Window)
	})
}

// relabelled returns the openings of an answer as those of another window, and what gives them away.
func (s *scene) relabelled(old *poreptypes.MsgSubmitWindowProof, window uint64) (*poreptypes.MsgSubmitWindowProof, error) {
	s.Helper()
	msg := *old
	msg.Window = window
	if old.Class == poreptypes.CLASS_SEALED {
		made, err := proof.DecodeSealedWindowProof(old.Proof)
		require.NoError(s, err)
		made.Window = window
		msg.Proof, err = made.MarshalBinary()
		require.NoError(s, err)
		return &msg, proof.ErrNode
	}
	made, err := proof.DecodeWindowProof(old.Proof)
	require.NoError(s, err)
	made.Window = window
	msg.Proof, err = made.MarshalBinary()
	require.NoError(s, err)
	return &msg, commitment.ErrOffset
}
