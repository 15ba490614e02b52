package ethereum

import (
	"context"
	"errors"
	"fmt"

	"github.com/ethereum/go-ethereum"
	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/rpc"

	"github.com/ipdm-network/ipdm/bridge/chain/endpoints"
	"github.com/ipdm-network/ipdm/bridge/ethereum/bindings"
)

// contract is one that takes what the account brings.
type contract struct {
	name        string // of its bindings
	address     common.Address
	unpackError func(raw []byte) (any, error)
	meaning     func(reason any) error // of what it reverts with
}

func lightClientAt(address common.Address) contract {
	return contract{"LightClient", address, bindings.NewLightClient().UnpackError, lightClientMeaning}
}

func gatewayAt(address common.Address) contract {
	return contract{"Gateway", address, bindings.NewGateway().UnpackError, gatewayMeaning}
}

// call is a call of a contract that is to be mined.
type call struct {
	contract
	input []byte
}

// from returns the call as an account makes it.
func (c call) from(account common.Address) ethereum.CallMsg {
	return ethereum.CallMsg{From: account, To: &c.address, Data: c.input}
}

// ask asks one endpoint after the other until one answers, each with a time of its own. That a call is reverted is an answer.
func (c *Client) ask(ctx context.Context, question func(context.Context, endpoint) error) error {
	var failures error
	for _, node := range c.nodes {
		within, cancel := context.WithTimeout(ctx, node.timeout)
		err := endpoints.Plain(question(within, node))
		cancel()
		if err == nil || answered(err) || ctx.Err() != nil {
			return err
		}
		failures = errors.Join(failures, fmt.Errorf("%s: %w", node.host, err))
	}
	return failures
}

// simulate tells what a call would come to in the latest block.
func (c *Client) simulate(ctx context.Context, what call) error {
	return c.ask(ctx, func(ctx context.Context, node endpoint) error {
		_, err := node.CallContract(ctx, what.from(c.account), nil)
		return what.decode(err)
	})
}

// answered tells whether an error is an answer of a node, and not of the way to it.
func answered(err error) bool {
	var reverted *revertError
	var answer rpc.Error
	return errors.As(err, &reverted) || errors.As(err, &answer)
}
