package ipdm

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/cosmos/cosmos-sdk/codec"
	codectypes "github.com/cosmos/cosmos-sdk/codec/types"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/status"

	"github.com/ipdm-network/ipdm/bridge/relayer"
	"github.com/ipdm-network/ipdm/x/bridge/types"
	"github.com/ipdm-network/ipdm/x/bridge/wire"
)

const (
	// maxAnswerBytes bounds an answer: a checkpoint with 256 signatures has about 40 KiB.
	maxAnswerBytes = 1 << 20
	// askTimeout is how long a node may take for an answer before the next one is asked.
	askTimeout = 5 * time.Second
)

// Client reads from one of several nodes: the next one is asked when one does not answer. It is safe for concurrent use.
type Client struct {
	nodes []node
}

type node struct {
	name  string
	conn  *grpc.ClientConn
	query types.QueryClient
}

var _ relayer.Source = (*Client)(nil)

// New returns a client of the gRPC services at addresses, HOST:PORT or https://HOST:PORT for TLS. It does not connect yet. Close it
// after use.
func New(addresses []string) (*Client, error) {
	if len(addresses) == 0 {
		return nil, errors.New("no node of the chain is named")
	}
	c := &Client{}
	for _, address := range addresses {
		target, secure := strings.CutPrefix(address, "https://")
		creds := insecure.NewCredentials()
		if secure {
			creds = credentials.NewTLS(&tls.Config{MinVersion: tls.VersionTLS12})
		}
		conn, err := grpc.NewClient("passthrough:///"+strings.TrimPrefix(target, "http://"), grpc.WithTransportCredentials(creds),
			grpc.WithDefaultCallOptions(
				grpc.ForceCodec(codec.NewProtoCodec(codectypes.NewInterfaceRegistry()).GRPCCodec()),
				grpc.MaxCallRecvMsgSize(maxAnswerBytes),
			))
		if err != nil {
			_ = c.Close() // the first error counts
			return nil, fmt.Errorf("failed to prepare the connection to %s: %w", address, err)
		}
		c.nodes = append(c.nodes, node{name: address, conn: conn, query: types.NewQueryClient(conn)})
	}
	return c, nil
}

// Close closes the connections.
func (c *Client) Close() error {
	var err error
	for _, n := range c.nodes {
		err = errors.Join(err, n.conn.Close())
	}
	return err
}

// Newest implements relayer.Source.
func (c *Client) Newest(ctx context.Context) (relayer.Checkpoint, error) {
	checkpoint, err := c.checkpoint(ctx, 0)
	if status.Code(err) == codes.NotFound {
		return relayer.Checkpoint{}, relayer.ErrNone
	}
	return checkpoint, err
}

// EndOf implements relayer.Source.
func (c *Client) EndOf(ctx context.Context, epoch uint64) (relayer.Checkpoint, error) {
	ended, err := c.signers(ctx, epoch)
	if err != nil {
		return relayer.Checkpoint{}, err
	}
	if ended.LastSequence == 0 {
		return relayer.Checkpoint{}, fmt.Errorf("signer epoch %d has not ended", epoch)
	}
	return c.checkpoint(ctx, ended.LastSequence)
}

func (c *Client) signers(ctx context.Context, epoch uint64) (types.SignerEpoch, error) {
	var said *types.QuerySignersResponse
	err := c.ask(ctx, func(ctx context.Context, query types.QueryClient) (err error) {
		said, err = query.Signers(ctx, &types.QuerySignersRequest{Epoch: epoch})
		return err
	})
	if err != nil {
		return types.SignerEpoch{}, fmt.Errorf("failed to read signer epoch %d: %w", epoch, err)
	}
	return said.SignerEpoch, nil
}

// checkpoint reads a checkpoint, the newest complete one for 0. An end of an epoch may not be complete yet.
func (c *Client) checkpoint(ctx context.Context, sequence uint64) (relayer.Checkpoint, error) {
	var said *types.QueryCheckpointResponse
	err := c.ask(ctx, func(ctx context.Context, query types.QueryClient) (err error) {
		said, err = query.Checkpoint(ctx, &types.QueryCheckpointRequest{Sequence: sequence})
		return err
	})
	if err != nil {
		return relayer.Checkpoint{}, fmt.Errorf("failed to read a checkpoint: %w", err)
	}
	out := relayer.Checkpoint{Sequence: said.Checkpoint.Sequence}
	if !said.Checkpoint.Complete {
		return relayer.Checkpoint{}, fmt.Errorf("checkpoint %d is not complete", out.Sequence)
	}
	if out.Content, err = said.Checkpoint.Decode(); err != nil {
		return relayer.Checkpoint{}, err
	}
	if out.Set, err = said.SignerEpoch.Set(); err != nil {
		return relayer.Checkpoint{}, err
	}
	if out.Content.EndsEpoch() {
		next, err := c.signers(ctx, out.Content.Epoch+1)
		if err != nil {
			return relayer.Checkpoint{}, err
		}
		if out.NextSet, err = next.Set(); err != nil {
			return relayer.Checkpoint{}, err
		}
	}
	for _, s := range said.Checkpoint.Signatures {
		if len(s.Signature) != len(wire.Signature{}) {
			return relayer.Checkpoint{}, fmt.Errorf("checkpoint %d: a signature of %d bytes", out.Sequence, len(s.Signature))
		}
		out.Signatures = append(out.Signatures, wire.MemberSignature{Index: int(s.Index), Signature: wire.Signature(s.Signature)})
	}
	return out, nil
}

// ask asks one node after the other until one answers. That something is not there is an answer.
func (c *Client) ask(ctx context.Context, call func(context.Context, types.QueryClient) error) error {
	var failures error
	for _, n := range c.nodes {
		within, cancel := context.WithTimeout(ctx, askTimeout)
		err := call(within, n.query)
		cancel()
		switch {
		case err == nil || status.Code(err) == codes.NotFound || ctx.Err() != nil:
			return err
		default:
			failures = errors.Join(failures, fmt.Errorf("%s: %w", n.name, err))
		}
	}
	return failures
}
