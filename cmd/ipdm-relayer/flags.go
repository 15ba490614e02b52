package main

import (
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"
)

// flags are those of every command.
type flags struct {
	config      string
	chainGRPC   []string
	rpc         []string
	lightClient string
	keyFile     string
	logLevel    string
	logFormat   string
	json        bool
}

func (f *flags) add(root *cobra.Command) {
	all := root.PersistentFlags()
	all.StringVar(&f.config, "config", "", "configuration file (default ~/.ipdm-relayer/config.toml, if it is there)")
	all.StringSliceVar(&f.chainGRPC, "chain-grpc", nil, "gRPC of a node of the chain, HOST:PORT; may be repeated")
	all.StringSliceVar(&f.rpc, "ethereum-rpc", nil, "JSON-RPC endpoint of Ethereum, in place of those in the file; may be repeated")
	all.StringVar(&f.lightClient, "ethereum-light-client", "", "address of the light client on Ethereum")
	all.StringVar(&f.keyFile, "ethereum-key-file", "", "file with the private key of the account that pays on Ethereum")
	all.StringVar(&f.logLevel, "log-level", "", "debug, info, warn or error")
	all.StringVar(&f.logFormat, "log-format", "", "text or json")
	all.BoolVar(&f.json, "json", false, "print results as JSON")
}

// envPrefix begins the names of variables.
const envPrefix = "IPDM_RELAYER_"

// defaultConfigPath is where a configuration is looked for.
func defaultConfigPath() string {
	home, err := os.UserHomeDir()
	if err != nil {
		return "config.toml"
	}
	return filepath.Join(home, ".ipdm-relayer", "config.toml")
}

// path is where the configuration is, and whether somebody has said so.
func (f *flags) path() (path string, named bool) {
	if f.config != "" {
		return f.config, true
	}
	if path := os.Getenv(envPrefix + "CONFIG"); path != "" {
		return path, true
	}
	return defaultConfigPath(), false
}

// load puts the settings together.
func (f *flags) load() (config, error) {
	path, named := f.path()
	var cfg config
	if _, err := os.Stat(path); err == nil || named {
		var err error
		if cfg, err = loadConfig(path); err != nil {
			return config{}, err
		}
	}
	pick := func(into *[]string, flag []string, variable string) {
		if len(flag) > 0 {
			*into = flag
		} else if text := os.Getenv(envPrefix + variable); text != "" {
			*into = list(text)
		}
	}
	word := func(into *string, flag, variable string) {
		if flag != "" {
			*into = flag
		} else if text := os.Getenv(envPrefix + variable); text != "" {
			*into = text
		}
	}
	pick(&cfg.Chain.GRPC, f.chainGRPC, "CHAIN_GRPC")
	word(&cfg.Log.Level, f.logLevel, "LOG_LEVEL")
	word(&cfg.Log.Format, f.logFormat, "LOG_FORMAT")
	word(&cfg.Metrics.Listen, "", "METRICS_LISTEN")
	var one ethereumConfig
	if len(cfg.Ethereum) > 0 {
		one = cfg.Ethereum[0]
	}
	pick(&one.RPC, f.rpc, "ETHEREUM_RPC")
	word(&one.LightClient, f.lightClient, "ETHEREUM_LIGHT_CLIENT")
	word(&one.KeyFile, f.keyFile, "ETHEREUM_KEY_FILE")
	switch {
	case len(cfg.Ethereum) > 0:
		cfg.Ethereum[0] = one
	case len(one.RPC) > 0:
		cfg.Ethereum = []ethereumConfig{one}
	}
	return cfg, nil
}

// logger returns where the program tells what it does.
func (p *program) logger(cfg logConfig) (*slog.Logger, error) {
	level := slog.LevelInfo
	if cfg.Level != "" {
		if err := level.UnmarshalText([]byte(cfg.Level)); err != nil {
			return nil, fmt.Errorf("log level %q: want debug, info, warn or error", cfg.Level)
		}
	}
	opts := &slog.HandlerOptions{Level: level}
	switch strings.ToLower(cfg.Format) {
	case "", "text":
		return slog.New(slog.NewTextHandler(p.stderr, opts)), nil
	case "json":
		return slog.New(slog.NewJSONHandler(p.stderr, opts)), nil
	}
	return nil, fmt.Errorf("log format %q: want text or json", cfg.Format)
}
