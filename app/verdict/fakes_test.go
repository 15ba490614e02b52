package verdict_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"net"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"

	"cosmossdk.io/log/v2"

	"github.com/cosmos/cosmos-sdk/types/query"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/ipdm-network/ipdm/app/abci"
	sidecarconfig "github.com/ipdm-network/ipdm/app/sidecar"
	"github.com/ipdm-network/ipdm/app/verdict"
	sidecarv1 "github.com/ipdm-network/ipdm/sdk/go/sidecar/v1"
	markettypes "github.com/ipdm-network/ipdm/x/market/types"
	poreptypes "github.com/ipdm-network/ipdm/x/porep/types"
)

var validator = sdk.ConsAddress(bytes.Repeat([]byte{7}, 20))

// chain is committed state that a test writes.
type chain struct {
	mu         sync.Mutex
	seals      map[uint64]poreptypes.PendingSeal // guarded by mu
	validating bool                              // guarded by mu
	fail       func() error                      // guarded by mu; may panic
	reads      int                               // guarded by mu
}

func newChain(ids ...uint64) *chain {
	c := &chain{seals: map[uint64]poreptypes.PendingSeal{}, validating: true}
	c.add(ids...)
	return c
}

func (c *chain) add(ids ...uint64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, id := range ids {
		c.seals[id] = poreptypes.PendingSeal{SealId: id, Sector: poreptypes.Sector{
			Id: id, Provider: "provider", Class: poreptypes.SECTOR_CLASS_TEST_4MIB, Status: poreptypes.SECTOR_STATUS_VERIFYING,
			Pieces:    []poreptypes.Piece{{CommD: make([]byte, 32), TotalBytes: 1, Leaves: 1, Nodes: 3}},
			ReplicaId: make([]byte, 32), CommC: make([]byte, 32), CommRLast: make([]byte, 32), Seed: make([]byte, 32), SealChallenges: 8,
			Proof: &poreptypes.SealProof{SealId: id, Records: "records", Root: make([]byte, 32), LengthBytes: 9, VerdictBy: time.Unix(1, 2)},
		}}
	}
}

// recorded tells that state shows the vote on proofs.
func (c *chain) recorded(ids ...uint64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, id := range ids {
		delete(c.seals, id)
	}
}

func (c *chain) set(validating bool, fail func() error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.validating, c.fail = validating, fail
}

func (c *chain) Validating(_ context.Context, address sdk.ConsAddress) (bool, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.reads++
	if c.fail != nil {
		return false, c.fail()
	}
	return c.validating && address.Equals(validator), nil
}

func (c *chain) PendingSeals(_ context.Context, request *poreptypes.QueryPendingSealsRequest) (*poreptypes.QueryPendingSealsResponse, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if request.Validator != validator.String() {
		return nil, context.Canceled
	}
	var ids []uint64
	first := uint64(0)
	if request.Pagination.Key != nil {
		first = binary.BigEndian.Uint64(request.Pagination.Key)
	}
	for id := range c.seals {
		if id >= first {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	response := &poreptypes.QueryPendingSealsResponse{Pagination: &query.PageResponse{}}
	for i, id := range ids {
		if uint64(i) == request.Pagination.Limit {
			response.Pagination.NextKey = binary.BigEndian.AppendUint64(nil, id)
			break
		}
		response.Seals = append(response.Seals, c.seals[id])
	}
	return response, nil
}

func (c *chain) Endpoint(context.Context, string) (markettypes.Endpoint, error) {
	return markettypes.Endpoint{PeerId: "peer", Multiaddrs: []string{"/ip4/127.0.0.1/tcp/1"}}, nil
}

// sidecar is the API of a data node whose answers a test writes.
type sidecar struct {
	sidecarv1.UnimplementedVerdictServiceServer
	address string

	mu     sync.Mutex
	answer func(ctx context.Context, asked []*sidecarv1.SealToJudge) (*sidecarv1.VerdictsResponse, error) // guarded by mu
	calls  int                                                                                            // guarded by mu
	asked  []*sidecarv1.SealToJudge                                                                       // guarded by mu
}

func (s *sidecar) Verdicts(ctx context.Context, request *sidecarv1.VerdictsRequest) (*sidecarv1.VerdictsResponse, error) {
	s.mu.Lock()
	s.calls++
	s.asked = request.GetSeals()
	answer := s.answer
	s.mu.Unlock()
	return answer(ctx, request.GetSeals())
}

func (s *sidecar) reply(answer func(ctx context.Context, asked []*sidecarv1.SealToJudge) (*sidecarv1.VerdictsResponse, error)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.answer = answer
}

func (s *sidecar) last() (calls int, asked []*sidecarv1.SealToJudge) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.calls, s.asked
}

// judgeOdd says that proofs with odd numbers hold.
func judgeOdd(_ context.Context, asked []*sidecarv1.SealToJudge) (*sidecarv1.VerdictsResponse, error) {
	response := &sidecarv1.VerdictsResponse{}
	for _, seal := range asked {
		response.Verdicts = append(response.Verdicts, &sidecarv1.Verdict{SealId: seal.GetSealId(), Valid: seal.GetSealId()%2 == 1})
	}
	return response, nil
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
	sidecarv1.RegisterVerdictServiceServer(server, s)
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
func newSource(t *testing.T, c *chain, address string) (*verdict.Source, *logBook) {
	t.Helper()
	book := &logBook{}
	cfg := sidecarconfig.DefaultConfig()
	cfg.Address = address
	source, err := verdict.NewSource(cfg, validator, log.NewLogger(book, log.OutputJSONOption()), nil)
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
func said(t *testing.T, s *verdict.Source) map[uint64]bool {
	t.Helper()
	begin := time.Now()
	section, err := s.Pending(t.Context(), 5, abci.MaxExtensionBytes-4)
	require.NoError(t, err)
	require.Less(t, time.Since(begin), 100*time.Millisecond, "nobody waits for a sidecar")
	verdicts, err := poreptypes.DecodeVerdicts(section)
	require.NoError(t, err)
	got := map[uint64]bool{}
	for _, v := range verdicts {
		got[v.SealID] = v.Valid
	}
	return got
}

// awaitSaid commits until the source says what is wanted.
func awaitSaid(t *testing.T, s *verdict.Source, want map[uint64]bool) {
	t.Helper()
	var got map[uint64]bool
	ok := func() bool {
		got = said(t, s)
		return len(got) == len(want)
	}
	require.Eventually(t, ok, 15*time.Second, 2*time.Millisecond)
	require.Equal(t, want, got)
}
