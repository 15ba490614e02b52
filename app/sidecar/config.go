package sidecar

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"time"

	cmtjson "github.com/cometbft/cometbft/libs/json"
	"github.com/cometbft/cometbft/privval"
	"github.com/spf13/cast"

	"github.com/cosmos/cosmos-sdk/client/flags"
	servertypes "github.com/cosmos/cosmos-sdk/server/types"
	sdk "github.com/cosmos/cosmos-sdk/types"
)

// The names of the settings in app.toml, and of the flags.
const (
	KeyAddress   = "sidecar.address"
	KeyTimeout   = "sidecar.timeout"
	KeyValidator = "sidecar.validator"
)

const (
	// DefaultTimeout is how long the sidecar may take for an answer.
	DefaultTimeout = 300 * time.Millisecond
	maxTimeout     = 10 * time.Second

	keyValidatorKeyFile = "priv_validator_key_file" // of config.toml
)

// ErrConfig is wrapped by every error about the settings.
var ErrConfig = errors.New("invalid [sidecar] settings")

// Config is the section [sidecar] of app.toml.
type Config struct {
	// Address is where the sidecar's API listens, HOST:PORT on loopback; empty for none.
	Address string `mapstructure:"address"`
	// Timeout is how long it may take for an answer.
	Timeout time.Duration `mapstructure:"timeout"`
	// Validator is the validator's consensus address; empty for that of the key file of the home.
	Validator string `mapstructure:"validator"`
}

// DefaultConfig names no sidecar.
func DefaultConfig() Config { return Config{Timeout: DefaultTimeout} }

// Template is the section in app.toml, for a structure with a Config named Sidecar.
const Template = `
###############################################################################
###                                 Sidecar                                 ###
###############################################################################

[sidecar]

# API of the data node that judges seal proofs and reads the bridge's gateways for this validator, HOST:PORT on loopback, as
# its home's file "api" or [api] listen says. Empty: this validator gives no verdicts, earns no verdict fees, and does not
# vote on what comes from other chains.
address = "{{ .Sidecar.Address }}"

# How long it may take for an answer. Consensus never waits for it.
timeout = "{{ .Sidecar.Timeout }}"

# Consensus address of the validator, if its key is not in priv_validator_key_file but with a remote signer.
validator = "{{ .Sidecar.Validator }}"
`

// ReadConfig reads the settings of a node. It fails with ErrConfig. Settings that are not there have their default.
func ReadConfig(opts servertypes.AppOptions) (Config, error) {
	cfg := DefaultConfig()
	cfg.Address = cast.ToString(opts.Get(KeyAddress))
	cfg.Validator = cast.ToString(opts.Get(KeyValidator))
	if value := opts.Get(KeyTimeout); value != nil {
		var err error
		if cfg.Timeout, err = cast.ToDurationE(value); err != nil {
			return cfg, fmt.Errorf("%w: timeout: %w", ErrConfig, err)
		}
	}
	return cfg, cfg.Validate()
}

// Validate fails with ErrConfig when the settings cannot work.
func (c Config) Validate() error {
	if c.Address != "" {
		if err := CheckAddress(c.Address); err != nil {
			return err
		}
	}
	if c.Timeout <= 0 || c.Timeout > maxTimeout {
		return fmt.Errorf("%w: timeout %s: must be above 0 and at most %s", ErrConfig, c.Timeout, maxTimeout)
	}
	if c.Validator != "" {
		if _, err := sdk.ConsAddressFromBech32(c.Validator); err != nil {
			return fmt.Errorf("%w: validator %q: %w", ErrConfig, c.Validator, err)
		}
	}
	return nil
}

// CheckAddress fails with ErrConfig unless address is HOST:PORT of this machine: a sidecar is trusted with the validator's stake,
// and the way to it is not encrypted.
func CheckAddress(address string) error {
	host, port, err := net.SplitHostPort(address)
	if err != nil || port == "" || port == "0" {
		return fmt.Errorf("%w: address %q is not HOST:PORT", ErrConfig, address)
	}
	if ip := net.ParseIP(host); host != "localhost" && (ip == nil || !ip.IsLoopback()) {
		return fmt.Errorf("%w: address %q is not on this machine, such as 127.0.0.1:5001", ErrConfig, address)
	}
	return nil
}

// ValidatorAddress returns the consensus address of the node: the one that is set, otherwise that of the key file. It fails with
// ErrConfig when there is neither.
func (c Config) ValidatorAddress(opts servertypes.AppOptions) (sdk.ConsAddress, error) {
	if c.Validator != "" {
		return sdk.ConsAddressFromBech32(c.Validator)
	}
	file := cast.ToString(opts.Get(keyValidatorKeyFile))
	if file == "" {
		file = filepath.Join("config", "priv_validator_key.json")
	}
	if !filepath.IsAbs(file) {
		file = filepath.Join(cast.ToString(opts.Get(flags.FlagHome)), file)
	}
	raw, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%w: there is no %s: set validator to the validator's consensus address", ErrConfig, file)
	}
	if err != nil {
		return nil, fmt.Errorf("failed to read the validator's key: %w", err)
	}
	var key privval.FilePVKey
	if !json.Valid(raw) {
		return nil, fmt.Errorf("%w: %s is no JSON", ErrConfig, file)
	}
	if err := cmtjson.Unmarshal(raw, &key); err != nil || key.PubKey == nil {
		return nil, fmt.Errorf("%w: %s holds no validator key", ErrConfig, file)
	}
	return sdk.ConsAddress(key.PubKey.Address()), nil
}
