package inbound

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"cosmossdk.io/log/v2"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/ipdm-network/ipdm/app/abci"
	"github.com/ipdm-network/ipdm/app/sidecar"
	sidecarv1 "github.com/ipdm-network/ipdm/sdk/go/sidecar/v1"
	"github.com/ipdm-network/ipdm/x/bridge/wire"
)

// Chain is the newest committed state. Its methods may be called at any time.
type Chain interface {
	// Validating tells whether the owner of a consensus address takes part in consensus.
	Validating(ctx context.Context, validator sdk.ConsAddress) (bool, error)
	// InboundTargets lists what is asked for, one target for each domain at most.
	InboundTargets(ctx context.Context) ([]wire.RangeTarget, error)
}

// Source says the votes of this validator. Make one with NewSource, give it the chain with Attach, and Close it. It is safe for
// concurrent use.
type Source struct {
	validator sdk.ConsAddress
	poller    *sidecar.Poller
	sidecar   sidecarv1.InboundServiceClient
	metrics   *metrics

	mu    sync.Mutex
	chain Chain            // guarded by mu; nil until Attach
	votes []wire.RangeVote // to be said, by domain; guarded by mu

	// The rest belongs to the poller's goroutine.
	known map[wire.RangeTarget]wire.RangeVote // the newest answers to targets that state has
	named int                                 // targets in the last request that was answered
}

var _ abci.Source = (*Source)(nil)

// NewSource makes a source for a validator with the sidecar that cfg names, which need not run. registry may be nil. It fails with
// sidecar.ErrConfig, or if the metrics cannot be registered.
func NewSource(cfg sidecar.Config, validator sdk.ConsAddress, logger log.Logger, registry prometheus.Registerer) (*Source, error) {
	m, err := newMetrics(registry)
	if err != nil {
		return nil, err
	}
	poller, err := sidecar.NewPoller(cfg, "votes on the events of other chains", logger.With(log.ModuleKey, "inbound-ranges"))
	if err != nil {
		return nil, err
	}
	s := &Source{
		validator: validator,
		poller:    poller,
		sidecar:   sidecarv1.NewInboundServiceClient(poller.Conn()),
		metrics:   m,
		known:     map[wire.RangeTarget]wire.RangeVote{},
	}
	poller.Start(s.round)
	return s, nil
}

// Attach gives the source the chain. Before that it says nothing.
func (s *Source) Attach(chain Chain) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.chain = chain
}

// Close ends the goroutine of the source and its connection. It may be called more than once.
func (s *Source) Close() error { return s.poller.Close() }

// Kind implements abci.Source.
func (*Source) Kind() abci.SectionKind { return abci.KindInboundRanges }

// Pending implements abci.Source. It waits for nothing: what the sidecar knows by now is said after the next block.
func (s *Source) Pending(_ context.Context, committedHeight int64, limitBytes int) ([]byte, error) {
	if committedHeight > 0 { // there is no state before the first block
		s.poller.Committed()
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return wire.EncodeRangeVotes(s.votes, limitBytes), nil
}

// round looks what is asked for, asks the sidecar, and puts together what is to be said.
func (s *Source) round(ctx context.Context) (time.Duration, error) {
	s.mu.Lock()
	chain := s.chain
	s.mu.Unlock()
	if chain == nil {
		return 0, nil
	}
	targets, err := s.targets(ctx, chain)
	if err != nil {
		return 0, err
	}
	s.keep(targets)
	if len(targets) > 0 || s.named > 0 {
		err = s.ask(ctx, targets)
	}

	votes := make([]wire.RangeVote, 0, len(s.known))
	for _, vote := range s.known {
		votes = append(votes, vote)
	}
	slices.SortFunc(votes, func(a, b wire.RangeVote) int { return cmp.Compare(a.Domain, b.Domain) })
	s.metrics.targets.Set(float64(len(targets)))
	s.metrics.said.Set(float64(len(votes)))
	s.mu.Lock()
	s.votes = votes
	s.mu.Unlock()
	return 0, err
}

// targets lists what this validator is asked for, by domain and as many as a section takes; nothing while it is not validating.
func (s *Source) targets(ctx context.Context, chain Chain) ([]wire.RangeTarget, error) {
	validating, err := chain.Validating(ctx, s.validator)
	if err != nil {
		return nil, fmt.Errorf("failed to read the validators: %w", err)
	}
	if !validating {
		return nil, nil
	}
	targets, err := chain.InboundTargets(ctx)
	if err != nil {
		return nil, fmt.Errorf("failed to read what is asked of other chains: %w", err)
	}
	targets = slices.Clone(targets)
	slices.SortFunc(targets, func(a, b wire.RangeTarget) int { return cmp.Compare(a.Domain, b.Domain) })
	return targets[:min(len(targets), wire.MaxRangeVotes)], nil
}

// keep forgets the answers to all but the targets.
func (s *Source) keep(targets []wire.RangeTarget) {
	for target := range s.known {
		if !slices.Contains(targets, target) {
			delete(s.known, target)
		}
	}
}

// ask takes the sidecar's answers to targets. The newest answer to one counts; what it does not know now stays as it was.
func (s *Source) ask(ctx context.Context, targets []wire.RangeTarget) error {
	s.metrics.asked.Inc()
	ctx, cancel := s.poller.Deadline(ctx)
	defer cancel()
	response, err := s.sidecar.Ranges(ctx, requestFor(targets))
	if err != nil {
		s.metrics.failed.Inc()
		return fmt.Errorf("%w: %w", sidecar.ErrNoAnswer, err)
	}
	s.named = len(targets)
	for _, m := range response.GetRanges() {
		for _, target := range targets {
			if vote, ok := answerTo(target, m); ok {
				s.known[target] = vote
			}
		}
	}
	return nil
}
