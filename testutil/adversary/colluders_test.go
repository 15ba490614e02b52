package adversary_test

import (
	"time"

	"github.com/stretchr/testify/require"

	sdkmath "cosmossdk.io/math"

	"github.com/ipdm-network/ipdm/app/params"
	"github.com/ipdm-network/ipdm/x/porep/proof/sdr"
	poreptypes "github.com/ipdm-network/ipdm/x/porep/types"
)

// colluders are a rogue that has forged a sector and three of four validators that say yes to it. The watcher has looked at the records.
type colluders struct{}

func (colluders) attack(s *scene) {
	id, sector := s.acceptedForgery(false)
	lying := s.validators[:3]
	watched, rogues := s.wealth(s.watcher), s.wealth(s.rogue.account)
	records := s.rogue.sectors[0].proof
	var index uint32
	slice, err := sdr.MakeRecordSlice(sectorNodes, records, index)
	require.NoError(s, err)
	s.do(s.watcher, &poreptypes.MsgProveSealFraud{Reporter: s.watcher.text, SectorId: sector.Id, Index: index, Slice: slice}, nil)
	convicted := told[*poreptypes.EventSealFraud](s.world)
	require.Len(s, convicted, 1)
	require.Equal(s, uint32(len(lying)), convicted[0].VotersSlashed)
	s.requireConvicted(id, sector, convicted[0], watched)

	// Each has lost a hundredth of its stake, far more than the fee that its verdict got it, and its place.
	fee := poreptypes.Share(deposited(), poreptypes.LocalnetParams().VerdictFeeBps).QuoRaw(int64(len(lying)))
	for _, v := range lying {
		lost := staked().Sub(s.stake(v))
		require.Equal(s, poreptypes.Share(staked(), poreptypes.LocalnetParams().VoterSlashBps).String(), lost.String())
		require.True(s, lost.GT(fee))
		known, err := s.app.Keepers.Staking.GetValidator(s.state(), v.operator())
		require.NoError(s, err)
		require.True(s, known.Jailed)
	}
	honest, err := s.app.Keepers.Staking.GetValidator(s.state(), s.validators[3].operator())
	require.NoError(s, err)
	require.False(s, honest.Jailed)
	require.Equal(s, staked().String(), honest.Tokens.String(), "whoever said no loses nothing")
	require.True(s, s.wealth(s.rogue.account).LT(rogues))
}

// staked is what stood behind each validator at first.
func staked() sdkmath.Int { return params.IPDM(stakeIPDM).Amount }

// acceptedForgery has three of four validators accept a forged sector of the rogue's, whose records nobody else can have when hidden.
func (s *scene) acceptedForgery(hidden bool) (dealID uint64, sector poreptypes.Sector) {
	s.Helper()
	s.forge()
	s.rogue.hides = hidden
	for _, v := range s.validators[:3] {
		v.lies = true
	}
	dealID, sector = s.sealing(newContent(s, "forged", 16, 16<<10))
	s.untilActive(dealID)
	sector, known := s.sectorOf(s.rogue, sector.Number)
	require.True(s, known)
	require.Equal(s, poreptypes.SECTOR_STATUS_DISPUTABLE, sector.Status)
	require.NotZero(s, s.rewards(s.rogue.account).SealedBytes, "it counts until somebody looks")
	return dealID, sector
}

// requireConvicted asserts that a forger has lost its deposit, a fifth of it to the watcher, whose wealth was known before, and its units.
func (s *scene) requireConvicted(dealID uint64, sector poreptypes.Sector, convicted *poreptypes.EventSealFraud, watched sdkmath.Int) {
	s.Helper()
	require.Equal(s, sector.Id, convicted.SectorId)
	require.Equal(s, s.rogue.text, convicted.Provider)
	require.Equal(s, s.watcher.text, convicted.Reporter)
	require.Equal(s, sector.Deposit.String(), convicted.Forfeited)
	require.True(s, sector.Deposit.IsPositive())
	s.until("its units are gone", time.Minute, func() bool {
		return s.proving(s.rogue, poreptypes.CLASS_SEALED).UnitCount == 0
	})
	for _, ended := range told[*poreptypes.EventUnitTerminated](s.world) {
		require.Equal(s, s.rogue.text, ended.Provider)
		require.Equal(s, poreptypes.TERMINATION_CAUSE_FRAUD, ended.Cause)
	}
	reward := s.wealth(s.watcher).Sub(watched)
	require.Equal(s, poreptypes.Share(sector.Deposit, 2_000).String(), reward.String(), "the reporter's share, and any bond is back")
	s.requireOut(dealID)
	// What it answered for until then it has earned for; the deposit is far more.
	earned := s.rewards(s.rogue.account).Earned
	require.True(s, earned.LT(sector.Deposit.QuoRaw(100)), "emission of %s against a deposit of %s", earned, sector.Deposit)
}
