package framed

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"sync"
	"time"

	spb "google.golang.org/genproto/googleapis/rpc/status"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/encoding"
	"google.golang.org/grpc/mem"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
)

const (
	// maxConnections bounds the calls in progress.
	maxConnections = 256
	// aheadMessages is how many messages of a call are held at a time, the one that is worked on included. A client that goes away behind so
	// many unread ones is noticed when they are read.
	aheadMessages = 2
)

// Server serves streaming calls. It is made by NewServer; services are registered before it serves. It may be used concurrently.
type Server struct {
	codec           encoding.CodecV2
	maxMessageBytes int
	intercept       grpc.StreamServerInterceptor
	methods         map[string]method

	ctx     context.Context // done when calls are broken off
	cancel  context.CancelFunc
	running sync.WaitGroup

	mu     sync.Mutex
	conns  map[net.Conn]bool // whether a call is in progress; guarded by mu
	closed bool              // guarded by mu
}

// method is a streaming method of a service.
type method struct {
	impl    any
	info    *grpc.StreamServerInfo
	handler grpc.StreamHandler
}

var _ grpc.ServiceRegistrar = (*Server)(nil)

// NewServer makes a server whose calls go through intercept.
func NewServer(codec encoding.CodecV2, maxMessageBytes int, intercept grpc.StreamServerInterceptor) *Server {
	s := &Server{
		codec: codec, maxMessageBytes: maxMessageBytes, intercept: intercept, methods: map[string]method{}, conns: map[net.Conn]bool{},
	}
	s.ctx, s.cancel = context.WithCancel(context.Background())
	return s
}

// RegisterService implements grpc.ServiceRegistrar; of the service the streaming methods are served.
func (s *Server) RegisterService(desc *grpc.ServiceDesc, impl any) {
	for _, stream := range desc.Streams {
		name := "/" + desc.ServiceName + "/" + stream.StreamName
		s.methods[name] = method{
			impl: impl, handler: stream.Handler,
			info: &grpc.StreamServerInfo{FullMethod: name, IsClientStream: stream.ClientStreams, IsServerStream: stream.ServerStreams},
		}
	}
}

// Close takes no more calls, waits for those in progress as long as ctx allows, then breaks them off. The listeners given to Divide are to be
// closed before or at the same time.
func (s *Server) Close(ctx context.Context) {
	s.mu.Lock()
	s.closed = true
	for conn, calls := range s.conns {
		if !calls {
			_ = conn.Close() // nothing was asked yet
		}
	}
	s.mu.Unlock()
	stop := context.AfterFunc(ctx, func() {
		s.cancel()
		s.mu.Lock()
		defer s.mu.Unlock()
		for conn := range s.conns {
			_ = conn.Close() // its call fails by it
		}
	})
	s.running.Wait()
	stop()
	s.cancel()
}

// admit counts a connection, unless there are too many.
func (s *Server) admit(conn net.Conn) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed || len(s.conns) >= maxConnections {
		return false
	}
	s.conns[conn] = false
	return true
}

// begin notes that a connection makes a call, unless the server is closed.
func (s *Server) begin(conn net.Conn) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return false
	}
	s.conns[conn] = true
	return true
}

func (s *Server) dismiss(conn net.Conn) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.conns, conn)
}

// serve serves the call of a connection.
func (s *Server) serve(conn *net.UnixConn) {
	_ = conn.SetReadBuffer(socketBytes) // smaller is slower, and nothing else
	_ = conn.SetWriteBuffer(socketBytes)
	if conn.SetReadDeadline(time.Now().Add(greetTimeout)) != nil {
		return
	}
	kind, name, _, err := readFrame(conn, nil, s.maxMessageBytes)
	if err != nil || kind != kindCall || conn.SetReadDeadline(time.Time{}) != nil || !s.begin(conn) {
		return
	}
	ctx, cancel := context.WithCancel(s.ctx)
	defer cancel()
	call := &serverStream{server: s, conn: conn, ctx: ctx, messages: make(chan message, aheadMessages+1), free: make(chan []byte, aheadMessages)}
	for range aheadMessages {
		call.free <- nil
	}
	var reader sync.WaitGroup
	reader.Go(func() {
		defer cancel()
		call.read()
	})
	tell(conn, s.call(string(name), call))
	cancel()
	reader.Wait()
	_, _ = io.Copy(io.Discard, conn) // a socket that is closed with bytes unread loses the status
}

