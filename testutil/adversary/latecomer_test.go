package adversary_test

import (
	"time"

	"github.com/stretchr/testify/require"

	markettypes "github.com/ipdm-network/ipdm/x/market/types"
	poreptypes "github.com/ipdm-network/ipdm/x/porep/types"
)

// latecomer has everything and answers one window a moment too late, the others in time.
type latecomer struct{ class poreptypes.Class }

func (l latecomer) attack(s *scene) {
	id := s.holding(l.class)
	pledge := s.registered(s.rogue).Pledge
	s.rogue.answers = silent
	s.requireEarnsNothing(id, func() {
		asked := s.untilWindow(s.rogue, l.class)
		right := s.proofOf(s.rogue, l.class, asked)
		for s.time.Add(step).Before(*asked.Window.ClosesAt) {
			s.block(step)
		}
		tx := s.rogue.sign(s.world, right)
		result := s.block(asked.Window.ClosesAt.Sub(s.time), tx)[0]
		require.Equal(s, poreptypes.ErrWindowClosed.ABCICode(), result.Code, "at its deadline a window is closed: %s", result.Log)
		missed := told[*poreptypes.EventWindowMissed](s.world)
		require.Len(s, missed, 1)
		require.Equal(s, s.rogue.text, missed[0].Provider)
		require.Equal(s, uint32(1), s.proving(s.rogue, l.class).ConsecutiveMissed)
	})
	forfeited := s.rewards(s.rogue.account).Forfeited
	require.Equal(s, l.class == poreptypes.CLASS_SEALED, forfeited.IsPositive(), "forfeited %s", forfeited)

	s.rogue.answers = nil
	proven := s.proving(s.rogue, l.class).ProvenWindows
	s.until("it is honest again", time.Minute, func() bool { return s.proving(s.rogue, l.class).ProvenWindows >= proven+2 })
	require.Zero(s, s.proving(s.rogue, l.class).ConsecutiveMissed)
	require.Equal(s, uint64(1), s.proving(s.rogue, l.class).MissedWindows)
	registered := s.registered(s.rogue)
	require.Equal(s, pledge.String(), registered.Pledge.String(), "one missed window costs its reward and no more")
	require.Equal(s, markettypes.REPLICA_STATUS_ACTIVE, s.replica(id).Status)
}
