package app_test

import (
	"testing"
	"time"

	cmtabci "github.com/cometbft/cometbft/abci/types"
	"github.com/stretchr/testify/require"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/ipdm-network/ipdm/app"
	"github.com/ipdm-network/ipdm/app/abci"
	beacontypes "github.com/ipdm-network/ipdm/x/beacon/types"
	"github.com/ipdm-network/ipdm/x/beacon/vrf"
)

// The values follow from what the proposers of the blocks prove, and from nothing else.
func TestRandomnessFollowsFromTheProposers(t *testing.T) {
	c := newTestChain(t, 3)
	want := vrf.Genesis(chainID)
	for height := int64(1); height <= 7; height++ {
		alpha := vrf.Alpha(chainID, want, height)
		public := c.beacons[int(height)%len(c.keys)]
		proof, err := c.beaconKeys.Prove(public, alpha)
		require.NoError(t, err)
		output, err := vrf.Verify(public, proof, alpha)
		require.NoError(t, err)
		want = vrf.Proven(want, output)

		c.next()
		got, err := c.app.Keepers.Beacon.Latest(c.query())
		require.NoError(t, err)
		require.Equal(t, want, got, "height %d", height)
	}
	got, err := c.app.Keepers.Beacon.At(c.query(), 7)
	require.NoError(t, err)
	require.Equal(t, want, got)
	_, err = c.app.Keepers.Beacon.At(c.query(), 8)
	require.ErrorIs(t, err, beacontypes.ErrFuture)
}

// judge has the next block judged with an injection that the test makes from the honest one.
func (c *testChain) judge(change func(in *abci.Injection)) bool {
	c.t.Helper()
	req := c.propose()
	c.height--
	c.time = c.time.Add(-time.Second)
	in, err := abci.DecodeInjection(req.Txs[0])
	require.NoError(c.t, err)
	change(&in)
	raw, err := in.Encode()
	require.NoError(c.t, err)
	judged, err := c.app.ProcessProposal(&cmtabci.RequestProcessProposal{
		Txs: [][]byte{raw}, ProposedLastCommit: req.DecidedLastCommit, Hash: req.Hash, Height: req.Height, Time: req.Time,
		ProposerAddress: req.ProposerAddress,
	})
	require.NoError(c.t, err)
	return judged.IsAccepted()
}

func TestDishonestProofsAreRejected(t *testing.T) {
	c := newTestChain(t, 3)
	c.next()
	c.next()
	require.True(t, c.judge(func(*abci.Injection) {}))
	require.False(t, c.judge(func(in *abci.Injection) { in.BeaconProof = nil }), "omitted")
	require.False(t, c.judge(func(in *abci.Injection) { in.BeaconProof[0] ^= 1 }), "changed")
	require.False(t, c.judge(func(in *abci.Injection) {
		alpha, err := c.app.Keepers.Beacon.Alpha(c.query(), c.height+1)
		require.NoError(t, err)
		in.BeaconProof, err = c.beaconKeys.Prove(c.beacons[(int(c.height)+2)%3], alpha)
		require.NoError(t, err)
	}), "with the key of another")
	c.next()
}

// A node without the key that the chain knows makes proposals that nobody accepts, and goes on by itself.
func TestAProposerWithoutItsKeyIsRejected(t *testing.T) {
	c := newTestChain(t, 3)
	c.next()
	ring := c.beaconKeys
	c.beaconKeys = nil
	c.open(app.Options{})

	height := c.height + 1
	prepared, err := c.app.PrepareProposal(&cmtabci.RequestPrepareProposal{
		MaxTxBytes: 1 << 20, LocalLastCommit: c.lastCommit, Height: height, Time: c.time, ProposerAddress: c.proposer(height),
	})
	require.NoError(t, err)
	require.Len(t, prepared.Txs, 1)
	commit := cmtabci.CommitInfo{}
	for _, v := range c.lastCommit.Votes {
		commit.Votes = append(commit.Votes, cmtabci.VoteInfo{Validator: v.Validator, BlockIdFlag: v.BlockIdFlag})
	}
	judged, err := c.app.ProcessProposal(&cmtabci.RequestProcessProposal{
		Txs: prepared.Txs, ProposedLastCommit: commit, Height: height, Time: c.time, ProposerAddress: c.proposer(height),
	})
	require.NoError(t, err)
	require.False(t, judged.IsAccepted())

	c.beaconKeys = ring
	c.open(app.Options{})
	c.next()
}

// A validator changes its key while its node has both, and no block is lost.
func TestChangeOfKey(t *testing.T) {
	c := newTestChain(t, 1)
	c.next()
	first := c.beacons[0]
	var err error
	c.beaconKeys, err = c.beaconKeys.Generate()
	require.NoError(t, err)
	second := c.beaconKeys.Newest().Public()
	c.open(app.Options{})

	address := c.keys[0].PubKey().Address()
	possession, err := c.beaconKeys.Newest().Prove(vrf.PossessionAlpha(chainID, address))
	require.NoError(t, err)
	results := c.next(c.sign(c.user, &beacontypes.MsgSetBeaconKey{
		Validator: sdk.ValAddress(c.userAddress()).String(), PublicKey: second, Possession: possession,
	}))
	require.Zero(t, results[1].Code, results[1].Log)
	for c.height < 25 {
		next := c.height + 1
		public, err := c.app.Keepers.Beacon.EffectiveKey(c.query(), address, next)
		require.NoError(t, err)
		if next < 20 {
			require.Equal(t, first, public, "height %d", next)
		} else {
			require.Equal(t, second, public, "height %d", next)
		}
		c.next()
	}
}
