package ethereum

import (
	"cmp"
	"context"
	"fmt"
	"math/big"
	"slices"
	"sync/atomic"
	"time"

	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/crypto"

	"github.com/ipdm-network/ipdm/bridge/ethereum/bindings"
	"github.com/ipdm-network/ipdm/bridge/relayer"
)

// Client hands checkpoints to a light client, and messages to its gateway if one is given. It is for one goroutine at a time, but for
// Events, which may be called by others meanwhile.
type Client struct {
	cfg     Config
	account common.Address
	nodes   []endpoint
	binding *bindings.LightClient
	events  *Reader       // nil without a gateway
	misled  atomic.Uint64 // transactions with a nonce that no block takes: the next has another, where endpoints tell several
}

var _ relayer.Gateway = (*Client)(nil)

// New returns a client. Close it after use. It fails if the settings are not complete or an endpoint's URL is malformed.
func New(ctx context.Context, cfg Config) (*Client, error) {
	cfg, err := cfg.withDefaults()
	if err != nil {
		return nil, err
	}
	nodes, err := dial(ctx, cfg.Name, cfg.URLs, cfg.CallTimeout)
	if err != nil {
		return nil, err
	}
	c := &Client{cfg: cfg, account: crypto.PubkeyToAddress(cfg.Key.PublicKey), nodes: nodes, binding: bindings.NewLightClient()}
	if cfg.Gateway != (common.Address{}) {
		c.events = newReader(nodes, gateway{cfg.Gateway, cfg.Domain, cfg.FirstBlock}, minEndpoints(cfg.URLs))
	}
	return c, nil
}

// Close closes the connections.
func (c *Client) Close() { hangUp(c.nodes) }

// Name implements relayer.Destination.
func (c *Client) Name() string { return c.cfg.Name }

// Account returns the account that pays.
func (c *Client) Account() common.Address { return c.account }

// Head implements relayer.Destination: what the contract knows in the latest block, the least of what the endpoints say. It fails if
// none answers.
func (c *Client) Head(ctx context.Context) (relayer.Head, error) {
	heads, err := askAll(c.nodes, func(node endpoint) (relayer.Head, error) { return c.headOf(ctx, node) })
	if err != nil {
		return relayer.Head{}, fmt.Errorf("failed to read the contract %s: %w", c.cfg.Contract, err)
	}
	return slices.MinFunc(heads, func(a, b relayer.Head) int {
		return cmp.Or(cmp.Compare(a.Epoch, b.Epoch), cmp.Compare(a.Height, b.Height))
	}), nil
}

func (c *Client) headOf(ctx context.Context, node endpoint) (relayer.Head, error) {
	raw, err := node.read(ctx, c.cfg.Contract, c.binding.PackHead(), nil)
	if err != nil {
		return relayer.Head{}, err
	}
	head, err := c.binding.UnpackHead(raw)
	if err != nil {
		return relayer.Head{}, fmt.Errorf("the contract is no light client of IPDM: %w", err)
	}
	if raw, err = node.read(ctx, c.cfg.Contract, c.binding.PackStaleAt(), nil); err != nil {
		return relayer.Head{}, err
	}
	stale, err := c.binding.UnpackStaleAt(raw)
	if err != nil || !stale.IsInt64() {
		return relayer.Head{}, fmt.Errorf("the contract is no light client of IPDM: stale at %s: %w", stale, err)
	}
	return relayer.Head{
		Epoch: head.Epoch, Height: head.Height, Time: time.UnixMilli(int64(head.Time)).UTC(), StaleAt: time.Unix(stale.Int64(), 0).UTC(),
	}, nil
}

// Submit implements relayer.Destination. It returns when a block has the checkpoint.
func (c *Client) Submit(ctx context.Context, checkpoint relayer.Checkpoint) error {
	ctx, cancel := context.WithTimeout(ctx, c.cfg.Timeout)
	defer cancel()
	signers, signatures := new(big.Int), []byte{}
	for _, s := range checkpoint.Signatures {
		signers.SetBit(signers, s.Index, 1)
		signatures = append(signatures, s.Signature[:]...)
	}
	input, err := c.binding.TryPackSubmit(checkpoint.Content.Encode(), checkpoint.Set.Encode(), signers, signatures)
	if err != nil {
		return fmt.Errorf("failed to encode the call: %w", err)
	}
	return c.transact(ctx, call{lightClientAt(c.cfg.Contract), input})
}
