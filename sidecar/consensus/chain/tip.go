package chain

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/cosmos/cosmos-sdk/client/grpc/cmtservice"
	nodeservice "github.com/cosmos/cosmos-sdk/client/grpc/node"
)

// Block names a committed block.
type Block struct {
	// Height is its height.
	Height int64
	// Time is its header time, the chain's clock.
	Time time.Time
}

// ChainID returns the id of the chain. It asks a node only when none was configured and none has answered yet.
func (c *Client) ChainID(ctx context.Context) (string, error) {
	c.mu.Lock()
	id := c.chainID
	c.mu.Unlock()
	if id != "" {
		return id, nil
	}
	if _, err := c.Latest(ctx); err != nil {
		return "", err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.chainID, nil
}

// Latest returns the newest committed block of the node in use. When that stands still for Config.StaleAfter, the nodes are
// compared and the one furthest ahead is used from then on.
func (c *Client) Latest(ctx context.Context) (Block, error) {
	answer, err := nodeservice.NewServiceClient(c).Status(ctx, &nodeservice.StatusRequest{})
	if err != nil {
		return Block{}, queryError("the newest block", err)
	}
	block := blockOf(answer)

	c.mu.Lock()
	if block.Height > c.tip.Height {
		c.tip, c.tipAt = block, time.Now()
	}
	stale := len(c.endpoints) > 1 && time.Since(c.tipAt) > c.cfg.StaleAfter
	if stale {
		c.tipAt = time.Now() // compare again only after another StaleAfter
	}
	c.mu.Unlock()
	if !stale {
		return block, nil
	}
	return c.useFurthest(ctx, block), nil
}

// useFurthest asks all nodes for their newest block and moves to the one furthest ahead of block, if any.
func (c *Client) useFurthest(ctx context.Context, block Block) Block {
	tips := make([]Block, len(c.endpoints))
	var wg sync.WaitGroup
	for i, e := range c.endpoints {
		wg.Go(func() {
			var answer nodeservice.StatusResponse
			err := c.ask(ctx, e, "/cosmos.base.node.v1beta1.Service/Status", &nodeservice.StatusRequest{}, &answer)
			if err != nil {
				c.log.Debug("chain node does not answer", "node", e.name, "err", err)
				return
			}
			tips[i] = blockOf(&answer)
		})
	}
	wg.Wait()
	best := -1
	for i, tip := range tips {
		if tip.Height > block.Height {
			best, block = i, tip
		}
	}
	if best < 0 {
		return block
	}
	c.use(best)
	c.mu.Lock()
	defer c.mu.Unlock()
	if block.Height > c.tip.Height {
		c.tip, c.tipAt = block, time.Now()
	}
	return block
}

// check makes sure, once for each node, that it follows the right chain. Without a configured chain the first node decides.
func (c *Client) check(ctx context.Context, e *endpoint) error {
	if e.checked.Load() {
		return nil
	}
	var answer cmtservice.GetNodeInfoResponse
	err := e.conn.Invoke(ctx, "/cosmos.base.tendermint.v1beta1.Service/GetNodeInfo", &cmtservice.GetNodeInfoRequest{}, &answer)
	if err != nil {
		return err
	}
	network := answer.GetDefaultNodeInfo().GetNetwork()

	c.mu.Lock()
	defer c.mu.Unlock()
	if c.chainID == "" {
		c.chainID = network
	}
	if network != c.chainID {
		return fmt.Errorf("%w: it follows %q, want %q", ErrWrongChain, network, c.chainID)
	}
	e.checked.Store(true)
	return nil
}

func blockOf(answer *nodeservice.StatusResponse) Block {
	block := Block{Height: int64(answer.Height)}
	if answer.Timestamp != nil {
		block.Time = answer.Timestamp.UTC()
	}
	return block
}
