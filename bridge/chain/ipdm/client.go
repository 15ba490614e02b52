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

// Client reads from several nodes. What one says counts if signatures prove it, so that one that lags, lies or is down does not keep
// the others from being heard. It is safe for concurrent use.
type Client struct {
	nodes []node
}

type node struct {
	name  string
	conn  *grpc.ClientConn
	query types.QueryClient
}

var (
	_ relayer.Source = (*Client)(nil)
	_ relayer.Outbox = (*Client)(nil)
)

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

// Newest implements relayer.Source: the highest that any node has and its signatures prove. It fails if none answers, and with
// relayer.ErrNone if all that answer have none.
func (c *Client) Newest(ctx context.Context) (relayer.Checkpoint, error) {
	var newest relayer.Checkpoint
	var failures error
	none := false
	for _, n := range c.nodes {
		checkpoint, err := n.checkpoint(ctx, 0)
		switch {
		case status.Code(err) == codes.NotFound:
			none = true
		case err != nil:
			failures = errors.Join(failures, fmt.Errorf("%s: %w", n.name, err))
		case checkpoint.Content.Height > newest.Content.Height:
			newest = checkpoint
		}
	}
	switch {
	case newest.Sequence != 0:
		return newest, nil
	case none:
		return relayer.Checkpoint{}, relayer.ErrNone
	}
	return relayer.Checkpoint{}, failures
}

// EndOf implements relayer.Source, by the first node whose answer its signatures prove.
func (c *Client) EndOf(ctx context.Context, epoch uint64) (relayer.Checkpoint, error) {
	var failures error
	for _, n := range c.nodes {
		end, err := n.endOf(ctx, epoch)
		if err == nil {
			return end, nil
		}
		failures = errors.Join(failures, fmt.Errorf("%s: %w", n.name, err))
	}
	return relayer.Checkpoint{}, failures
}

func (n node) endOf(ctx context.Context, epoch uint64) (relayer.Checkpoint, error) {
	ended, err := n.signers(ctx, epoch)
	switch {
	case err != nil:
		return relayer.Checkpoint{}, err
	case ended.Abandoned:
		return relayer.Checkpoint{}, fmt.Errorf("signer epoch %d was abandoned: the client has to be recovered with the signers of a later one", epoch)
	case ended.LastSequence == 0:
		return relayer.Checkpoint{}, fmt.Errorf("signer epoch %d has not ended", epoch)
	}
	return n.checkpoint(ctx, ended.LastSequence)
}

func (n node) signers(ctx context.Context, epoch uint64) (types.SignerEpoch, error) {
	within, cancel := context.WithTimeout(ctx, askTimeout)
	defer cancel()
	said, err := n.query.Signers(within, &types.QuerySignersRequest{Epoch: epoch})
	if err != nil {
		return types.SignerEpoch{}, fmt.Errorf("failed to read signer epoch %d: %w", epoch, err)
	}
	return said.SignerEpoch, nil
}

// checkpoint reads a checkpoint, the newest complete one for 0, and checks its signatures. An end of an epoch may not be complete yet.
func (n node) checkpoint(ctx context.Context, sequence uint64) (relayer.Checkpoint, error) {
	within, cancel := context.WithTimeout(ctx, askTimeout)
	defer cancel()
	said, err := n.query.Checkpoint(within, &types.QueryCheckpointRequest{Sequence: sequence})
	if err != nil {
		return relayer.Checkpoint{}, fmt.Errorf("failed to read a checkpoint: %w", err)
	}
	return n.proven(ctx, said)
}

// proven returns the checkpoint of an answer, its signatures checked.
func (n node) proven(ctx context.Context, said *types.QueryCheckpointResponse) (out relayer.Checkpoint, err error) {
	out = relayer.Checkpoint{Sequence: said.Checkpoint.Sequence, Messages: said.Checkpoint.OutboxMessages}
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
		next, err := n.signers(ctx, out.Content.Epoch+1)
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
	return out, out.Validate()
}

// Signers is who signs the chain's checkpoints now.
type Signers struct {
	Chain wire.Hash // of the chain's id
	Epoch uint64
	Set   wire.SignerSet
}

// Signers returns the signer set of the newest complete checkpoint, as a new light client is to trust it: it takes that checkpoint
// first. The nodes are believed. It fails with relayer.ErrNone before the first complete checkpoint.
func (c *Client) Signers(ctx context.Context) (Signers, error) {
	newest, err := c.Newest(ctx)
	if err != nil {
		return Signers{}, err
	}
	return Signers{Chain: newest.Content.Chain, Epoch: newest.Content.Epoch, Set: newest.Set}, nil
}
