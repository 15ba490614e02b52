package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/ipdm-network/ipdm/cmd/internal/cli"
	sidecarv1 "github.com/ipdm-network/ipdm/sdk/go/sidecar/v1"
	"github.com/ipdm-network/ipdm/sidecar/api/client"
	"github.com/ipdm-network/ipdm/sidecar/consensus/chain"
	"github.com/ipdm-network/ipdm/sidecar/node"
)

// chainConfig gathers the chain's settings: flags before the home's configuration, and that before what the daemon says.
// Without any, Endpoints is empty. The second result is the configuration of the home, or the default one.
func (c *program) chainConfig(ctx context.Context, d *client.Client) (chain.Config, node.Config, error) {
	home, err := node.LoadConfig(c.NodeHome())
	if errors.Is(err, node.ErrNoHome) {
		home, err = node.DefaultConfig(), nil
	}
	if err != nil {
		return chain.Config{}, home, err
	}
	cfg := home.Chain.Client()
	if len(cfg.Endpoints) == 0 && d != nil {
		answer, err := d.Node.Chain(ctx, &sidecarv1.ChainRequest{})
		if err != nil {
			return cfg, home, err
		}
		if answer.Grpc != "" {
			cfg.Endpoints, cfg.ChainID = strings.Split(answer.Grpc, ","), answer.ChainId
		}
	}
	if len(c.Chain.GRPC) > 0 {
		cfg.Endpoints = c.Chain.GRPC
	}
	if c.Chain.ID != "" {
		cfg.ChainID = c.Chain.ID
	}
	if c.Chain.GasPrice != "" {
		cfg.GasPrice = c.Chain.GasPrice
	}
	return cfg, home, nil
}

// openChain makes a client of the chain. d may be nil.
func (c *program) openChain(ctx context.Context, d *client.Client) (*chain.Client, error) {
	cfg, _, err := c.chainConfig(ctx, d)
	if err != nil {
		return nil, err
	}
	client, err := chain.New(cfg, nil)
	if errors.Is(err, chain.ErrConfig) {
		return nil, cli.Usage(err)
	}
	return client, err
}

// account is a key of the caller's, and the chain if one is configured. It implements cli.Account.
type account struct {
	program *program
	name    string
	keys    *chain.Keyring
	client  *chain.Client // nil without a chain
}

// openPutAccount opens the account that a put names.
func (c *program) openPutAccount(ctx context.Context, d *client.Client, p *cli.PutFlags) (cli.Account, error) {
	if p.Order.Replicas != "" {
		if _, err := parseOrder(&p.Order); err != nil {
			return nil, err
		}
	}
	return c.openAccount(ctx, d, p.From)
}

// openAccount opens the keyring and finds a key in it. It fails with chain.ErrNoKey.
func (c *program) openAccount(ctx context.Context, d *client.Client, name string) (*account, error) {
	cfg, home, err := c.chainConfig(ctx, d)
	if err != nil {
		return nil, err
	}
	a := &account{program: c, name: name}
	var encoding *chain.Encoding
	if len(cfg.Endpoints) > 0 {
		if a.client, err = chain.New(cfg, nil); err != nil {
			return nil, err
		}
		encoding = a.client.Encoding()
	} else if encoding, err = chain.NewEncoding(); err != nil {
		return nil, err
	}
	dir, backend := c.NodeHome().KeyringDir(), home.Chain.KeyringBackend
	if c.Chain.KeyringDir != "" {
		dir = c.Chain.KeyringDir
	}
	if c.Chain.KeyringBackend != "" {
		backend = c.Chain.KeyringBackend
	}
	a.keys, err = chain.OpenKeyring(dir, backend, c.Stdin, encoding)
	if err == nil {
		_, err = a.keys.Address(name)
	}
	if err != nil {
		return nil, errors.Join(err, a.Close())
	}
	return a, nil
}

// Close ends the connection to the chain.
func (a *account) Close() error {
	if a.client == nil {
		return nil
	}
	return a.client.Close()
}

// Creator implements cli.Account.
func (a *account) Creator() (*sidecarv1.Creator, error) {
	key, kind, err := a.keys.PublicKey(a.name)
	if err != nil {
		return nil, err
	}
	return &sidecarv1.Creator{KeyType: kind, PublicKey: key}, nil
}

// Sign implements cli.Account.
func (a *account) Sign(message []byte) ([]byte, error) { return a.keys.Sign(a.name, message) }

// signer is the account on chain. It fails when no chain is configured.
func (a *account) signer() (*chain.Signer, error) {
	if a.client == nil {
		return nil, cli.Usagef("no chain is configured: give a node of one with --chain-grpc HOST:PORT, or set [chain] grpc in config.toml")
	}
	signer, err := chain.NewSigner(a.client, a.keys, a.name)
	if err != nil {
		return nil, fmt.Errorf("failed to open the account: %w", err)
	}
	return signer, nil
}

// keyHint says how to see and make the keys of the keyring in use.
func (c *program) keyHint() string {
	dir, backend := c.Chain.KeyringDir, c.Chain.KeyringBackend
	if dir == "" {
		dir = c.NodeHome().KeyringDir()
	}
	if backend == "" {
		backend = node.DefaultConfig().Chain.KeyringBackend
		if cfg, err := node.LoadConfig(c.NodeHome()); err == nil {
			backend = cfg.Chain.KeyringBackend
		}
	}
	flags := fmt.Sprintf("--keyring-dir %s --keyring-backend %s", dir, backend)
	return fmt.Sprintf(" (list keys with: ipdmd keys list %s; make one with: ipdmd keys add NAME %s)", flags, flags)
}
