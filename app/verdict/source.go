package verdict

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"cosmossdk.io/log/v2"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/ipdm-network/ipdm/app/abci"
	"github.com/ipdm-network/ipdm/app/sidecar"
	sidecarv1 "github.com/ipdm-network/ipdm/sdk/go/sidecar/v1"
	poreptypes "github.com/ipdm-network/ipdm/x/porep/types"
)

const (
	// readShare keeps the reading of state to one part in so many of the time, however many proofs wait.
	readShare = 20
	maxPause  = 2 * time.Second

	sectionHeaderBytes = poreptypes.MaxVerdictsSize - poreptypes.MaxVerdictSpan/verdictsPerByte
	verdictsPerByte    = 4
)

// Source says the verdicts of this validator. Make one with NewSource, give it the chain with Attach, and Close it.
type Source struct {
	validator sdk.ConsAddress
	poller    *sidecar.Poller
	sidecar   sidecarv1.VerdictServiceClient
	metrics   *metrics

	mu       sync.Mutex
	chain    Chain                // guarded by mu; nil until Attach
	verdicts []poreptypes.Verdict // to be said, by seal; guarded by mu

	// The rest belongs to the poller's goroutine.
	known map[uint64]bool // verdicts of proofs that wait
	named int             // proofs in the last request
}

var _ abci.Source = (*Source)(nil)

// NewSource makes a source for a validator with the sidecar that cfg names, which need not run. registry may be nil.
func NewSource(cfg sidecar.Config, validator sdk.ConsAddress, logger log.Logger, registry prometheus.Registerer) (*Source, error) {
	m, err := newMetrics(registry)
	if err != nil {
		return nil, err
	}
	poller, err := sidecar.NewPoller(cfg, "verdicts on seal proofs", logger.With(log.ModuleKey, "seal-verdicts"))
	if err != nil {
		return nil, err
	}
	s := &Source{
		validator: validator,
		poller:    poller,
		sidecar:   sidecarv1.NewVerdictServiceClient(poller.Conn()),
		metrics:   m,
		known:     map[uint64]bool{},
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
func (*Source) Kind() abci.SectionKind { return abci.KindSealVerdicts }

// Pending implements abci.Source. It waits for nothing: what the sidecar knows by now is said after the next block.
func (s *Source) Pending(_ context.Context, committedHeight int64, limitBytes int) ([]byte, error) {
	if committedHeight > 0 { // there is no state before the first block
		s.poller.Committed()
	}
	s.mu.Lock()
	verdicts := s.verdicts
	s.mu.Unlock()
	return encode(verdicts, limitBytes)
}

// encode makes a section of the verdicts that fit, those of the oldest proofs first.
func encode(verdicts []poreptypes.Verdict, limitBytes int) ([]byte, error) {
	span := min((limitBytes-sectionHeaderBytes)*verdictsPerByte, poreptypes.MaxVerdictSpan)
	if span <= 0 || len(verdicts) == 0 {
		return nil, nil
	}
	first := verdicts[0].SealID
	n := 0
	for n < len(verdicts) && verdicts[n].SealID-first < uint64(span) {
		n++
	}
	return poreptypes.EncodeVerdicts(verdicts[:n])
}

// round looks which proofs wait, asks for verdicts on them, and puts together what is to be said.
func (s *Source) round(ctx context.Context) (rest time.Duration, err error) {
	s.mu.Lock()
	chain := s.chain
	s.mu.Unlock()
	if chain == nil {
		return 0, nil
	}
	begin := time.Now()
	seals, err := s.waiting(ctx, chain)
	rest = min(readShare*time.Since(begin), maxPause)
	if err != nil {
		return rest, err
	}
	s.metrics.pending.Set(float64(len(seals)))

	waits := make(map[uint64]bool, len(seals))
	for _, seal := range seals {
		waits[seal.SealId] = true
	}
	maps.DeleteFunc(s.known, func(id uint64, _ bool) bool { return !waits[id] })
	if len(seals) > 0 || s.named > 0 {
		err = s.ask(ctx, seals, waits)
	}

	verdicts := make([]poreptypes.Verdict, 0, len(s.known))
	for id, valid := range s.known {
		verdicts = append(verdicts, poreptypes.Verdict{SealID: id, Valid: valid})
	}
	slices.SortFunc(verdicts, func(a, b poreptypes.Verdict) int { return cmp.Compare(a.SealID, b.SealID) })
	s.metrics.said.Set(float64(len(verdicts)))
	s.mu.Lock()
	s.verdicts = verdicts
	s.mu.Unlock()
	return rest, err
}

// waiting lists the proofs that wait for this validator; none while it is not validating.
func (s *Source) waiting(ctx context.Context, chain Chain) ([]*sidecarv1.SealToJudge, error) {
	validating, err := chain.Validating(ctx, s.validator)
	if err != nil {
		return nil, fmt.Errorf("failed to read the validators: %w", err)
	}
	if !validating {
		return nil, nil
	}
	return toJudge(ctx, chain, s.validator)
}

// ask takes the sidecar's verdicts on proofs that wait. The first verdict on a proof stands, for the chain counts no second.
func (s *Source) ask(ctx context.Context, seals []*sidecarv1.SealToJudge, waits map[uint64]bool) error {
	s.metrics.asked.Inc()
	ctx, cancel := s.poller.Deadline(ctx)
	defer cancel()
	response, err := s.sidecar.Verdicts(ctx, &sidecarv1.VerdictsRequest{Seals: seals})
	if err != nil {
		s.metrics.failed.Inc()
		s.metrics.up.Set(0)
		return fmt.Errorf("%w: %w", sidecar.ErrNoAnswer, err)
	}
	s.metrics.up.Set(1)
	s.named = len(seals)
	for _, v := range response.GetVerdicts() {
		if _, known := s.known[v.GetSealId()]; !known && waits[v.GetSealId()] {
			s.known[v.GetSealId()] = v.GetValid()
		}
	}
	return nil
}
