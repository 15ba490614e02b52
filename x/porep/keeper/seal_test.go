package keeper_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/ipdm-network/ipdm/x/porep/types"
)

// The listener for units learns of a replica that the market could not take back, and can ask whether it is still being sealed.
func TestAnUntoldEndOfSealing(t *testing.T) {
	s := newSealer(t)
	id := s.committed()
	sealing := func(deal uint64, index uint32) bool {
		sealing, err := s.keeper.Sealing(s.ctx, id, deal, index)
		require.NoError(t, err)
		return sealing
	}
	require.True(t, sealing(101, 2))
	require.False(t, sealing(101, 3), "another replica")
	s.market.failing = true
	s.block(s.fixture.sector(id).ProveBy)
	require.Equal(t, 2, s.events()["ipdm.porep.v1.EventHookFailed"])
	want := types.Unit{Provider: s.address, Class: types.CLASS_SEALED, DealId: 101, ReplicaIndex: 2}
	require.Equal(t, want, s.hooks.untold[0])
	require.Equal(t, uint64(102), s.hooks.untold[1].DealId)
	require.False(t, sealing(101, 2))
}

// A replica is committed to, proven, accepted by the validators, and disputed by nobody.
func TestAnHonestSealIsAccepted(t *testing.T) {
	s := newSealer(t)
	before := s.has(s.address)
	id, err := s.preCommit(s.commitment())
	require.NoError(t, err)
	require.Equal(t, []string{"started 101/2 in 1", "started 102/3 in 1"}, s.market.take())
	sector := s.fixture.sector(id)
	require.Equal(t, types.SECTOR_STATUS_PRECOMMITTED, sector.Status)
	require.Equal(t, s.sector.statement.ReplicaID[:], sector.ReplicaId)
	require.Equal(t, ipdm, sector.Deposit)
	require.Equal(t, ipdm, s.locked())
	require.Equal(t, before.Sub(ipdm), s.has(s.address))
	require.Equal(t, s.ctx.BlockHeight()+3, sector.ChallengeHeight)

	// Its challenges are not known before their block.
	_, err = s.queries.SealChallenges(s.ctx, &types.QuerySealChallengesRequest{Id: id})
	require.Error(t, err)
	for s.ctx.BlockHeight() < sector.ChallengeHeight {
		s.tick()
	}
	s.proof = s.makeProof(id)
	sealID, err := s.proveSeal(s.claim(id, s.proof))
	require.NoError(t, err)
	require.Equal(t, uint64(1), sealID)
	pending, err := s.queries.PendingSeals(s.ctx, &types.QueryPendingSealsRequest{})
	require.NoError(t, err)
	require.Len(t, pending.Seals, 1)
	require.Equal(t, id, pending.Seals[0].Sector.Id)

	// Two of four validators are not enough, three are.
	s.vote(sealID, true, 0, 1)
	s.tick()
	require.Equal(t, types.SECTOR_STATUS_VERIFYING, s.fixture.sector(id).Status)
	require.Equal(t, int64(20), s.fixture.sector(id).Proof.YesPower)
	s.vote(sealID, true, 2)
	s.tick()
	sector = s.fixture.sector(id)
	sealing, err := s.keeper.Sealing(s.ctx, id, 101, 2)
	require.NoError(t, err)
	require.False(t, sealing, "it is sealed")
	require.Equal(t, types.SECTOR_STATUS_DISPUTABLE, sector.Status)
	require.Equal(t, []string{"sealed 101/2", "sealed 102/3"}, s.market.take())
	require.Equal(t, []string{"activated 1", "activated 2"}, s.hooks.take())
	require.Equal(t, uint32(3), sector.Proof.Votes)
	for i, piece := range sector.Pieces {
		unit := s.unit(piece.UnitId)
		require.Equal(t, types.CLASS_SEALED, unit.Class)
		require.Equal(t, types.UNIT_STATUS_ACTIVE, unit.Status)
		require.Equal(t, replicas[i].start, unit.StartNode)
		require.Equal(t, s.sector.pieces[i].Nodes()*32, unit.SizeBytes)
		require.Equal(t, s.sector.pieces[i].Leaves, piece.Leaves)
	}
	require.Equal(t, (s.sector.pieces[0].Nodes()+s.sector.pieces[1].Nodes())*32, s.rewards.bytes[s.address])

	// Each of the three got its part of 2 % of the deposit.
	fee := types.Share(ipdm, 200).QuoRaw(3)
	for i := range 3 {
		require.Equal(t, fee, s.bank.of(s.ctx, operator(validator(i))))
	}
	require.True(t, s.bank.of(s.ctx, operator(validator(3))).IsZero())
	require.Equal(t, ipdm.Sub(fee.MulRaw(3)), sector.Deposit)

	// A verdict that comes late is no news.
	s.vote(sealID, false, 3)
	votes, err := s.queries.SealVotes(s.ctx, &types.QuerySealVotesRequest{SealId: sealID})
	require.NoError(t, err)
	require.Len(t, votes.Votes, 3)

	s.block(*sector.DisputeEndsAt)
	sector = s.fixture.sector(id)
	require.Equal(t, types.SECTOR_STATUS_FINAL, sector.Status)
	require.True(t, sector.Deposit.IsZero())
	require.True(t, s.locked().IsZero())
	require.Equal(t, before.Sub(fee.MulRaw(3)), s.has(s.address))
	s.tick()
	votes, err = s.queries.SealVotes(s.ctx, &types.QuerySealVotesRequest{SealId: sealID})
	require.NoError(t, err)
	require.Empty(t, votes.Votes, "verdicts are forgotten when nobody can dispute them")
}

