package inbound_test

import (
	"bytes"
	"context"
	"net"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"

	"cosmossdk.io/log/v2"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/ipdm-network/ipdm/app/abci"
	"github.com/ipdm-network/ipdm/app/inbound"
	sidecarconfig "github.com/ipdm-network/ipdm/app/sidecar"
	sidecarv1 "github.com/ipdm-network/ipdm/sdk/go/sidecar/v1"
	"github.com/ipdm-network/ipdm/x/bridge/wire"
)

var validator = sdk.ConsAddress(bytes.Repeat([]byte{7}, 20))

// chain is committed state that a test writes.
type chain struct {
	mu         sync.Mutex
	targets    []wire.RangeTarget // guarded by mu
	validating bool               // guarded by mu
	fail       func() error       // guarded by mu; may panic
	reads      int                // guarded by mu
}

func newChain(targets ...wire.RangeTarget) *chain { return &chain{targets: targets, validating: true} }

func (c *chain) change(change func(*chain)) {
	c.mu.Lock()
	defer c.mu.Unlock()
	change(c)
}

// ask sets what is asked for.
func (c *chain) ask(targets ...wire.RangeTarget) { c.change(func(c *chain) { c.targets = targets }) }

func (c *chain) Validating(_ context.Context, address sdk.ConsAddress) (bool, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.reads++
	return c.validating && address.Equals(validator), nil
}

func (c *chain) InboundTargets(context.Context) ([]wire.RangeTarget, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.fail != nil {
		return nil, c.fail()
	}
	return c.targets, nil
}

func target(domain wire.Domain, first uint64) wire.RangeTarget {
	return wire.RangeTarget{Domain: domain, Application: wire.Party{31: byte(domain)}, FirstNonce: first, UntilMillis: 1_000 * (first + 1)}
}

// voteOn is what the sidecars here answer to a target: three events.
func voteOn(t wire.RangeTarget) wire.RangeVote {
	return wire.RangeVote{Domain: t.Domain, TimeMillis: t.UntilMillis, FirstNonce: t.FirstNonce, Count: 3, Root: wire.Hash{byte(t.Domain), byte(t.FirstNonce)}}
}

func votesOn(targets ...wire.RangeTarget) []wire.RangeVote {
	var votes []wire.RangeVote
	for _, t := range targets {
		votes = append(votes, voteOn(t))
	}
	return votes
}

func rangeOf(v wire.RangeVote) *sidecarv1.InboundRange {
	return &sidecarv1.InboundRange{Domain: uint32(v.Domain), TimeUnixMilli: v.TimeMillis, FirstNonce: v.FirstNonce, Count: v.Count, Root: v.Root[:]}
}

type answer func(ctx context.Context, asked []*sidecarv1.InboundTarget) (*sidecarv1.RangesResponse, error)

// answerAll knows three events after each first one.
func answerAll(_ context.Context, asked []*sidecarv1.InboundTarget) (*sidecarv1.RangesResponse, error) {
	response := &sidecarv1.RangesResponse{}
	for _, m := range asked {
		response.Ranges = append(response.Ranges, rangeOf(voteOn(target(wire.Domain(m.GetDomain()), m.GetFirstNonce()))))
	}
	return response, nil
}

// sidecar is the API of a data node whose answers a test writes.
type sidecar struct {
	sidecarv1.UnimplementedInboundServiceServer
	address string

	mu     sync.Mutex
	answer answer                     // guarded by mu
	calls  int                        // guarded by mu
	asked  []*sidecarv1.InboundTarget // guarded by mu
}

func (s *sidecar) Ranges(ctx context.Context, request *sidecarv1.RangesRequest) (*sidecarv1.RangesResponse, error) {
	s.mu.Lock()
	s.calls++
	s.asked = request.GetTargets()
	answer := s.answer
	s.mu.Unlock()
	return answer(ctx, request.GetTargets())
}

func (s *sidecar) reply(answer answer) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.answer = answer
}

func (s *sidecar) last() (calls int, asked []*sidecarv1.InboundTarget) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.calls, s.asked
}

// run serves the sidecar, at the address it had if it had one, until the test or the function returned ends it.
func (s *sidecar) run(t *testing.T) (stop func()) {
	t.Helper()
	if s.address == "" {
		s.address = "127.0.0.1:0"
	}
	listener, err := net.Listen("tcp", s.address)
	require.NoError(t, err)
	s.address = listener.Addr().String()
	server := grpc.NewServer()
	sidecarv1.RegisterInboundServiceServer(server, s)
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = server.Serve(listener) // it may be stopped before it has begun
	}()
	stop = sync.OnceFunc(func() {
		server.Stop()
		<-done
	})
	t.Cleanup(stop)
	return stop
}

// newSource makes a source on a chain and a sidecar, with what it logs.
func newSource(t *testing.T, c *chain, address string) (*inbound.Source, *logBook) {
	t.Helper()
	book := &logBook{}
	cfg := sidecarconfig.DefaultConfig()
	cfg.Address = address
	source, err := inbound.NewSource(cfg, validator, log.NewLogger(book, log.OutputJSONOption()), nil)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, source.Close()) })
	source.Attach(c)
	return source, book
}

type logBook struct {
	mu   sync.Mutex
	text bytes.Buffer // guarded by mu
}

func (b *logBook) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.Write(p)
}

func (b *logBook) lines() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return bytes.Count(b.text.Bytes(), []byte("\n"))
}

// said is what the source says after a commit.
func said(t *testing.T, s *inbound.Source) []wire.RangeVote {
	t.Helper()
	section, err := s.Pending(t.Context(), 5, abci.MaxExtensionBytes-4)
	require.NoError(t, err)
	if len(section) == 0 {
		return nil
	}
	votes, err := wire.DecodeRangeVotes(section)
	require.NoError(t, err)
	return votes
}

// awaitSaid commits until the source says what is wanted.
func awaitSaid(t *testing.T, s *inbound.Source, want ...wire.RangeVote) {
	t.Helper()
	await(t, func() bool { return assert.ObjectsAreEqual(want, said(t, s)) })
}

func await(t *testing.T, ok func() bool, why ...any) {
	t.Helper()
	require.Eventually(t, ok, 15*time.Second, 2*time.Millisecond, why...)
}
