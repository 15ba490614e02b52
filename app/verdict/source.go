package verdict

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"runtime/debug"
	"slices"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"google.golang.org/grpc"
	"google.golang.org/grpc/backoff"
	"google.golang.org/grpc/credentials/insecure"

	"cosmossdk.io/log/v2"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/ipdm-network/ipdm/app/abci"
	sidecarv1 "github.com/ipdm-network/ipdm/sdk/go/sidecar/v1"
	poreptypes "github.com/ipdm-network/ipdm/x/porep/types"
)

const (
	// maxAnswerBytes bounds what the sidecar may answer; a verdict takes up to 15 bytes.
	maxAnswerBytes = 64 << 10
	// readShare keeps the reading of state to one part in so many of the time, however many proofs wait.
	readShare = 20
	maxPause  = 2 * time.Second

	sectionHeaderBytes = poreptypes.MaxVerdictsSize - poreptypes.MaxVerdictSpan/verdictsPerByte
	verdictsPerByte    = 4
)

// Source says the verdicts of this validator. Make one with NewSource, give it the chain with Attach, and Close it.
type Source struct {
	validator sdk.ConsAddress
	timeout   time.Duration
	conn      *grpc.ClientConn
	sidecar   sidecarv1.VerdictServiceClient
	log       log.Logger
	metrics   *metrics

	commits chan struct{} // signals that a block has been committed
	stop    context.CancelFunc
	done    chan struct{} // closed when the goroutine has returned

	mu       sync.Mutex
	chain    Chain                // guarded by mu; nil until Attach
	verdicts []poreptypes.Verdict // to be said, by seal; guarded by mu

	// The rest belongs to the goroutine.
	known    map[uint64]bool // verdicts of proofs that wait
	named    int             // proofs in the last request
	nextRead time.Time
	trouble  string // what is wrong, empty if nothing; logged when it changes
}

var _ abci.Source = (*Source)(nil)

// NewSource makes a source for a validator with the sidecar that cfg names, which need not run. registry may be nil.
func NewSource(cfg Config, validator sdk.ConsAddress, logger log.Logger, registry prometheus.Registerer) (*Source, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	m, err := newMetrics(registry)
	if err != nil {
		return nil, err
	}
	conn, err := grpc.NewClient("passthrough:///"+cfg.Address,
		grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithConnectParams(grpc.ConnectParams{
			Backoff:           backoff.Config{BaseDelay: 200 * time.Millisecond, Multiplier: 1.6, Jitter: 0.2, MaxDelay: 5 * time.Second},
			MinConnectTimeout: time.Second,
		}),
		grpc.WithDefaultCallOptions(grpc.MaxCallRecvMsgSize(maxAnswerBytes)),
	)
	if err != nil {
		return nil, fmt.Errorf("%w: address %q: %w", ErrConfig, cfg.Address, err)
	}
	ctx, stop := context.WithCancel(context.Background())
	s := &Source{
		validator: validator,
		timeout:   cfg.Timeout,
		conn:      conn,
		sidecar:   sidecarv1.NewVerdictServiceClient(conn),
		log:       logger.With(log.ModuleKey, "seal-verdicts"),
		metrics:   m,
		commits:   make(chan struct{}, 1),
		stop:      stop,
		done:      make(chan struct{}),
		known:     map[uint64]bool{},
	}
	go s.work(ctx)
	return s, nil
}

// Attach gives the source the chain. Before that it says nothing.
func (s *Source) Attach(chain Chain) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.chain = chain
}

// Close ends the goroutine of the source and its connection. It may be called more than once.
func (s *Source) Close() error {
	s.stop()
	<-s.done
	if err := s.conn.Close(); err != nil && !errors.Is(err, grpc.ErrClientConnClosing) {
		return fmt.Errorf("failed to close the connection to the sidecar: %w", err)
	}
	return nil
}

// Kind implements abci.Source.
func (*Source) Kind() abci.SectionKind { return abci.KindSealVerdicts }

// Pending implements abci.Source. It waits for nothing: what the sidecar knows by now is said after the next block.
func (s *Source) Pending(_ context.Context, committedHeight int64, limitBytes int) ([]byte, error) {
	if committedHeight > 0 { // there is no state before the first block
		s.wake()
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

func (s *Source) wake() {
	select {
	case s.commits <- struct{}{}:
	default:
	}
}

func (s *Source) work(ctx context.Context) {
	defer close(s.done)
	for {
		select {
		case <-ctx.Done():
			return
		case <-s.commits:
		}
		if time.Now().Before(s.nextRead) {
			continue // what was said is said again
		}
		err := s.round(ctx)
		if ctx.Err() != nil {
			return
		}
		s.report(err)
	}
}

// round looks which proofs wait, asks for verdicts on them, and puts together what is to be said.
func (s *Source) round(ctx context.Context) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("panic: %v\n%s", r, debug.Stack())
		}
	}()
	s.mu.Lock()
	chain := s.chain
	s.mu.Unlock()
	if chain == nil {
		return nil
	}
	begin := time.Now()
	seals, err := s.waiting(ctx, chain)
	s.nextRead = time.Now().Add(min(readShare*time.Since(begin), maxPause))
	if err != nil {
		return err
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
	return err
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
	ctx, cancel := context.WithTimeout(ctx, s.timeout)
	defer cancel()
	response, err := s.sidecar.Verdicts(ctx, &sidecarv1.VerdictsRequest{Seals: seals})
	if err != nil {
		s.metrics.failed.Inc()
		s.metrics.up.Set(0)
		return fmt.Errorf("%w: %w", errSidecar, err)
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

// errSidecar marks what is wrong with the sidecar.
var errSidecar = errors.New("the sidecar gives no verdicts")

// report logs what is wrong once, and once that it is over.
func (s *Source) report(err error) {
	trouble := ""
	switch {
	case errors.Is(err, errSidecar):
		trouble = "sidecar"
	case err != nil:
		trouble = "state"
	}
	if trouble == s.trouble {
		return
	}
	s.trouble = trouble
	if err != nil {
		s.log.Error("no verdicts on seal proofs", "sidecar", s.conn.Target(), "err", err)
		return
	}
	s.log.Info("verdicts on seal proofs again", "sidecar", s.conn.Target())
}