// A sector's parts are released one by one, and the last one takes the sector with it.
func TestASectorGoesWithItsLastPiece(t *testing.T) {
	s := newSealer(t)
	id := s.accepted(nil)
	ends := *s.fixture.sector(id).DisputeEndsAt
	release := func(unit uint64) {
		require.NoError(t, s.keeper.RemoveUnit(s.ctx, unit))
		for s.mapState(types.CLASS_SEALED).PendingChanges > 0 {
			s.block(s.ctx.BlockTime().Add(100 * tick))
		}
	}
	release(1)
	sector := s.fixture.sector(id)
	require.Equal(t, uint32(1), sector.LivePieces)
	require.Equal(t, types.PIECE_STATUS_GONE, sector.Pieces[0].Status)
	require.Equal(t, s.sector.pieces[1].Nodes()*32, s.rewards.bytes[s.address])
	release(2)
	require.Zero(t, s.rewards.bytes[s.address])
	require.Equal(t, uint32(0), s.fixture.sector(id).LivePieces, "the seal may still be disputed")
	s.block(ends)
	s.tick()
	_, err := s.keeper.Sector(s.ctx, id)
	require.ErrorIs(t, err, types.ErrUnknownSector)
	require.True(t, s.locked().IsZero())

	// Its number may be used again.
	s.fund(s.address)
	_, err = s.preCommit(s.commitment())
	require.NoError(t, err)
}

// The validators refuse a seal: its whole deposit is lost, and what was to be sealed goes back.
func TestASealIsRejected(t *testing.T) {
	s := newSealer(t)
	id, sealID := s.submitted(func(proof []byte) []byte { return forge(proof, 5) })
	s.vote(sealID, false, 0)
	s.tick()
	require.Equal(t, types.SECTOR_STATUS_VERIFYING, s.fixture.sector(id).Status)
	s.vote(sealID, false, 1)
	s.tick()
	require.Equal(t, []string{"jailed", "failed 101/2 true", "failed 102/3 true"}, s.market.take())
	fee := types.Share(ipdm, 200)
	require.Equal(t, fee.QuoRaw(2), s.bank.of(s.ctx, operator(validator(0))))
	require.Equal(t, []slash{{ipdm.Sub(fee), ""}}, s.rewards.slashes)
	require.Empty(t, s.staking.punished)
	s.tick()
	_, err := s.keeper.Sector(s.ctx, id)
	require.ErrorIs(t, err, types.ErrUnknownSector)
	require.Empty(t, s.hooks.take())
	require.True(t, s.locked().IsZero())
}

