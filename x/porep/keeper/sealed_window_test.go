package keeper_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	sdkmath "cosmossdk.io/math"
	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/ipdm-network/ipdm/x/porep/proof"
	"github.com/ipdm-network/ipdm/x/porep/types"
)

// OpenNode opens a node of the replica on the provider's disk, unless it lost it.
func (s *sealedSector) OpenNode(_ context.Context, c proof.SealedChallenge) (*proof.NodeOpening, error) {
	raw := path(nil, s.replica, c.Node)
	o := &proof.NodeOpening{Node: [32]byte(s.replica[0][c.Node*32 : (c.Node+1)*32])}
	for len(raw) > 0 {
		o.Path = append(o.Path, [32]byte(raw[:32]))
		raw = raw[32:]
	}
	return o, nil
}

// lossy is a disk that lost a piece of the sector.
type lossy struct {
	*sealedSector
	piece int
}

func (l lossy) OpenNode(ctx context.Context, c proof.SealedChallenge) (*proof.NodeOpening, error) {
	piece := l.pieces[l.piece]
	if c.Node >= piece.StartNode && c.Node < piece.StartNode+piece.Nodes() {
		return nil, errStore
	}
	return l.sealedSector.OpenNode(ctx, c)
}

// openSealed goes to the opening of the sealed map's next window.
func (s *sealer) openSealed() types.Window {
	s.Helper()
	if w := s.mapState(types.CLASS_SEALED).Window; w.Open {
		s.block(*w.ClosesAt)
	}
	at := s.mapState(types.CLASS_SEALED).NextOpenAt
	s.block(at)
	w := s.mapState(types.CLASS_SEALED).Window
	require.True(s, w.Open)
	return w
}

func (s *sealer) closeSealed() types.ProviderState {
	s.Helper()
	s.block(*s.mapState(types.CLASS_SEALED).Window.ClosesAt)
	return s.mapState(types.CLASS_SEALED)
}

// sealedChallenges returns challenges as a provider reads them from the chain.
func sealedChallenges(list []types.Challenge) []proof.SealedChallenge {
	var challenges []proof.SealedChallenge
	for _, c := range list {
		challenges = append(challenges, proof.SealedChallenge{CommRLast: [32]byte(c.CommRLast), Nodes: c.Nodes, Node: c.Node})
	}
	return challenges
}

// proveSealed makes the proof of the open window of the sealed map.
func (s *sealer) proveSealed(sources ...proof.SealedSource) *types.MsgSubmitWindowProof {
	s.Helper()
	r, err := s.queries.Challenges(s.ctx, &types.QueryChallengesRequest{Provider: s.address, Class: types.CLASS_SEALED})
	require.NoError(s, err)
	return &types.MsgSubmitWindowProof{
		Provider: s.address, Class: types.CLASS_SEALED, Window: r.Window.Index,
		Proof: s.proveNodes(r.Window.Index, sealedChallenges(r.Challenges), sources...),
	}
}

func (s *sealer) proveNodes(window uint64, challenges []proof.SealedChallenge, sources ...proof.SealedSource) []byte {
	s.Helper()
	var source proof.SealedSource = s.sector
	if len(sources) > 0 {
		source = sources[0]
	}
	wp, _, err := proof.ProveSealed(context.Background(), window, challenges, source)
	require.NoError(s, err)
	b, err := wp.MarshalBinary()
	require.NoError(s, err)
	return b
}

