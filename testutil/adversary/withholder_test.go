package adversary_test

import (
	"time"

	"github.com/stretchr/testify/require"

	markettypes "github.com/ipdm-network/ipdm/x/market/types"
	"github.com/ipdm-network/ipdm/x/porep/proof/sdr"
	poreptypes "github.com/ipdm-network/ipdm/x/porep/types"

	"github.com/ipdm-network/ipdm/testutil/sealed"
)

// forge makes the rogue commit to labels that were never computed.
func (s *scene) forge() {
	s.rogue.makes = func(identity func(commD sdr.Hash) sdr.Hash, deals ...*sealed.Deal) *sealed.Sector {
		made, err := sealed.Forge(sectorNodes, identity, deals...)
		require.NoError(s, err)
		return made
	}
}

// withholder has forged a sector and shows no record of it to anybody.
type withholder struct{}

func (withholder) attack(s *scene) {
	s.forge()
	s.rogue.hides = true
	before := s.wealth(s.rogue.account)
	id, sector := s.sealing(newContent(s, "withheld", 16, 16<<10))
	s.until("the seal times out", time.Minute, func() bool { return len(told[*poreptypes.EventSealTimedOut](s.world)) > 0 })
	require.Equal(s, sector.Id, told[*poreptypes.EventSealTimedOut](s.world)[0].SectorId)
	require.Empty(s, told[*poreptypes.EventSealVoted](s.world)[len(s.validators):], "nobody has a verdict but on the honest sector")
	require.Zero(s, s.proving(s.rogue, poreptypes.CLASS_SEALED).ActiveBytes)
	require.True(s, s.rewards(s.rogue.account).Earned.IsZero())
	require.NotEqual(s, markettypes.REPLICA_STATUS_ACTIVE, s.replica(id).Status)
	require.True(s, s.wealth(s.rogue.account).LTE(before), "it costs the deposit's use and earns nothing")
}

// stonewaller has forged a sector, got validators to accept it unseen, and shows no record that is demanded.
type stonewaller struct{}

func (stonewaller) attack(s *scene) {
	id, sector := s.acceptedForgery(true)
	watched, rogues := s.wealth(s.watcher), s.wealth(s.rogue.account)
	s.do(s.watcher, &poreptypes.MsgDemandSealRecord{Sender: s.watcher.text, SectorId: sector.Id, Index: 7}, nil)
	s.until("the provider is convicted", poreptypes.LocalnetParams().DemandResponseTime+2*step, func() bool {
		return len(told[*poreptypes.EventSealFraud](s.world)) > 0
	})
	convicted := told[*poreptypes.EventSealFraud](s.world)
	require.Len(s, convicted, 1)
	require.Zero(s, convicted[0].VotersSlashed, "that a record is not shown says nothing of those who voted")
	s.requireConvicted(id, sector, convicted[0], watched)
	require.True(s, s.wealth(s.rogue.account).LT(rogues))
	for _, v := range s.validators {
		require.Equal(s, staked().String(), s.stake(v).String())
	}
}
