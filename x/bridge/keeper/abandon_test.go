package keeper_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/ipdm-network/ipdm/x/bridge/types"
	"github.com/ipdm-network/ipdm/x/bridge/wire"
)

// A third of the signers vanishes while a checkpoint waits: they are jailed, and governance has others sign.
func TestAnEpochIsAbandoned(t *testing.T) {
	for name, ends := range map[string]bool{"a plain checkpoint waits": false, "the end of the epoch waits": true} {
		t.Run(name, func(t *testing.T) {
			f := newChain(t, 40, 30, 20)
			abandon := func(epoch uint64) (uint64, error) {
				res, err := f.msgs.AbandonEpoch(f.ctx, &types.MsgAbandonEpoch{Authority: authority, Epoch: epoch})
				if err != nil {
					return 0, err
				}
				return res.Epoch, nil
			}
			first := f.untilPending(5)
			f.signAll()
			_, err := abandon(1)
			require.ErrorIs(t, err, types.ErrNotAbandonable)
			if ends {
				f.bond(4, 100)
				require.NoError(t, f.setKey(4, 0))
			}
			f.anchors.root[0]++
			stuck := f.untilPending(6)
			require.Equal(t, ends, stuck.EndsEpoch())
			f.sign(1, 2)
			f.blocks(40)
			require.Equal(t, []string{string(consensusAddress(1))}, f.punished.jailed, "who is waited for is counted")
			_, waits := f.pending()
			require.Equal(t, stuck, waits)

			_, err = f.msgs.AbandonEpoch(f.ctx, &types.MsgAbandonEpoch{Authority: "somebody", Epoch: 1})
			require.ErrorIs(t, err, types.ErrUnauthorized)
			_, err = abandon(2)
			require.ErrorIs(t, err, types.ErrNotAbandonable)
			f.bond(1, 0)
			next, err := abandon(1)
			require.NoError(t, err)
			require.EqualValues(t, 2, next)
			require.NoError(t, f.CheckInvariants(f.ctx))
			content := f.untilPending(6)
			require.EqualValues(t, 2, content.Epoch)
			require.Equal(t, first.Digest(), content.Previous)
			f.signAll()

			gs, err := f.ExportGenesis(f.ctx)
			require.NoError(t, err)
			again := newFixture(t, gs)
			exported, err := again.ExportGenesis(again.ctx)
			require.NoError(t, err)
			require.Equal(t, gs, exported)

			signature, err := wire.Sign(stuck.Digest(), f.signerKey(2, 0))
			require.NoError(t, err)
			_, err = f.msgs.SubmitEvidence(f.ctx, &types.MsgSubmitEvidence{Content: stuck.Encode(), Signature: signature[:]})
			require.ErrorIs(t, err, types.ErrNoEvidence, "who has signed what was abandoned is not punished")
		})
	}
}

func TestAbandoningNeedsOthers(t *testing.T) {
	f := newChain(t, 40, 30, 20)
	f.untilPending(5)
	f.bond(4, 1_000) // without a key
	_, err := f.msgs.AbandonEpoch(f.ctx, &types.MsgAbandonEpoch{Authority: authority, Epoch: 1})
	require.ErrorIs(t, err, types.ErrNotAbandonable)
	require.ErrorContains(t, err, "90 of 1090 power")
}

func TestSignersWithoutSuccessorsAreNotTrustedForEver(t *testing.T) {
	f := newChain(t, 40, 30, 20)
	f.untilPending(5)
	f.signAll()
	f.bond(4, 1_000) // without a key
	made := 0
	for range 1_500 { // seconds; epochs last 1000
		f.anchors.root[0]++
		f.block()
		if !f.idle() {
			f.signAll()
			made++
		}
	}
	c, err := f.Checkpoint(f.ctx, 0)
	require.NoError(t, err)
	content, err := c.Decode()
	require.NoError(t, err)
	require.LessOrEqual(t, content.Time().Sub(start), testParams().MaxEpoch+10*time.Second)
	require.Greater(t, made, 100)
	require.NoError(t, f.setKey(4, 0)) // now there are others
	require.True(t, f.untilPending(6).EndsEpoch())
}

func TestSetsDoNotChangeAtEachCheckpoint(t *testing.T) {
	gs := types.GenesisState{Params: testParams()}
	gs.Params.MinEpoch = 100 * time.Second
	f := newFixture(t, &gs, 40, 30, 20)
	for i := range 300 {
		f.block()
		require.NoError(t, f.setKey(1, i%2+1))
		if !f.idle() {
			f.signAll()
		}
	}
	newest, err := f.Epoch(f.ctx, 0)
	require.NoError(t, err)
	require.LessOrEqual(t, newest.Epoch, uint64(4))
	require.Greater(t, newest.Epoch, uint64(1))
}

func TestWhoIsNotCountedAndWhoIs(t *testing.T) {
	f := newChain(t, 10, 10, 10, 10)
	f.untilPending(5)
	signers, err := f.query.Signers(f.ctx, &types.QuerySignersRequest{})
	require.NoError(t, err)
	lazy := signers.SignerEpoch.Signers[3].ConsensusAddress
	address, err := consensus.StringToBytes(lazy)
	require.NoError(t, err)
	missed := func() uint32 {
		res, err := f.query.Key(f.ctx, &types.QueryKeyRequest{ConsensusAddress: lazy})
		require.NoError(t, err)
		return res.Key.Missed
	}
	round := func() {
		f.sign(0, 1, 2)
		f.block()
		f.anchors.root[0]++
		f.untilPending(6)
	}
	f.punished.inactive[string(address)] = true
	round()
	require.Zero(t, missed(), "one that is out of the active set has no vote to sign in")
	f.punished.inactive[string(address)] = false
	round()
	round()
	require.EqualValues(t, 2, missed())
	for n := byte(1); n <= 4; n++ {
		if string(consensusAddress(n)) == string(address) {
			require.NoError(t, f.setKey(n, 1))
		}
	}
	require.EqualValues(t, 2, missed(), "another key does not clear it")
}

func TestAChainDoesNotBeginBelowItsCheckpoints(t *testing.T) {
	f := newChain(t, 10, 10, 10)
	f.untilPending(5)
	f.signAll()
	gs, err := f.ExportGenesis(f.ctx)
	require.NoError(t, err)
	again := newChain(t)
	err = again.InitGenesis(again.ctx, *gs)
	require.ErrorContains(t, err, "set initial_height above it")
}