// A provider's two maps have windows, seeds and pay of their own.
func TestEachClassHasItsOwnWindows(t *testing.T) {
	s := newSealer(t)
	s.accepted(nil)
	s.add(s.address, 40_000)
	open, sealed := s.mapState(types.CLASS_OPEN), s.mapState(types.CLASS_SEALED)
	require.NotEqual(t, open.NextOpenAt, sealed.NextOpenAt)
	require.Equal(t, uint64(40_000), open.ActiveBytes)
	require.Equal(t, uint64(2), sealed.ActiveUnits)
	units, err := s.queries.Units(s.ctx, &types.QueryUnitsRequest{Provider: s.address, Class: types.CLASS_SEALED})
	require.NoError(t, err)
	require.Len(t, units.Units, 2)

	w := s.openSealed()
	require.Equal(t, uint32(16), w.Openings)
	msg := s.proveSealed()
	require.LessOrEqual(t, len(msg.Proof), 20<<10)
	_, err = s.submit(msg)
	require.NoError(t, err)
	state := s.closeSealed()
	require.Equal(t, uint64(1), state.ProvenWindows)
	require.Equal(t, []string{s.address + " true"}, s.rewards.windows)
	require.Len(t, s.hooks.outcomes, 1)
	require.Equal(t, types.WindowOutcome{
		Provider: s.address, Class: types.CLASS_SEALED, Window: 1, Covers: 10 * time.Second, Clean: true, Forfeited: sdkmath.ZeroInt(),
	}, s.hooks.outcomes[0])
	proven, err := s.keeper.ProvenTime(s.ctx, s.address, types.CLASS_SEALED)
	require.NoError(t, err)
	require.Equal(t, 10*time.Second, proven)

	// The windows of the open class go unanswered: that costs the sealed one nothing.
	for range 2 {
		s.openSealed()
		_, err = s.submit(s.proveSealed())
		require.NoError(t, err)
		s.closeSealed()
	}
	require.Equal(t, uint64(3), s.mapState(types.CLASS_SEALED).ProvenWindows)
	require.NotZero(t, s.mapState(types.CLASS_OPEN).MissedWindows)
	require.Zero(t, s.mapState(types.CLASS_SEALED).MissedWindows)
	require.Equal(t, types.UNIT_STATUS_ACTIVE, s.unit(1).Status)
}

func TestAMissedSealedWindowForfeitsItsEmission(t *testing.T) {
	s := newSealer(t)
	s.accepted(nil)
	s.openSealed()
	s.closeSealed()
	require.Equal(t, []string{s.address + " false"}, s.rewards.windows)
	require.Equal(t, types.WindowOutcome{
		Provider: s.address, Class: types.CLASS_SEALED, Window: 1, Covers: 10 * time.Second, Missed: true, ConsecutiveMissed: 1,
		Forfeited: sdkmath.NewInt(77),
	}, s.hooks.outcomes[0])

	// What pays for sealed bytes cannot stop the chain.
	s.rewards.err = errFake
	s.openSealed()
	s.closeSealed()
	require.Equal(t, 1, s.events()["ipdm.porep.v1.EventHookFailed"])
	require.True(t, s.hooks.outcomes[1].Forfeited.IsZero())
	require.Equal(t, uint32(2), s.hooks.outcomes[1].ConsecutiveMissed)
}

func TestSealedProofsThatAreRefused(t *testing.T) {
	s := newSealer(t)
	s.accepted(nil)
	s.add(s.address, 40_000)
	s.openSealed()
	stale := s.proveSealed()
	s.openSealed()
	honest := s.proveSealed()
	edit := func(change func(*types.MsgSubmitWindowProof)) *types.MsgSubmitWindowProof {
		m := *honest
		m.Proof = append([]byte{}, honest.Proof...)
		change(&m)
		return &m
	}
	opened, err := proof.DecodeSealedWindowProof(honest.Proof)
	require.NoError(t, err)
	opened.Openings[3], opened.Openings[4] = opened.Openings[4], opened.Openings[3]
	swapped, err := opened.MarshalBinary()
	require.NoError(t, err)
	openProof := func() []byte {
		tree := s.fixture.disk.put(t, "deal 1", 40_000)
		wp, _, err := proof.Prove(context.Background(), proof.ClassOpen, honest.Window,
			[]proof.Challenge{{CommD: tree.CommD(), TotalBytes: 40_000}}, s.fixture.disk)
		require.NoError(t, err)
		b, err := wp.MarshalBinary()
		require.NoError(t, err)
		return b
	}()
	for name, tt := range map[string]struct {
		msg  *types.MsgSubmitWindowProof
		want error
	}{
		"stale proof":       {edit(func(m *types.MsgSubmitWindowProof) { m.Proof = stale.Proof }), proof.ErrWindow},
		"stale message":     {stale, types.ErrWrongWindow},
		"the other class":   {edit(func(m *types.MsgSubmitWindowProof) { m.Class = types.CLASS_OPEN }), types.ErrWrongWindow},
		"an open proof":     {edit(func(m *types.MsgSubmitWindowProof) { m.Proof = openProof }), types.ErrInvalidProof},
		"swapped":           {edit(func(m *types.MsgSubmitWindowProof) { m.Proof = swapped }), proof.ErrNode},
		"truncated":         {edit(func(m *types.MsgSubmitWindowProof) { m.Proof = m.Proof[1:] }), types.ErrInvalidProof},
		"one bit":           {edit(func(m *types.MsgSubmitWindowProof) { m.Proof[200] ^= 4 }), types.ErrInvalidProof},
		"trailing":          {edit(func(m *types.MsgSubmitWindowProof) { m.Proof = append(m.Proof, 0) }), types.ErrInvalidProof},
		"another's windows": {edit(func(m *types.MsgSubmitWindowProof) { m.Provider = s.fixture.address("p") }), types.ErrUnknownProvider},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := s.submit(tt.msg)
			require.ErrorIs(t, err, tt.want)
		})
	}
	_, err = s.submit(honest)
	require.NoError(t, err)
}

