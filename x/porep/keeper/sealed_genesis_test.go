package keeper_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	sdkmath "cosmossdk.io/math"

	"github.com/ipdm-network/ipdm/x/porep/types"
)

// busySealer returns a chain in the middle of everything sealed: an accepted sector under dispute with a demand, an open window with
// a termination in the queue, a challenge, a second sector that waits for a verdict, and a third that is not proven yet.
func busySealer(t testing.TB) *sealer {
	s := newSealer(t, func(p *types.Params) { p.SealDisputeTime = time.Hour; p.DemandResponseTime = time.Hour })
	watcher := s.fixture.address("watcher")
	s.fund(watcher)
	first := s.accepted(nil)
	require.NoError(t, s.demand(watcher, first, 9))
	for number := uint64(2); number <= 3; number++ {
		msg := s.commitment()
		msg.Number, msg.TicketHeight = number, s.ctx.BlockHeight()-1
		id, err := s.preCommit(msg)
		require.NoError(t, err)
		for number == 2 && s.ctx.BlockHeight() < s.fixture.sector(id).ChallengeHeight {
			s.tick()
		}
		if number == 2 {
			sealID, err := s.proveSeal(s.claim(id, s.makeProof(id)))
			require.NoError(t, err)
			s.vote(sealID, true, 0)
			s.vote(sealID, false, 3)
		}
	}
	s.add(s.address, 5000)
	s.openSealed()
	_, err := s.fixture.challenge(watcher, 1)
	require.NoError(t, err)
	require.NoError(t, s.giveUp(s.address, types.CLASS_SEALED, 2))
	require.NoError(t, s.keeper.Invariants(s.ctx))
	return s
}

// restartSealer writes an exported state into a new chain with the same balances and assignments.
func restartSealer(t testing.TB, old *sealer, gs *types.GenesisState) (*sealer, error) {
	f := emptyFixture(t)
	f.disk, f.deals = old.disk, old.deals
	f.ctx = f.ctx.WithBlockHeight(old.ctx.BlockHeight()).WithBlockTime(old.ctx.BlockTime())
	s := &sealer{fixture: f, address: old.address, sector: old.sector, proof: old.proof}
	f.staking.power, f.market.assigned = old.staking.power, old.market.assigned
	for _, account := range []string{old.address, f.address("watcher")} {
		f.bank.set(f.ctx, f.raw(account), old.has(account))
	}
	f.bank.set(f.ctx, moduleAddress(types.DepositAccount), old.locked())
	return s, f.keeper.InitGenesis(f.ctx, *gs)
}

func TestGenesisRoundTripInTheMiddleOfSealing(t *testing.T) {
	old := busySealer(t)
	exported, err := old.keeper.ExportGenesis(old.ctx)
	require.NoError(t, err)
	require.Len(t, exported.Sectors, 3)
	require.Len(t, exported.SealVotes, 5)
	require.Len(t, exported.Demands, 1)
	require.Len(t, exported.Challenges, 1)
	require.NotEmpty(t, exported.Changes)
	raw, err := exported.Marshal()
	require.NoError(t, err)
	var read types.GenesisState
	require.NoError(t, read.Unmarshal(raw))
	next, err := restartSealer(t, old, &read)
	require.NoError(t, err)
	again, err := next.keeper.ExportGenesis(next.ctx)
	require.NoError(t, err)
	require.Equal(t, exported, again)

	// Both chains go on alike: the proof, the record, the verdicts, the answer that is not given, and what follows.
	old.hooks.take()
	old.market.take()
	old.rewards.slashes = nil
	for _, s := range []*sealer{old, next} {
		_, err := s.submit(s.proveSealed())
		require.NoError(t, err)
		require.NoError(t, s.reveal(1, 9, s.slice(9)))
		s.vote(2, true, 1, 2)
		s.closeSealed()
		s.block(s.ctx.BlockTime().Add(10 * time.Second))
		s.tick()
		s.block(s.ctx.BlockTime().Add(time.Minute))
		s.tick()
		s.block(s.ctx.BlockTime().Add(2 * time.Hour))
		s.tick()
	}
	calls := old.hooks.take()
	require.Contains(t, calls, "terminated 2")
	require.Contains(t, calls, "challenge failed 1")
	require.Equal(t, calls, next.hooks.take())
	require.Equal(t, old.market.take(), next.market.take())
	require.Equal(t, old.rewards.slashes, next.rewards.slashes)
	a, err := old.keeper.ExportGenesis(old.ctx)
	require.NoError(t, err)
	b, err := next.keeper.ExportGenesis(next.ctx)
	require.NoError(t, err)
	require.Equal(t, a, b)
	require.Equal(t, old.locked(), next.locked())
}

