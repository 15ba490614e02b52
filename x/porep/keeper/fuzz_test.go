package keeper_test

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/ipdm-network/ipdm/x/porep/types"
)

// Whatever bytes come as a message, the server does not panic, accepts nothing but proofs that verify, and leaves no trace of the rest.
func FuzzMsgSubmitWindowProof(f *testing.F) {
	chain := newFixture(f)
	p := chain.address("p")
	chain.add(p, 3000, 2000)
	w := chain.open(p)
	honest := chain.prove(p)
	raw, err := honest.Marshal()
	require.NoError(f, err)
	f.Add(raw)
	f.Add([]byte{})
	truncated := *honest
	truncated.Proof = honest.Proof[:100]
	raw, err = truncated.Marshal()
	require.NoError(f, err)
	f.Add(raw)
	before := chain.state(p)
	f.Fuzz(func(t *testing.T, raw []byte) {
		var msg types.MsgSubmitWindowProof
		if msg.Unmarshal(raw) != nil {
			return
		}
		ctx, _ := chain.ctx.CacheContext()
		r, err := chain.msgs.SubmitWindowProof(ctx, &msg)
		after, stateErr := chain.queries.Provider(chain.ctx, &types.QueryProviderRequest{Provider: p})
		require.NoError(t, stateErr)
		require.Equal(t, before, after.State)
		if err != nil {
			return
		}
		require.Equal(t, p, msg.Provider)
		require.Equal(t, w.Index, msg.Window)
		if len(r.FaultedUnits) == 0 {
			require.True(t, bytes.Equal(honest.Proof, msg.Proof), "another proof than the honest one verified")
		}
	})
}

// Whatever bytes come as a recovery, the server does not panic and recovers nothing that is not faulty.
func FuzzMsgRecoverFaults(f *testing.F) {
	chain := newFixture(f)
	p := chain.address("p")
	id, tree := chain.add(p, 3000, 2000)
	chain.disk.lose(f, tree)
	chain.window(p)
	w := chain.open(p)
	chain.disk.put(f, "deal 1", 3000, 2000)
	honest := chain.recovery(p, id)
	raw, err := (&types.MsgRecoverFaults{Provider: p, Class: types.CLASS_OPEN, Window: w.Index, Recoveries: []types.UnitRecovery{honest}}).Marshal()
	require.NoError(f, err)
	f.Add(raw)
	f.Fuzz(func(t *testing.T, raw []byte) {
		var msg types.MsgRecoverFaults
		if msg.Unmarshal(raw) != nil {
			return
		}
		ctx, _ := chain.ctx.CacheContext()
		if _, err := chain.msgs.RecoverFaults(ctx, &msg); err != nil {
			return
		}
		require.Len(t, msg.Recoveries, 1)
		require.True(t, bytes.Equal(honest.Proof, msg.Recoveries[0].Proof))
	})
}

// Whatever bytes come as a report of fraud, the server does not panic and convicts for the one record that is false only.
func FuzzMsgProveSealFraud(f *testing.F) {
	s := newSealer(f)
	id := s.accepted(forged(3))
	watcher, wrong := s.fixture.address("watcher"), s.slice(3)
	for _, index := range []uint32{2, 3} {
		raw, err := (&types.MsgProveSealFraud{Reporter: watcher, SectorId: id, Index: index, Slice: s.slice(index)}).Marshal()
		require.NoError(f, err)
		f.Add(raw)
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		var msg types.MsgProveSealFraud
		if msg.Unmarshal(raw) != nil {
			return
		}
		ctx, _ := s.ctx.CacheContext()
		if _, err := s.msgs.ProveSealFraud(ctx, &msg); err != nil {
			return
		}
		require.Equal(t, uint32(3), msg.Index)
		require.True(t, bytes.Equal(wrong, msg.Slice))
	})
}

// Whatever bytes come as a pre-commitment, the server does not panic and commits to nothing but what is assigned, where it fits.
func FuzzMsgPreCommitSector(f *testing.F) {
	s := newSealer(f)
	raw, err := s.commitment().Marshal()
	require.NoError(f, err)
	f.Add(raw)
	f.Fuzz(func(t *testing.T, raw []byte) {
		var msg types.MsgPreCommitSector
		if msg.Unmarshal(raw) != nil {
			return
		}
		ctx, _ := s.ctx.CacheContext()
		r, err := s.msgs.PreCommitSector(ctx, &msg)
		if err != nil {
			return
		}
		require.NoError(t, s.keeper.Invariants(ctx))
		sector, err := s.keeper.Sector(ctx, r.SectorId)
		require.NoError(t, err)
		var end uint64
		for _, piece := range sector.Pieces {
			require.GreaterOrEqual(t, piece.StartNode, end)
			end = piece.StartNode + piece.Nodes
		}
		require.LessOrEqual(t, end, sector.Class.Nodes())
	})
}

// Whatever bytes come as an answer to a challenge, the server does not panic and takes no other than the one that holds.
func FuzzMsgAnswerChallenge(f *testing.F) {
	chain := newFixture(f)
	p, watcher := chain.address("p"), chain.address("watcher")
	chain.fund(watcher)
	unit, _ := chain.add(p, 3000, 2000)
	id, err := chain.challenge(watcher, unit)
	require.NoError(f, err)
	chain.tick()
	chain.tick()
	honest := chain.answerFrom(chain.openChallenges(p)[0])
	raw, err := (&types.MsgAnswerChallenge{Provider: p, ChallengeId: id, Proof: honest}).Marshal()
	require.NoError(f, err)
	f.Add(raw)
	f.Fuzz(func(t *testing.T, raw []byte) {
		var msg types.MsgAnswerChallenge
		if msg.Unmarshal(raw) != nil {
			return
		}
		ctx, _ := chain.ctx.CacheContext()
		if _, err := chain.msgs.AnswerChallenge(ctx, &msg); err == nil {
			require.True(t, bytes.Equal(honest, msg.Proof))
		}
	})
}
