package chain

import (
	"fmt"
	"net"
	"strings"
	"time"

	sdk "github.com/cosmos/cosmos-sdk/types"
)

// Config says which chain to talk to and how. Start from DefaultConfig.
type Config struct {
	// Endpoints are the gRPC addresses of nodes, host:port, the preferred one first. With the prefix https:// the connection
	// is encrypted and the node's certificate is checked.
	Endpoints []string
	// ChainID is the chain to follow; nodes of another one are not used. Empty accepts the first node's.
	ChainID string
	// GasPrice is what is paid for a unit of gas, such as 0aipdm.
	GasPrice string
	// GasAdjustment multiplies simulated gas; at least 1.
	GasAdjustment float64
	// MinGas is the least gas that a transaction asks for.
	MinGas uint64
	// RequestTimeout bounds one request to one node.
	RequestTimeout time.Duration
	// StaleAfter is how long a node's chain may stand still before the others are asked whether they are ahead.
	StaleAfter time.Duration
	// PollInterval is the pause between looks for a transaction in a block.
	PollInterval time.Duration
	// InclusionTimeout bounds the wait for a transaction in a block.
	InclusionTimeout time.Duration
}

// DefaultConfig returns the settings for the given nodes and chain.
func DefaultConfig(chainID string, endpoints ...string) Config {
	return Config{
		Endpoints:        endpoints,
		ChainID:          chainID,
		GasPrice:         "0" + BaseDenom,
		GasAdjustment:    1.3,
		MinGas:           100_000,
		RequestTimeout:   3 * time.Second,
		StaleAfter:       10 * time.Second,
		PollInterval:     100 * time.Millisecond,
		InclusionTimeout: 60 * time.Second,
	}
}

// Validate reports the first setting that cannot work; the error wraps ErrConfig.
func (c Config) Validate() error {
	if len(c.Endpoints) == 0 {
		return fmt.Errorf("%w: no chain node is configured: give one with --chain-grpc HOST:PORT", ErrConfig)
	}
	for _, endpoint := range c.Endpoints {
		if _, _, err := splitEndpoint(endpoint); err != nil {
			return err
		}
	}
	if _, err := sdk.ParseDecCoin(c.GasPrice); err != nil {
		return fmt.Errorf("%w: gas price %q: %w", ErrConfig, c.GasPrice, err)
	}
	if !(c.GasAdjustment >= 1 && c.GasAdjustment <= 100) {
		return fmt.Errorf("%w: gas adjustment %v is not between 1 and 100", ErrConfig, c.GasAdjustment)
	}
	for _, d := range []struct {
		name  string
		value time.Duration
	}{
		{"request timeout", c.RequestTimeout},
		{"stale-after", c.StaleAfter},
		{"poll interval", c.PollInterval},
		{"inclusion timeout", c.InclusionTimeout},
	} {
		if d.value <= 0 {
			return fmt.Errorf("%w: %s must be above zero", ErrConfig, d.name)
		}
	}
	return nil
}

// splitEndpoint returns the host:port of an endpoint and whether it is to be encrypted.
func splitEndpoint(endpoint string) (target string, secure bool, err error) {
	target, secure = strings.CutPrefix(endpoint, "https://")
	target = strings.TrimPrefix(target, "http://")
	host, port, err := net.SplitHostPort(target)
	if err != nil || host == "" || port == "" {
		return "", false, fmt.Errorf("%w: chain node %q is not HOST:PORT", ErrConfig, endpoint)
	}
	return target, secure, nil
}
