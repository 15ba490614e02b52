package inbound_test

import (
	"context"
	"errors"
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"cosmossdk.io/log/v2"

	"github.com/ipdm-network/ipdm/app/abci"
	"github.com/ipdm-network/ipdm/app/inbound"
	sidecarconfig "github.com/ipdm-network/ipdm/app/sidecar"
	sidecarv1 "github.com/ipdm-network/ipdm/sdk/go/sidecar/v1"
	"github.com/ipdm-network/ipdm/x/bridge/wire"
)

func TestVotesAreSaidUntilTheTargetChanges(t *testing.T) {
	c, s := newChain(target(2, 5), target(1, 0)), &sidecar{answer: answerAll}
	s.run(t)
	source, _ := newSource(t, c, s.address)
	require.Equal(t, abci.KindInboundRanges, source.Kind())
	want := votesOn(target(1, 0), target(2, 5))
	awaitSaid(t, source, want...)
	for range 3 {
		require.Equal(t, want, said(t, source), "again and again")
	}
	_, asked := s.last()
	require.Len(t, asked, 2)
	first := target(1, 0)
	require.Equal(t, first.Application[:], asked[0].GetApplication())
	require.Equal(t, first.UntilMillis, asked[0].GetUntilUnixMilli())

	c.ask(target(1, 3), target(2, 5))
	awaitSaid(t, source, votesOn(target(1, 3), target(2, 5))...)
	c.ask(target(2, 5))
	awaitSaid(t, source, votesOn(target(2, 5))...)
	c.ask()
	awaitSaid(t, source)
	await(t, func() bool {
		said(t, source)
		_, asked := s.last()
		return len(asked) == 0
	}, "the sidecar may forget")
}

// An operator mends an endpoint, and the vote changes without a new target.
func TestTheNewestAnswerCounts(t *testing.T) {
	asked := target(1, 0)
	wrong := voteOn(asked)
	wrong.Count, wrong.Root = 0, wire.Hash{}
	c, s := newChain(asked), &sidecar{}
	s.reply(func(context.Context, []*sidecarv1.InboundTarget) (*sidecarv1.RangesResponse, error) {
		return &sidecarv1.RangesResponse{Ranges: []*sidecarv1.InboundRange{rangeOf(wrong)}}, nil
	})
	s.run(t)
	source, _ := newSource(t, c, s.address)
	awaitSaid(t, source, wrong)
	s.reply(func(context.Context, []*sidecarv1.InboundTarget) (*sidecarv1.RangesResponse, error) {
		return &sidecarv1.RangesResponse{}, nil
	})
	before, _ := s.last()
	await(t, func() bool {
		require.Equal(t, []wire.RangeVote{wrong}, said(t, source), "a sidecar that has been restarted knows nothing yet")
		calls, _ := s.last()
		return calls > before+2
	})
	s.reply(answerAll)
	awaitSaid(t, source, voteOn(asked))
}

func TestOnlyValidatorsAsk(t *testing.T) {
	c, s := newChain(target(1, 0)), &sidecar{answer: answerAll}
	c.change(func(c *chain) { c.validating = false })
	s.run(t)
	source, _ := newSource(t, c, s.address)
	await(t, func() bool {
		require.Empty(t, said(t, source))
		c.mu.Lock()
		defer c.mu.Unlock()
		return c.reads > 3
	})
	calls, _ := s.last()
	require.Zero(t, calls, "a full node bothers no sidecar")
	c.change(func(c *chain) { c.validating = true })
	awaitSaid(t, source, votesOn(target(1, 0))...)
	c.change(func(c *chain) { c.validating = false })
	awaitSaid(t, source)
}

func TestSidecarsThatFail(t *testing.T) {
	for name, answer := range map[string]answer{
		"slow": func(ctx context.Context, _ []*sidecarv1.InboundTarget) (*sidecarv1.RangesResponse, error) {
			<-ctx.Done()
			return nil, ctx.Err()
		},
		"without gateways": func(context.Context, []*sidecarv1.InboundTarget) (*sidecarv1.RangesResponse, error) {
			return nil, status.Error(codes.FailedPrecondition, "no")
		},
		"endless": func(context.Context, []*sidecarv1.InboundTarget) (*sidecarv1.RangesResponse, error) {
			return &sidecarv1.RangesResponse{Ranges: make([]*sidecarv1.InboundRange, 100_000)}, nil
		},
	} {
		t.Run(name, func(t *testing.T) {
			c, s := newChain(target(1, 0)), &sidecar{answer: answer}
			s.run(t)
			source, book := newSource(t, c, s.address)
			await(t, func() bool {
				begin := time.Now()
				require.Empty(t, said(t, source))
				require.Less(t, time.Since(begin), 100*time.Millisecond, "nobody waits for a sidecar")
				calls, _ := s.last()
				return calls >= 3
			})
			require.Equal(t, 1, book.lines(), "said once in the log")
			s.reply(answerAll)
			awaitSaid(t, source, votesOn(target(1, 0))...)
			await(t, func() bool { return book.lines() == 2 }, "and that it is over")
			s.reply(answer)
			before, _ := s.last()
			await(t, func() bool {
				require.Len(t, said(t, source), 1, "what was known is said on")
				calls, _ := s.last()
				return calls > before+1
			})
		})
	}
}

