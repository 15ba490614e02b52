package app_test

import (
	"encoding/hex"
	"testing"

	"github.com/stretchr/testify/require"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/ipdm-network/ipdm/app"
	"github.com/ipdm-network/ipdm/app/abci"
	"github.com/ipdm-network/ipdm/app/bridgesign"
	anchortypes "github.com/ipdm-network/ipdm/x/anchor/types"
	bridgekeeper "github.com/ipdm-network/ipdm/x/bridge/keeper"
	bridgetypes "github.com/ipdm-network/ipdm/x/bridge/types"
	"github.com/ipdm-network/ipdm/x/bridge/wire"
)

// What a transaction anchors comes into a checkpoint that other chains accept, signed by what the validator votes.
func TestTheValidatorSignsCheckpoints(t *testing.T) {
	c := newTestChain(t, 1)
	var none *bridgesign.Ring
	ring, err := none.Generate()
	require.NoError(t, err)
	c.next()
	source := bridgesign.NewSource(ring)
	c.open(app.Options{Sources: []abci.Source{source}})
	source.Attach(c.app.BridgeChain())

	signer := wire.AddressOf(&ring.Newest().PublicKey)
	possession, err := wire.Sign(wire.PossessionDigest(chainID, c.keys[0].PubKey().Address()), ring.Newest())
	require.NoError(t, err)
	results := c.next(c.sign(c.user, &bridgetypes.MsgSetSignerKey{
		Validator: sdk.ValAddress(c.userAddress()).String(), Address: signer[:], Possession: possession[:],
	}))
	require.Zero(t, results[1].Code, results[1].Log)
	const manifest, root = "bafyr4iaaaebagbafaydqqcikbmga2dqpcaireeyuculbogazdinryhi6d4", "bafkr4iaaaebagbafaydqqcikbmga2dqpcaireeyuculbogazdinryhi6d4"
	results = c.next(c.sign(c.user, &anchortypes.MsgAnchor{
		Owner: c.userAddress().String(), Entries: []anchortypes.Entry{{Manifest: manifest, Root: root, SizeBytes: 1, BlockCount: 1}},
	}))
	require.Zero(t, results[1].Code, results[1].Log)

	query := bridgekeeper.NewQueryServer(c.app.Keepers.Bridge)
	var done *bridgetypes.QueryCheckpointResponse
	for done == nil { // what is signed between two blocks is the worker's time
		require.NoError(t, t.Context().Err())
		c.next()
		done, _ = query.Checkpoint(c.query(), &bridgetypes.QueryCheckpointRequest{})
	}
	proof, err := c.app.Keepers.Anchor.Prove(c.query(), manifest)
	require.NoError(t, err)
	require.Equal(t, "0x"+hex.EncodeToString(proof.Root[:]), done.Content.AnchorRoot)
	content, err := done.Checkpoint.Decode()
	require.NoError(t, err)
	set, err := done.SignerEpoch.Set()
	require.NoError(t, err)
	require.NoError(t, set.CheckSignatures(content.Digest(), []wire.MemberSignature{{Index: 0, Signature: wire.Signature(done.Checkpoint.Signatures[0].Signature)}}))
	require.NoError(t, c.app.Keepers.Bridge.CheckInvariants(c.query()))

	pending, err := query.Pending(c.query(), &bridgetypes.QueryPendingRequest{})
	require.NoError(t, err)
	require.True(t, pending.Checkpoint.Complete)
	require.Contains(t, pending.State, "nothing: checkpoint")
}
