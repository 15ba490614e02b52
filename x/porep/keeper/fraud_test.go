package keeper_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/ipdm-network/ipdm/x/porep/proof"
	"github.com/ipdm-network/ipdm/x/porep/types"
)

// forged returns an edit that makes one record of a proof false.
func forged(index int) func([]byte) []byte {
	return func(proof []byte) []byte { return forge(proof, index) }
}

func (s *sealer) report(reporter string, id uint64, index uint32, slice []byte) error {
	s.Helper()
	return s.tx(func(ctx sdk.Context) error {
		_, err := s.msgs.ProveSealFraud(ctx, &types.MsgProveSealFraud{Reporter: reporter, SectorId: id, Index: index, Slice: slice})
		return err
	})
}

func (s *sealer) demand(sender string, id uint64, index uint32) error {
	s.Helper()
	return s.tx(func(ctx sdk.Context) error {
		_, err := s.msgs.DemandSealRecord(ctx, &types.MsgDemandSealRecord{Sender: sender, SectorId: id, Index: index})
		return err
	})
}

func (s *sealer) reveal(id uint64, index uint32, slice []byte) error {
	s.Helper()
	return s.tx(func(ctx sdk.Context) error {
		_, err := s.msgs.RevealSealRecord(ctx, &types.MsgRevealSealRecord{Provider: s.address, SectorId: id, Index: index, Slice: slice})
		return err
	})
}

// One record with a wrong parent undoes a seal that the validators accepted: the provider loses deposit and units, and those who
// said yes lose stake.
func TestAFalseRecordConvicts(t *testing.T) {
	s := newSealer(t)
	watcher := s.fixture.address("watcher")
	id := s.accepted(forged(41))
	deposit := s.fixture.sector(id).Deposit
	s.hooks.take()
	s.market.take()
	require.ErrorIs(t, s.report(watcher, id, 40, s.slice(40)), types.ErrRecordHolds, "the others are right")
	require.NoError(t, s.report(watcher, id, 41, s.slice(41)))
	require.Equal(t, []slash{{deposit, watcher}}, s.rewards.slashes)
	require.Equal(t, []string{"jailed"}, s.market.take())
	for i := range 4 {
		require.Equal(t, i < 3, s.staking.punished[string(validator(i))] == 1, "validator %d", i)
	}
	require.Equal(t, types.SECTOR_STATUS_DROPPED, s.fixture.sector(id).Status)
	require.Equal(t, 1, s.events()["ipdm.porep.v1.EventSealFraud"])

	for s.mapState(types.CLASS_SEALED).UnitCount > 0 {
		s.block(s.ctx.BlockTime().Add(100 * tick))
	}
	require.Equal(t, []string{"terminated 1", "terminated 2"}, s.hooks.take())
	require.Equal(t, []types.TerminationCause{types.TERMINATION_CAUSE_FRAUD, types.TERMINATION_CAUSE_FRAUD}, s.hooks.causes)
	s.tick()
	_, err := s.keeper.Sector(s.ctx, id)
	require.ErrorIs(t, err, types.ErrUnknownSector)
	require.Zero(t, s.rewards.bytes[s.address])
	require.True(t, s.locked().IsZero())
	require.ErrorIs(t, s.report(watcher, id, 41, s.slice(41)), types.ErrUnknownSector, "once")
}

// While the map is frozen for a window the units of a false seal stay until it closes, and can still be asked for.
func TestFraudWhileTheMapIsFrozen(t *testing.T) {
	s := newSealer(t)
	id := s.accepted(forged(7))
	s.openSealed()
	require.NoError(t, s.report(s.fixture.address("watcher"), id, 7, s.slice(7)))
	require.Equal(t, uint64(2), s.mapState(types.CLASS_SEALED).PendingChanges)
	s.hooks.take()
	_, err := s.submit(s.proveSealed())
	require.NoError(t, err)
	s.block(*s.mapState(types.CLASS_SEALED).Window.ClosesAt)
	require.Equal(t, []string{"terminated 1", "terminated 2"}, s.hooks.take())
	s.tick()
	_, err = s.keeper.Sector(s.ctx, id)
	require.ErrorIs(t, err, types.ErrUnknownSector)
}

