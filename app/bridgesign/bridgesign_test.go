package bridgesign_test

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/ipdm-network/ipdm/app/abci"
	"github.com/ipdm-network/ipdm/app/bridgesign"
	"github.com/ipdm-network/ipdm/app/keyfile"
	"github.com/ipdm-network/ipdm/x/bridge/types"
	"github.com/ipdm-network/ipdm/x/bridge/wire"
)

// chain has the answer that a test writes.
type chain struct {
	pending *types.QueryPendingResponse
	err     error
}

func (c *chain) PendingCheckpoint(context.Context) (*types.QueryPendingResponse, error) {
	return c.pending, c.err
}

// newRing returns a ring with some keys, and its newest address.
func newRing(t *testing.T, keys int) (*bridgesign.Ring, wire.Address) {
	var ring *bridgesign.Ring
	var err error
	for range keys {
		ring, err = ring.Generate()
		require.NoError(t, err)
	}
	return ring, wire.AddressOf(&ring.Newest().PublicKey)
}

func waiting(t *testing.T, members ...wire.Address) (*types.QueryPendingResponse, wire.Hash) {
	var of []wire.Member
	for i, m := range members {
		of = append(of, wire.Member{Address: m, Power: uint64(100 - i)})
	}
	set, err := wire.NewSignerSet(of)
	require.NoError(t, err)
	content := wire.Checkpoint{Epoch: 1, Height: 5, Set: set.Root(), NextSet: set.Root()}
	epoch := types.NewSignerEpoch(1, set, nil, 5, 0)
	return &types.QueryPendingResponse{Checkpoint: &types.Checkpoint{Sequence: 3, Content: content.Encode()}, SignerEpoch: &epoch}, content.Digest()
}

func TestSourceSignsUntilStateShowsIt(t *testing.T) {
	ring, address := newRing(t, 2)
	source := bridgesign.NewSource(ring)
	say := func() []byte {
		t.Helper()
		data, err := source.Pending(t.Context(), 5, abci.MaxExtensionBytes)
		require.NoError(t, err)
		return data
	}
	require.Empty(t, say(), "not attached")
	c := &chain{pending: &types.QueryPendingResponse{State: "no signer keys"}}
	source.Attach(c)
	require.Empty(t, say())

	var digest wire.Hash
	c.pending, digest = waiting(t, wire.Address{1}, address)
	first := say()
	vote, err := wire.DecodeSignerVote(first)
	require.NoError(t, err)
	require.EqualValues(t, 3, vote.Sequence)
	signer, err := vote.Signature.Signer(digest)
	require.NoError(t, err)
	require.Equal(t, address, signer)
	require.Equal(t, first, say(), "again and again")
	data, err := source.Pending(t.Context(), 5, wire.SignerVoteBytes-1)
	require.NoError(t, err)
	require.Empty(t, data, "no room")

	c.pending.Checkpoint.Signatures = []types.Signature{{Index: 1, Signature: vote.Signature[:]}}
	require.Empty(t, say(), "it is recorded")
	c.pending, _ = waiting(t, wire.Address{1})
	require.Empty(t, say(), "not a member")
	c.pending.Checkpoint.Content = nil
	_, err = source.Pending(t.Context(), 5, abci.MaxExtensionBytes)
	require.Error(t, err)
	c.err = errors.New("no state")
	_, err = source.Pending(t.Context(), 5, abci.MaxExtensionBytes)
	require.ErrorIs(t, err, c.err)

	var none *bridgesign.Ring
	source = bridgesign.NewSource(none)
	c.err = nil
	c.pending, _ = waiting(t, address)
	source.Attach(c)
	require.Empty(t, say(), "no keys")
}

// noted is what a handler has handed on.
type noted struct {
	votes []wire.SignerVote
	err   error
}

func (n *noted) Sign(_ context.Context, sequence uint64, signature wire.Signature) error {
	n.votes = append(n.votes, wire.SignerVote{Sequence: sequence, Signature: signature})
	return n.err
}

func TestHandler(t *testing.T) {
	n := &noted{}
	h := bridgesign.NewHandler(n)
	require.Equal(t, abci.KindBridgeSignature, h.Kind())
	vote := wire.SignerVote{Sequence: 7, Signature: wire.Signature{1}}
	require.NoError(t, h.ApplyVote(sdk.Context{}, abci.Vote{Data: vote.Encode()}))
	require.Equal(t, []wire.SignerVote{vote}, n.votes)
	for _, bad := range [][]byte{nil, vote.Encode()[1:], append(vote.Encode(), 0)} {
		require.ErrorIs(t, h.ApplyVote(sdk.Context{}, abci.Vote{Data: bad}), wire.ErrMalformed)
	}
	require.Len(t, n.votes, 1)
	n.err = types.ErrNotPending
	require.ErrorIs(t, h.ApplyVote(sdk.Context{}, abci.Vote{Data: vote.Encode()}), types.ErrNotPending)
}

func TestRingInAFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), bridgesign.FileName)
	_, err := bridgesign.Load(path)
	require.ErrorIs(t, err, fs.ErrNotExist)
	ring, address := newRing(t, keyfile.MaxKeys)
	_, err = ring.Generate()
	require.ErrorIs(t, err, keyfile.ErrFile)
	require.NoError(t, ring.Save(path))
	info, err := os.Stat(path)
	require.NoError(t, err)
	require.Equal(t, fs.FileMode(0o600), info.Mode().Perm())
	back, err := bridgesign.Load(path)
	require.NoError(t, err)
	require.Equal(t, address, wire.AddressOf(&back.Newest().PublicKey))

	raw, err := os.ReadFile(path)
	require.NoError(t, err)
	lines := strings.Split(string(raw), "\n")
	swapped := strings.Replace(string(raw), strings.TrimSpace(lines[4]), strings.TrimSpace(lines[8]), 1)
	require.NotEqual(t, string(raw), swapped)
	for name, text := range map[string]string{
		"another's public": swapped, "zero": `{"version":1,"keys":[{"public_key":"","private_key":"AAAA"}]}`, "empty": "",
	} {
		require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
		_, err := bridgesign.Load(path)
		require.ErrorIs(t, err, keyfile.ErrFile, name)
	}
}
