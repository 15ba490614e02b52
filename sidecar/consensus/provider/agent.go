package provider

import (
	"context"
	"fmt"
	"log/slog"
	"sync"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/ipdm-network/ipdm/sidecar/consensus/chain"
	"github.com/ipdm-network/ipdm/sidecar/consensus/sectors"
	markettypes "github.com/ipdm-network/ipdm/x/market/types"
)

// Deps are what an Agent works with.
type Deps struct {
	Chain  Chain
	Sender Sender
	Data   Data
	// Endpoint tells where the node is reached now.
	Endpoint func() markettypes.Endpoint
	// Sealing is what sealed replicas are made with; nil on a node that never made any.
	Sealing *Sealing
	// Log may be nil.
	Log *slog.Logger
	// Registry takes the metrics; may be nil.
	Registry prometheus.Registerer
}

// Sealing is what sealed replicas are made with.
type Sealing struct {
	Config  sectors.Config
	Files   sectors.Files
	Records sectors.Records
	// Dir is where the numbers of sectors are written down.
	Dir string
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
	sectors  *sectors.Keeper // nil on a node that never sealed
	sealing  sectors.Config
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
	a := &Agent{
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
	}
	if deps.Sealing == nil || !deps.Sealing.Config.Offered {
		a.cfg.Ask.OpenOnly = true
	}
	if deps.Sealing == nil {
		return a, nil
	}
	a.sealing = deps.Sealing.Config
	a.sectors, err = sectors.New(deps.Sealing.Config, sectors.Deps{
		Chain: deps.Chain, Sender: lanes{a}, Leaves: leaves{deps.Data}, Files: deps.Sealing.Files, Records: deps.Sealing.Records,
		Dir: deps.Sealing.Dir, Restore: a.healUnit, Healing: a.healing.enabled, Report: a.problem, Log: a.log, Registry: deps.Registry,
	})
	return a, err
}

// Run works until ctx is done, and returns when every goroutine it started has ended. It is called once. Nothing that the
// chain or other nodes do ends it: problems are logged, counted and shown by Status.
func (a *Agent) Run(ctx context.Context) {
	open, sealed, challenged, maintaining := newTips(), newTips(), newTips(), newTips()
	readers := []*tips{open, challenged, maintaining}
	var wg sync.WaitGroup
	wg.Go(func() { a.queue.run(ctx) })
	wg.Go(func() { a.prove(ctx, openProver{a}, open) })
	if a.sectors != nil {
		readers = append(readers, sealed)
		wg.Go(func() { a.prove(ctx, sealedProver{a}, sealed) })
	}
	wg.Go(func() { a.answerChallenges(ctx, challenged) })
	wg.Go(func() { a.maintain(ctx, maintaining, &wg) })
	wg.Go(func() { a.watch(ctx, readers...) })
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
