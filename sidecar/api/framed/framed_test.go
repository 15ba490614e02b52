package framed_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"io"
	"math/rand/v2"
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/encoding"
	"google.golang.org/grpc/encoding/proto"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/types/known/wrapperspb"

	"github.com/ipdm-network/ipdm/sidecar/api/framed"
)

const maxMessageBytes = 1 << 20

type value = wrapperspb.BytesValue

// world is a server of one service, whose methods the tests bring.
type world struct {
	path   string
	server *framed.Server
	client *framed.Client
}

var codec = encoding.GetCodecV2(proto.Name)

// serve serves method, framed and by gRPC, until the test ends.
func serve(t *testing.T, handle func(stream grpc.ServerStream) error) *world {
	t.Helper()
	return serveOn(t, func(l net.Listener) net.Listener { return l }, handle)
}

// serveOn is serve on a listener that was changed.
func serveOn(t *testing.T, change func(net.Listener) net.Listener, handle func(stream grpc.ServerStream) error) *world {
	t.Helper()
	desc := &grpc.ServiceDesc{
		ServiceName: "test.Service", HandlerType: (*any)(nil),
		Streams: []grpc.StreamDesc{{
			StreamName: "Call", ServerStreams: true, ClientStreams: true,
			Handler: func(_ any, stream grpc.ServerStream) error { return handle(stream) },
		}},
	}
	w := &world{path: filepath.Join(t.TempDir(), "s")}
	pass := func(srv any, stream grpc.ServerStream, _ *grpc.StreamServerInfo, handler grpc.StreamHandler) error {
		return handler(srv, stream)
	}
	w.server = framed.NewServer(codec, maxMessageBytes, pass)
	w.server.RegisterService(desc, nil)
	w.client = &framed.Client{Path: w.path, Codec: codec, MaxMessageBytes: maxMessageBytes}
	listener, err := net.Listen("unix", w.path)
	require.NoError(t, err)
	both := grpc.NewServer()
	both.RegisterService(desc, nil)
	done := make(chan error, 1)
	divided := w.server.Divide(change(listener))
	go func() { done <- both.Serve(divided) }()
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
		defer cancel()
		both.Stop()
		w.server.Close(ctx)
		if err := <-done; !errors.Is(err, grpc.ErrServerStopped) { // which is what serving says that begins after the stop
			require.NoError(t, err)
		}
	})
	return w
}

func (w *world) call(t *testing.T, ctx context.Context, conn grpc.ClientConnInterface) grpc.ClientStream {
	t.Helper()
	stream, err := conn.NewStream(ctx, &grpc.StreamDesc{ServerStreams: true, ClientStreams: true}, "/test.Service/Call")
	require.NoError(t, err)
	return stream
}

// echo answers every message with itself, and at the end says so.
func echo(stream grpc.ServerStream) error {
	for {
		var v value
		err := stream.RecvMsg(&v)
		if errors.Is(err, io.EOF) {
			return status.Error(codes.OutOfRange, "that was all")
		}
		if err != nil {
			return err
		}
		if err := stream.SendMsg(&v); err != nil {
			return err
		}
	}
}

func TestFramedAndGRPCShareASocket(t *testing.T) {
	w := serve(t, echo)
	conn, err := grpc.NewClient("unix:"+w.path, grpc.WithTransportCredentials(insecure.NewCredentials()))
	require.NoError(t, err)
	defer func() { require.NoError(t, conn.Close()) }()
	for name, by := range map[string]grpc.ClientConnInterface{"framed": w.client, "gRPC": conn} {
		t.Run(name, func(t *testing.T) {
			stream := w.call(t, t.Context(), by)
			for _, n := range []int{0, 1, 100_000, maxMessageBytes - 100} {
				sent := &value{Value: []byte(strings.Repeat("x", n))}
				require.NoError(t, stream.SendMsg(sent))
				var got value
				require.NoError(t, stream.RecvMsg(&got))
				require.Equal(t, len(sent.Value), len(got.Value))
			}
			require.NoError(t, stream.CloseSend())
			err := stream.RecvMsg(&value{})
			require.Equal(t, codes.OutOfRange, status.Code(err))
			require.ErrorContains(t, err, "that was all")
		})
	}
}

// fileSender is a stream of the client.
type fileSender interface {
	SendFile(head []byte, f *os.File, length int) error
}

func madeFile(t *testing.T, size int) (*os.File, []byte) {
	t.Helper()
	body := make([]byte, size)
	_, _ = rand.NewChaCha8([32]byte{1}).Read(body)
	path := filepath.Join(t.TempDir(), "file")
	require.NoError(t, os.WriteFile(path, body, 0o600))
	f, err := os.Open(path)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, f.Close()) })
	return f, body
}

