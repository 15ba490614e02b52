package provider

import (
	"context"
	"fmt"
	"log/slog"
	"sync"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/ipdm-network/ipdm/sidecar/consensus/chain"
	markettypes "github.com/ipdm-network/ipdm/x/market/types"
)

// Deps are what an Agent works with.
type Deps struct {
	Chain  Chain
	Sender Sender
	Data   Data
	// Endpoint tells where the node is reached now.
	Endpoint func() markettypes.Endpoint
	// Log may be nil.
	Log *slog.Logger
	// Registry takes the metrics; may be nil.
	Registry prometheus.Registerer
}

// Agent is a storage provider at work. All methods may be called concurrently.
type Agent struct {
	cfg      Config
	chain    Chain
	sender   Sender
	data     Data
	endpoint func() markettypes.Endpoint
	log      *slog.Logger
	metrics  *metrics
	address  string
	queue    *queue
	status   *board
	healing  *healing
	jobs     *jobs
}

// New makes an agent; Run sets it to work.
func New(cfg Config, deps Deps) (*Agent, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	log := deps.Log
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	address := deps.Sender.Address()
	if _, err := chain.ParseAddress(address); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrConfig, err)
	}
	m, err := newMetrics(deps.Registry)
	if err != nil {
		return nil, err
	}
	return &Agent{
		cfg:      cfg,
		chain:    deps.Chain,
		sender:   deps.Sender,
		data:     deps.Data,
		endpoint: deps.Endpoint,
		log:      log.With("provider", address),
		metrics:  m,
		address:  address,
		queue:    newQueue(deps.Sender),
		status:   newBoard(address, !cfg.HealingPaused),
		healing:  newHealing(!cfg.HealingPaused),
		jobs:     newJobs(cfg.FetchWorkers),
	}, nil
}

// Run works until ctx is done, and returns when every goroutine it started has ended. It is called once. Nothing that the
// chain or other nodes do ends it: problems are logged, counted and shown by Status.
func (a *Agent) Run(ctx context.Context) {
	proving, maintaining := newTips(), newTips()
	var wg sync.WaitGroup
	wg.Go(func() { a.queue.run(ctx) })
	wg.Go(func() { a.prove(ctx, proving) })
	wg.Go(func() { a.maintain(ctx, maintaining, &wg) })
	wg.Go(func() { a.watch(ctx, proving, maintaining) })
	wg.Wait()
}

// Status returns the agent's state as of the newest block it has seen.
func (a *Agent) Status() Status { return a.status.read() }

// SetHealing pauses or resumes healing. A paused agent neither fetches what is missing nor proves faulty units again. Pausing
// interrupts a fetch that is under way.
func (a *Agent) SetHealing(enabled bool) {
	a.healing.set(enabled)
	a.status.change(func(s *Status) { s.Healing = enabled })
	a.log.Info("healing was set", "enabled", enabled)
}

// problem records something that the operator should know of.
func (a *Agent) problem(ctx context.Context, what string, err error) {
	if ctx.Err() != nil {
		return // the agent is being stopped
	}
	a.metrics.errors.WithLabelValues(what).Inc()
	if a.status.problem(fmt.Sprintf("%s: %v", what, err)) {
		a.log.Warn(what, "err", err)
	}
}
