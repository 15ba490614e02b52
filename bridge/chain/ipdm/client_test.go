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
	"github.com/ipdm-network/ipdm/x/bridge/types"
	"github.com/ipdm-network/ipdm/x/bridge/wire"
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

func sample(sequence, epoch uint64) types.QueryCheckpointResponse {
	set := wire.SignerSet{{Address: wire.Address{1}, Power: 3}}
	content := wire.Checkpoint{Epoch: epoch, Height: 10 * sequence, Set: set.Root(), NextSet: set.Root()}
	return types.QueryCheckpointResponse{
		Checkpoint: types.Checkpoint{
			Sequence: sequence, Content: content.Encode(), Complete: true, Power: 3,
			Signatures: []types.Signature{{Index: 0, Signature: make([]byte, 65)}},
		},
		SignerEpoch: types.NewSignerEpoch(epoch, set, nil, 1, 1),
	}
}

func TestClientReadsCheckpoints(t *testing.T) {
	s := &server{checkpoints: map[uint64]types.QueryCheckpointResponse{}, epochs: map[uint64]types.SignerEpoch{}}
	dead := &server{broken: true}
	c, err := New([]string{serve(t, dead), serve(t, s)})
	require.NoError(t, err)
	defer func() { require.NoError(t, c.Close()) }()
	_, err = c.Newest(t.Context())
	require.ErrorIs(t, err, relayer.ErrNone)

	s.checkpoints[0], s.checkpoints[4] = sample(7, 2), sample(4, 1)
	first := sample(4, 1).SignerEpoch
	first.LastSequence = 4
	next := wire.SignerSet{{Address: wire.Address{2}, Power: 5}}
	ending := sample(4, 1)
	content, err := ending.Checkpoint.Decode()
	require.NoError(t, err)
	content.NextSet = next.Root()
	ending.Checkpoint.Content = content.Encode()
	s.checkpoints[4] = ending
	s.epochs[1], s.epochs[2] = first, types.NewSignerEpoch(2, next, nil, 1, 1)
	newest, err := c.Newest(t.Context())
	require.NoError(t, err)
	require.EqualValues(t, 7, newest.Sequence)
	require.EqualValues(t, 70, newest.Content.Height)
	require.Len(t, newest.Signatures, 1)
	require.Nil(t, newest.NextSet, "it ends no epoch")
	end, err := c.EndOf(t.Context(), 1)
	require.NoError(t, err)
	require.EqualValues(t, 4, end.Sequence)
	require.Equal(t, next, end.NextSet)
	_, err = c.EndOf(t.Context(), 2)
	require.ErrorContains(t, err, "has not ended")
	_, err = c.EndOf(t.Context(), 3)
	require.ErrorContains(t, err, "failed to read signer epoch 3")

	for name, change := range map[string]func(*types.QueryCheckpointResponse){
		"not complete":    func(r *types.QueryCheckpointResponse) { r.Checkpoint.Complete = false },
		"malformed":       func(r *types.QueryCheckpointResponse) { r.Checkpoint.Content = r.Checkpoint.Content[1:] },
		"no signers":      func(r *types.QueryCheckpointResponse) { r.SignerEpoch.Signers = nil },
		"short signature": func(r *types.QueryCheckpointResponse) { r.Checkpoint.Signatures[0].Signature = []byte{1} },
	} {
		bad := sample(7, 2)
		change(&bad)
		s.checkpoints[0] = bad
		_, err := c.Newest(t.Context())
		require.Error(t, err, name)
	}
	_, err = New(nil)
	require.Error(t, err)
}
