package solana

import (
	"context"
	"embed"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"

	solanago "github.com/gagliardetto/solana-go"

	"github.com/ipdm-network/ipdm/testutil/npm"
	"github.com/ipdm-network/ipdm/testutil/subprocess"
)

//go:embed package.json package-lock.json server.mjs lib
var server embed.FS

// A Network is a Solana network that runs. Its methods may be called concurrently.
type Network struct {
	process *subprocess.Process
	control control
	nodes   []*Node
	genesis solanago.Hash
}

// A Node is an RPC node of a network.
type Node struct {
	url, wsURL string
	index      int
	control    control
}

// endpoints is the line that the server prints when it is ready.
type endpoints struct {
	Nodes []struct {
		RPC string `json:"rpc"`
		WS  string `json:"ws"`
	} `json:"nodes"`
	Control     string        `json:"control"`
	GenesisHash solanago.Hash `json:"genesisHash"`
}

// SkipWithoutNode skips a test with the reason where Node.js is missing or too old to run a network.
func SkipWithoutNode(t npm.Skipper) {
	t.Helper()
	npm.SkipWithoutNode(t)
}

// Start starts a network and returns when it answers. The first start on a machine installs npm packages. The error wraps
// npm.ErrNoNode where Node.js is missing, and has the server's words where it refuses a program. The network runs until
// Close; ctx is for the start only.
func Start(ctx context.Context, options Options) (*Network, error) {
	installed, err := npm.Install(ctx, "solana", server)
	if err != nil {
		return nil, err
	}
	node, err := npm.Node()
	if err != nil {
		return nil, err
	}
	cmd := exec.Command(node, append([]string{filepath.Join(installed.Dir, "server.mjs")}, options.args()...)...)
	cmd.Env = append(os.Environ(), "NODE_ENV=production")
	var found endpoints
	process, err := subprocess.Start(ctx, cmd, func(line string) bool {
		return json.Unmarshal([]byte(line), &found) == nil && found.Control != ""
	})
	if err != nil {
		return nil, fmt.Errorf("failed to start a Solana test network: %w", err)
	}
	n := &Network{
		process: process,
		control: control{url: found.Control, client: &http.Client{Transport: &http.Transport{}}},
		genesis: found.GenesisHash,
	}
	for i, at := range found.Nodes {
		n.nodes = append(n.nodes, &Node{url: at.RPC, wsURL: at.WS, index: i, control: n.control})
	}
	return n, nil
}

// Close ends the network and waits for its process.
func (n *Network) Close() error {
	n.control.client.CloseIdleConnections()
	return n.process.Stop()
}

// Done returns a channel that is closed when the network's process has ended, by Close or not.
func (n *Network) Done() <-chan struct{} { return n.process.Done() }

// Output returns the end of what the server has printed, for a test that failed.
func (n *Network) Output() string { return n.process.Output() }

// GenesisHash returns the hash that names the network; each has another.
func (n *Network) GenesisHash() solanago.Hash { return n.genesis }

// Node returns an RPC node, counted from 0.
func (n *Network) Node(i int) *Node { return n.nodes[i] }

// Nodes returns all RPC nodes.
func (n *Network) Nodes() []*Node { return n.nodes }

// URL is where the node answers JSON-RPC.
func (n *Node) URL() string { return n.url }

// WebSocketURL is where the node takes subscriptions.
func (n *Node) WebSocketURL() string { return n.wsURL }
