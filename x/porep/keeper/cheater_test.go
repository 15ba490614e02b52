package keeper_test

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/ipdm-network/ipdm/sdk/go/format/commitment"
	"github.com/ipdm-network/ipdm/x/porep/proof"
	"github.com/ipdm-network/ipdm/x/porep/types"
)

func TestProofsThatAreRefused(t *testing.T) {
	f := newFixture(t)
	p, other := f.address("p"), f.address("other")
	f.add(p, 40_000, 30_000)
	f.add(other, 40_000, 30_000)

	stale := func() *types.MsgSubmitWindowProof { f.open(p); m := f.prove(p); f.close(p); return m }()
	// Both windows are open at once only if the second is reached while the first lasts; so the other's is made on the way.
	f.open(other)
	foreign := f.prove(other)
	f.close(other)

	w := f.open(p)
	honest := f.prove(p)
	edit := func(change func(*types.MsgSubmitWindowProof)) *types.MsgSubmitWindowProof {
		m := *honest
		m.Proof = append([]byte{}, honest.Proof...)
		change(&m)
		return &m
	}
	edited := func(change func(*proof.WindowProof)) *types.MsgSubmitWindowProof {
		wp, err := proof.DecodeWindowProof(honest.Proof)
		require.NoError(t, err)
		change(wp)
		return edit(func(m *types.MsgSubmitWindowProof) {
			m.Proof, err = wp.MarshalBinary()
			require.NoError(t, err)
		})
	}
	for _, tt := range []struct {
		name string
		msg  *types.MsgSubmitWindowProof
		want []error
	}{
		{"stale proof", edit(func(m *types.MsgSubmitWindowProof) { m.Proof = stale.Proof }), []error{types.ErrInvalidProof, proof.ErrWindow}},
		{"stale message", stale, []error{types.ErrWrongWindow}},
		{"window to come", edit(func(m *types.MsgSubmitWindowProof) { m.Window++ }), []error{types.ErrWrongWindow}},
		{"stale openings", edited(func(wp *proof.WindowProof) {
			old, err := proof.DecodeWindowProof(stale.Proof)
			require.NoError(t, err)
			wp.Openings = old.Openings
		}), []error{types.ErrInvalidProof, commitment.ErrOffset}},
		{"another provider's openings", edited(func(wp *proof.WindowProof) {
			theirs, err := proof.DecodeWindowProof(foreign.Proof)
			require.NoError(t, err)
			wp.Openings = theirs.Openings
		}), []error{types.ErrInvalidProof}},
		{"another provider's window", edit(func(m *types.MsgSubmitWindowProof) { m.Provider = other }), []error{types.ErrWindowClosed}},
		{"nobody's", edit(func(m *types.MsgSubmitWindowProof) { m.Provider = f.address("nobody") }), []error{types.ErrUnknownProvider}},
		{"sealed", edit(func(m *types.MsgSubmitWindowProof) { m.Class = types.CLASS_SEALED }), []error{types.ErrUnknownProvider}},
		{"no class", edit(func(m *types.MsgSubmitWindowProof) { m.Class = types.CLASS_UNSPECIFIED }), []error{types.ErrInvalidClass}},
		{"no proof", edit(func(m *types.MsgSubmitWindowProof) { m.Proof = nil }), []error{types.ErrInvalidProof, proof.ErrMalformed}},
		{"truncated", edit(func(m *types.MsgSubmitWindowProof) { m.Proof = m.Proof[:len(m.Proof)-1] }), []error{types.ErrInvalidProof}},
		{"trailing", edit(func(m *types.MsgSubmitWindowProof) { m.Proof = append(m.Proof, 0) }), []error{types.ErrInvalidProof}},
		{"one short", edited(func(wp *proof.WindowProof) { wp.Openings = wp.Openings[1:] }), []error{types.ErrInvalidProof, proof.ErrCount}},
		{"swapped", edited(func(wp *proof.WindowProof) {
			wp.Openings[0], wp.Openings[1] = wp.Openings[1], wp.Openings[0]
		}), []error{types.ErrInvalidProof, commitment.ErrOffset}},
		{"overlong", edit(func(m *types.MsgSubmitWindowProof) { m.Proof = make([]byte, proof.MaxProofSize+1) }), []error{types.ErrProofTooLarge}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			before := f.state(p)
			_, err := f.submit(tt.msg)
			for _, want := range tt.want {
				require.ErrorIs(t, err, want)
			}
			require.Equal(t, before, f.state(p), "a refused proof leaves no trace")
		})
	}
	rng := rand.New(rand.NewPCG(3, 4))
	for range 200 {
		bit := rng.IntN(8 * len(honest.Proof))
		_, err := f.submit(edit(func(m *types.MsgSubmitWindowProof) { m.Proof[bit/8] ^= 1 << (bit % 8) }))
		require.ErrorIs(t, err, types.ErrInvalidProof, "bit %d", bit)
	}

	// After all that the right one is still welcome, once.
	_, err := f.submit(honest)
	require.NoError(t, err)
	_, err = f.submit(honest)
	require.ErrorIs(t, err, types.ErrAlreadySubmitted)
	f.close(p)
	_, err = f.submit(honest)
	require.ErrorIs(t, err, types.ErrWindowClosed)
	f.open(p)
	_, err = f.submit(honest)
	require.ErrorIs(t, err, types.ErrWrongWindow)
	require.Equal(t, w.Index+1, f.state(p).Window.Index)
}

