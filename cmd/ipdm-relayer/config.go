package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math/big"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/ethereum/go-ethereum/common"
	"github.com/pelletier/go-toml/v2"

	"github.com/ipdm-network/ipdm/bridge/chain/ethereum"
	"github.com/ipdm-network/ipdm/bridge/relayer"
)

// maxConfigBytes bounds a configuration file.
const maxConfigBytes = 1 << 20

// config is a configuration file.
type config struct {
	Chain    chainConfig      `toml:"chain"`
	Ethereum []ethereumConfig `toml:"ethereum"`
	Metrics  metricsConfig    `toml:"metrics"`
	Log      logConfig        `toml:"log"`
}

type chainConfig struct {
	GRPC []string `toml:"grpc"`
}

type metricsConfig struct {
	Listen string `toml:"listen"`
}

type logConfig struct {
	Level  string `toml:"level"`
	Format string `toml:"format"`
}

// ethereumConfig is one destination with Ethereum's RPC.
type ethereumConfig struct {
	Name         string   `toml:"name"`
	RPC          []string `toml:"rpc"`
	LightClient  string   `toml:"light_client"`
	KeyFile      string   `toml:"key_file"`
	MaxFeeGwei   float64  `toml:"max_fee_gwei"`
	MinInterval  duration `toml:"min_interval"`
	ReplaceAfter duration `toml:"replace_after"`
}

// duration is a time.Duration as text, such as "10m".
type duration time.Duration

// UnmarshalText implements encoding.TextUnmarshaler.
func (d *duration) UnmarshalText(text []byte) error {
	parsed, err := time.ParseDuration(string(text))
	*d = duration(parsed)
	return err
}

const exampleConfig = `# gRPC of nodes of the chain. What they say is checked by signatures; more than one is for when one is down.
[chain]
grpc = ["127.0.0.1:9090"]

# A light client on Ethereum, or on a chain with its RPC. As many as you like.
[[ethereum]]
name = "ethereum"
# The first simulates, all are asked and get transactions: name at least two that do not depend on each other.
rpc = ["http://127.0.0.1:8545"]
light_client = "0x0000000000000000000000000000000000000000"
# Private key in hex of the account that pays, in a file that only you can read. It has no authority.
key_file = "relayer.key"
# Never pay more for a unit of gas. 200 if it is not set.
max_fee_gwei = 100
# Hand over a checkpoint at most this often, unless the signers change. "0s" is each as soon as it is signed.
min_interval = "10m"
# Raise the fees of a transaction that no block has after this time.
replace_after = "40s"

[metrics]
# Prometheus metrics at /metrics; empty for none.
listen = "127.0.0.1:9300"

[log]
level = "info"   # debug, info, warn, error
format = "text"  # text, json
`

// loadConfig reads a file. Paths in it are relative to its folder.
func loadConfig(path string) (config, error) {
	f, err := os.Open(path)
	if errors.Is(err, os.ErrNotExist) {
		return config{}, fmt.Errorf("there is no %s: make one with `ipdm-relayer init`, or name a destination by flags", path)
	}
	if err != nil {
		return config{}, fmt.Errorf("failed to read the configuration: %w", err)
	}
	defer func() { _ = f.Close() }() // only read
	raw, err := io.ReadAll(io.LimitReader(f, maxConfigBytes+1))
	if err != nil {
		return config{}, fmt.Errorf("failed to read the configuration: %w", err)
	}
	if len(raw) > maxConfigBytes {
		return config{}, fmt.Errorf("%s has more than %d bytes", path, maxConfigBytes)
	}
	cfg, err := parseConfig(raw)
	if err != nil {
		return config{}, fmt.Errorf("%s: %w", path, err)
	}
	for i := range cfg.Ethereum {
		if key := &cfg.Ethereum[i].KeyFile; *key != "" && !filepath.IsAbs(*key) {
			*key = filepath.Join(filepath.Dir(path), *key)
		}
	}
	return cfg, nil
}

func parseConfig(raw []byte) (config, error) {
	var cfg config
	in := toml.NewDecoder(bytes.NewReader(raw))
	in.DisallowUnknownFields()
	if err := in.Decode(&cfg); err != nil {
		var strict *toml.StrictMissingError
		if errors.As(err, &strict) {
			return config{}, fmt.Errorf("unknown settings:\n%s", strict.String())
		}
		return config{}, err
	}
	return cfg, nil
}

// validate fails unless the settings can work. It does not connect.
func (c config) validate() error {
	if len(c.Chain.GRPC) == 0 {
		return errors.New("no node of the chain is named: set [chain] grpc or --chain-grpc")
	}
	if len(c.Ethereum) == 0 {
		return errors.New("no destination is named: add [[ethereum]] to the configuration, or pass --ethereum-rpc")
	}
	names := map[string]bool{}
	for i, e := range c.Ethereum {
		name := e.name(i)
		if names[name] {
			return fmt.Errorf("two destinations are called %q", name)
		}
		names[name] = true
		if _, err := e.client(); err != nil {
			return fmt.Errorf("destination %s: %w", name, err)
		}
	}
	return nil
}

func (e ethereumConfig) name(i int) string {
	switch {
	case e.Name != "":
		return e.Name
	case i == 0:
		return "ethereum"
	}
	return fmt.Sprintf("ethereum-%d", i+1)
}

// client returns the settings of the destination, its key read.
func (e ethereumConfig) client() (ethereum.Config, error) {
	out := ethereum.Config{URLs: e.RPC, ReplaceAfter: time.Duration(e.ReplaceAfter)}
	switch {
	case len(e.RPC) == 0:
		return out, errors.New("no endpoint is named: set rpc")
	case e.KeyFile == "":
		return out, errors.New("no key is named: set key_file")
	case !common.IsHexAddress(e.LightClient) || common.HexToAddress(e.LightClient) == (common.Address{}):
		return out, fmt.Errorf("light_client is %q, which is no address; `ipdm-relayer deploy ethereum` makes a contract", e.LightClient)
	case e.MinInterval < 0 || e.ReplaceAfter < 0 || e.MaxFeeGwei < 0:
		return out, errors.New("min_interval, replace_after and max_fee_gwei cannot be negative")
	}
	out.Contract = common.HexToAddress(e.LightClient)
	if e.MaxFeeGwei > 0 {
		out.MaxFee, _ = new(big.Float).Mul(big.NewFloat(e.MaxFeeGwei), big.NewFloat(1e9)).Int(nil)
	}
	var err error
	out.Key, err = ethereum.LoadKey(e.KeyFile)
	return out, err
}

func (e ethereumConfig) route() relayer.RouteOptions {
	opts := relayer.DefaultRouteOptions()
	opts.MinInterval = time.Duration(e.MinInterval)
	return opts
}

// list splits a list of an environment variable.
func list(text string) []string {
	var out []string
	for _, part := range strings.Split(text, ",") {
		if part = strings.TrimSpace(part); part != "" {
			out = append(out, part)
		}
	}
	return out
}