// headOf is what comes before the bytes of a value of some length.
func headOf(length int) []byte {
	return protowire.AppendVarint(protowire.AppendTag(nil, 1, protowire.BytesType), uint64(length))
}

func TestPartsOfFilesAreMessages(t *testing.T) {
	w := serve(t, echo)
	stream := w.call(t, t.Context(), w.client)
	f, body := madeFile(t, 3_000_000)
	for _, n := range []int{1, 70_000, 900_000, 0, 900_000} {
		require.NoError(t, stream.(fileSender).SendFile(headOf(n), f, n))
		var got value
		require.NoError(t, stream.RecvMsg(&got))
		require.True(t, bytes.Equal(body[:n], got.Value), "%d bytes", n)
		body = body[n:]
	}
	require.NoError(t, stream.SendMsg(&value{Value: []byte("and others")}))
	var got value
	require.NoError(t, stream.RecvMsg(&got))
	require.Equal(t, "and others", string(got.Value))
	require.Equal(t, codes.ResourceExhausted, status.Code(stream.(fileSender).SendFile(nil, f, maxMessageBytes+1)))
}

func TestAFileThatIsShorterThanWasSaid(t *testing.T) {
	served := make(chan error, 1)
	w := serve(t, func(stream grpc.ServerStream) error {
		err := stream.RecvMsg(&value{})
		served <- err
		return err
	})
	ctx, cancel := context.WithCancel(t.Context())
	stream := w.call(t, ctx, w.client)
	f, _ := madeFile(t, 100_000)
	require.ErrorIs(t, stream.(fileSender).SendFile(headOf(500_000), f, 500_000), io.ErrUnexpectedEOF)
	cancel()
	require.Error(t, <-served, "half a message is none")
}

func TestAnEarlyStatusReachesAClientThatSendsAFile(t *testing.T) {
	w := serve(t, func(stream grpc.ServerStream) error {
		if err := stream.RecvMsg(&value{}); err != nil {
			return err
		}
		return status.Error(codes.ResourceExhausted, "no room")
	})
	stream := w.call(t, t.Context(), w.client)
	f, _ := madeFile(t, 500_000)
	var err error
	for range 1000 {
		if err = stream.(fileSender).SendFile(headOf(500_000), f, 500_000); err != nil {
			break
		}
		_, serr := f.Seek(0, io.SeekStart)
		require.NoError(t, serr)
	}
	require.ErrorIs(t, err, io.EOF)
	err = stream.RecvMsg(&value{})
	require.Equal(t, codes.ResourceExhausted, status.Code(err))
	require.ErrorContains(t, err, "no room")
}

func TestAnEarlyStatusReachesAClientThatSends(t *testing.T) {
	w := serve(t, func(stream grpc.ServerStream) error {
		if err := stream.RecvMsg(&value{}); err != nil {
			return err
		}
		return status.Error(codes.ResourceExhausted, "no room")
	})
	stream := w.call(t, t.Context(), w.client)
	var err error
	for range 1000 {
		if err = stream.SendMsg(&value{Value: make([]byte, 500_000)}); err != nil {
			break
		}
	}
	require.ErrorIs(t, err, io.EOF)
	err = stream.RecvMsg(&value{})
	require.Equal(t, codes.ResourceExhausted, status.Code(err))
	require.Equal(t, err, stream.RecvMsg(&value{}), "it stays so")
}

func TestACallEndsWithItsClient(t *testing.T) {
	ended := make(chan error, 1)
	w := serve(t, func(stream grpc.ServerStream) error {
		<-stream.Context().Done()
		ended <- stream.RecvMsg(&value{})
		return nil
	})
	for _, half := range []bool{false, true} {
		ctx, cancel := context.WithCancel(t.Context())
		stream := w.call(t, ctx, w.client)
		if half {
			require.NoError(t, stream.CloseSend())
		}
		cancel()
		require.Equal(t, codes.Canceled, status.Code(stream.RecvMsg(&value{})))
		select {
		case <-ended:
		case <-time.After(20 * time.Second):
			t.Fatal("the call goes on")
		}
	}
}

func TestCloseBreaksCallsOff(t *testing.T) {
	begun := make(chan struct{})
	w := serve(t, func(stream grpc.ServerStream) error {
		close(begun)
		<-stream.Context().Done()
		return stream.Context().Err()
	})
	stream := w.call(t, t.Context(), w.client)
	<-begun
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	go w.server.Close(ctx) // it waits for its listener as well, which the test's end closes
	err := stream.RecvMsg(&value{})
	require.Contains(t, []codes.Code{codes.Unavailable, codes.Canceled}, status.Code(err), "%v", err)
}

