package api

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"runtime/debug"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/health"
	healthpb "google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/keepalive"
	"google.golang.org/grpc/reflection"
	"google.golang.org/grpc/status"

	sidecarv1 "github.com/ipdm-network/ipdm/sdk/go/sidecar/v1"
	"github.com/ipdm-network/ipdm/sidecar/api/bulk"
	"github.com/ipdm-network/ipdm/sidecar/api/framed"
)

// Limits of the API.
const (
	// MaxMessageBytes is the largest message accepted or sent.
	MaxMessageBytes = 4 << 20
	// maxConcurrentStreams bounds the calls in progress on one connection.
	maxConcurrentStreams = 256
	// windowBytes is how much of a stream may be under way, so that loopback is not the bottleneck.
	windowBytes = 4 << 20
	// bufferBytes is how much is read from or written to a connection at once.
	bufferBytes = 256 << 10
)

// Server serves all services. It is made by New and serves until it is closed.
type Server struct {
	grpc   *grpc.Server
	framed *framed.Server // for streaming calls by a socket
	health *health.Server
	// closing is closed when Close is called, for streams that have no end of their own.
	closing chan struct{}
	ctx     context.Context // done when Close begins to be impatient
	cancel  context.CancelFunc
}

// New makes a server on the parts of a node.
func New(o Options) *Server {
	o = o.withDefaults()
	s := &Server{health: health.NewServer(), closing: make(chan struct{})}
	s.ctx, s.cancel = context.WithCancel(context.Background())
	guard := guard{log: o.Logger}
	s.grpc = grpc.NewServer(
		grpc.ForceServerCodecV2(bulk.Codec),
		grpc.WriteBufferSize(bufferBytes),
		grpc.ReadBufferSize(bufferBytes),
		grpc.MaxRecvMsgSize(MaxMessageBytes),
		grpc.MaxSendMsgSize(MaxMessageBytes),
		grpc.MaxConcurrentStreams(maxConcurrentStreams),
		grpc.InitialWindowSize(windowBytes),
		grpc.InitialConnWindowSize(windowBytes),
		grpc.ConnectionTimeout(10*time.Second),
		grpc.KeepaliveParams(keepalive.ServerParameters{Time: 30 * time.Second, Timeout: 10 * time.Second}),
		grpc.KeepaliveEnforcementPolicy(keepalive.EnforcementPolicy{MinTime: 5 * time.Second, PermitWithoutStream: true}),
		grpc.UnaryInterceptor(guard.unary),
		grpc.StreamInterceptor(guard.stream),
	)
	s.framed = framed.NewServer(bulk.Codec, MaxMessageBytes, guard.stream)
	service := &dataService{content: o.Content, scrubs: o.Scrubs, tiers: o.Tiers, catalogue: o.Catalogue, peerKey: o.PeerKey, announcer: o.Announcer, pusher: o.Pusher, node: o.Node, effort: o.DefaultEffort, log: o.Logger}
	sidecarv1.RegisterDataServiceServer(s.grpc, service)
	sidecarv1.RegisterDataServiceServer(s.framed, service)
	sidecarv1.RegisterNodeServiceServer(s.grpc, &nodeService{node: o.Node, chain: o.Chain, agent: o.Agent, version: o.Version, network: o.NetworkName})
	sidecarv1.RegisterSectorServiceServer(s.grpc, &sectorService{agent: o.Agent, closing: s.closing})
	sidecarv1.RegisterVerdictServiceServer(s.grpc, &verdictService{judge: o.Judge})
	sidecarv1.RegisterInboundServiceServer(s.grpc, &inboundService{observer: o.Observer})
	sidecarv1.RegisterFollowServiceServer(s.grpc, &followService{follows: o.Follows})
	healthpb.RegisterHealthServer(s.grpc, s.health)
	reflection.Register(s.grpc)
	s.health.SetServingStatus("", healthpb.HealthCheckResponse_SERVING)
	return s
}

// Serve accepts connections until Close is called, and then returns nil.
func (s *Server) Serve(listener net.Listener) error {
	if listener.Addr().Network() == "unix" {
		listener = s.framed.Divide(listener)
	}
	if err := s.grpc.Serve(listener); err != nil && !errors.Is(err, grpc.ErrServerStopped) {
		return fmt.Errorf("failed to serve the API: %w", err)
	}
	return nil
}

// Close refuses new calls, waits for those in progress as long as ctx allows, then breaks them off. When it returns no
// call is in progress.
func (s *Server) Close(ctx context.Context) {
	s.health.Shutdown()
	close(s.closing)
	done := make(chan struct{})
	go func() {
		defer close(done)
		s.grpc.GracefulStop()
	}()
	s.framed.Close(ctx)
	select {
	case <-done:
	case <-ctx.Done():
		s.grpc.Stop()
		<-done
	}
	s.cancel()
}

// guard turns panics and plain errors into statuses.
type guard struct{ log *slog.Logger }

func (g guard) unary(ctx context.Context, req any, info *grpc.UnaryServerInfo, handler grpc.UnaryHandler) (_ any, err error) {
	defer g.recover(info.FullMethod, &err)
	answer, err := handler(ctx, req)
	return answer, g.finish(info.FullMethod, err)
}

func (g guard) stream(srv any, stream grpc.ServerStream, info *grpc.StreamServerInfo, handler grpc.StreamHandler) (err error) {
	defer g.recover(info.FullMethod, &err)
	return g.finish(info.FullMethod, handler(srv, stream))
}

func (g guard) recover(method string, err *error) {
	if p := recover(); p != nil {
		g.log.Error("call panicked", "method", method, "panic", p, "stack", string(debug.Stack()))
		*err = status.Error(codes.Internal, "the daemon met a bug in this call; its log has the details")
	}
}

func (g guard) finish(method string, err error) error {
	if err == nil {
		return nil
	}
	err = toStatus(err)
	if code := status.Code(err); code == codes.Internal || code == codes.DataLoss || code == codes.Unknown {
		g.log.Error("call failed", "method", method, "err", err)
	} else {
		g.log.Debug("call failed", "method", method, "err", err)
	}
	return err
}
