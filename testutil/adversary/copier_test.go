package adversary_test

import (
	"time"

	"github.com/stretchr/testify/require"

	"github.com/ipdm-network/ipdm/testutil/sealed"
	"github.com/ipdm-network/ipdm/x/porep/proof/sdr"
	poreptypes "github.com/ipdm-network/ipdm/x/porep/types"
)

// copier is to seal what the honest provider has sealed, and commits to a copy of that replica: the data is the same, so that nothing
// but the identity of the replica is wrong.
type copier struct{}

func (copier) attack(s *scene) {
	copied := s.honest.sectors[0].Sector
	s.rogue.makes = func(func(commD sdr.Hash) sdr.Hash, ...*sealed.Deal) *sealed.Sector { return copied }
	id, sector := s.sealing(s.sealedContent)
	require.Equal(s, copied.Statement.CommRLast[:], sector.CommRLast)
	require.NotEqual(s, copied.Statement.ReplicaID[:], sector.ReplicaId)
	s.requireRejected(id, sector, sdr.ErrLabel)
}

// twin has sealed a replica, and says that its second one of the same data is another.
type twin struct{}

func (twin) attack(s *scene) {
	c := newContent(s, "kept once", 16, 16<<10)
	first := s.order(s.client, c, poreptypes.CLASS_SEALED, roguePrice)
	s.untilActive(first)
	s.rogue.makes = func(func(commD sdr.Hash) sdr.Hash, ...*sealed.Deal) *sealed.Sector { return s.rogue.sectors[0].Sector }
	second, sector := s.sealing(c)
	s.until("the seal is rejected", time.Minute, func() bool { return len(told[*poreptypes.EventSealRejected](s.world)) > 0 })
	require.ErrorIs(s, s.checked[sector.Proof.SealId], sdr.ErrLabel)
	require.NotNil(s, s.registered(s.rogue).JailedUntil)
	require.Equal(s, s.rogue.text, s.replica(first).Provider, "the replica that it has is paid for")
	require.NotEqual(s, s.rogue.text, s.replica(second).Provider)
	state := s.proving(s.rogue, poreptypes.CLASS_SEALED)
	require.Equal(s, uint64(1), state.ActiveUnits)
	require.Equal(s, state.ActiveBytes, s.rewards(s.rogue.account).SealedBytes)
}
