package solana

import (
	"cmp"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"github.com/gagliardetto/solana-go"

	"github.com/ipdm-network/ipdm/bridge/chain/solana/program"
	"github.com/ipdm-network/ipdm/x/bridge/wire"
)

// ReaderConfig says where the program is.
type ReaderConfig struct {
	// Name names the chain in logs and metrics; "solana" if empty.
	Name string
	// URLs are those of the JSON-RPC of one or more nodes. Three of different operators are assured what the package says.
	URLs []string
	// Program is the program's address.
	Program solana.PublicKey
	// Domain is that of the program's gateway; 0 is not checked.
	Domain wire.Domain
	// RequestTimeout is how long a node may take for an answer; 0 is 5 s.
	RequestTimeout time.Duration
	// Transport carries the requests; nil is one like http.DefaultTransport.
	Transport http.RoundTripper
}

// Reader reads the events of the program, and pays for nothing. It is safe for concurrent use, and no goroutine outlives a call but for
// those of connections, which end with it.
type Reader struct {
	name    string
	program program.Program
	domain  wire.Domain // of the gateway, 0 for any
	nodes   []*node
	finding time.Duration // how long a call looks for events that are far behind
}

// NewReader returns a reader. It does not connect yet.
func NewReader(config ReaderConfig) (*Reader, error) {
	if len(config.URLs) == 0 {
		return nil, errors.New("no node of Solana is named")
	}
	if config.Program.IsZero() {
		return nil, errors.New("the address of the program on Solana is not set")
	}
	config.RequestTimeout = cmp.Or(config.RequestTimeout, 5*time.Second)
	if config.Transport == nil {
		config.Transport = http.DefaultTransport.(*http.Transport).Clone()
	}
	r := &Reader{name: cmp.Or(config.Name, "solana"), program: program.Program{ID: config.Program}, domain: config.Domain, finding: findingTime}
	for i, text := range config.URLs {
		at, err := url.Parse(text)
		if err != nil || at.Host == "" || (at.Scheme != "http" && at.Scheme != "https") {
			return nil, fmt.Errorf("node %d of Solana: not a URL of http or https", i) // it may hold an access key
		}
		r.nodes = append(r.nodes, newNode(at.String(), at.Host, config))
	}
	return r, nil
}

// Name names the chain in logs and metrics.
func (r *Reader) Name() string { return r.name }

// closeIdle closes connections that no call uses.
func (r *Reader) closeIdle() {
	for _, n := range r.nodes {
		_ = n.rpc.Close() // it fails never
	}
}