func TestASealThatIsNotProvenInTime(t *testing.T) {
	s := newSealer(t)
	id := s.committed()
	before := s.has(s.address)
	by := s.fixture.sector(id).ProveBy
	proof := s.makeProof(id)
	s.ctx = s.ctx.WithBlockTime(by)
	_, err := s.proveSeal(s.claim(id, proof))
	require.ErrorIs(t, err, types.ErrTooLate)
	s.block(by)
	require.Equal(t, []string{"failed 101/2 true", "failed 102/3 true"}, s.market.take())
	fee := types.Share(ipdm, 200)
	require.Equal(t, []slash{{fee, ""}}, s.rewards.slashes)
	require.Equal(t, before.Add(ipdm).Sub(fee), s.has(s.address))
	require.Equal(t, 1, s.events()["ipdm.porep.v1.EventSealTimedOut"])
	s.tick()
	_, err = s.keeper.Sector(s.ctx, id)
	require.ErrorIs(t, err, types.ErrUnknownSector)
}

// A chain that halts between a commitment and its challenges leaves its provider another prove timeout.
func TestAHaltBeforeTheChallengesIsNobodysFault(t *testing.T) {
	s := newSealer(t)
	id, err := s.preCommit(s.commitment())
	require.NoError(t, err)
	due := s.fixture.sector(id).ProveBy
	s.block(due)
	require.Equal(t, types.SECTOR_STATUS_PRECOMMITTED, s.fixture.sector(id).Status)
	require.Equal(t, due.Add(types.LocalnetParams().ProveTimeout), s.fixture.sector(id).ProveBy)
	for s.ctx.BlockHeight() < s.fixture.sector(id).ChallengeHeight {
		s.tick()
	}
	s.proof = s.makeProof(id)
	_, err = s.proveSeal(s.claim(id, s.proof))
	require.NoError(t, err)
}

// Nobody can tell whose fault it is that the validators say nothing: the deposit goes back.
func TestASealThatIsNotJudgedInTime(t *testing.T) {
	s := newSealer(t)
	before := s.has(s.address)
	id, sealID := s.submitted(nil)
	s.vote(sealID, true, 0, 1)
	s.block(s.fixture.sector(id).Proof.VerdictBy)
	require.Equal(t, []string{"failed 101/2 false", "failed 102/3 false"}, s.market.take())
	require.Equal(t, before, s.has(s.address))
	require.Empty(t, s.rewards.slashes)
	s.tick()
	_, err := s.keeper.Sector(s.ctx, id)
	require.ErrorIs(t, err, types.ErrUnknownSector)
}

// What has ended while it was sealed is not proven; if nothing is left, the deposit goes back.
func TestDealsThatEndWhileTheyAreSealed(t *testing.T) {
	s := newSealer(t)
	id, sealID := s.submitted(nil)
	s.market.ended[101] = true
	s.vote(sealID, true, 0, 1, 2)
	s.tick()
	sector := s.fixture.sector(id)
	require.Equal(t, types.SECTOR_STATUS_DISPUTABLE, sector.Status)
	require.Equal(t, uint32(1), sector.LivePieces)
	require.Equal(t, types.PIECE_STATUS_GONE, sector.Pieces[0].Status)
	require.Equal(t, []string{"failed 101/2 false", "sealed 102/3"}, s.market.take())
	require.Equal(t, []string{"activated 1"}, s.hooks.take())

	s = newSealer(t)
	before := s.has(s.address)
	id, sealID = s.submitted(nil)
	s.market.ended[101], s.market.ended[102] = true, true
	s.vote(sealID, true, 0, 1, 2)
	s.tick()
	s.tick()
	_, err := s.keeper.Sector(s.ctx, id)
	require.ErrorIs(t, err, types.ErrUnknownSector)
	require.Equal(t, before.Sub(types.Share(ipdm, 200).QuoRaw(3).MulRaw(3)), s.has(s.address))
}

