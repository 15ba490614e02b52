package ethereum

import (
	"context"
	"fmt"
	"math/big"
	"os/exec"
	"strconv"
	"strings"
	"time"

	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/common/hexutil"
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
func StartGeth(ctx context.Context, program string, options Options) (*Network, error) {
	options.ChainID, options.SlotsInEpoch = gethChainID, gethSlotsInEpoch
	options = options.withDefaults()
	seconds := max(1, int(options.BlockTime/time.Second))
	// The log is on standard error.
	cmd := exec.Command("sh", "-c", `exec "$0" "$@" 2>&1`, program, "--dev", "--dev.period", strconv.Itoa(seconds), "--ipcdisable",
		"--http", "--http.port", strconv.Itoa(options.Port), "--ws", "--ws.port", strconv.Itoa(options.Port))
	listening := func(line string) (string, bool) {
		_, started, _ := strings.Cut(line, "HTTP server started")
		_, address, found := strings.Cut(started, "endpoint=")
		address, _, _ = strings.Cut(address, " ")
		return address, found
	}
	return run(ctx, options, cmd, listening, func(n *Network) error { return n.fund(ctx) })
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