func (s *Server) call(name string, call *serverStream) error {
	m, ok := s.methods[name]
	if !ok {
		return status.Error(codes.Unimplemented, fmt.Sprintf("no streaming method %q", strings.ToValidUTF8(name, "?")))
	}
	return s.intercept(m.impl, call, m.info, m.handler)
}

// tell sends the status of a call, however long the client takes to come to it.
func tell(conn *net.UnixConn, result error) {
	told := &spb.Status{}
	if result != nil {
		told = status.Convert(result).Proto()
	}
	told.Message = strings.ToValidUTF8(told.Message[:min(len(told.Message), maxStatusBytes/2)], "?")
	encoded, err := proto.Marshal(told)
	if err != nil || len(encoded) > maxStatusBytes {
		told.Details = nil
		encoded, err = proto.Marshal(told)
	}
	// From now on what the client writes fails, which tells it to read the status, and the reader ends where the client has come to.
	_ = conn.CloseRead()
	if err == nil {
		_ = writeFrame(conn, kindStatus, encoded) // a client that has gone needs none
	}
}

// message is one that was received, or why none can be any more.
type message struct {
	bytes  []byte
	buffer []byte // that bytes lie in
	err    error
}

// serverStream is a call. It implements grpc.ServerStream.
type serverStream struct {
	server   *Server
	conn     *net.UnixConn
	ctx      context.Context // done when the client has gone, or the call has ended
	messages chan message    // closed when the client has ended its messages; takes all that the buffers hold, and an error
	free     chan []byte     // buffers that the reader may use
	last     *message        // received last
}

// read receives messages until the client has gone or the call has ended. While a message is worked on, it receives the next.
func (c *serverStream) read() {
	for {
		var buffer []byte
		select {
		case buffer = <-c.free:
		case <-c.ctx.Done():
			return
		}
		kind, rest, buffer, err := readFrame(c.conn, buffer, c.server.maxMessageBytes)
		switch {
		case err == nil && kind == kindEnd:
			close(c.messages)
			_, _ = c.conn.Read(make([]byte, 1)) // ends when the client has gone, or the call has ended
			return
		case err == nil && kind != kindMessage:
			err = fmt.Errorf("%w: of kind %d", errFrame, kind)
		}
		c.messages <- message{bytes: rest, buffer: buffer, err: err}
		if err != nil {
			return
		}
	}
}

// RecvMsg implements grpc.ServerStream. Of a message that is decoded in place the memory is valid until RecvMsg is called again.
func (c *serverStream) RecvMsg(m any) error {
	if c.last != nil {
		c.free <- c.last.buffer
		c.last = nil
	}
	var next message
	more := true
	select {
	case next, more = <-c.messages: // before the reason why no more came
	default:
		select {
		case next, more = <-c.messages:
		case <-c.ctx.Done():
			return status.FromContextError(c.ctx.Err()).Err()
		}
	}
	switch {
	case !more:
		return io.EOF
	case next.err != nil:
		return lost(next.err)
	}
	c.last = &next
	if err := c.server.codec.Unmarshal(mem.BufferSlice{mem.SliceBuffer(next.bytes)}, m); err != nil {
		return status.Error(codes.InvalidArgument, err.Error())
	}
	return nil
}

// lost says why there are no more messages.
func lost(err error) error {
	if errors.Is(err, errFrame) {
		return status.Error(codes.InvalidArgument, err.Error())
	}
	return status.Error(codes.Canceled, fmt.Sprintf("the client has gone: %v", err))
}

// SendMsg implements grpc.ServerStream.
func (c *serverStream) SendMsg(m any) error {
	return send(c.conn, c.server.codec, m, c.server.maxMessageBytes, lost)
}

// Context implements grpc.ServerStream.
func (c *serverStream) Context() context.Context { return c.ctx }

// SetHeader implements grpc.ServerStream: there is none.
func (c *serverStream) SetHeader(metadata.MD) error { return nil }

// SendHeader implements grpc.ServerStream: there is none.
func (c *serverStream) SendHeader(metadata.MD) error { return nil }

// SetTrailer implements grpc.ServerStream: there is none.
func (c *serverStream) SetTrailer(metadata.MD) {}
