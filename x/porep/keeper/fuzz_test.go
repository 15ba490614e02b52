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
