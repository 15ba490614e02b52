package transfer

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"sync"
	"time"

	"github.com/ipfs/go-cid"
	"github.com/libp2p/go-libp2p/core/host"
	"github.com/libp2p/go-libp2p/core/network"
	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/prometheus/client_golang/prometheus"

	datav1 "github.com/ipdm-network/ipdm/sdk/go/data/v1"
	"github.com/ipdm-network/ipdm/sdk/go/format"
	"github.com/ipdm-network/ipdm/sidecar/data/rendezvous"
	"github.com/ipdm-network/ipdm/sidecar/data/store"
)

// Source is what encodings are served from; a store.Store is one.
type Source interface {
	Open(ctx context.Context, block format.Digest) (format.Block, error)
	Has(ctx context.Context, block format.Digest) (bool, error)
	Locate(ctx context.Context, block format.Digest) ([]format.Digest, error)
	Encoding(ctx context.Context, encoding format.Digest) ([]byte, error)
	StatEncoding(ctx context.Context, encoding format.Digest) (store.Encoding, error)
}

// Gate says what others may have; *data.Engine does. Its methods may be called concurrently.
type Gate interface {
	// Refuses tells whether a block is not to be sent although it is stored.
	Refuses(ctx context.Context, block format.Digest) (bool, error)
	// Touch is told of every block that is found for a peer.
	Touch(block format.Digest)
}

// Audience hears what is sent to whom. Its methods are called concurrently and must return at once.
type Audience interface {
	// Asked tells that a peer has asked for encodings by their CIDs, which are sent in this order, each told of by Served as
	// well. The slice is not changed afterwards.
	Asked(by peer.ID, encodings []format.Digest)
	// Served tells that a block is being sent to a peer, in an encoding or cut out of one, or an encoding that was asked for
	// as such. Of the blocks that an encoding holds it is the one asked for first.
	Served(to peer.ID, blockOrEncoding format.Digest)
}

// Keeper stores what peers push. Errors that wrap those of this package are told to the peer.
type Keeper interface {
	// Put gets what is missing of an offer from the peer that makes it, and pins the manifest durably. If the offer replaces
	// a root, that one's pins are removed with the same write. progress takes the plain bytes received so far.
	Put(ctx context.Context, from peer.ID, o Offer, progress func(receivedBytes uint64)) (existing bool, err error)
	// Delete removes the pins of a root durably and returns how many there were.
	Delete(ctx context.Context, from peer.ID, root cid.Cid) (removed int, err error)
}

// Policy decides whose puts, deletes and updates are taken.
type Policy interface {
	MayPush(p peer.ID) bool
}

// Catalogue answers queries.
type Catalogue interface {
	// Query returns header blocks of manifests that match, and where to go on, nil at the end. Its errors are told to the
	// peer.
	Query(ctx context.Context, filter string, limit int, cursor []byte) (headers [][]byte, next []byte, err error)
	// Summary returns a summary of what the node has, at most MaxSummaryBytes.
	Summary(ctx context.Context) (version uint64, summary []byte, err error)
}

// Fetcher fetches what is not stored, for other members of the group; *data.Engine does.
type Fetcher interface {
	// FetchFor gets blocks of a root, which may be cid.Undef, from other nodes, none of which it has fetch for it, and keeps
	// them as cache. It calls got with each encoding as it comes, maybe concurrently, but not for what is stored by then. It
	// returns when no more are to be had, with the error of got, or with that of ctx.
	FetchFor(ctx context.Context, root cid.Cid, blocks []cid.Cid, cut bool, got func(enc store.Checked) error) error
}

// Judge hears how peers behave.
type Judge interface {
	// Served tells that a peer sent encodings that were asked for.
	Served(p peer.ID, encodings int)
	// Failed tells that a peer stalled or broke off.
	Failed(p peer.ID)
	// Misbehaved tells that a peer broke the protocol.
	Misbehaved(p peer.ID)
}

// ServerOptions are the parts of a Server. Host and Source are needed.
type ServerOptions struct {
	Host   host.Host
	Source Source
	// Gate keeps back what is not to be sent; without one everything is sent.
	Gate Gate
	// Audience hears what is sent; may be nil.
	Audience Audience
	// Keeper takes what is pushed; without one nothing is.
	Keeper Keeper
	// Policy decides who may push; without one nobody.
	Policy Policy
	// Catalogue answers queries; without one they are not offered.
	Catalogue Catalogue
	// Fetcher fetches for the members of Group what is not in Source; without one nothing is.
	Fetcher Fetcher
	Group   rendezvous.Group
	// Judge may be nil.
	Judge Judge
	// StallTimeout is how long a peer may take for 64 KiB, 5 s if 0.
	StallTimeout time.Duration
	// Registry takes the metrics; may be nil.
	Registry prometheus.Registerer
	// Logger may be nil.
	Logger *slog.Logger
}