// Fraud can be shown before the verdict, too.
func TestAFalseRecordConvictsBeforeTheVerdict(t *testing.T) {
	s := newSealer(t)
	id, sealID := s.submitted(forged(0))
	s.vote(sealID, true, 2)
	require.NoError(t, s.report(s.fixture.address("watcher"), id, 0, s.slice(0)))
	require.Equal(t, []string{"jailed", "failed 101/2 true", "failed 102/3 true"}, s.market.take())
	require.Equal(t, map[string]int{string(validator(2)): 1}, s.staking.punished)
	pending, err := s.queries.PendingSeals(s.ctx, &types.QueryPendingSealsRequest{})
	require.NoError(t, err)
	require.Empty(t, pending.Seals)
	s.vote(sealID, true, 0, 1)
	s.tick()
	require.Empty(t, s.hooks.take())
}

func TestReportsOfFraudThatAreRefused(t *testing.T) {
	s := newSealer(t)
	watcher := s.fixture.address("watcher")
	id := s.accepted(forged(3))
	honest := s.makeProof(id)
	good := s.slice(3)
	lying := *s
	lying.proof = forge(honest, 9)
	for name, tt := range map[string]struct {
		reporter string
		id       uint64
		index    uint32
		slice    []byte
		want     error
	}{
		"no reporter":       {"", id, 3, good, types.ErrInvalidAddress},
		"unknown sector":    {watcher, 77, 3, good, types.ErrUnknownSector},
		"record that holds": {watcher, id, 2, s.slice(2), types.ErrRecordHolds},
		"another record":    {watcher, id, 2, good, types.ErrSlice},
		"no such record":    {watcher, id, 176, good, types.ErrRecordIndex},
		"another proof":     {watcher, id, 9, lying.slice(9), types.ErrSlice},
		"no slice":          {watcher, id, 3, nil, types.ErrSlice},
		"cut":               {watcher, id, 3, good[:len(good)-1], types.ErrSlice},
		"overlong":          {watcher, id, 3, append(append([]byte{}, good...), 0), types.ErrSlice},
		"huge":              {watcher, id, 3, make([]byte, proof.MaxProofSize+1), types.ErrProofTooLarge},
	} {
		t.Run(name, func(t *testing.T) {
			require.ErrorIs(t, s.report(tt.reporter, tt.id, tt.index, tt.slice), tt.want)
			require.Empty(t, s.rewards.slashes)
		})
	}
	for at := 8; at < len(good); at += 997 {
		bent := append([]byte{}, good...)
		bent[at] ^= 1
		require.ErrorIs(t, s.report(watcher, id, 3, bent), types.ErrSlice, "byte %d", at)
	}

	// Until the dispute ends, and not after.
	ends := *s.fixture.sector(id).DisputeEndsAt
	s.ctx = s.ctx.WithBlockTime(ends)
	require.ErrorIs(t, s.report(watcher, id, 3, good), types.ErrTooLate)
	s.block(ends)
	require.ErrorIs(t, s.report(watcher, id, 3, good), types.ErrSectorStatus)
	require.Equal(t, types.SECTOR_STATUS_FINAL, s.fixture.sector(id).Status)
}

// A seal that was not proven yet has no record to show.
func TestNothingToReportBeforeTheProof(t *testing.T) {
	s := newSealer(t)
	id := s.committed()
	require.ErrorIs(t, s.report(s.fixture.address("watcher"), id, 0, []byte{1}), types.ErrSectorStatus)
	require.ErrorIs(t, s.demand(s.address, id, 0), types.ErrSectorStatus)
	require.ErrorIs(t, s.reveal(id, 0, nil), types.ErrUnknownDemand)
}