func TestPreCommitmentsThatAreRefused(t *testing.T) {
	s := newSealer(t, func(p *types.Params) { p.MaxPieces = 2; p.TicketMaxAgeBlocks = 3 })
	other := s.fixture.address("other")
	s.fund(other)
	for name, tt := range map[string]struct {
		edit func(*types.MsgPreCommitSector)
		want error
	}{
		"no address":            {func(m *types.MsgPreCommitSector) { m.Provider = "ipdm1" }, types.ErrInvalidAddress},
		"class not allowed":     {func(m *types.MsgPreCommitSector) { m.Class = types.SECTOR_CLASS_BIG_32GIB }, types.ErrSectorClass},
		"no class":              {func(m *types.MsgPreCommitSector) { m.Class = 0 }, types.ErrSectorClass},
		"unknown class":         {func(m *types.MsgPreCommitSector) { m.Class = 77 }, types.ErrSectorClass},
		"comm_c":                {func(m *types.MsgPreCommitSector) { m.CommC = m.CommC[1:] }, types.ErrCommitment},
		"comm_r_last":           {func(m *types.MsgPreCommitSector) { m.CommRLast = nil }, types.ErrCommitment},
		"no pieces":             {func(m *types.MsgPreCommitSector) { m.Pieces = nil }, types.ErrPieces},
		"too many pieces":       {func(m *types.MsgPreCommitSector) { m.Pieces = append(m.Pieces, m.Pieces[0]) }, types.ErrPieces},
		"the same twice":        {func(m *types.MsgPreCommitSector) { m.Pieces[1] = m.Pieces[0] }, types.ErrPieces},
		"out of order":          {func(m *types.MsgPreCommitSector) { m.Pieces[0], m.Pieces[1] = m.Pieces[1], m.Pieces[0] }, types.ErrPieces},
		"overlapping":           {func(m *types.MsgPreCommitSector) { m.Pieces[1].StartNode = m.Pieces[0].StartNode + 1 }, types.ErrPieces},
		"beyond the sector":     {func(m *types.MsgPreCommitSector) { m.Pieces[1].StartNode = 1<<17 - 1 }, types.ErrPieces},
		"far beyond the sector": {func(m *types.MsgPreCommitSector) { m.Pieces[1].StartNode = 1<<64 - 1 }, types.ErrPieces},
		"ticket to come":        {func(m *types.MsgPreCommitSector) { m.TicketHeight = s.ctx.BlockHeight() }, types.ErrTicket},
		"no ticket":             {func(m *types.MsgPreCommitSector) { m.TicketHeight = 0 }, types.ErrTicket},
		"not assigned":          {func(m *types.MsgPreCommitSector) { m.Pieces[0].ReplicaIndex++ }, types.ErrNotAssigned},
		"assigned to another":   {func(m *types.MsgPreCommitSector) { m.Provider = other }, types.ErrNotAssigned},
		"no last leaf":          {func(m *types.MsgPreCommitSector) { m.Pieces[0].LastLeaf = nil }, types.ErrLastLeaf},
		"cut last leaf":         {func(m *types.MsgPreCommitSector) { m.Pieces[0].LastLeaf = m.Pieces[0].LastLeaf[1:] }, types.ErrLastLeaf},
		"trailing bytes":        {func(m *types.MsgPreCommitSector) { m.Pieces[0].LastLeaf = append(m.Pieces[0].LastLeaf, 0) }, types.ErrLastLeaf},
		"another deal's leaf":   {func(m *types.MsgPreCommitSector) { m.Pieces[0].LastLeaf = m.Pieces[1].LastLeaf }, types.ErrLastLeaf},
		"another leaf": {func(m *types.MsgPreCommitSector) {
			first, err := s.sector.trees[0].Prove(0)
			require.NoError(t, err)
			m.Pieces[0].LastLeaf, err = first.AppendBinary(nil)
			require.NoError(t, err)
		}, types.ErrLastLeaf},
	} {
		t.Run(name, func(t *testing.T) {
			msg := s.commitment()
			tt.edit(msg)
			_, err := s.preCommit(msg)
			require.ErrorIs(t, err, tt.want)
			require.True(t, s.locked().IsZero())
		})
	}
	_, err := s.preCommit(s.commitment())
	require.NoError(t, err)
	_, err = s.preCommit(s.commitment())
	require.ErrorIs(t, err, types.ErrSectorNumber)
	for range 3 {
		s.tick()
	}
	again := s.commitment()
	again.Number++
	_, err = s.preCommit(again)
	require.ErrorIs(t, err, types.ErrTicket, "the ticket has become too old")
	again.TicketHeight = s.ctx.BlockHeight() - 1
	s.bank.set(s.ctx, s.raw(s.address), ipdm.SubRaw(1))
	_, err = s.preCommit(again)
	require.ErrorContains(t, err, "has less than")
}

