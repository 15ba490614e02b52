package follow

import (
	"fmt"
	"slices"
	"strings"

	"github.com/ipdm-network/ipdm/sidecar/consensus/follow/endpoint"
	"github.com/ipdm-network/ipdm/sidecar/consensus/follow/ethereum"
	"github.com/ipdm-network/ipdm/sidecar/consensus/follow/feed"
	"github.com/ipdm-network/ipdm/sidecar/consensus/follow/solana"
)

// addresses returns what is followed as it is written on its chain, in order.
func (c *Config) addresses() ([]string, error) {
	var out []string
	switch c.Kind {
	case SolanaAccount:
		keys, err := c.accounts()
		if err != nil {
			return nil, err
		}
		for _, key := range keys {
			out = append(out, key.String())
		}
	case SolanaProgram:
		key, err := c.program()
		if err != nil {
			return nil, err
		}
		out = []string{key.String()}
	case EthereumLogs:
		filter, err := c.filter()
		if err != nil {
			return nil, err
		}
		for _, address := range filter.Addresses {
			out = append(out, strings.ToLower(address.Hex()))
		}
	}
	slices.Sort(out)
	return out, nil
}

// target describes what is followed, so that one thing's state is not taken for another's.
func (c *Config) target(addresses []string) string {
	return strings.ToLower(fmt.Sprintf("%s topics=%s", c.Kind, strings.Join(c.Topics, ","))) + " address=" + strings.Join(addresses, ",")
}

// source returns what reads the follow's chain from a cursor on.
func (c *Config) source(pool *endpoint.Pool, cursor feed.Cursor) (feed.Source, error) {
	var err error
	switch c.Kind {
	case SolanaAccount, SolanaProgram:
		o := solana.Options{Cursor: cursor, Poll: c.PollInterval, Socket: c.Socket, MaxAccounts: c.MaxAccounts, MaxAccountBytes: c.MaxAccountBytes}
		if c.Kind == SolanaAccount {
			o.Accounts, err = c.accounts()
		} else {
			o.Program, err = c.program()
		}
		return solana.New(pool, o), err
	case EthereumLogs:
		o := ethereum.Options{Cursor: cursor, From: c.From, Poll: c.PollInterval}
		o.Filter, err = c.filter()
		return ethereum.New(pool, o), err
	case EthereumBlocks:
		return ethereum.New(pool, ethereum.Options{Cursor: cursor, From: c.From, Poll: c.PollInterval}), nil
	}
	return nil, fmt.Errorf("there are no follows of the kind %q", c.Kind)
}
