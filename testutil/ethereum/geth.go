package ethereum

import (
	"context"
	"errors"
	"fmt"
	"math/big"
	"os/exec"
	"strconv"
	"strings"
	"time"

	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/common/hexutil"
	"github.com/ethereum/go-ethereum/rpc"

	"github.com/ipdm-network/ipdm/testutil/subprocess"
)

const (
	gethChainID = 1337 // of every development chain
	// gethSlotsInEpoch: the finalized block is the last whose number is a multiple of that, and two of them come late at most.
	gethSlotsInEpoch = 32
	// gethPoll is how often the first balances are looked for.
	gethPoll = 100 * time.Millisecond
)

// StartGeth starts go-ethereum's own development chain, of a geth program, with the accounts of the options. Blocks come by themselves, each
// BlockTime or second. It knows none of the commands, which fail. The network runs until Close; ctx is for the start only.
func StartGeth(ctx context.Context, program string, options Options) (n *Network, err error) {
	options.ChainID, options.SlotsInEpoch = gethChainID, gethSlotsInEpoch
	options = options.withDefaults()
	seconds := max(1, int(options.BlockTime/time.Second))
	n = &Network{options: options}
	// The log is on standard error.
	cmd := exec.Command("sh", "-c", `exec "$0" "$@" 2>&1`, program, "--dev", "--dev.period", strconv.Itoa(seconds), "--ipcdisable",
		"--http", "--http.port", strconv.Itoa(options.Port), "--ws", "--ws.port", strconv.Itoa(options.Port))
	n.process, err = subprocess.Start(ctx, cmd, func(line string) bool {
		_, started, _ := strings.Cut(line, "HTTP server started")
		_, address, listening := strings.Cut(started, "endpoint=")
		n.address, _, _ = strings.Cut(address, " ")
		return listening
	})
	if err != nil {
		return nil, fmt.Errorf("failed to start a development chain of geth: %w", err)
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, n.Close())
			n = nil
		}
	}()
	if n.client, err = rpc.DialContext(ctx, n.URL()); err != nil {
		return n, fmt.Errorf("failed to reach a development chain of geth: %w", err)
	}
	if n.accounts, err = makeAccounts(options.Accounts); err != nil {
		return n, err
	}
	return n, n.fund(ctx)
}

// fund has geth's own account, which has nearly all there is, give the accounts their balance.
func (n *Network) fund(ctx context.Context) error {
	var rich []common.Address
	if err := n.client.CallContext(ctx, &rich, "eth_accounts"); err != nil || len(rich) == 0 {
		return fmt.Errorf("failed to find the account of a development chain of geth: %w", err)
	}
	for _, account := range n.accounts {
		transfer := map[string]any{"from": rich[0], "to": account.Address, "value": (*hexutil.Big)(n.options.Balance)}
		if err := n.do(ctx, "eth_sendTransaction", transfer); err != nil {
			return err
		}
	}
	return n.awaitBalance(ctx, n.accounts[len(n.accounts)-1].Address)
}

// awaitBalance waits until an account has something.
func (n *Network) awaitBalance(ctx context.Context, address common.Address) error {
	ticker := time.NewTicker(gethPoll)
	defer ticker.Stop()
	for {
		var balance hexutil.Big
		if err := n.client.CallContext(ctx, &balance, "eth_getBalance", address, "latest"); err != nil {
			return fmt.Errorf("failed to read a balance: %w", err)
		}
		if (*big.Int)(&balance).Sign() > 0 {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("failed to give %s a balance: %w", address, ctx.Err())
		case <-ticker.C:
		}
	}
}
