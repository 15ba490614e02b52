package keeper_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/ipdm-network/ipdm/x/bridge/types"
	"github.com/ipdm-network/ipdm/x/bridge/wire"
)

func TestFalseCheckpointsArePunished(t *testing.T) {
	f := newChain(t, 40, 30, 20)
	f.anchors.root[0]++
	first := f.untilPending(5)
	f.signAll()
	f.anchors.root[0]++
	second := f.untilPending(6)
	f.signAll()
	submit := func(c wire.Checkpoint, signer byte) (string, error) {
		signature, err := wire.Sign(c.Digest(), f.signerKey(signer, 0))
		require.NoError(t, err)
		res, err := f.msgs.SubmitEvidence(f.ctx, &types.MsgSubmitEvidence{Content: c.Encode(), Signature: signature[:]})
		if err != nil {
			return "", err
		}
		return res.ConsensusAddress, nil
	}
	change := func(c wire.Checkpoint, by func(c *wire.Checkpoint)) wire.Checkpoint {
		by(&c)
		return c
	}
	for name, tt := range map[string]struct {
		content wire.Checkpoint
		signer  byte
		says    string
	}{
		"a checkpoint of the chain": {first, 1, "it is the checkpoint of height 5"},
		"another chain's":           {change(second, func(c *wire.Checkpoint) { c.Chain = wire.Hash{1} }), 1, "another chain"},
		"no signer":                 {change(second, func(c *wire.Checkpoint) { c.AnchorRoot = wire.Hash{1} }), 9, "is no signer"},
		"no epoch":                  {change(second, func(c *wire.Checkpoint) { c.Epoch = 7 }), 1, "no signer epoch 7"},
		"epoch zero":                {change(second, func(c *wire.Checkpoint) { c.Epoch = 0 }), 1, "no signer epoch 0"},
	} {
		_, err := submit(tt.content, tt.signer)
		require.ErrorIs(t, err, types.ErrNoEvidence, name)
		require.ErrorContains(t, err, tt.says, name)
	}
	_, err := f.msgs.SubmitEvidence(f.ctx, &types.MsgSubmitEvidence{Content: second.Encode(), Signature: []byte{1}})
	require.ErrorIs(t, err, types.ErrInvalidSignature)
	_, err = f.msgs.SubmitEvidence(f.ctx, &types.MsgSubmitEvidence{Content: second.Encode()[1:], Signature: make([]byte, 65)})
	require.ErrorIs(t, err, types.ErrNoEvidence)
	_, err = f.msgs.SubmitEvidence(f.ctx, &types.MsgSubmitEvidence{Content: second.Encode(), Signature: make([]byte, 65)})
	require.ErrorIs(t, err, types.ErrInvalidSignature)
	require.Empty(t, f.punished.tombstoned)

	for name, content := range map[string]wire.Checkpoint{
		"another root of a height":      change(second, func(c *wire.Checkpoint) { c.AnchorRoot = wire.Hash{1} }),
		"another set":                   change(second, func(c *wire.Checkpoint) { c.NextSet = wire.Hash{1} }),
		"a height without a checkpoint": change(second, func(c *wire.Checkpoint) { c.Height-- }),
		"a height before the first":     change(second, func(c *wire.Checkpoint) { c.Height = 1 }),
		"a height to come":              change(second, func(c *wire.Checkpoint) { c.Height = 1 << 60 }),
	} {
		f.punished.tombstoned = nil
		address, err := submit(content, 2)
		require.NoError(t, err, name)
		require.Equal(t, []string{string(consensusAddress(2))}, f.punished.tombstoned, name)
		text, err := consensus.BytesToString(consensusAddress(2))
		require.NoError(t, err)
		require.Equal(t, text, address)
	}

	f.punished.beyond = true
	_, err = submit(change(second, func(c *wire.Checkpoint) { c.AnchorRoot = wire.Hash{1} }), 1)
	require.ErrorContains(t, err, "punished already")
	f.punished.beyond = false

	require.Equal(t, int64(5), f.punished.heights[0], "from the beginning of the epoch, whatever height the forger names")
	for range 70 { // 350 s, more than what is remembered
		f.anchors.root[1]++
		f.untilPending(6)
		f.signAll()
	}
	_, err = submit(change(first, func(c *wire.Checkpoint) { c.AnchorRoot = wire.Hash{1} }), 1)
	require.ErrorIs(t, err, types.ErrNoEvidence)
	require.ErrorContains(t, err, "too old")
	gs, err := f.ExportGenesis(f.ctx)
	require.NoError(t, err)
	require.LessOrEqual(t, len(gs.Digests), 61)
}

