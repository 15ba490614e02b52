package ipdm

import (
	"context"
	"net"
	"testing"

	"github.com/cosmos/cosmos-sdk/codec"
	codectypes "github.com/cosmos/cosmos-sdk/codec/types"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/ipdm-network/ipdm/bridge/relayer"
	"github.com/ipdm-network/ipdm/testutil/signedchain"
	"github.com/ipdm-network/ipdm/x/bridge/types"
)

// server answers as a test says.
type server struct {
	types.UnimplementedQueryServer
	checkpoints map[uint64]types.QueryCheckpointResponse // 0 is the newest
	epochs      map[uint64]types.SignerEpoch
	broken      bool
}

func (s *server) Checkpoint(_ context.Context, req *types.QueryCheckpointRequest) (*types.QueryCheckpointResponse, error) {
	if s.broken {
		return nil, status.Error(codes.Unavailable, "broken")
	}
	c, ok := s.checkpoints[req.Sequence]
	if !ok {
		return nil, status.Error(codes.NotFound, "unknown checkpoint")
	}
	return &c, nil
}

func (s *server) Signers(_ context.Context, req *types.QuerySignersRequest) (*types.QuerySignersResponse, error) {
	if s.broken {
		return nil, status.Error(codes.Unavailable, "broken")
	}
	e, ok := s.epochs[req.Epoch]
	if !ok {
		return nil, status.Error(codes.NotFound, "unknown epoch")
	}
	return &types.QuerySignersResponse{SignerEpoch: e}, nil
}

// serve returns the address of a server.
func serve(t *testing.T, s *server) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	g := grpc.NewServer(grpc.ForceServerCodec(codec.NewProtoCodec(codectypes.NewInterfaceRegistry()).GRPCCodec()))
	types.RegisterQueryServer(g, s)
	done := make(chan struct{})
	go func() { defer close(done); _ = g.Serve(listener) }() // it ends with Stop
	t.Cleanup(func() { g.Stop(); <-done })
	return listener.Addr().String()
}

// sample is how a node tells of a checkpoint.
func sample(c relayer.Checkpoint) types.QueryCheckpointResponse {
	out := types.QueryCheckpointResponse{
		Checkpoint:  types.Checkpoint{Sequence: c.Sequence, Content: c.Content.Encode(), Complete: true, Power: c.Set.TotalPower()},
		SignerEpoch: types.NewSignerEpoch(c.Content.Epoch, c.Set, nil, 1, 1),
	}
	for _, s := range c.Signatures {
		out.Checkpoint.Signatures = append(out.Checkpoint.Signatures, types.Signature{Index: uint32(s.Index), Signature: s.Signature[:]})
	}
	return out
}

func TestClientReadsCheckpoints(t *testing.T) {
	chain := signedchain.New(t, 4)
	s := &server{checkpoints: map[uint64]types.QueryCheckpointResponse{}, epochs: map[uint64]types.SignerEpoch{}}
	dead, liar := &server{broken: true}, &server{checkpoints: map[uint64]types.QueryCheckpointResponse{}, epochs: s.epochs}
	c, err := New([]string{serve(t, dead), serve(t, liar), serve(t, s)})
	require.NoError(t, err)
	defer func() { require.NoError(t, c.Close()) }()
	_, err = c.Newest(t.Context())
	require.ErrorIs(t, err, relayer.ErrNone)

	end := chain.Sign(1, 40, 40_000, true)
	newest := chain.Sign(2, 70, 70_000, false)
	s.checkpoints[0], s.checkpoints[end.Sequence] = sample(newest), sample(end)
	first := sample(end).SignerEpoch
	first.LastSequence = end.Sequence
	s.epochs[1], s.epochs[2] = first, sample(newest).SignerEpoch
	liar.checkpoints[0] = sample(end) // it replays an old one
	got, err := c.Newest(t.Context())
	require.NoError(t, err)
	require.Equal(t, newest, got)
	got, err = c.EndOf(t.Context(), 1)
	require.NoError(t, err)
	require.Equal(t, end, got)
	_, err = c.EndOf(t.Context(), 2)
	require.ErrorContains(t, err, "has not ended")
	_, err = c.EndOf(t.Context(), 3)
	require.ErrorContains(t, err, "failed to read signer epoch 3")
	abandoned := sample(newest).SignerEpoch
	abandoned.Abandoned = true
	s.epochs[2] = abandoned
	_, err = c.EndOf(t.Context(), 2)
	require.ErrorContains(t, err, "has to be recovered")
	signers, err := c.Signers(t.Context())
	require.NoError(t, err)
	require.Equal(t, Signers{Chain: newest.Content.Chain, Epoch: 2, Set: newest.Set}, signers)

	delete(liar.checkpoints, 0)
	for name, change := range map[string]func(*types.QueryCheckpointResponse){
		"not complete":    func(r *types.QueryCheckpointResponse) { r.Checkpoint.Complete = false },
		"malformed":       func(r *types.QueryCheckpointResponse) { r.Checkpoint.Content = r.Checkpoint.Content[1:] },
		"no signers":      func(r *types.QueryCheckpointResponse) { r.SignerEpoch.Signers = nil },
		"short signature": func(r *types.QueryCheckpointResponse) { r.Checkpoint.Signatures[0].Signature = []byte{1} },
		"forged":          func(r *types.QueryCheckpointResponse) { r.Checkpoint.Content[60] ^= 1 },
	} {
		bad := sample(newest)
		change(&bad)
		s.checkpoints[0] = bad
		_, err := c.Newest(t.Context())
		require.ErrorIs(t, err, relayer.ErrNone, "%s: the others have none", name)
		liar.checkpoints[0] = sample(end)
		got, err := c.Newest(t.Context())
		require.NoError(t, err, name)
		require.Equal(t, end, got, "%s: what the others have counts", name)
		delete(liar.checkpoints, 0)
	}
	_, err = New(nil)
	require.Error(t, err)
}
