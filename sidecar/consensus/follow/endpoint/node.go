package endpoint

import (
	"context"
	"fmt"
	"sync/atomic"

	"github.com/ethereum/go-ethereum/rpc"

	"github.com/ipdm-network/ipdm/bridge/chain/endpoints"
)

// maxNetworkBytes is more than a genesis hash or a chain id has.
const maxNetworkBytes = 128

// Node is one endpoint. Its methods may be called concurrently.
type Node struct {
	rpc     *rpc.Client
	host    string
	network atomic.Pointer[string] // what it told of its network
	dissent atomic.Pointer[error]  // the contradiction that it answered last
}

// Call asks one question and decodes the answer into result.
func (n *Node) Call(ctx context.Context, result any, method string, params ...any) error {
	if err := n.rpc.CallContext(ctx, result, method, params...); err != nil {
		return fmt.Errorf("%s: %w", method, endpoints.Plain(err))
	}
	return nil
}

// Batch asks several questions at once. It fails with the first error of any of them.
func (n *Node) Batch(ctx context.Context, questions []rpc.BatchElem) error {
	if err := n.rpc.BatchCallContext(ctx, questions); err != nil {
		return fmt.Errorf("%s and others: %w", questions[0].Method, endpoints.Plain(err))
	}
	for _, q := range questions {
		if q.Error != nil {
			return fmt.Errorf("%s: %w", q.Method, endpoints.Plain(q.Error))
		}
	}
	return nil
}

// Network returns what the endpoint answers to a method without parameters that tells networks apart. It fails if that is not what is wanted; an
// empty want accepts all. The endpoint is asked once, and again after an answer that was not wanted.
func (n *Node) Network(ctx context.Context, method, want string) (string, error) {
	known := n.network.Load()
	if known == nil {
		var said string
		if err := n.Call(ctx, &said, method); err != nil {
			return "", err
		}
		if said == "" || len(said) > maxNetworkBytes {
			return "", fmt.Errorf("%s: %.40q tells no network", method, said)
		}
		known = &said
		n.network.Store(known)
	}
	if want != "" && *known != want {
		n.network.Store(nil)
		return "", fmt.Errorf("it is of another network: %s is %s, not %s", method, *known, want)
	}
	return *known, nil
}
