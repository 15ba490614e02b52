package follow_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/ipdm-network/ipdm/sidecar/consensus/follow"
)

const clock = "SysvarC1ock11111111111111111111111111111111"

// valid is a follow of each kind.
func valid(kind string) follow.Config {
	c := follow.DefaultConfig()
	c.Name, c.Kind, c.RPC = "a-1", kind, []string{"https://rpc.example.org/key"}
	switch kind {
	case follow.SolanaAccount:
		c.Addresses, c.Socket = []string{clock, clock}, "wss://rpc.example.org"
	case follow.SolanaProgram:
		c.Program = clock
	case follow.EthereumLogs:
		c.Addresses = []string{contract}
		c.Topics = []string{"", hash("topic", 1)}
	}
	return c
}

func TestValidFollows(t *testing.T) {
	var all []follow.Config
	for _, kind := range follow.Kinds {
		c := valid(kind)
		c.Name = kind
		all = append(all, c)
	}
	require.NoError(t, follow.Validate(all))
	require.NoError(t, follow.Validate(nil))
}

func TestFollowsThatCannotWork(t *testing.T) {
	block := uint64(1)
	for want, change := range map[string]func(c *follow.Config){
		"number 1: name must be":      func(c *follow.Config) { c.Name = "Upper" },
		"number 1: name must be 1":    func(c *follow.Config) { c.Name = "" },
		"number 1: name must be 1 to": func(c *follow.Config) { c.Name = "../../etc" },
		"kind must be one of":         func(c *follow.Config) { c.Kind = "solana" },
		"rpc must have the URL":       func(c *follow.Config) { c.RPC = nil },
		"rpc must have URLs of http":  func(c *follow.Config) { c.RPC = []string{"ws://a"} },
		"ws must be a URL":            func(c *follow.Config) { *c = valid(follow.SolanaProgram); c.Socket = "https://a" },
		"ws is of Solana only":        func(c *follow.Config) { c.Socket = "wss://a" },
		"from is of Ethereum only":    func(c *follow.Config) { *c = valid(follow.SolanaProgram); c.From = &block },
		"program is of":               func(c *follow.Config) { c.Program = clock },
		"topics are of":               func(c *follow.Config) { *c = valid(follow.EthereumBlocks); c.Topics = []string{""} },
		"address is not of":           func(c *follow.Config) { *c = valid(follow.EthereumBlocks); c.Addresses = []string{contract} },
		"address must have":           func(c *follow.Config) { c.Addresses = nil },
		"is no address of Ethereum":   func(c *follow.Config) { c.Addresses = []string{clock} },
		"is no address of Solana":     func(c *follow.Config) { *c = valid(follow.SolanaAccount); c.Addresses = []string{contract} },
		`program: "" is no address`:   func(c *follow.Config) { *c = valid(follow.SolanaProgram); c.Program = "" },
		"a log has at most 4":         func(c *follow.Config) { c.Topics = make([]string, 5) },
		"is neither empty nor 0x":     func(c *follow.Config) { c.Topics = []string{"0x01"} },
		"batch_changes must be":       func(c *follow.Config) { c.BatchChanges = 0 },
		"batch_interval must be":      func(c *follow.Config) { c.BatchInterval = 0 },
		"poll_interval must be":       func(c *follow.Config) { c.PollInterval = 25 * time.Hour },
		"max_accounts must be":        func(c *follow.Config) { c.MaxAccounts = 1e6 },
		"max_account_bytes must be":   func(c *follow.Config) { c.MaxAccountBytes = 11 << 20 },
	} {
		c := valid(follow.EthereumLogs)
		change(&c)
		require.ErrorContains(t, follow.Validate([]follow.Config{c}), want)
		_, err := follow.New([]follow.Config{c}, follow.Deps{})
		require.Error(t, err, want)
	}
	require.ErrorContains(t, follow.Validate([]follow.Config{valid(follow.SolanaProgram), valid(follow.EthereumLogs)}), "another one has this name")
}