func TestGasForASealRecordIsChargedFirst(t *testing.T) {
	s := newSealer(t)
	id := s.accepted(nil)
	ctx, _ := s.ctx.CacheContext()
	before := ctx.GasMeter().GasConsumed()
	msg := &types.MsgProveSealFraud{Reporter: s.address, SectorId: id, Slice: make([]byte, 20_000)}
	_, err := s.msgs.ProveSealFraud(ctx, msg)
	require.ErrorIs(t, err, types.ErrSlice)
	params := types.LocalnetParams()
	require.GreaterOrEqual(t, ctx.GasMeter().GasConsumed()-before, 20_000*params.GasPerProofByte+params.GasPerSealRecord)
}

// A demanded record that holds earns its provider the bond.
func TestADemandedRecordIsShown(t *testing.T) {
	s := newSealer(t, func(p *types.Params) { p.MaxDemands = 2 })
	watcher := s.fixture.address("watcher")
	s.fund(watcher)
	id := s.accepted(nil)
	deposit := s.locked()
	require.NoError(t, s.demand(watcher, id, 5))
	require.Equal(t, deposit.Add(ipdm), s.locked())
	require.ErrorIs(t, s.demand(watcher, id, 5), types.ErrDemanded)
	require.ErrorIs(t, s.demand(watcher, id, 176), types.ErrRecordIndex)
	require.ErrorIs(t, s.demand(watcher, 77, 5), types.ErrUnknownSector)
	require.ErrorContains(t, s.demand(s.fixture.address("poor"), id, 6), "has less than")
	require.NoError(t, s.demand(watcher, id, 6))
	require.ErrorIs(t, s.demand(watcher, id, 7), types.ErrDemands, "a flood of demands")
	demands, err := s.queries.Demands(s.ctx, &types.QueryDemandsRequest{SectorId: id})
	require.NoError(t, err)
	require.Len(t, demands.Demands, 2)

	before := s.has(s.address)
	require.ErrorIs(t, s.reveal(id, 4, s.slice(4)), types.ErrUnknownDemand)
	require.ErrorIs(t, s.reveal(id, 5, s.slice(6)), types.ErrSlice)
	other := *s
	other.address = watcher
	require.ErrorIs(t, other.reveal(id, 5, s.slice(5)), types.ErrNotOwner)
	require.NoError(t, s.reveal(id, 5, s.slice(5)))
	require.NoError(t, s.reveal(id, 6, s.slice(6)))
	require.Equal(t, before.Add(ipdm.MulRaw(2)), s.has(s.address))
	require.Zero(t, s.fixture.sector(id).OpenDemands)

	// A demand that is open when the dispute ends holds its end up.
	ends := *s.fixture.sector(id).DisputeEndsAt
	s.block(ends.Add(-tick))
	require.NoError(t, s.demand(watcher, id, 9))
	s.block(ends)
	require.Equal(t, types.SECTOR_STATUS_DISPUTABLE, s.fixture.sector(id).Status)
	require.ErrorIs(t, s.demand(watcher, id, 10), types.ErrTooLate)
	require.NoError(t, s.reveal(id, 9, s.slice(9)))
	s.tick()
	require.Equal(t, types.SECTOR_STATUS_FINAL, s.fixture.sector(id).Status)
	require.True(t, s.locked().IsZero())
}

// Withholding does not help: a record that is not shown convicts like a false one, but says nothing of those who voted.
func TestAWithheldRecordConvicts(t *testing.T) {
	s := newSealer(t)
	watcher, other := s.fixture.address("watcher"), s.fixture.address("other")
	s.fund(watcher)
	s.fund(other)
	id := s.accepted(nil)
	deposit := s.fixture.sector(id).Deposit
	require.NoError(t, s.demand(watcher, id, 5))
	s.block(s.ctx.BlockTime().Add(2 * tick))
	require.NoError(t, s.demand(other, id, 6))
	by := s.demandsOf(id)[0].AnswerBy
	s.ctx = s.ctx.WithBlockTime(by)
	require.ErrorIs(t, s.reveal(id, 5, s.slice(5)), types.ErrTooLate)
	s.block(by)
	require.Equal(t, []slash{{deposit, watcher}}, s.rewards.slashes)
	require.Empty(t, s.staking.punished)
	require.Equal(t, ipdm.MulRaw(100), s.has(watcher), "the bonds go back")
	require.Equal(t, ipdm.MulRaw(100), s.has(other))
	require.Equal(t, types.SECTOR_STATUS_DROPPED, s.fixture.sector(id).Status)
	require.Contains(t, s.market.take(), "jailed")
	s.block(by.Add(10 * tick))
	require.Len(t, s.rewards.slashes, 1)
}

