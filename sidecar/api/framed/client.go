package framed

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"os"

	spb "google.golang.org/genproto/googleapis/rpc/status"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/encoding"
	"google.golang.org/grpc/mem"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
)

// Client makes calls at the socket at Path. It may be used concurrently.
type Client struct {
	Path            string
	Codec           encoding.CodecV2
	MaxMessageBytes int
}

var _ grpc.ClientConnInterface = (*Client)(nil)

// Invoke implements grpc.ClientConnInterface: it fails with codes.Unimplemented.
func (c *Client) Invoke(_ context.Context, method string, _, _ any, _ ...grpc.CallOption) error {
	return status.Errorf(codes.Unimplemented, "%s is no streaming call", method)
}

// NewStream implements grpc.ClientConnInterface: it opens a connection, which is closed when ctx is done or the call has ended. Options are
// ignored. Of a message that RecvMsg decodes in place the memory is valid until RecvMsg is called again.
func (c *Client) NewStream(ctx context.Context, _ *grpc.StreamDesc, method string, _ ...grpc.CallOption) (grpc.ClientStream, error) {
	var dialer net.Dialer
	dialed, err := dialer.DialContext(ctx, "unix", c.Path)
	if err != nil {
		return nil, status.Error(codes.Unavailable, fmt.Sprintf("failed to connect: %v", err))
	}
	s := &clientStream{ctx: ctx, client: c, conn: dialed.(*net.UnixConn)}
	s.stop = context.AfterFunc(ctx, func() { _ = s.conn.Close() }) // it fails when the call has ended
	_ = s.conn.SetReadBuffer(socketBytes)                          // smaller is slower, and nothing else
	_ = s.conn.SetWriteBuffer(socketBytes)
	if _, err := s.conn.Write([]byte(magic)); err != nil {
		return nil, s.lost(err)
	}
	if err := writeFrame(s.conn, kindCall, []byte(method)); err != nil {
		return nil, s.lost(err)
	}
	return s, nil
}

// clientStream is a call. As those of gRPC, it may be sent to by one goroutine and received from by another.
type clientStream struct {
	ctx    context.Context
	client *Client
	conn   *net.UnixConn
	stop   func() bool
	buffer []byte // of the message received last
	ended  error  // what RecvMsg returns once the call has ended
}

// Header implements grpc.ClientStream: there is none.
func (s *clientStream) Header() (metadata.MD, error) { return nil, nil }

// Trailer implements grpc.ClientStream: there is none.
func (s *clientStream) Trailer() metadata.MD { return nil }

// Context implements grpc.ClientStream.
func (s *clientStream) Context() context.Context { return s.ctx }

// CloseSend implements grpc.ClientStream.
func (s *clientStream) CloseSend() error {
	_ = writeFrame(s.conn, kindEnd) // RecvMsg knows why it fails
	return nil
}

// SendMsg implements grpc.ClientStream: it fails with io.EOF when the call has ended, and RecvMsg tells why.
func (s *clientStream) SendMsg(m any) error {
	return send(s.conn, s.client.Codec, m, s.client.MaxMessageBytes, func(error) error { return io.EOF })
}

// SendFile sends a message that begins with head and ends with the next length bytes of a regular file, which go to the socket
// without being read into the process where the system can do that: what changes in the file before the daemon has read it
// may be sent as it is then. It fails with io.EOF when the call has ended, and
// RecvMsg tells why; with io.ErrUnexpectedEOF when the file has fewer bytes, or with what reading it fails with: then the
// caller has to give the call up, whose message is not whole.
func (s *clientStream) SendFile(head []byte, f *os.File, length int) error {
	if length > s.client.MaxMessageBytes-len(head) {
		return status.Errorf(codes.ResourceExhausted, "a message of %d bytes, at most %d are allowed", len(head)+length, s.client.MaxMessageBytes)
	}
	header := binary.LittleEndian.AppendUint32([]byte{kindMessage}, uint32(len(head)+length))
	if _, err := s.conn.Write(append(header, head...)); err != nil {
		return io.EOF
	}
	sent, err := sendFile(s.conn, f, length)
	if err == nil && sent < length {
		err = copyFile(s.conn, f, length-sent)
	}
	return err
}

// copyFile writes the next length bytes of a file. Its errors are those of SendFile.
func copyFile(conn *net.UnixConn, f *os.File, length int) error {
	buffer := make([]byte, length)
	if _, err := io.ReadFull(f, buffer); err != nil {
		if errors.Is(err, io.EOF) {
			err = io.ErrUnexpectedEOF
		}
		return err
	}
	if _, err := conn.Write(buffer); err != nil {
		return io.EOF
	}
	return nil
}

// RecvMsg implements grpc.ClientStream.
func (s *clientStream) RecvMsg(m any) error {
	if s.ended != nil {
		return s.ended
	}
	kind, rest, buffer, err := readFrame(s.conn, s.buffer, s.client.MaxMessageBytes)
	s.buffer = buffer
	switch {
	case err != nil:
		return s.end(s.lost(err))
	case kind == kindMessage:
		if err := s.client.Codec.Unmarshal(mem.BufferSlice{mem.SliceBuffer(rest)}, m); err != nil {
			return s.end(status.Error(codes.Internal, err.Error()))
		}
		return nil
	case kind == kindStatus:
		var told spb.Status
		if err := proto.Unmarshal(rest, &told); err != nil {
			return s.end(status.Error(codes.Internal, fmt.Sprintf("failed to decode the status: %v", err)))
		}
		if err := status.ErrorProto(&told); err != nil {
			return s.end(err)
		}
		return s.end(io.EOF)
	}
	return s.end(status.Error(codes.Internal, fmt.Sprintf("%v: of kind %d", errFrame, kind)))
}

// end ends the call.
func (s *clientStream) end(err error) error {
	s.stop()
	_ = s.conn.Close() // nothing is left to be lost
	s.ended = err
	return err
}

// lost says why the connection failed.
func (s *clientStream) lost(err error) error {
	if s.ctx.Err() != nil {
		return status.FromContextError(s.ctx.Err()).Err()
	}
	if errors.Is(err, errFrame) {
		return status.Error(codes.Internal, err.Error())
	}
	return status.Error(codes.Unavailable, fmt.Sprintf("the connection was lost: %v", err))
}
