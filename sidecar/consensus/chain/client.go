package chain

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/backoff"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/status"

	sdk "github.com/cosmos/cosmos-sdk/types"
)

// maxMessageBytes bounds one answer of a node.
const maxMessageBytes = 32 << 20

// Client talks to one of several nodes of a chain. It stays with a node until that fails or falls behind. All methods may
// be called concurrently; every request is bounded by its context and, for each node tried, by Config.RequestTimeout.
type Client struct {
	cfg       Config
	gasPrice  sdk.DecCoin
	encoding  *Encoding
	log       *slog.Logger
	endpoints []*endpoint

	mu      sync.Mutex
	current int       // guarded by mu: index of the node in use
	chainID string    // guarded by mu: learned from the first node when not configured
	tip     Block     // guarded by mu: newest block seen
	tipAt   time.Time // guarded by mu: when tip was first seen
}

// endpoint is one node.
type endpoint struct {
	name    string
	conn    *grpc.ClientConn
	checked atomic.Bool // its chain id was found to be right
}

// New makes a client. It does not connect: the first request does. log may be nil.
func New(cfg Config, log *slog.Logger) (*Client, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	encoding, err := NewEncoding()
	if err != nil {
		return nil, err
	}
	gasPrice, err := sdk.ParseDecCoin(cfg.GasPrice)
	if err != nil {
		return nil, fmt.Errorf("%w: gas price %q: %w", ErrConfig, cfg.GasPrice, err)
	}
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	c := &Client{cfg: cfg, gasPrice: gasPrice, encoding: encoding, log: log, chainID: cfg.ChainID}
	for _, name := range cfg.Endpoints {
		e, err := dial(name, encoding)
		if err != nil {
			return nil, errors.Join(err, c.Close())
		}
		c.endpoints = append(c.endpoints, e)
	}
	return c, nil
}

func dial(name string, encoding *Encoding) (*endpoint, error) {
	target, secure, err := splitEndpoint(name)
	if err != nil {
		return nil, err
	}
	creds := insecure.NewCredentials()
	if secure {
		creds = credentials.NewTLS(&tls.Config{MinVersion: tls.VersionTLS12})
	}
	conn, err := grpc.NewClient("passthrough:///"+target,
		grpc.WithTransportCredentials(creds),
		grpc.WithDefaultCallOptions(
			grpc.ForceCodec(encoding.Codec.GRPCCodec()),
			grpc.MaxCallRecvMsgSize(maxMessageBytes),
			grpc.MaxCallSendMsgSize(maxMessageBytes),
		),
		grpc.WithConnectParams(grpc.ConnectParams{
			Backoff:           backoff.Config{BaseDelay: 100 * time.Millisecond, Multiplier: 1.6, Jitter: 0.2, MaxDelay: 2 * time.Second},
			MinConnectTimeout: 2 * time.Second,
		}),
	)
	if err != nil {
		return nil, fmt.Errorf("failed to prepare the connection to %s: %w", name, err)
	}
	return &endpoint{name: name, conn: conn}, nil
}

// Close ends all connections.
func (c *Client) Close() error {
	var errs []error
	for _, e := range c.endpoints {
		errs = append(errs, e.conn.Close())
	}
	return errors.Join(errs...)
}

// Encoding returns the codecs of the client.
func (c *Client) Encoding() *Encoding { return c.encoding }

// Endpoint returns the address of the node in use.
func (c *Client) Endpoint() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.endpoints[c.current].name
}

// Invoke sends one request to the node in use, and to the others in turn while they do not answer. It implements
// grpc.ClientConnInterface. It fails with an UnreachableError when none answers, with the context's error when that is done, and
// else with the node's answer.
func (c *Client) Invoke(ctx context.Context, method string, args, reply any, opts ...grpc.CallOption) error {
	c.mu.Lock()
	first := c.current
	c.mu.Unlock()

	unreachable := &UnreachableError{}
	for i := range c.endpoints {
		index := (first + i) % len(c.endpoints)
		e := c.endpoints[index]
		err := c.ask(ctx, e, method, args, reply, opts...)
		if ctxErr := ctx.Err(); ctxErr != nil && err != nil {
			return fmt.Errorf("request to the chain was interrupted: %w", ctxErr)
		}
		if err == nil || !failsOver(err) {
			c.use(index)
			return err
		}
		c.log.Debug("chain node does not answer", "node", e.name, "method", method, "err", err)
		unreachable.Endpoints = append(unreachable.Endpoints, e.name)
		unreachable.Causes = append(unreachable.Causes, err)
	}
	return unreachable
}

// NewStream implements grpc.ClientConnInterface; no query of the chain streams, so it always fails.
func (c *Client) NewStream(context.Context, *grpc.StreamDesc, string, ...grpc.CallOption) (grpc.ClientStream, error) {
	return nil, status.Error(codes.Unimplemented, "the chain has no streaming queries")
}

func (c *Client) use(index int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.current != index {
		c.log.Info("using another chain node", "node", c.endpoints[index].name, "before", c.endpoints[c.current].name)
		c.current = index
	}
}

// ask sends one request to one node, after making sure once that it follows the right chain.
func (c *Client) ask(ctx context.Context, e *endpoint, method string, args, reply any, opts ...grpc.CallOption) error {
	ctx, cancel := context.WithTimeout(ctx, c.cfg.RequestTimeout)
	defer cancel()
	if err := c.check(ctx, e); err != nil {
		return err
	}
	return e.conn.Invoke(ctx, method, args, reply, opts...)
}

// failsOver tells whether an error says something about the node and not about the request.
func failsOver(err error) bool {
	if errors.Is(err, ErrWrongChain) {
		return true
	}
	switch status.Code(err) {
	case codes.Unavailable, codes.DeadlineExceeded, codes.Canceled:
		return true
	default:
		return false
	}
}