func TestSealedGenesisRefuses(t *testing.T) {
	old := busySealer(t)
	late := time.Date(3000, 1, 1, 0, 0, 0, 0, time.UTC)
	disputed := func(gs *types.GenesisState) *types.Sector { return &gs.Sectors[0] }
	judged := func(gs *types.GenesisState) *types.Sector { return &gs.Sectors[1] }
	committed := func(gs *types.GenesisState) *types.Sector { return &gs.Sectors[2] }
	without := func(gs *types.GenesisState, kind types.DueKind) {
		kept := gs.Due[:0]
		for _, due := range gs.Due {
			if due.Kind != kind {
				kept = append(kept, due)
			}
		}
		gs.Due = kept
	}
	for name, edit := range map[string]func(*types.GenesisState){
		"no next sector id":      func(gs *types.GenesisState) { gs.NextSectorId = 0 },
		"next sector id":         func(gs *types.GenesisState) { gs.NextSectorId = 3 },
		"no next seal id":        func(gs *types.GenesisState) { gs.NextSealId = 0 },
		"next seal id":           func(gs *types.GenesisState) { gs.NextSealId = 2 },
		"no next challenge id":   func(gs *types.GenesisState) { gs.NextChallengeId = 0 },
		"next challenge id":      func(gs *types.GenesisState) { gs.NextChallengeId = 1 },
		"sector twice":           func(gs *types.GenesisState) { gs.Sectors = append(gs.Sectors, gs.Sectors[0]) },
		"sector gone":            func(gs *types.GenesisState) { gs.Sectors = gs.Sectors[1:] },
		"sector provider":        func(gs *types.GenesisState) { disputed(gs).Provider = "" },
		"sector address":         func(gs *types.GenesisState) { committed(gs).Provider = "ipdm1qqq" },
		"sector class":           func(gs *types.GenesisState) { disputed(gs).Class = 9 },
		"sector status":          func(gs *types.GenesisState) { disputed(gs).Status = 0 },
		"unknown sector status":  func(gs *types.GenesisState) { disputed(gs).Status = 9 },
		"sector number twice":    func(gs *types.GenesisState) { judged(gs).Number = 1 },
		"sector without pieces":  func(gs *types.GenesisState) { committed(gs).Pieces = nil },
		"sector commitment":      func(gs *types.GenesisState) { committed(gs).CommC = nil },
		"sector deposit":         func(gs *types.GenesisState) { committed(gs).Deposit = sdkmath.NewInt(-1) },
		"sector other deposit":   func(gs *types.GenesisState) { committed(gs).Deposit = sdkmath.NewInt(1) },
		"sector deadline":        func(gs *types.GenesisState) { committed(gs).ProveBy = late },
		"sector live pieces":     func(gs *types.GenesisState) { disputed(gs).LivePieces++ },
		"sector open demands":    func(gs *types.GenesisState) { disputed(gs).OpenDemands++ },
		"sector final too early": func(gs *types.GenesisState) { disputed(gs).Status = types.SECTOR_STATUS_FINAL },
		"dispute without end":    func(gs *types.GenesisState) { disputed(gs).DisputeEndsAt = nil },
		"piece status":           func(gs *types.GenesisState) { disputed(gs).Pieces[0].Status = types.PIECE_STATUS_SEALING },
		"piece unit":             func(gs *types.GenesisState) { disputed(gs).Pieces[0].UnitId = 2 },
		"piece place":            func(gs *types.GenesisState) { disputed(gs).Pieces[0].StartNode++ },
		"seal without proof":     func(gs *types.GenesisState) { judged(gs).Proof = nil },
		"proof too early":        func(gs *types.GenesisState) { committed(gs).Proof = judged(gs).Proof },
		"seal twice":             func(gs *types.GenesisState) { judged(gs).Proof.SealId = 1 },
		"seal root":              func(gs *types.GenesisState) { judged(gs).Proof.Root = nil },
		"seal seed":              func(gs *types.GenesisState) { judged(gs).Seed = nil },
		"seal power":             func(gs *types.GenesisState) { judged(gs).Proof.YesPower++ },
		"seal votes":             func(gs *types.GenesisState) { judged(gs).Proof.Votes++ },
		"vote twice":             func(gs *types.GenesisState) { gs.SealVotes = append(gs.SealVotes, gs.SealVotes[0]) },
		"vote on nothing":        func(gs *types.GenesisState) { gs.SealVotes[0].SealId = 77 },
		"vote without power":     func(gs *types.GenesisState) { gs.SealVotes[0].Power = 0 },
		"vote without validator": func(gs *types.GenesisState) { gs.SealVotes[0].Validator = nil },
		"vote gone":              func(gs *types.GenesisState) { gs.SealVotes = gs.SealVotes[1:] },
		"demand twice":           func(gs *types.GenesisState) { gs.Demands = append(gs.Demands, gs.Demands[0]) },
		"demand on nothing":      func(gs *types.GenesisState) { gs.Demands[0].SectorId = 77 },
		"demand for nothing":     func(gs *types.GenesisState) { gs.Demands[0].Index = 176 },
		"demand bond":            func(gs *types.GenesisState) { gs.Demands[0].Bond = sdkmath.Int{} },
		"demand other bond":      func(gs *types.GenesisState) { gs.Demands[0].Bond = ipdm.MulRaw(2) },
		"demand deadline":        func(gs *types.GenesisState) { gs.Demands[0].AnswerBy = late },
		"demand gone":            func(gs *types.GenesisState) { gs.Demands = nil },
		"challenge twice":        func(gs *types.GenesisState) { gs.Challenges = append(gs.Challenges, gs.Challenges[0]) },
		"challenge unit":         func(gs *types.GenesisState) { gs.Challenges[0].UnitId = 2 },
		"challenge bond":         func(gs *types.GenesisState) { gs.Challenges[0].Bond = sdkmath.ZeroInt() },
		"challenge gone":         func(gs *types.GenesisState) { gs.Challenges = nil },
		"challenge count":        func(gs *types.GenesisState) { sealedMap(gs).OpenChallenges = 0 },
		"map twice":              func(gs *types.GenesisState) { sealedMap(gs).Class = types.CLASS_OPEN },
		"map class":              func(gs *types.GenesisState) { sealedMap(gs).Class = 0 },
		"unit sector":            func(gs *types.GenesisState) { gs.Units[0].SectorId = 2 },
		"unit without sector":    func(gs *types.GenesisState) { gs.Units[0].SectorId = 0 },
		"unit place":             func(gs *types.GenesisState) { gs.Units[0].StartNode++ },
		"open unit in a sector":  func(gs *types.GenesisState) { gs.Units[2].SectorId = 1 },
		"change without cause":   func(gs *types.GenesisState) { gs.Changes[0].Cause = 0 },
		"change cause":           func(gs *types.GenesisState) { gs.Changes[0].Cause = 77 },
		"no prove timeout":       func(gs *types.GenesisState) { without(gs, types.DUE_KIND_PROVE_TIMEOUT) },
		"no verdict timeout":     func(gs *types.GenesisState) { without(gs, types.DUE_KIND_VERDICT_TIMEOUT) },
		"no demand timeout":      func(gs *types.GenesisState) { without(gs, types.DUE_KIND_DEMAND_TIMEOUT) },
		"no challenge timeout":   func(gs *types.GenesisState) { without(gs, types.DUE_KIND_CHALLENGE_TIMEOUT) },
		"due class": func(gs *types.GenesisState) {
			for i := range gs.Due {
				if gs.Due[i].Kind == types.DUE_KIND_PROVE_TIMEOUT {
					gs.Due[i].Class = types.CLASS_SEALED
				}
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			gs, err := old.keeper.ExportGenesis(old.ctx)
			require.NoError(t, err)
			edit(gs)
			_, err = restartSealer(t, old, gs)
			require.Error(t, err)
		})
	}
}

func sealedMap(gs *types.GenesisState) *types.ProviderState {
	for i := range gs.Providers {
		if gs.Providers[i].Class == types.CLASS_SEALED {
			return &gs.Providers[i]
		}
	}
	panic("no sealed map")
}

// A deposit that is gone from the account of the module is found.
func TestInvariantsFindAMissingDeposit(t *testing.T) {
	s := busySealer(t)
	address := moduleAddress(types.DepositAccount)
	s.bank.set(s.ctx, address, s.locked().SubRaw(1))
	require.ErrorContains(t, s.keeper.Invariants(s.ctx), "deposits and bonds")
}
