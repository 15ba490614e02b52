package ethereum

import (
	"context"
	"errors"
	"fmt"
	"math/big"
	"time"

	"github.com/ethereum/go-ethereum"
	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/crypto"
	"github.com/ethereum/go-ethereum/ethclient"
	"github.com/ethereum/go-ethereum/rpc"

	"github.com/ipdm-network/ipdm/bridge/ethereum/bindings"
	"github.com/ipdm-network/ipdm/bridge/relayer"
)

// Client hands checkpoints to one contract. It is for one goroutine at a time.
type Client struct {
	cfg      Config
	account  common.Address
	contract *bindings.LightClient
	nodes    []*ethclient.Client
	hosts    []string // of the nodes, for people: the rest of a URL may be a secret
}

var _ relayer.Destination = (*Client)(nil)

// New returns a client. Close it after use. It fails if the settings are not complete or an endpoint's URL is malformed.
func New(ctx context.Context, cfg Config) (*Client, error) {
	cfg, err := cfg.withDefaults()
	if err != nil {
		return nil, err
	}
	c := &Client{cfg: cfg, account: crypto.PubkeyToAddress(cfg.Key.PublicKey), contract: bindings.NewLightClient()}
	for _, url := range cfg.URLs {
		host := hostOf(url)
		node, err := ethclient.DialContext(ctx, url)
		if err != nil {
			c.Close()
			return nil, fmt.Errorf("failed to prepare the connection to an endpoint of %s, %s: %w", cfg.Name, host, plain(err))
		}
		c.nodes, c.hosts = append(c.nodes, node), append(c.hosts, host)
	}
	return c, nil
}

// Close closes the connections.
func (c *Client) Close() {
	for _, node := range c.nodes {
		node.Close()
	}
}

// Name implements relayer.Destination.
func (c *Client) Name() string { return c.cfg.Name }

// Account returns the account that pays.
func (c *Client) Account() common.Address { return c.account }

// Head implements relayer.Destination: what the contract knows in the latest block, the least of what the endpoints say. It fails if
// none answers.
func (c *Client) Head(ctx context.Context) (relayer.Head, error) {
	var least relayer.Head
	var failures error
	answers := 0
	for i, node := range c.nodes {
		head, err := c.headOf(ctx, node)
		if err != nil {
			failures = errors.Join(failures, fmt.Errorf("%s: %w", c.hosts[i], err))
			continue
		}
		if answers == 0 || head.Epoch < least.Epoch || head.Epoch == least.Epoch && head.Height < least.Height {
			least = head
		}
		answers++
	}
	if answers == 0 {
		return relayer.Head{}, fmt.Errorf("failed to read the contract %s: %w", c.cfg.Contract, failures)
	}
	return least, nil
}

func (c *Client) headOf(ctx context.Context, node *ethclient.Client) (relayer.Head, error) {
	raw, err := c.call(ctx, node, c.contract.PackHead())
	if err != nil {
		return relayer.Head{}, err
	}
	if len(raw) == 0 {
		return relayer.Head{}, errors.New("there is no contract at this address")
	}
	head, err := c.contract.UnpackHead(raw)
	if err != nil {
		return relayer.Head{}, fmt.Errorf("the contract is no light client of IPDM: %w", err)
	}
	if raw, err = c.call(ctx, node, c.contract.PackStaleAt()); err != nil {
		return relayer.Head{}, err
	}
	stale, err := c.contract.UnpackStaleAt(raw)
	if err != nil || !stale.IsInt64() {
		return relayer.Head{}, fmt.Errorf("the contract is no light client of IPDM: stale at %s: %w", stale, err)
	}
	return relayer.Head{
		Epoch: head.Epoch, Height: head.Height, Time: time.UnixMilli(int64(head.Time)).UTC(), StaleAt: time.Unix(stale.Int64(), 0).UTC(),
	}, nil
}

// ask asks one endpoint after the other until one answers, each with a time of its own. That a call is reverted is an answer.
func (c *Client) ask(ctx context.Context, question func(context.Context, *ethclient.Client) error) error {
	var failures error
	for i, node := range c.nodes {
		within, cancel := context.WithTimeout(ctx, c.cfg.CallTimeout)
		err := c.decode(question(within, node))
		cancel()
		var answer rpc.Error
		if err == nil || errors.Is(err, errDone) || errors.Is(err, errRefused) || errors.Is(err, relayer.ErrStale) || errors.As(err, &answer) || ctx.Err() != nil {
			return err
		}
		failures = errors.Join(failures, fmt.Errorf("%s: %w", c.hosts[i], err))
	}
	return failures
}

// simulate tells what a call would come to in the latest block.
func (c *Client) simulate(ctx context.Context, input []byte) error {
	return c.ask(ctx, func(ctx context.Context, node *ethclient.Client) error {
		_, err := node.CallContract(ctx, ethereum.CallMsg{From: c.account, To: &c.cfg.Contract, Data: input}, nil)
		return err
	})
}

// call calls the contract in the latest block, by one endpoint. What it reverts with is decoded.
func (c *Client) call(ctx context.Context, node *ethclient.Client, input []byte) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, c.cfg.CallTimeout)
	defer cancel()
	raw, err := node.CallContract(ctx, ethereum.CallMsg{From: c.account, To: &c.cfg.Contract, Data: input}, nil)
	return raw, c.decode(err)
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
	input, err := c.contract.TryPackSubmit(checkpoint.Content.Encode(), checkpoint.Set.Encode(), signers, signatures)
	if err != nil {
		return fmt.Errorf("failed to encode the call: %w", err)
	}
	return c.transact(ctx, input)
}
