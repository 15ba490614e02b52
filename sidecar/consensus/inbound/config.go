package inbound

import (
	"context"
	"log/slog"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/ipdm-network/ipdm/bridge/relayer"
	"github.com/ipdm-network/ipdm/x/bridge/wire"
)

// Reader reads the events of one gateway; those of bridge/chain do.
type Reader interface {
	// Events reads final events, at most limit from a nonce on, as relayer.Gateway says.
	Events(ctx context.Context, first uint64, limit int) (relayer.Events, error)
}

// Gateway is a gateway to observe.
type Gateway struct {
	Domain      wire.Domain // of its chain
	Application wire.Party  // its address
	Reader      Reader      // called by one goroutine at a time
}

// Config tunes an Observer. Start from DefaultConfig.
type Config struct {
	// Poll is the least pause between two attempts to read a gateway.
	Poll time.Duration
	// RetryMost bounds the pause after attempts that failed, which begins with Poll and doubles each time.
	RetryMost time.Duration
	// ReadTimeout is how long one attempt may take. Readers bound their requests themselves; a first look at a long history takes many.
	ReadTimeout time.Duration
}

// DefaultConfig is for chains with blocks of seconds.
func DefaultConfig() Config {
	return Config{Poll: time.Second, RetryMost: 30 * time.Second, ReadTimeout: 5 * time.Minute}
}

// Deps are what an Observer works with.
type Deps struct {
	// Gateways are those to observe, one for each domain.
	Gateways []Gateway
	// Registry takes the metrics; may be nil.
	Registry prometheus.Registerer
	// Logger may be nil.
	Logger *slog.Logger
}
