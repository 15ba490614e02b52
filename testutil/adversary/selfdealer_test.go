package adversary_test

import (
	"time"

	"github.com/stretchr/testify/require"

	poreptypes "github.com/ipdm-network/ipdm/x/porep/types"
)

// selfDealer orders from itself, through the accomplice, bytes that are made from a seed, and keeps the seed only. Open bytes it makes
// anew whenever it is asked. To open a replica it would have to seal anew first, which takes longer than an answer may: with a sector of
// 1 GiB 366 s against 30 s, here by definition.
type selfDealer struct{ class poreptypes.Class }

func (d selfDealer) attack(s *scene) {
	before := s.wealth(s.rogue.account, s.accomplice)
	id := s.order(s.accomplice, newContent(s, "generated", 16, 16<<10), d.class, roguePrice)
	s.untilActive(id)
	if d.class == poreptypes.CLASS_SEALED {
		s.rogue.answers = silent
		s.untilWindow(s.rogue, d.class)
		right := s.proofOf(s.rogue, d.class, s.asked(s.rogue, d.class))
		s.pass(poreptypes.LocalnetParams().ResponseTime)
		s.refused(s.rogue.account, right, poreptypes.ErrWindowClosed, nil)
		s.until("the replica is lost", time.Minute, func() bool { return len(told[*poreptypes.EventUnitTerminated](s.world)) > 0 })
	} else {
		s.until("ten windows are proven", 3*time.Minute, func() bool { return s.proving(s.rogue, d.class).ProvenWindows >= 10 })
	}
	s.settle(s.accomplice, id)
	rewards := s.rewards(s.rogue.account)
	require.True(s, rewards.Earned.IsZero(), "no emission for bytes that are not there, not %s", rewards.Earned)
	net := s.wealth(s.rogue.account, s.accomplice).Sub(before)
	if d.class == poreptypes.CLASS_SEALED {
		require.True(s, net.IsNegative(), "net %s: half of each slash is burned", net)
		return
	}
	require.True(s, s.registered(s.rogue).Earned.IsPositive(), "it is paid its own escrow")
	require.True(s, net.IsZero(), "which is its own money: net %s", net)
}