// Server answers the requests of peers.
type Server struct {
	opts    ServerOptions
	metrics *serverMetrics
	ctx     context.Context // done when Close begins
	cancel  context.CancelFunc
	fetches chan struct{} // one for each fetch for a member that is worked at

	mu      sync.Mutex
	closed  bool                      // guarded by mu
	streams map[peer.ID]int           // being answered; guarded by mu
	turns   map[peer.ID]chan struct{} // of members, one for each of their fetches; guarded by mu
	serving sync.WaitGroup
}

// NewServer returns a Server that answers on its host from now on, until Close.
func NewServer(o ServerOptions) (*Server, error) {
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	if o.StallTimeout <= 0 {
		o.StallTimeout = defaultStall
	}
	s := &Server{
		opts:    o,
		metrics: newServerMetrics(),
		fetches: make(chan struct{}, groupFetches),
		streams: map[peer.ID]int{},
		turns:   map[peer.ID]chan struct{}{},
	}
	if err := register(o.Registry, s.metrics.all()); err != nil {
		return nil, err
	}
	s.ctx, s.cancel = context.WithCancel(context.Background())
	o.Host.SetStreamHandler(Protocol, s.handle)
	return s, nil
}

// Close stops answering, breaks off what is being answered and waits for it.
func (s *Server) Close() {
	s.opts.Host.RemoveStreamHandler(Protocol)
	s.mu.Lock()
	s.closed = true
	s.mu.Unlock()
	s.cancel()
	s.serving.Wait()
}

// enter takes note of a stream, unless its peer has too many.
func (s *Server) enter(p peer.ID) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed || s.streams[p] >= serverStreams {
		return false
	}
	s.streams[p]++
	s.serving.Add(1)
	return true
}

func (s *Server) leave(p peer.ID) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.streams[p]--; s.streams[p] == 0 {
		delete(s.streams, p)
	}
	s.serving.Done()
}

// handle answers the requests of one stream. It runs on a goroutine of the host.
func (s *Server) handle(stream network.Stream) {
	p := stream.Conn().RemotePeer()
	if !s.enter(p) {
		s.metrics.refusals.WithLabelValues("streams").Inc()
		_ = stream.Reset()
		return
	}
	defer s.leave(p)
	ctx, cancel := context.WithCancel(s.ctx)
	defer cancel()
	stop := context.AfterFunc(ctx, func() { _ = stream.Reset() })
	err := s.serve(ctx, p, newWire(stream, s.opts.StallTimeout))
	if !stop() {
		return
	}
	if err == nil {
		err = stream.Close()
	}
	if err == nil {
		return
	}
	_ = stream.Reset()
	s.opts.Logger.Debug("a stream of the data protocol broke off", "peer", p, "error", err)
	if errors.Is(err, ErrProtocol) {
		s.metrics.faults.Inc()
		if s.opts.Judge != nil {
			s.opts.Judge.Misbehaved(p)
		}
	}
}

// serve answers requests until the peer closes its side or leaves it idle.
func (s *Server) serve(ctx context.Context, p peer.ID, w *wire) error {
	for {
		if err := w.await(serverIdle); err != nil {
			if errors.Is(err, io.EOF) {
				return nil
			}
			return err
		}
		var request datav1.Request
		if err := w.read(MaxRequestBytes, &request); err != nil {
			return err
		}
		if err := s.answer(ctx, p, w, &request); err != nil {
			return err
		}
		if err := w.flush(); err != nil {
			return err
		}
	}
}

// refusedError is why a request is refused; other errors break the stream off.
type refusedError struct{ error }

// answer answers one request. One that is refused does not end the stream.
func (s *Server) answer(ctx context.Context, p peer.ID, w *wire, request *datav1.Request) error {
	var name string
	var err error
	switch op := request.Operation.(type) {
	case *datav1.Request_Get:
		name, err = "get", s.get(ctx, p, w, op.Get)
	case *datav1.Request_Put:
		name, err = "put", s.put(ctx, p, w, op.Put)
	case *datav1.Request_Update:
		name, err = "update", s.update(ctx, p, w, op.Update)
	case *datav1.Request_Delete:
		name, err = "delete", s.delete(ctx, p, w, op.Delete)
	case *datav1.Request_Query:
		name, err = "query", s.query(ctx, w, op.Query)
	case *datav1.Request_Summary:
		name, err = "summary", s.summary(ctx, w, op.Summary)
	default:
		return fmt.Errorf("%w: request without an operation", ErrProtocol)
	}
	s.metrics.requests.WithLabelValues(name).Inc()
	var refused refusedError
	if !errors.As(err, &refused) {
		return err
	}
	r := refusalOf(refused.error)
	s.metrics.refusals.WithLabelValues(r.Reason.String()).Inc()
	s.opts.Logger.Debug("a request of the data protocol is refused", "peer", p, "operation", name, "error", refused.error)
	return w.write(&datav1.Response{Result: &datav1.Response_Refusal{Refusal: r}})
}
