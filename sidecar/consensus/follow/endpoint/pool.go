package endpoint

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/ethereum/go-ethereum/rpc"

	"github.com/ipdm-network/ipdm/bridge/chain/endpoints"
)

const (
	// MaxAnswerBytes is the longest answer, and the longest message of a socket, that is read.
	MaxAnswerBytes = 64 << 20
	// timeout is how long an endpoint has for one attempt, which may be several questions.
	timeout = 30 * time.Second
)

// Pool is the endpoints of one network. Its methods may be called concurrently; Close it after the last call.
type Pool struct {
	nodes     []*Node
	transport *http.Transport
}

// NewPool returns the endpoints at URLs of http or https, the preferred one first. Nothing is asked yet.
func NewPool(urls []string) (*Pool, error) {
	p := &Pool{transport: &http.Transport{Proxy: http.ProxyFromEnvironment, IdleConnTimeout: time.Minute, ResponseHeaderTimeout: timeout}}
	client := &http.Client{Transport: endpoints.Bound(p.transport, MaxAnswerBytes)}
	for _, text := range urls {
		host := endpoints.Host(text)
		node, err := rpc.DialOptions(context.Background(), text, rpc.WithHTTPClient(client))
		if err != nil {
			p.Close()
			return nil, fmt.Errorf("failed to prepare the connection to %s: %w", host, endpoints.Plain(err))
		}
		p.nodes = append(p.nodes, &Node{rpc: node, host: host})
	}
	return p, nil
}

// Close closes idle connections.
func (p *Pool) Close() {
	for _, n := range p.nodes {
		n.rpc.Close()
	}
	p.transport.CloseIdleConnections()
}