func TestSealProofsThatAreRefused(t *testing.T) {
	s := newSealer(t, func(p *types.Params) { p.MaxPendingSeals = 1 })
	id, err := s.preCommit(s.commitment())
	require.NoError(t, err)
	proof := make([]byte, 100)
	early := s.claim(id, proof)
	early.LengthBytes = 176 * recordSize
	_, err = s.proveSeal(early)
	require.ErrorIs(t, err, types.ErrNotDrawn)
	for s.ctx.BlockHeight() < s.fixture.sector(id).ChallengeHeight {
		s.tick()
	}
	proof = s.makeProof(id)
	for name, tt := range map[string]struct {
		edit func(*types.MsgProveSeal)
		want error
	}{
		"unknown sector":   {func(m *types.MsgProveSeal) { m.SectorId = 9 }, types.ErrUnknownSector},
		"another provider": {func(m *types.MsgProveSeal) { m.Provider = s.fixture.address("other") }, types.ErrNotOwner},
		"records":          {func(m *types.MsgProveSeal) { m.Records = "bafy" }, types.ErrRecords},
		"root":             {func(m *types.MsgProveSeal) { m.Root = m.Root[1:] }, types.ErrRecords},
		"length":           {func(m *types.MsgProveSeal) { m.LengthBytes-- }, types.ErrSealLength},
	} {
		t.Run(name, func(t *testing.T) {
			msg := s.claim(id, proof)
			tt.edit(msg)
			_, err := s.proveSeal(msg)
			require.ErrorIs(t, err, tt.want)
		})
	}
	_, err = s.proveSeal(s.claim(id, proof))
	require.NoError(t, err)
	_, err = s.proveSeal(s.claim(id, proof))
	require.ErrorIs(t, err, types.ErrSectorStatus)

	second := s.commitment()
	second.Number, second.TicketHeight = 2, s.ctx.BlockHeight()-1
	other, err := s.preCommit(second)
	require.NoError(t, err)
	for s.ctx.BlockHeight() < s.fixture.sector(other).ChallengeHeight {
		s.tick()
	}
	_, err = s.proveSeal(s.claim(other, proof))
	require.ErrorIs(t, err, types.ErrPendingSeals)
}

// Gas for the pieces is charged before one of them is read.
func TestGasForPiecesIsChargedFirst(t *testing.T) {
	s := newSealer(t)
	spent := func(leaf int) uint64 {
		msg := s.commitment()
		msg.Pieces = msg.Pieces[:1]
		msg.Pieces[0].LastLeaf = make([]byte, leaf)
		ctx, _ := s.ctx.CacheContext()
		before := ctx.GasMeter().GasConsumed()
		_, err := s.msgs.PreCommitSector(ctx, msg)
		require.ErrorIs(t, err, types.ErrLastLeaf)
		return ctx.GasMeter().GasConsumed() - before
	}
	require.Equal(t, uint64(10_000), spent(20_000)-spent(10_000))
}
