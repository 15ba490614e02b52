package node

import (
	"context"
	"fmt"
	"time"

	"github.com/pelletier/go-toml/v2"

	"github.com/ipdm-network/ipdm/sdk/go/format/manifest"
	"github.com/ipdm-network/ipdm/sidecar/consensus/follow"
	"github.com/ipdm-network/ipdm/sidecar/data/compress"
)

// FollowConfig names something on another chain that the node follows. What is left out is as in follow.DefaultConfig.
type FollowConfig struct {
	Name            string    `toml:"name"`
	Kind            string    `toml:"kind"`
	RPC             []string  `toml:"rpc"`
	WS              string    `toml:"ws,omitempty"`
	Address         []string  `toml:"address,omitempty"`
	Program         string    `toml:"program,omitempty"`
	Topics          []string  `toml:"topics,omitempty"`
	From            *uint64   `toml:"from,omitempty"`
	BatchChanges    *int      `toml:"batch_changes,omitempty"`
	BatchInterval   *Duration `toml:"batch_interval,omitempty"`
	PollInterval    *Duration `toml:"poll_interval,omitempty"`
	MaxAccounts     *int      `toml:"max_accounts,omitempty"`
	MaxAccountBytes *int      `toml:"max_account_bytes,omitempty"`
}

// followHelp ends the file of settings.
const followHelp = `
# What to follow on other chains, one [[follow]] for each; docs/user.md has the settings.
# [[follow]]
# name = "my-program"
# kind = "solana-program"    # or solana-account, ethereum-logs, ethereum-blocks
# rpc = ["https://rpc.example.org"]
# ws = "wss://rpc.example.org"
# program = "PROGRAM ID"     # of the others: address = ["ADDRESS"], topics = ["0x..."], from = 123
`

// renderFollows returns the end of the file of settings.
func renderFollows(follows []FollowConfig) string {
	if len(follows) == 0 {
		return followHelp
	}
	raw, err := toml.Marshal(struct {
		Follow []FollowConfig `toml:"follow"`
	}{follows})
	if err != nil { // of a struct of texts and numbers: never
		return fmt.Sprintf("\n# The follows could not be written: %v\n", err)
	}
	return followHelp + "\n" + string(raw)
}

// follows returns what is followed, with the defaults filled in.
func (c *Config) follows() []follow.Config {
	var out []follow.Config
	for _, f := range c.Follow {
		cfg := follow.DefaultConfig()
		cfg.Name, cfg.Kind, cfg.RPC, cfg.Socket = f.Name, f.Kind, f.RPC, f.WS
		cfg.Addresses, cfg.Program, cfg.Topics, cfg.From = f.Address, f.Program, f.Topics, f.From
		override(&cfg.BatchChanges, f.BatchChanges)
		override(&cfg.MaxAccounts, f.MaxAccounts)
		override(&cfg.MaxAccountBytes, f.MaxAccountBytes)
		override(&cfg.BatchInterval, (*time.Duration)(f.BatchInterval))
		override(&cfg.PollInterval, (*time.Duration)(f.PollInterval))
		out = append(out, cfg)
	}
	return out
}

// override sets what is given.
func override[T any](setting, given *T) {
	if given != nil {
		*setting = *given
	}
}

// follower follows other chains. Close ends it.
type follower struct {
	*follow.Follower
	background
}

// startFollower begins to follow what is configured. Batches are signed by the node.
func (n *Node) startFollower() (*follower, error) {
	public, err := n.peerKey.GetPublic().Raw()
	if err != nil {
		return nil, fmt.Errorf("failed to read the peer key: %w", err)
	}
	effort, err := compress.ParseEffort(n.opts.Config.Store.Encode)
	if err != nil {
		return nil, fmt.Errorf("[store] encode: %w", err)
	}
	inner, err := follow.New(n.opts.Config.follows(), follow.Deps{
		Content:   n.engine,
		Creator:   manifest.Creator{Kind: manifest.Ed25519, Key: public},
		Sign:      func(_ context.Context, message []byte) ([]byte, error) { return n.peerKey.Sign(message) },
		Effort:    effort,
		Dir:       n.opts.Home.FollowDir(),
		Announcer: n.network,
		Registry:  n.registry,
		Logger:    n.log.With("part", "follow"),
	})
	if err != nil {
		return nil, err
	}
	f := &follower{Follower: inner}
	f.start(inner.Run)
	return f, nil
}
