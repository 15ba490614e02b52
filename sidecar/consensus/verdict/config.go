package verdict

import (
	"log/slog"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// Config tunes a Judge. Start from DefaultConfig.
type Config struct {
	// Fetches is how many proofs are fetched at a time, and so held in memory.
	Fetches int
	// FetchTimeout is how long one attempt to fetch a proof may take.
	FetchTimeout time.Duration
	// RetryLeast and RetryMost bound the pause after a failed attempt, which doubles each time.
	RetryLeast, RetryMost time.Duration
}

// DefaultConfig is for a node that does other work as well.
func DefaultConfig() Config {
	return Config{Fetches: 4, FetchTimeout: time.Minute, RetryLeast: 500 * time.Millisecond, RetryMost: 30 * time.Second}
}

// Deps are what a Judge works with.
type Deps struct {
	Content Content
	Network Network
	// Registry takes the metrics; may be nil.
	Registry prometheus.Registerer
	// Logger may be nil.
	Logger *slog.Logger
}