// A piece that is lost faults alone, and comes back when it is sealed anew.
func TestALostPieceFaultsAndRecovers(t *testing.T) {
	s := newSealer(t)
	s.accepted(nil)
	s.hooks.take()
	s.openSealed()
	r, err := s.submit(s.proveSealed(lossy{s.sector, 1}))
	require.NoError(t, err)
	require.Equal(t, []uint64{2}, r.FaultedUnits)
	state := s.closeSealed()
	require.Equal(t, []string{"faulted 2"}, s.hooks.take())
	require.Equal(t, []string{s.address + " false"}, s.rewards.windows)
	require.Equal(t, s.sector.pieces[0].Nodes()*32, s.rewards.bytes[s.address])
	require.Equal(t, uint64(1), state.FaultyUnits)
	began := *s.unit(2).FaultedAt
	require.Equal(t, s.ctx.BlockTime(), began)

	w := s.openSealed()
	unit := s.unit(2)
	var asked []proof.SealedChallenge
	for _, offset := range proof.Offsets(proof.RecoverySeed([32]byte(w.Seed), 2), 16, unit.SizeBytes) {
		asked = append(asked, proof.SealedChallenge{
			CommRLast: s.sector.statement.CommRLast, Nodes: s.sector.statement.Nodes, Node: unit.StartNode + offset/32,
		})
	}
	good := types.UnitRecovery{UnitId: 2, Proof: s.proveNodes(w.Index, asked)}
	recover := func(class types.Class, window uint64, recovery types.UnitRecovery) error {
		return s.tx(func(ctx sdk.Context) error {
			_, err := s.msgs.RecoverFaults(ctx, &types.MsgRecoverFaults{
				Provider: s.address, Class: class, Window: window, Recoveries: []types.UnitRecovery{recovery},
			})
			return err
		})
	}
	require.ErrorIs(t, recover(0, w.Index, good), types.ErrInvalidClass)
	require.ErrorIs(t, recover(types.CLASS_OPEN, w.Index, good), types.ErrUnknownProvider)
	other := types.UnitRecovery{UnitId: 2, Proof: s.proveNodes(w.Index, asked, lossy{s.sector, 1})}
	require.ErrorIs(t, recover(types.CLASS_SEALED, w.Index, other), types.ErrInvalidProof, "nothing may be missing")
	tree := s.fixture.disk.put(t, "unit", 40_000)
	wp, _, err := proof.Prove(context.Background(), proof.ClassOpen, w.Index,
		[]proof.Challenge{{CommD: tree.CommD(), TotalBytes: 40_000}}, s.fixture.disk)
	require.NoError(t, err)
	wrong, err := wp.MarshalBinary()
	require.NoError(t, err)
	require.ErrorIs(t, recover(types.CLASS_SEALED, w.Index, types.UnitRecovery{UnitId: 2, Proof: wrong}), types.ErrInvalidProof,
		"a proof of the other class")
	require.NoError(t, recover(types.CLASS_SEALED, w.Index, good))
	var told *time.Time
	s.hooks.do = func(_ context.Context, hook string, unit types.Unit) error {
		if hook == "recovered" {
			told = unit.FaultedAt
		}
		return nil
	}
	_, err = s.submit(s.proveSealed())
	require.NoError(t, err)
	s.closeSealed()
	require.Equal(t, []string{"recovered 2"}, s.hooks.take())
	require.Equal(t, began, *told, "the listener sees when the fault began")
	require.Nil(t, s.unit(2).FaultedAt)
	require.Equal(t, (s.sector.pieces[0].Nodes()+s.sector.pieces[1].Nodes())*32, s.rewards.bytes[s.address])
}
