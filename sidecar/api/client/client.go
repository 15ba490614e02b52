package client

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/status"

	sidecarv1 "github.com/ipdm-network/ipdm/sdk/go/sidecar/v1"
	"github.com/ipdm-network/ipdm/sidecar/api/bulk"
	"github.com/ipdm-network/ipdm/sidecar/api/framed"
)

const (
	// maxMessageBytes is the largest message of the API.
	maxMessageBytes = 4 << 20
	// windowBytes is how much of a stream may be under way.
	windowBytes = 4 << 20
	// bufferBytes is how much is read from or written to the connection at once.
	bufferBytes = 256 << 10
	// unixScheme begins the address of a socket.
	unixScheme = "unix:"
	// probeTimeout bounds the look whether anyone listens.
	probeTimeout = 2 * time.Second
)

var (
	// ErrNoDaemon reports that nobody listens at the address.
	ErrNoDaemon = errors.New("no daemon answers")
	// ErrConnectionLost reports a daemon that went away during a call.
	ErrConnectionLost = errors.New("the connection to the daemon was lost")
)

// Client is a connection to a daemon. It may be used concurrently.
type Client struct {
	// Data, Node, Sector and Follow are the services as generated.
	Data   sidecarv1.DataServiceClient
	Node   sidecarv1.NodeServiceClient
	Sector sidecarv1.SectorServiceClient
	Follow sidecarv1.FollowServiceClient

	address string
	conn    *grpc.ClientConn
}

// Dial connects to the daemon at a host:port, or at unix: and the path of its socket. It fails with ErrNoDaemon.
func Dial(ctx context.Context, address string) (*Client, error) {
	if err := probe(ctx, address); err != nil {
		return nil, err
	}
	target := address
	if !strings.HasPrefix(address, unixScheme) {
		target = "passthrough:///" + address
	}
	conn, err := grpc.NewClient(target,
		grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithInitialWindowSize(windowBytes),
		grpc.WithWriteBufferSize(bufferBytes),
		grpc.WithReadBufferSize(bufferBytes),
		grpc.WithInitialConnWindowSize(windowBytes),
		grpc.WithDefaultCallOptions(grpc.ForceCodecV2(bulk.Codec), grpc.MaxCallRecvMsgSize(maxMessageBytes), grpc.MaxCallSendMsgSize(maxMessageBytes)),
	)
	if err != nil {
		return nil, fmt.Errorf("failed to connect to %s: %w", address, err)
	}
	var content grpc.ClientConnInterface = conn
	if path, isSocket := strings.CutPrefix(address, unixScheme); isSocket {
		content = socketConn{conn, &framed.Client{Path: path, Codec: bulk.Codec, MaxMessageBytes: maxMessageBytes}}
	}
	return &Client{
		Data:    sidecarv1.NewDataServiceClient(content),
		Node:    sidecarv1.NewNodeServiceClient(conn),
		Sector:  sidecarv1.NewSectorServiceClient(conn),
		Follow:  sidecarv1.NewFollowServiceClient(conn),
		address: address,
		conn:    conn,
	}, nil
}

// socketConn makes streaming calls without HTTP/2.
type socketConn struct {
	grpc.ClientConnInterface
	streams *framed.Client
}

// NewStream implements grpc.ClientConnInterface.
func (c socketConn) NewStream(ctx context.Context, d *grpc.StreamDesc, method string, o ...grpc.CallOption) (grpc.ClientStream, error) {
	return c.streams.NewStream(ctx, d, method, o...)
}

func probe(ctx context.Context, address string) error {
	dialer := net.Dialer{Timeout: probeTimeout}
	network := "tcp"
	path, isSocket := strings.CutPrefix(address, unixScheme)
	if isSocket {
		network, address = "unix", path
	}
	conn, err := dialer.DialContext(ctx, network, address)
	if err != nil {
		return fmt.Errorf("%w at %s: %w", ErrNoDaemon, address, err)
	}
	return conn.Close()
}

// Close ends the connection.
func (c *Client) Close() error { return c.conn.Close() }

// Explain gives a failed call's error its cause: ErrConnectionLost when the daemon has gone.
func (c *Client) Explain(err error) error {
	if status.Code(err) != codes.Unavailable {
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), probeTimeout)
	defer cancel()
	if probe(ctx, c.address) != nil {
		return fmt.Errorf("%w: %w", ErrConnectionLost, err)
	}
	return err
}
