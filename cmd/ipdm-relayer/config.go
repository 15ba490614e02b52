package main

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"math/big"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/ethereum/go-ethereum/common"
	solanago "github.com/gagliardetto/solana-go"
	"github.com/pelletier/go-toml/v2"

	"github.com/ipdm-network/ipdm/bridge/chain/endpoints"
	"github.com/ipdm-network/ipdm/bridge/chain/ethereum"
	"github.com/ipdm-network/ipdm/bridge/chain/solana"
	"github.com/ipdm-network/ipdm/bridge/relayer"
	"github.com/ipdm-network/ipdm/x/bridge/wire"
)

// maxConfigBytes bounds a configuration file.
const maxConfigBytes = 1 << 20

// config is a configuration file.
type config struct {
	Chain    chainConfig      `toml:"chain"`
	Ethereum []ethereumConfig `toml:"ethereum"`
	Solana   []solanaConfig   `toml:"solana"`
	Metrics  metricsConfig    `toml:"metrics"`
	Log      logConfig        `toml:"log"`
}

type chainConfig struct {
	GRPC           []string `toml:"grpc"`
	Key            string   `toml:"key"` // of the account that hands events in; none are if it is empty
	KeyringDir     string   `toml:"keyring_dir"`
	KeyringBackend string   `toml:"keyring_backend"`
	GasPrice       string   `toml:"gas_price"`
}

// backend is the kind of the keyring.
func (c chainConfig) backend() string { return cmp.Or(c.KeyringBackend, "test") }

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
	Gateway      string   `toml:"gateway"`
	FirstBlock   uint64   `toml:"first_block"`
	KeyFile      string   `toml:"key_file"`
	MaxFeeGwei   float64  `toml:"max_fee_gwei"`
	MinInterval  duration `toml:"min_interval"`
	ReplaceAfter duration `toml:"replace_after"`
	Domain       uint32   `toml:"domain"` // its number on the chain; 0 without a gateway, for checkpoints only
}

// duration is a time.Duration as text, such as "10m".
type duration time.Duration

// UnmarshalText implements encoding.TextUnmarshaler.
func (d *duration) UnmarshalText(text []byte) error {
	parsed, err := time.ParseDuration(string(text))
	*d = duration(parsed)
	return err
}

// solanaConfig is one destination on Solana.
type solanaConfig struct {
	Name        string   `toml:"name"`
	RPC         []string `toml:"rpc"`
	Program     string   `toml:"program"`
	KeyFile     string   `toml:"key_file"`
	PriorityFee uint64   `toml:"priority_fee"`
	MinInterval duration `toml:"min_interval"`
	Domain      uint32   `toml:"domain"`
}

