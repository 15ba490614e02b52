package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/pflag"

	sidecarv1 "github.com/ipdm-network/ipdm/sdk/go/sidecar/v1"
	"github.com/ipdm-network/ipdm/sidecar/api/client"
	"github.com/ipdm-network/ipdm/sidecar/consensus/chain"
	"github.com/ipdm-network/ipdm/sidecar/node"
)

// chainFlags say where the chain is and where keys are, if not as the home says.
type chainFlags struct {
	grpc           []string
	id             string
	gasPrice       string
	keyringDir     string
	keyringBackend string
}

func (f *chainFlags) register(flags *pflag.FlagSet) {
	flags.StringArrayVar(&f.grpc, "chain-grpc", nil, "gRPC address of a chain node instead of those in the configuration (repeatable)")
	flags.StringVar(&f.id, "chain-id", "", "id of the chain, instead of the one in the configuration")
	flags.StringVar(&f.gasPrice, "gas-price", "", "what to pay for a unit of gas, such as 0aipdm")
	flags.StringVar(&f.keyringDir, "keyring-dir", "", "keyring instead of the one in the home")
	flags.StringVar(&f.keyringBackend, "keyring-backend", "", "os, file or test")
}

// chainConfig gathers the chain's settings: flags before the home's configuration, and that before what the daemon says.
// Without any, Endpoints is empty. The second result is the configuration of the home, or the default one.
func (c *cli) chainConfig(ctx context.Context, d *client.Client) (chain.Config, node.Config, error) {
	home, err := c.nodeHome().LoadConfig()
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
	if len(c.chain.grpc) > 0 {
		cfg.Endpoints = c.chain.grpc
	}
	if c.chain.id != "" {
		cfg.ChainID = c.chain.id
	}
	if c.chain.gasPrice != "" {
		cfg.GasPrice = c.chain.gasPrice
	}
	return cfg, home, nil
}

// openChain makes a client of the chain. d may be nil.
func (c *cli) openChain(ctx context.Context, d *client.Client) (*chain.Client, error) {
	cfg, _, err := c.chainConfig(ctx, d)
	if err != nil {
		return nil, err
	}
	client, err := chain.New(cfg, nil)
	if errors.Is(err, chain.ErrConfig) {
		return nil, usage(err)
	}
	return client, err
}

// account is a key of the caller's, and the chain if one is configured.
type account struct {
	name   string
	keys   *chain.Keyring
	client *chain.Client // nil without a chain
}

// openAccount opens the keyring and finds a key in it. It fails with chain.ErrNoKey.
func (c *cli) openAccount(ctx context.Context, d *client.Client, name string) (*account, error) {
	cfg, home, err := c.chainConfig(ctx, d)
	if err != nil {
		return nil, err
	}
	a := &account{name: name}
	var encoding *chain.Encoding
	if len(cfg.Endpoints) > 0 {
		if a.client, err = chain.New(cfg, nil); err != nil {
			return nil, err
		}
		encoding = a.client.Encoding()
	} else if encoding, err = chain.NewEncoding(); err != nil {
		return nil, err
	}
	dir, backend := c.nodeHome().KeyringDir(), home.Chain.KeyringBackend
	if c.chain.keyringDir != "" {
		dir = c.chain.keyringDir
	}
	if c.chain.keyringBackend != "" {
		backend = c.chain.keyringBackend
	}
	a.keys, err = chain.OpenKeyring(dir, backend, c.stdin, encoding)
	if err == nil {
		_, err = a.keys.Address(name)
	}
	if err != nil {
		return nil, errors.Join(err, a.close())
	}
	return a, nil
}

func (a *account) close() error {
	if a.client == nil {
		return nil
	}
	return a.client.Close()
}

func (a *account) creator() (*sidecarv1.Creator, error) {
	key, kind, err := a.keys.PublicKey(a.name)
	if err != nil {
		return nil, err
	}
	return &sidecarv1.Creator{KeyType: kind, PublicKey: key}, nil
}

func (a *account) sign(message []byte) ([]byte, error) { return a.keys.Sign(a.name, message) }

// signer is the account on chain. It fails when no chain is configured.
func (a *account) signer() (*chain.Signer, error) {
	if a.client == nil {
		return nil, usagef("no chain is configured: give a node of one with --chain-grpc HOST:PORT, or set [chain] grpc in config.toml")
	}
	signer, err := chain.NewSigner(a.client, a.keys, a.name)
	if err != nil {
		return nil, fmt.Errorf("failed to open the account: %w", err)
	}
	return signer, nil
}