// The deadline holds even when the block is too full to close the window.
func TestTheDeadlineHolds(t *testing.T) {
	f := newFixture(t)
	p := f.address("p")
	f.add(p, 40_000)
	w := f.open(p)
	msg := f.prove(p)
	f.ctx = f.ctx.WithBlockTime(w.ClosesAt.Add(-1))
	ctx, _ := f.ctx.CacheContext()
	_, err := f.msgs.SubmitWindowProof(ctx, msg)
	require.NoError(t, err)
	f.ctx = f.ctx.WithBlockTime(*w.ClosesAt)
	_, err = f.submit(msg)
	require.ErrorIs(t, err, types.ErrWindowClosed)
	require.ErrorIs(t, f.recoverFaults(p, w.Index, types.UnitRecovery{UnitId: 1}), types.ErrWindowClosed)
}

func TestRecoveriesThatAreRefused(t *testing.T) {
	f := newFixture(t, func(p *types.Params) { p.MaxRecoveriesPerTx = 2; p.FaultMaxWindows = 10 })
	p, other := f.address("p"), f.address("other")
	a, treeA := f.add(p, 20_000)
	b, treeB := f.add(p, 20_000)
	healthy, _ := f.add(p, 1000)
	theirs, _ := f.add(other, 20_000)
	f.disk.lose(t, treeA)
	f.disk.lose(t, treeB)
	f.window(p)
	require.Equal(t, types.UNIT_STATUS_FAULTY, f.unit(a).Status)
	require.Equal(t, types.UNIT_STATUS_FAULTY, f.unit(b).Status)

	f.open(p)
	lacking := f.recovery(p, a)
	f.disk.put(t, "deal 1", 20_000)
	f.disk.put(t, "deal 2", 20_000)
	stale := f.recovery(p, a)
	f.close(p)
	w := f.open(p)
	good, goodB := f.recovery(p, a), f.recovery(p, b)
	swapped := types.UnitRecovery{UnitId: b, Proof: good.Proof}
	window := types.UnitRecovery{UnitId: a, Proof: f.prove(p).Proof}
	for _, tt := range []struct {
		name       string
		provider   string
		window     uint64
		recoveries []types.UnitRecovery
		want       error
	}{
		{"none", p, w.Index, nil, types.ErrRecoveries},
		{"too many", p, w.Index, []types.UnitRecovery{good, goodB, goodB}, types.ErrRecoveries},
		{"twice", p, w.Index, []types.UnitRecovery{good, good}, types.ErrAlreadyQueued},
		{"missing openings", p, w.Index, []types.UnitRecovery{lacking}, types.ErrInvalidProof},
		{"stale", p, w.Index, []types.UnitRecovery{stale}, proof.ErrWindow},
		{"another unit's", p, w.Index, []types.UnitRecovery{swapped}, types.ErrInvalidProof},
		{"a window proof", p, w.Index, []types.UnitRecovery{window}, types.ErrInvalidProof},
		{"second is bad", p, w.Index, []types.UnitRecovery{good, swapped}, types.ErrInvalidProof},
		{"not faulty", p, w.Index, []types.UnitRecovery{{UnitId: healthy, Proof: good.Proof}}, types.ErrNotFaulty},
		{"not owned", p, w.Index, []types.UnitRecovery{{UnitId: theirs, Proof: good.Proof}}, types.ErrNotOwner},
		{"unknown", p, w.Index, []types.UnitRecovery{{UnitId: 99, Proof: good.Proof}}, types.ErrUnknownUnit},
		{"overlong", p, w.Index, []types.UnitRecovery{{UnitId: a, Proof: make([]byte, proof.MaxProofSize+1)}}, types.ErrProofTooLarge},
		{"window", p, w.Index - 1, []types.UnitRecovery{good}, types.ErrWrongWindow},
		{"no window", other, 1, []types.UnitRecovery{good}, types.ErrWindowClosed},
		{"nobody", f.address("nobody"), 1, []types.UnitRecovery{good}, types.ErrUnknownProvider},
	} {
		t.Run(tt.name, func(t *testing.T) {
			before := f.state(p)
			require.ErrorIs(t, f.recoverFaults(tt.provider, tt.window, tt.recoveries...), tt.want)
			require.Equal(t, before, f.state(p))
		})
	}
	require.NoError(t, f.keeper.RemoveUnit(f.ctx, b))
	require.ErrorIs(t, f.recoverFaults(p, w.Index, goodB), types.ErrAlreadyQueued)
	require.NoError(t, f.recoverFaults(p, w.Index, good))
	f.hooks.take()
	f.close(p)
	require.Equal(t, []string{"released 2", "recovered 1"}, f.hooks.take())
}

// A provider that dropped a share of its bytes and lies about it by silence is caught by the openings themselves: it can
// only declare them missing, in every window that asks for one of them.
func TestAPartlyLostUnitIsCaughtSoon(t *testing.T) {
	f := newFixture(t)
	p := f.address("p")
	id, tree := f.add(p, 20_000, 20_000, 20_000, 20_000)
	leaf, err := tree.Leaf(2)
	require.NoError(t, err)
	delete(f.disk.encodings, leaf.Digest)
	// A quarter is gone: a window of 16 openings misses that with probability 0.75^16, about 1 %. With the fixed randomness
	// of the test the first window catches it.
	f.window(p)
	require.Equal(t, types.UNIT_STATUS_FAULTY, f.unit(id).Status)
}
