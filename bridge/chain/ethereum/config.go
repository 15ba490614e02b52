package ethereum

import (
	"crypto/ecdsa"
	"errors"
	"fmt"
	"io"
	"math/big"
	"os"
	"strings"
	"time"

	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/crypto"

	"github.com/ipdm-network/ipdm/x/bridge/wire"
)

// Config says which contracts to serve, and how.
type Config struct {
	Name         string            // in logs and metrics
	URLs         []string          // of JSON-RPC endpoints, the first of which simulates
	Contract     common.Address    // IpdmLightClient
	Gateway      common.Address    // IpdmGateway; zero if only checkpoints are handed over
	Domain       wire.Domain       // that the gateway has to be of; 0 is not checked
	FirstBlock   uint64            // from which the gateway's events are looked for
	Key          *ecdsa.PrivateKey // of the account that pays
	MaxFee       *big.Int          // wei for a unit of gas; nil for DefaultMaxFee
	Poll         time.Duration     // how often a receipt is looked for
	ReplaceAfter time.Duration     // without a receipt the fees are raised
	Timeout      time.Duration     // of handing over one checkpoint or message
	CallTimeout  time.Duration     // of one request
}

const (
	defaultName        = "ethereum"
	defaultCallTimeout = 15 * time.Second
)

// DefaultMaxFee is the most that a unit of gas costs unless a Config says otherwise, in wei: 200 gwei. An endpoint that suggests
// absurd fees cannot spend more.
var DefaultMaxFee = big.NewInt(200_000_000_000)

// withDefaults fills in what is zero. It fails if something is missing that has no default.
func (c Config) withDefaults() (Config, error) {
	if len(c.URLs) == 0 || c.Key == nil || c.Contract == (common.Address{}) {
		return Config{}, errors.New("endpoints, key and contract have to be given")
	}
	if c.Name == "" {
		c.Name = defaultName
	}
	if c.MaxFee == nil {
		c.MaxFee = DefaultMaxFee
	}
	for _, d := range []struct {
		at *time.Duration
		by time.Duration
	}{{&c.Poll, time.Second}, {&c.ReplaceAfter, 40 * time.Second}, {&c.Timeout, 15 * time.Minute}, {&c.CallTimeout, defaultCallTimeout}} {
		if *d.at == 0 {
			*d.at = d.by
		}
	}
	return c, nil
}

// maxKeyFileBytes is more than a private key in hex takes.
const maxKeyFileBytes = 1 << 10

// LoadKey reads a private key, 64 hex digits with or without 0x, from a file that nobody else may read.
func LoadKey(path string) (*ecdsa.PrivateKey, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("failed to read the key: %w", err)
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return nil, fmt.Errorf("failed to read the key: %w", err)
	}
	if info.Mode().Perm()&0o077 != 0 {
		return nil, fmt.Errorf("others may read %s: chmod 600 %s", path, path)
	}
	raw, err := io.ReadAll(io.LimitReader(file, maxKeyFileBytes))
	if err != nil {
		return nil, fmt.Errorf("failed to read the key: %w", err)
	}
	key, err := crypto.HexToECDSA(strings.TrimPrefix(strings.TrimSpace(string(raw)), "0x"))
	if err != nil {
		return nil, fmt.Errorf("%s holds no private key in hex", path) // the error could quote the key
	}
	return key, nil
}