// A sidecar that is dead at the start costs votes only while it is.
func TestSidecarComesLater(t *testing.T) {
	c, s := newChain(target(1, 0)), &sidecar{answer: answerAll}
	s.run(t)()
	source, book := newSource(t, c, s.address)
	await(t, func() bool {
		require.Empty(t, said(t, source))
		return book.lines() == 1
	})
	s.run(t)
	awaitSaid(t, source, votesOn(target(1, 0))...)
}

func TestSidecarThatLies(t *testing.T) {
	one, two := target(1, 0), target(2, 7)
	full := voteOn(two)
	full.Count, full.TimeMillis = wire.MaxRangeEvents, two.UntilMillis-5
	lie := func(change func(*sidecarv1.InboundRange)) *sidecarv1.InboundRange {
		m := rangeOf(voteOn(one))
		change(m)
		return m
	}
	c, s := newChain(one, two), &sidecar{}
	s.reply(func(context.Context, []*sidecarv1.InboundTarget) (*sidecarv1.RangesResponse, error) {
		return &sidecarv1.RangesResponse{Ranges: []*sidecarv1.InboundRange{
			nil,
			{},
			lie(func(m *sidecarv1.InboundRange) { m.Domain = 0 }),
			lie(func(m *sidecarv1.InboundRange) { m.Domain = 9 }),
			lie(func(m *sidecarv1.InboundRange) { m.FirstNonce++ }),
			lie(func(m *sidecarv1.InboundRange) { m.TimeUnixMilli++ }),
			lie(func(m *sidecarv1.InboundRange) { m.TimeUnixMilli-- }),
			lie(func(m *sidecarv1.InboundRange) { m.Count = wire.MaxRangeEvents + 1 }),
			lie(func(m *sidecarv1.InboundRange) { m.Count = math.MaxUint32 }),
			lie(func(m *sidecarv1.InboundRange) { m.Count = 0 }),
			lie(func(m *sidecarv1.InboundRange) { m.Root = make([]byte, 32) }),
			lie(func(m *sidecarv1.InboundRange) { m.Root = m.Root[1:] }),
			rangeOf(full),
		}}, nil
	})
	s.run(t)
	source, _ := newSource(t, c, s.address)
	awaitSaid(t, source, full)
	s.reply(answerAll)
	awaitSaid(t, source, votesOn(one, two)...)
}

func TestStateThatCannotBeRead(t *testing.T) {
	for name, fail := range map[string]func() error{
		"error": func() error { return errors.New("pruned") },
		"panic": func() error { panic("out of gas") },
	} {
		t.Run(name, func(t *testing.T) {
			c, s := newChain(target(1, 0)), &sidecar{answer: answerAll}
			s.run(t)
			c.change(func(c *chain) { c.fail = fail })
			source, book := newSource(t, c, s.address)
			await(t, func() bool {
				require.Empty(t, said(t, source))
				return book.lines() == 1
			})
			c.change(func(c *chain) { c.fail = nil })
			awaitSaid(t, source, votesOn(target(1, 0))...)
		})
	}
}

func TestVotesFitIntoWhatIsLeft(t *testing.T) {
	var targets []wire.RangeTarget
	for domain := range wire.Domain(wire.MaxRangeVotes + 2) {
		targets = append(targets, target(domain+1, 0))
	}
	c, s := newChain(targets...), &sidecar{answer: answerAll}
	s.run(t)
	source, _ := newSource(t, c, s.address)
	awaitSaid(t, source, votesOn(targets[:wire.MaxRangeVotes]...)...)
	for _, limitBytes := range []int{0, 1, wire.RangeVoteBytes - 1, wire.RangeVoteBytes, 3*wire.RangeVoteBytes + 7, 1000} {
		section, err := source.Pending(t.Context(), 5, limitBytes)
		require.NoError(t, err)
		require.Len(t, section, min(limitBytes/wire.RangeVoteBytes, wire.MaxRangeVotes)*wire.RangeVoteBytes)
	}
}

func TestNothingIsSaidWithoutAChain(t *testing.T) {
	s := &sidecar{answer: answerAll}
	s.run(t)
	c := newChain(target(1, 0))
	source, _ := newSource(t, c, s.address)
	source.Attach(nil)
	require.Empty(t, said(t, source))
	source.Attach(c)
	section, err := source.Pending(t.Context(), 0, 100)
	require.NoError(t, err)
	require.Empty(t, section, "before the first block there is no state")
	awaitSaid(t, source, votesOn(target(1, 0))...)
	require.NoError(t, source.Close())
	require.NoError(t, source.Close())

	_, err = inbound.NewSource(sidecarconfig.Config{}, validator, log.NewNopLogger(), nil)
	require.ErrorIs(t, err, sidecarconfig.ErrConfig)
}
