package ethereum

import (
	"context"
	"errors"
	"fmt"
	"math/big"
	"net/http"
	"time"

	"github.com/ethereum/go-ethereum"
	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/ethclient"
	"github.com/ethereum/go-ethereum/rpc"

	"github.com/ipdm-network/ipdm/bridge/chain/endpoints"
)

// maxAnswerBytes is more than any answer that is needed. Where logs take more, fewer are asked for.
const maxAnswerBytes = 32 << 20

// endpoint is a node that answers JSON-RPC. It may be used concurrently.
type endpoint struct {
	*ethclient.Client
	host    string        // for people: the rest of the URL may be a secret
	timeout time.Duration // of one request
}

func (e endpoint) name() string { return e.host }

// dial prepares connections to the endpoints of a chain with a name. It fails if a URL is malformed.
func dial(ctx context.Context, name string, urls []string, timeout time.Duration) ([]endpoint, error) {
	bounded := &http.Client{Transport: endpoints.Bound(http.DefaultTransport, maxAnswerBytes)}
	var nodes []endpoint
	for _, text := range urls {
		host := endpoints.Host(text)
		node, err := rpc.DialOptions(ctx, text, rpc.WithHTTPClient(bounded), rpc.WithWebsocketMessageSizeLimit(maxAnswerBytes))
		if err != nil {
			hangUp(nodes)
			return nil, fmt.Errorf("failed to prepare the connection to an endpoint of %s, %s: %w", name, host, endpoints.Plain(err))
		}
		nodes = append(nodes, endpoint{Client: ethclient.NewClient(node), host: host, timeout: timeout})
	}
	return nodes, nil
}

// hangUp closes the connections.
func hangUp(nodes []endpoint) {
	for _, node := range nodes {
		node.Close()
	}
}

// read calls a function of a contract that only reads, in a block; nil is the latest.
func (e endpoint) read(ctx context.Context, contract common.Address, input []byte, block *big.Int) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, e.timeout)
	defer cancel()
	raw, err := e.CallContract(ctx, ethereum.CallMsg{To: &contract, Data: input}, block)
	if err != nil {
		return nil, endpoints.Plain(err)
	}
	if len(raw) == 0 {
		return nil, errors.New("there is no contract at this address")
	}
	return raw, nil
}

// askAll asks all endpoints, and returns what those say that answer. It fails if none does.
func askAll[T any](nodes []endpoint, question func(endpoint) (T, error)) ([]T, error) {
	var answers []T
	var failures error
	for _, node := range nodes {
		answer, err := question(node)
		if err != nil {
			failures = errors.Join(failures, fmt.Errorf("%s: %w", node.host, err))
			continue
		}
		answers = append(answers, answer)
	}
	if len(answers) == 0 {
		return nil, failures
	}
	return answers, nil
}