// A provider that shows a demanded record which is false convicts itself.
func TestAFalseRecordThatIsShown(t *testing.T) {
	s := newSealer(t)
	watcher := s.fixture.address("watcher")
	s.fund(watcher)
	id := s.accepted(forged(12))
	require.NoError(t, s.demand(watcher, id, 12))
	require.NoError(t, s.reveal(id, 12, s.slice(12)))
	require.Len(t, s.rewards.slashes, 1)
	require.Equal(t, watcher, s.rewards.slashes[0].reporter)
	require.Equal(t, ipdm.MulRaw(100), s.has(watcher))
	require.Len(t, s.staking.punished, 3)
}

// What was demanded of a seal that the validators refuse is void.
func TestDemandsOnARejectedSeal(t *testing.T) {
	s := newSealer(t)
	watcher := s.fixture.address("watcher")
	s.fund(watcher)
	id, sealID := s.submitted(nil)
	require.NoError(t, s.demand(watcher, id, 5))
	s.vote(sealID, false, 0, 1)
	s.tick()
	require.Equal(t, ipdm.MulRaw(100), s.has(watcher))
	require.True(t, s.locked().IsZero())
}

func (s *sealer) demandsOf(id uint64) []types.RecordDemand {
	s.Helper()
	r, err := s.queries.Demands(s.ctx, &types.QueryDemandsRequest{SectorId: id})
	require.NoError(s, err)
	return r.Demands
}

// What another provider sealed, or the same one as another sector or with another ticket, has another identity: none of its
// records holds.
func TestAReplayedSealIsFalse(t *testing.T) {
	for name, edit := range map[string]func(s *sealer, m *types.MsgPreCommitSector){
		"another sector": func(_ *sealer, m *types.MsgPreCommitSector) { m.Number = 2 },
		"another ticket": func(_ *sealer, m *types.MsgPreCommitSector) { m.TicketHeight = 2 },
		"another provider": func(s *sealer, m *types.MsgPreCommitSector) {
			s.address = s.fixture.address("thief")
			s.fund(s.address)
			s.assign(s.address, s.sector)
			m.Provider = s.address
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := newSealer(t)
			s.tick()
			msg := s.commitment()
			edit(s, msg)
			id, err := s.preCommit(msg)
			require.NoError(t, err)
			for s.ctx.BlockHeight() < s.fixture.sector(id).ChallengeHeight {
				s.tick()
			}
			s.proof = s.makeProof(id)
			_, err = s.proveSeal(s.claim(id, s.proof))
			require.NoError(t, err)
			require.NoError(t, s.report(s.fixture.address("watcher"), id, 100, s.slice(100)))
		})
	}
}

// The records of one seal proof do not answer the challenges of another block.
func TestAProofForOtherChallengesIsFalse(t *testing.T) {
	s := newSealer(t)
	s.tick()
	id := s.committed()
	r, err := s.queries.SealChallenges(s.ctx, &types.QuerySealChallengesRequest{Id: id})
	require.NoError(t, err)
	stale := r.Nodes
	stale[0], stale[1] = stale[1], stale[0]
	s.proof = s.sector.records(t, stale)
	_, err = s.proveSeal(s.claim(id, s.proof))
	require.NoError(t, err)
	require.NoError(t, s.report(s.fixture.address("watcher"), id, 0, s.slice(0)))
}