const exampleConfig = `# gRPC of nodes of the chain. What they say is checked by signatures; more than one is for when one is down.
[chain]
grpc = ["127.0.0.1:9090"]
# Account on the chain that hands in events of other chains: value on its way here, and what became of messages. Without one only
# checkpoints and messages are carried. It needs some funds. This makes it:
#   ipdmd keys add relayer --keyring-dir keys --keyring-backend test
#key = "relayer"
#keyring_dir = "keys"
#keyring_backend = "test"   # test, file, os
#gas_price = "0aipdm"

# A light client on Ethereum, or on a chain with its RPC. As many as you like.
[[ethereum]]
name = "ethereum"
# The first simulates, all are asked and get transactions: name at least two that do not depend on each other.
rpc = ["http://127.0.0.1:8545"]
light_client = "0x0000000000000000000000000000000000000000"
# The gateway that takes messages and value, as ` + "`ipdm-relayer deploy ethereum`" + ` prints it. Empty for checkpoints only.
gateway = ""
# The block that made the gateway: its events are looked for from there on. 0 is from the beginning, which takes long on an old chain.
first_block = 0
# Private key in hex of the account that pays, in a file that only you can read. It has no authority.
key_file = "relayer.key"
# Never pay more for a unit of gas. 200 if it is not set.
max_fee_gwei = 100
# Hand over a checkpoint at most this often, unless the signers change. "0s" is each as soon as it is signed.
min_interval = "10m"
# Raise the fees of a transaction that no block has after this time.
replace_after = "40s"
# Number of this chain among the chain's domains (ipdmd query bridge domains), which the gateway has to be of. Set it where gateway is set.
#domain = 1

# The program on Solana. Remove the marks in front to use it.
#[[solana]]
#name = "solana"
# Three that do not depend on each other: what two agree on counts. One alone is believed.
#rpc = ["http://127.0.0.1:8899"]
#program = "1111..."
# Keypair file of the account that pays, as solana-keygen makes it, which only you can read.
#key_file = "solana.json"
# Micro-lamports for a compute unit, above the basic fee.
#priority_fee = 0
#min_interval = "10m"
#domain = 2

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
	cfg.Chain.KeyringDir = beside(path, cfg.Chain.KeyringDir)
	for i := range cfg.Ethereum {
		cfg.Ethereum[i].KeyFile = beside(path, cfg.Ethereum[i].KeyFile)
	}
	for i := range cfg.Solana {
		cfg.Solana[i].KeyFile = beside(path, cfg.Solana[i].KeyFile)
	}
	return cfg, nil
}

// beside makes a file's name one relative to the folder of another, unless it is absolute or empty.
func beside(other, name string) string {
	if name == "" || filepath.IsAbs(name) {
		return name
	}
	return filepath.Join(filepath.Dir(other), name)
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

// clients are the settings of the destinations, their keys read.
type clients struct {
	ethereum []ethereum.Config
	solana   []solana.Config
}

// clients returns the settings of the destinations. It fails unless all settings can work. It does not connect.
func (c config) clients() (out clients, err error) {
	if len(c.Chain.GRPC) == 0 {
		return out, errors.New("no node of the chain is named: set [chain] grpc or --chain-grpc")
	}
	if len(c.Ethereum)+len(c.Solana) == 0 {
		return out, errors.New("no destination is named: add [[ethereum]] or [[solana]] to the configuration, or pass --ethereum-rpc")
	}
	if c.Chain.Key != "" && c.Chain.KeyringDir == "" {
		return out, errors.New("[chain] key is set: keyring_dir has to say where it is")
	}
	names := map[string]bool{}
	check := func(name string, err error) error {
		if names[name] {
			return fmt.Errorf("two destinations are called %q", name)
		}
		names[name] = true
		if err != nil {
			return fmt.Errorf("destination %s: %w", name, err)
		}
		return nil
	}
	for i, e := range c.Ethereum {
		settings, err := e.client(i)
		if err := check(e.name(i), err); err != nil {
			return out, err
		}
		out.ethereum = append(out.ethereum, settings)
	}
	for i, s := range c.Solana {
		settings, err := s.client(i)
		if err := check(s.name(i), err); err != nil {
			return out, err
		}
		out.solana = append(out.solana, settings)
	}
	return out, nil
}

func (e ethereumConfig) name(i int) string { return nameOf(e.Name, "ethereum", i) }

func (s solanaConfig) name(i int) string { return nameOf(s.Name, "solana", i) }

// nameOf names the destination at a place among those of a kind.
func nameOf(given, kind string, i int) string {
	switch {
	case given != "":
		return given
	case i == 0:
		return kind
	}
	return fmt.Sprintf("%s-%d", kind, i+1)
}

// client returns the settings of the destination, its key read.
func (e ethereumConfig) client(i int) (ethereum.Config, error) {
	out := ethereum.Config{
		Name: e.name(i), URLs: e.RPC, Domain: wire.Domain(e.Domain), FirstBlock: e.FirstBlock,
		MaxFee: e.maxFee(), ReplaceAfter: time.Duration(e.ReplaceAfter),
	}
	switch {
	case len(e.RPC) == 0:
		return out, errors.New("no endpoint is named: set rpc")
	case e.KeyFile == "":
		return out, errors.New("no key is named: set key_file")
	case !common.IsHexAddress(e.LightClient) || common.HexToAddress(e.LightClient) == (common.Address{}):
		return out, fmt.Errorf("light_client is %q, which is no address; `ipdm-relayer deploy ethereum` makes a contract", e.LightClient)
	case e.Gateway != "" && (!common.IsHexAddress(e.Gateway) || common.HexToAddress(e.Gateway) == (common.Address{})):
		return out, fmt.Errorf("gateway is %q, which is no address; leave it empty for checkpoints only", e.Gateway)
	case e.Gateway != "" && common.HexToAddress(e.Gateway) == common.HexToAddress(e.LightClient):
		return out, errors.New("gateway and light_client are the same address: they are two contracts")
	case e.Gateway == "" && e.Domain != 0:
		return out, errors.New("domain is that of a gateway, but none is named: set gateway, or leave domain out for checkpoints only")
	case e.Gateway != "" && e.Domain == 0:
		return out, errors.New("a gateway is named, but not its number on the chain: set domain, or leave gateway empty for checkpoints only")
	case e.Gateway == "" && e.FirstBlock != 0:
		return out, errors.New("first_block is of a gateway, but none is named: set gateway")
	case e.MinInterval < 0 || e.ReplaceAfter < 0 || e.MaxFeeGwei < 0:
		return out, errors.New("min_interval, replace_after and max_fee_gwei cannot be negative")
	}
	if err := endpoints.Distinct(e.RPC); err != nil {
		return out, fmt.Errorf("rpc: %w", err)
	}
	out.Contract, out.Gateway = common.HexToAddress(e.LightClient), common.HexToAddress(e.Gateway)
	var err error
	out.Key, err = ethereum.LoadKey(e.KeyFile)
	return out, err
}

// maxFee is the most for a unit of gas in wei, nil for the default.
func (e ethereumConfig) maxFee() *big.Int {
	if e.MaxFeeGwei <= 0 {
		return nil
	}
	wei, _ := new(big.Float).Mul(big.NewFloat(e.MaxFeeGwei), big.NewFloat(1e9)).Int(nil)
	return wei
}

// client returns the settings of the destination, its key read.
func (s solanaConfig) client(i int) (solana.Config, error) {
	out := solana.Config{Name: s.name(i), URLs: s.RPC, Domain: wire.Domain(s.Domain), PriorityFee: s.PriorityFee}
	switch {
	case len(s.RPC) == 0:
		return out, errors.New("no endpoint is named: set rpc")
	case s.KeyFile == "":
		return out, errors.New("no key is named: set key_file")
	case s.MinInterval < 0:
		return out, errors.New("min_interval cannot be negative")
	}
	if err := endpoints.Distinct(s.RPC); err != nil {
		return out, fmt.Errorf("rpc: %w", err)
	}
	var err error
	if out.Program, err = solanago.PublicKeyFromBase58(s.Program); err != nil {
		return out, fmt.Errorf("program is %q, which is no address", s.Program)
	}
	out.Payer, err = solana.LoadKey(s.KeyFile)
	return out, err
}

// routeOptions hands over at most one checkpoint in an interval, and carries the messages to a domain, and its events, unless it is 0.
func routeOptions(minInterval duration, domain uint32, outbox relayer.Outbox, inbox relayer.Inbox) relayer.RouteOptions {
	opts := relayer.DefaultRouteOptions()
	opts.MinInterval, opts.Domain, opts.Outbox, opts.Inbox = time.Duration(minInterval), wire.Domain(domain), outbox, inbox
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
