package node

import (
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/ethereum/go-ethereum/common"
	"github.com/gagliardetto/solana-go"

	"github.com/ipdm-network/ipdm/bridge/chain/endpoints"
	"github.com/ipdm-network/ipdm/x/bridge/wire"
)

// BridgeConfig names the bridge's gateways on other chains that the node reads for its validator.
type BridgeConfig struct {
	// Poll is the least pause between two looks at a gateway.
	Poll     Duration          `toml:"poll"`
	Ethereum []EthereumGateway `toml:"ethereum"`
	Solana   []SolanaGateway   `toml:"solana"`
}

// EthereumGateway is a gateway on Ethereum, or on another chain with its RPC.
type EthereumGateway struct {
	// Domain is the number that IPDM gave to the chain.
	Domain uint32 `toml:"domain"`
	// RPC are endpoints of different operators, http or https.
	RPC []string `toml:"rpc"`
	// Gateway is the address of the contract.
	Gateway string `toml:"gateway"`
	// FirstBlock is the block that made it, before which there are no events.
	FirstBlock uint64 `toml:"first_block"`
}

// SolanaGateway is a gateway on Solana.
type SolanaGateway struct {
	// Domain is the number that IPDM gave to the chain.
	Domain uint32 `toml:"domain"`
	// RPC are endpoints of different operators, http or https.
	RPC []string `toml:"rpc"`
	// Program is its address.
	Program string `toml:"program"`
}

const (
	// minBridgePoll keeps the node from doing nothing but asking endpoints.
	minBridgePoll = Duration(100 * time.Millisecond)
	// maxBridgePoll is more than a validator should be late.
	maxBridgePoll = Duration(30 * time.Second)
)

// address reads the contract's address.
func (g EthereumGateway) address() (common.Address, error) {
	a := common.HexToAddress(g.Gateway)
	if !common.IsHexAddress(g.Gateway) || a == (common.Address{}) {
		return a, fmt.Errorf("gateway is %q, which is no address of a contract such as 0x52908400098527886E0F7030069857D2E4169EE7", g.Gateway)
	}
	return a, nil
}

// address reads the program's address.
func (g SolanaGateway) address() (solana.PublicKey, error) {
	key, err := solana.PublicKeyFromBase58(g.Program)
	if err != nil || key.IsZero() {
		return key, fmt.Errorf("program is %q, which is no address of a program", g.Program)
	}
	return key, nil
}

// gateways is how many are named.
func (c BridgeConfig) gateways() int { return len(c.Ethereum) + len(c.Solana) }

// validate reports every setting that cannot work, each by its name in the file.
func (c BridgeConfig) validate() []error {
	var errs []error
	if c.Poll < minBridgePoll || c.Poll > maxBridgePoll {
		errs = append(errs, fmt.Errorf("[bridge] poll must be between %s and %s", minBridgePoll, maxBridgePoll))
	}
	if n := c.gateways(); n > wire.MaxRangeVotes {
		errs = append(errs, fmt.Errorf("[bridge] names %d gateways, at most %d", n, wire.MaxRangeVotes))
	}
	named := map[uint32]bool{}
	check := func(section string, domain uint32, rpc []string, err error) {
		if err == nil {
			err = checkEndpoints(rpc)
		}
		switch {
		case domain == 0:
			err = errors.New("domain must be 1 or more: the number that IPDM gave to the chain")
		case named[domain]:
			err = errors.New("there is another gateway of this domain")
		}
		named[domain] = true
		if err != nil {
			errs = append(errs, fmt.Errorf("[[bridge.%s]] of domain %d: %w", section, domain, err))
		}
	}
	for _, g := range c.Ethereum {
		_, err := g.address()
		check("ethereum", g.Domain, g.RPC, err)
	}
	for _, g := range c.Solana {
		_, err := g.address()
		check("solana", g.Domain, g.RPC, err)
	}
	return errs
}

// checkEndpoints fails unless there is at least one, each of http or https, and none twice. No error quotes more than a host: the rest may
// hold an access key.
func checkEndpoints(urls []string) error {
	if len(urls) == 0 {
		return errors.New("no endpoint is named: set rpc")
	}
	for i, text := range urls {
		at, err := url.Parse(text)
		if err != nil || at.Host == "" || at.Scheme != "http" && at.Scheme != "https" {
			return fmt.Errorf("rpc: endpoint %d is no URL of http or https", i+1)
		}
	}
	if err := endpoints.Distinct(urls); err != nil {
		return fmt.Errorf("rpc: %w", err)
	}
	return nil
}

// render returns the gateways as they stand in the file, with an example if there is none.
func (c BridgeConfig) render() string {
	var b strings.Builder
	b.WriteString("\n# The gateways that a validator's node reads, each with at least two endpoints that do not depend on each other:\n" +
		"# what they agree on counts. domain is the number that IPDM gave to the chain.\n")
	if c.gateways() == 0 {
		b.WriteString(`#
# [[bridge.ethereum]]
# domain = 1
# rpc = ["https://a.example.org", "https://b.example.org"]
# gateway = "0x..."
# first_block = 0  # the one that has the gateway's first transaction
#
# [[bridge.solana]]
# domain = 2
# rpc = ["https://c.example.org", "https://d.example.org"]
# program = "..."
`)
	}
	for _, g := range c.Ethereum {
		fmt.Fprintf(&b, "\n[[bridge.ethereum]]\ndomain = %d\nrpc = %s\ngateway = %s\nfirst_block = %d\n",
			g.Domain, tomlStrings(g.RPC), tomlString(g.Gateway), g.FirstBlock)
	}
	for _, g := range c.Solana {
		fmt.Fprintf(&b, "\n[[bridge.solana]]\ndomain = %d\nrpc = %s\nprogram = %s\n", g.Domain, tomlStrings(g.RPC), tomlString(g.Program))
	}
	return b.String()
}