// short is a listener that lacks something at first.
type short struct {
	net.Listener
	left int
}

func (s *short) Accept() (net.Conn, error) {
	if s.left--; s.left >= 0 {
		return nil, syscall.EMFILE
	}
	return s.Listener.Accept()
}

func TestAcceptingGoesOnAfterAShortage(t *testing.T) {
	w := serveOn(t, func(l net.Listener) net.Listener { return &short{l, 2} }, echo)
	stream := w.call(t, t.Context(), w.client)
	require.NoError(t, stream.SendMsg(&value{}))
	require.NoError(t, stream.RecvMsg(&value{}))
	require.NoError(t, stream.CloseSend())
}

func TestAClosedServerServesNothing(t *testing.T) {
	server := framed.NewServer(codec, maxMessageBytes, nil)
	listener, err := net.Listen("unix", filepath.Join(t.TempDir(), "s"))
	require.NoError(t, err)
	server.Close(t.Context())
	divided := server.Divide(listener)
	_, err = divided.Accept()
	require.ErrorIs(t, err, net.ErrClosed)
	require.NoError(t, divided.Close())
	_, err = net.Dial("unix", listener.Addr().String())
	require.Error(t, err)
}

func TestTooLargeAndUnknownAreRefused(t *testing.T) {
	w := serve(t, echo)
	stream := w.call(t, t.Context(), w.client)
	require.Equal(t, codes.ResourceExhausted, status.Code(stream.SendMsg(&value{Value: make([]byte, maxMessageBytes)})))

	stream, err := w.client.NewStream(t.Context(), &grpc.StreamDesc{}, "/test.Service/Nothing")
	require.NoError(t, err)
	require.Equal(t, codes.Unimplemented, status.Code(stream.RecvMsg(&value{})))
	require.Equal(t, codes.Unimplemented, status.Code(w.client.Invoke(t.Context(), "/test.Service/Call", nil, nil)))

	absent := &framed.Client{Path: w.path + "-absent", Codec: codec, MaxMessageBytes: maxMessageBytes}
	_, err = absent.NewStream(t.Context(), &grpc.StreamDesc{}, "/test.Service/Call")
	require.Equal(t, codes.Unavailable, status.Code(err))
}

// TestHostileClients: whatever a connection sends, the server answers others.
func TestHostileClients(t *testing.T) {
	w := serve(t, echo)
	frame := func(kind byte, length uint32, rest string) string {
		return string(binary.LittleEndian.AppendUint32([]byte{kind}, length)) + rest
	}
	call := "IPF1" + frame(1, 18, "/test.Service/Call")
	for name, sent := range map[string]string{
		"nothing":            "",
		"half of the magic":  "IP",
		"no call":            "IPF1",
		"method too long":    "IPF1" + frame(1, 257, strings.Repeat("m", 257)),
		"method is no text":  "IPF1" + frame(1, 3, "\xff\xfe\x00"),
		"message first":      "IPF1" + frame(2, 0, ""),
		"two calls":          call + frame(1, 0, ""),
		"a status":           call + frame(4, 0, ""),
		"an unknown kind":    call + frame(200, 0, ""),
		"message too large":  call + frame(2, 1<<31, ""),
		"message cut short":  call + frame(2, 100, "abc"),
		"message is garbage": call + frame(2, 3, "\xff\xff\xff"),
		"end with a rest":    call + frame(3, 1, "a"),
		"after the end":      call + frame(3, 0, "") + frame(2, 0, ""),
	} {
		t.Run(name, func(t *testing.T) {
			conn, err := net.Dial("unix", w.path)
			require.NoError(t, err)
			_, err = io.WriteString(conn, sent)
			require.NoError(t, err)
			require.NoError(t, conn.(*net.UnixConn).CloseWrite())
			require.NoError(t, conn.SetReadDeadline(time.Now().Add(20*time.Second)))
			_, err = io.Copy(io.Discard, conn)
			require.True(t, err == nil || errors.Is(err, syscall.ECONNRESET), "it is ended by the server: %v", err)
			require.NoError(t, conn.Close())

			stream := w.call(t, t.Context(), w.client)
			require.NoError(t, stream.SendMsg(&value{Value: []byte("still here")}))
			require.NoError(t, stream.RecvMsg(&value{}))
			require.NoError(t, stream.CloseSend())
		})
	}
}