func TestSignersWhoMissAreJailed(t *testing.T) {
	f := newChain(t, 10, 10, 10, 10)
	epochOne := f.untilPending(5)
	epoch, err := f.Epoch(f.ctx, epochOne.Epoch)
	require.NoError(t, err)
	lazy, err := consensus.StringToBytes(epoch.Signers[3].ConsensusAddress)
	require.NoError(t, err)
	round := func(members ...int) {
		t.Helper()
		f.sign(members...)
		f.block()
		f.anchors.root[0]++
		f.untilPending(6)
		require.NoError(t, f.CheckInvariants(f.ctx))
	}
	missed := func() uint32 {
		res, err := f.query.Key(f.ctx, &types.QueryKeyRequest{ConsensusAddress: epoch.Signers[3].ConsensusAddress})
		require.NoError(t, err)
		return res.Key.Missed
	}
	for range 4 {
		round(0, 1, 2)
	}
	require.EqualValues(t, 4, missed())
	round(0, 1, 2, 3)
	require.EqualValues(t, 3, missed(), "who signs again is forgiven")
	f.sign(0, 1, 2)
	f.block()
	f.signNewest(3)
	f.anchors.root[0]++
	f.untilPending(6)
	require.EqualValues(t, 2, missed(), "what comes before the next checkpoint is in time")
	require.Empty(t, f.punished.jailed)
	for range 3 {
		round(0, 1, 2)
	}
	require.Equal(t, []string{string(lazy)}, f.punished.jailed)
	require.Zero(t, missed())
}

// signNewest has a member sign the newest checkpoint, which may be complete.
func (f *fixture) signNewest(member int) {
	f.Helper()
	c, _, err := f.Newest(f.ctx)
	require.NoError(f, err)
	content, err := c.Decode()
	require.NoError(f, err)
	epoch, err := f.Epoch(f.ctx, content.Epoch)
	require.NoError(f, err)
	signature, err := wire.Sign(content.Digest(), f.keyOf(epoch.Signers[member]))
	require.NoError(f, err)
	require.NoError(f, f.Sign(f.ctx, c.Sequence, signature))
}

func TestRetiredKeysDoNotCountForEver(t *testing.T) {
	f := newChain(t, 40, 30, 20)
	f.untilPending(5)
	f.signAll()
	require.NoError(t, f.setKey(1, 1)) // the old one leaked
	require.True(t, f.untilPending(6).EndsEpoch())
	f.signAll()
	submit := func() error {
		content := wire.Checkpoint{Chain: wire.ChainHash(sampleChain), Epoch: 1, Height: 1 << 40}
		signature, err := wire.Sign(content.Digest(), f.signerKey(1, 0))
		require.NoError(t, err)
		_, err = f.msgs.SubmitEvidence(f.ctx, &types.MsgSubmitEvidence{Content: content.Encode(), Signature: signature[:]})
		return err
	}
	require.NoError(t, submit(), "its owner answers for it for a while: clients may still trust it")
	f.blocks(310)
	err := submit()
	require.ErrorIs(t, err, types.ErrNoEvidence)
	require.ErrorContains(t, err, "signer epoch 1 ended")
}
