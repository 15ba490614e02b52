package adversary_test

import (
	"github.com/stretchr/testify/require"

	sdkerrors "github.com/cosmos/cosmos-sdk/types/errors"

	"github.com/ipdm-network/ipdm/x/porep/proof"
	poreptypes "github.com/ipdm-network/ipdm/x/porep/types"
)

// replayer has one right answer and sends it again: as it was, signed anew, in a later window, and for its other class.
type replayer struct{ class poreptypes.Class }

func (a replayer) attack(s *scene) {
	s.holding(a.class)
	other := poreptypes.CLASS_OPEN + poreptypes.CLASS_SEALED - a.class
	s.holding(other)
	s.rogue.answers = silent
	asked := s.untilWindow(s.rogue, a.class)
	proven := s.proving(s.rogue, a.class).ProvenWindows
	right := s.proofOf(s.rogue, a.class, asked)
	tx := s.rogue.sign(s.world, right)
	require.Zero(s, s.block(step, tx)[0].Code)

	s.refusedTx(tx, sdkerrors.ErrWrongSequence, nil)
	s.refused(s.rogue.account, right, poreptypes.ErrAlreadySubmitted, nil)
	s.untilClosed(s.rogue, a.class)
	s.refused(s.rogue.account, right, poreptypes.ErrWindowClosed, nil)
	require.Equal(s, proven+1, s.proving(s.rogue, a.class).ProvenWindows, "it counts once")

	s.untilWindow(s.rogue, a.class)
	s.refused(s.rogue.account, right, poreptypes.ErrWrongWindow, nil)
	asked = s.untilWindow(s.rogue, other)
	crossed := *right
	crossed.Class, crossed.Window = other, asked.Window.Index
	s.refused(s.rogue.account, &crossed, poreptypes.ErrInvalidProof, proof.ErrClassUnsupported)
	s.until("the windows close", 3*step*20, func() bool {
		return !s.proving(s.rogue, a.class).Window.Open && !s.proving(s.rogue, other).Window.Open
	})
	require.Equal(s, proven+1, s.proving(s.rogue, a.class).ProvenWindows)
	for _, missed := range told[*poreptypes.EventWindowMissed](s.world) {
		require.Equal(s, s.rogue.text, missed.Provider)
	}
	require.NotEmpty(s, told[*poreptypes.EventWindowMissed](s.world))
}
