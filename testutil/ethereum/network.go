package ethereum

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"math/big"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/ethereum/go-ethereum/rpc"

	"github.com/ipdm-network/ipdm/testutil/npm"
	"github.com/ipdm-network/ipdm/testutil/subprocess"
)

//go:embed package.json package-lock.json
var manifest embed.FS

// A Network is an Ethereum network that runs. Its methods may be called concurrently.
type Network struct {
	options  Options
	process  *subprocess.Process
	client   *rpc.Client
	address  string // host and port
	accounts []*Account
}

// SkipWithoutNode skips a test with the reason where Node.js is missing or too old to install anvil.
func SkipWithoutNode(t npm.Skipper) {
	t.Helper()
	npm.SkipWithoutNode(t)
}

// Start starts a network and returns when it answers. The first start on a machine installs anvil. The error wraps
// npm.ErrNoNode where Node.js is missing. The network runs until Close; ctx is for the start only.
func Start(ctx context.Context, options Options) (*Network, error) {
	options = options.withDefaults()
	installed, err := npm.Install(ctx, "ethereum", manifest)
	if err != nil {
		return nil, err
	}
	program := filepath.Join(installed.Modules, "@foundry-rs", fmt.Sprintf("anvil-%s-%s", runtime.GOOS, runtime.GOARCH), "bin", "anvil")
	listening := func(line string) (string, bool) { return strings.CutPrefix(line, "Listening on ") }
	return run(ctx, options, exec.Command(program, options.args()...), listening, func(n *Network) error {
		for _, account := range n.accounts {
			if err := n.SetBalance(ctx, account.Address, options.Balance); err != nil {
				return err
			}
		}
		if options.BlockTime > 0 {
			return n.StartMining(ctx, options.BlockTime)
		}
		return nil
	})
}

// run starts a program, which says where it listens, and prepares the network that it is.
func run(
	ctx context.Context, options Options, cmd *exec.Cmd, listening func(line string) (address string, ok bool), prepare func(*Network) error,
) (n *Network, err error) {
	n = &Network{options: options}
	n.process, err = subprocess.Start(ctx, cmd, func(line string) (ok bool) {
		n.address, ok = listening(line)
		return ok
	})
	if err != nil {
		return nil, fmt.Errorf("failed to start an Ethereum test network: %w", err)
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, n.Close())
			n = nil
		}
	}()
	if n.client, err = rpc.DialContext(ctx, n.URL()); err != nil {
		return n, fmt.Errorf("failed to reach an Ethereum test network: %w", err)
	}
	if n.accounts, err = makeAccounts(options.Accounts); err != nil {
		return n, err
	}
	return n, prepare(n)
}

// Close ends the network and waits for its process.
func (n *Network) Close() error {
	if n.client != nil {
		n.client.Close()
	}
	return n.process.Stop()
}

// Done returns a channel that is closed when the network's process has ended, by Close or not.
func (n *Network) Done() <-chan struct{} { return n.process.Done() }

// Output returns the end of what anvil has printed, for a test that failed.
func (n *Network) Output() string { return n.process.Output() }

// URL is where the network answers JSON-RPC over HTTP.
func (n *Network) URL() string { return "http://" + n.address }

// WebSocketURL is where the network answers JSON-RPC over WebSocket.
func (n *Network) WebSocketURL() string { return "ws://" + n.address }

// ChainID returns the number that signatures of transactions are for.
func (n *Network) ChainID() *big.Int { return new(big.Int).SetUint64(n.options.ChainID) }

// FinalityDepth returns how many blocks the finalized one is behind the latest, at most.
func (n *Network) FinalityDepth() int { return 2 * n.options.SlotsInEpoch }

// Account returns an account that had a balance from the start, counted from 0.
func (n *Network) Account(i int) *Account { return n.accounts[i] }

// Accounts returns all accounts that had a balance from the start.
func (n *Network) Accounts() []*Account { return n.accounts }
