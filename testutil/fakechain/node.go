package fakechain

import (
	"context"
	"net"
	"testing"

	"github.com/cometbft/cometbft/p2p"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/cosmos/cosmos-sdk/client/grpc/cmtservice"
	nodeservice "github.com/cosmos/cosmos-sdk/client/grpc/node"
	txtypes "github.com/cosmos/cosmos-sdk/types/tx"

	marketkeeper "github.com/ipdm-network/ipdm/x/market/keeper"
	markettypes "github.com/ipdm-network/ipdm/x/market/types"
	porepkeeper "github.com/ipdm-network/ipdm/x/porep/keeper"
	poreptypes "github.com/ipdm-network/ipdm/x/porep/types"
)

// Node is a gRPC server of a chain. Several nodes of one chain share its state.
type Node struct {
	chain  *Chain
	server *grpc.Server
	addr   string
}

// Node starts a node; it stops with the test.
func (c *Chain) Node(tb testing.TB) *Node {
	tb.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(tb, err)
	n := &Node{chain: c, addr: listener.Addr().String()}
	n.server = grpc.NewServer(grpc.ForceServerCodec(c.encoding.Codec.GRPCCodec()), grpc.MaxRecvMsgSize(16<<20))
	c.app.RegisterGRPCServer(locked{n.server, c})
	txtypes.RegisterServiceServer(n.server, &txService{chain: c})
	nodeservice.RegisterServiceServer(n.server, &nodeService{chain: c})
	cmtservice.RegisterServiceServer(n.server, &consensusService{chain: c})
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = n.server.Serve(listener) // ends with Stop
	}()
	tb.Cleanup(func() {
		n.server.Stop()
		<-done
	})
	return n
}

// Addr is the address of the node, host:port.
func (n *Node) Addr() string { return n.addr }

// Stop ends the node as a crash would.
func (n *Node) Stop() { n.server.Stop() }

// locked registers services whose handlers hold the chain's lock for reading: blocks are made between queries.
type locked struct {
	server *grpc.Server
	chain  *Chain
}

// RegisterService implements grpc.ServiceRegistrar.
func (l locked) RegisterService(desc *grpc.ServiceDesc, handler any) {
	wrapped := *desc
	wrapped.Methods = make([]grpc.MethodDesc, len(desc.Methods))
	for i, method := range desc.Methods {
		wrapped.Methods[i] = grpc.MethodDesc{
			MethodName: method.MethodName,
			Handler: func(srv any, ctx context.Context, dec func(any) error, interceptor grpc.UnaryServerInterceptor) (any, error) {
				l.chain.mu.RLock()
				defer l.chain.mu.RUnlock()
				return method.Handler(srv, ctx, dec, interceptor)
			},
		}
	}
	l.server.RegisterService(&wrapped, handler)
}

type txService struct {
	txtypes.UnimplementedServiceServer
	chain *Chain
}

func (s *txService) Simulate(_ context.Context, request *txtypes.SimulateRequest) (*txtypes.SimulateResponse, error) {
	s.chain.mu.RLock()
	defer s.chain.mu.RUnlock()
	gas, result, err := s.chain.app.Simulate(request.TxBytes)
	if err != nil {
		return nil, status.Errorf(codes.Unknown, "%v with gas used: '%d'", err, gas.GasUsed)
	}
	return &txtypes.SimulateResponse{GasInfo: &gas, Result: result}, nil
}

func (s *txService) BroadcastTx(_ context.Context, request *txtypes.BroadcastTxRequest) (*txtypes.BroadcastTxResponse, error) {
	response, err := s.chain.broadcast(request.TxBytes)
	if err != nil {
		return nil, status.Error(codes.Internal, err.Error())
	}
	return &txtypes.BroadcastTxResponse{TxResponse: response}, nil
}

func (s *txService) GetTx(_ context.Context, request *txtypes.GetTxRequest) (*txtypes.GetTxResponse, error) {
	s.chain.mu.RLock()
	defer s.chain.mu.RUnlock()
	result, ok := s.chain.results[request.Hash]
	if !ok {
		return nil, status.Errorf(codes.NotFound, "tx not found: %s", request.Hash)
	}
	return &txtypes.GetTxResponse{TxResponse: result}, nil
}

type nodeService struct {
	nodeservice.UnimplementedServiceServer
	chain *Chain
}

func (s *nodeService) Status(context.Context, *nodeservice.StatusRequest) (*nodeservice.StatusResponse, error) {
	s.chain.mu.RLock()
	defer s.chain.mu.RUnlock()
	now := s.chain.now
	return &nodeservice.StatusResponse{Height: uint64(s.chain.height), Timestamp: &now}, nil
}

type consensusService struct {
	cmtservice.UnimplementedServiceServer
	chain *Chain
}

func (s *consensusService) GetNodeInfo(
	context.Context, *cmtservice.GetNodeInfoRequest,
) (*cmtservice.GetNodeInfoResponse, error) {
	info := p2p.DefaultNodeInfo{Network: s.chain.chainID}
	return &cmtservice.GetNodeInfoResponse{DefaultNodeInfo: info.ToProto()}, nil
}

func marketQueries(k *keepers) markettypes.QueryServer { return marketkeeper.NewQueryServer(k.market) }

func porepQueries(k *keepers) poreptypes.QueryServer { return porepkeeper.NewQueryServer(k.porep) }
