package verdict_test

import (
	"context"
	"errors"
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/ipdm-network/ipdm/app/abci"
	sidecarv1 "github.com/ipdm-network/ipdm/sdk/go/sidecar/v1"
	poreptypes "github.com/ipdm-network/ipdm/x/porep/types"
)

func TestVerdictsAreSaidUntilRecorded(t *testing.T) {
	c, s := newChain(3, 4, 9), &sidecar{answer: judgeOdd}
	s.run(t)
	source, _ := newSource(t, c, s.address)
	require.Equal(t, abci.KindSealVerdicts, source.Kind())

	want := map[uint64]bool{3: true, 4: false, 9: true}
	awaitSaid(t, source, want)
	for range 3 {
		require.Equal(t, want, said(t, source), "again and again")
	}
	_, asked := s.last()
	require.Len(t, asked, 3)
	require.Equal(t, uint64(4<<20/32), asked[0].GetNodeCount())
	require.Equal(t, "peer", asked[0].GetPeerId())
	require.Equal(t, time.Unix(1, 2).UnixNano(), asked[0].GetJudgeByUnixNano())
	require.Len(t, asked[0].GetPieces(), 1)

	c.recorded(3, 9)
	awaitSaid(t, source, map[uint64]bool{4: false})
	c.recorded(4)
	awaitSaid(t, source, map[uint64]bool{})
	require.Eventually(t, func() bool {
		said(t, source)
		_, asked := s.last()
		return len(asked) == 0
	}, 15*time.Second, time.Millisecond, "the sidecar may forget")
}

func TestOnlyValidatorsAsk(t *testing.T) {
	c, s := newChain(3), &sidecar{answer: judgeOdd}
	c.set(false, nil)
	s.run(t)
	source, _ := newSource(t, c, s.address)
	require.Eventually(t, func() bool {
		require.Empty(t, said(t, source))
		c.mu.Lock()
		defer c.mu.Unlock()
		return c.reads > 3
	}, 15*time.Second, time.Millisecond)
	calls, _ := s.last()
	require.Zero(t, calls, "a full node bothers no sidecar")
	c.set(true, nil)
	awaitSaid(t, source, map[uint64]bool{3: true})
	c.set(false, nil)
	awaitSaid(t, source, map[uint64]bool{})
}

func TestSidecarsThatFail(t *testing.T) {
	for name, answer := range map[string]func(context.Context, []*sidecarv1.SealToJudge) (*sidecarv1.VerdictsResponse, error){
		"slow": func(ctx context.Context, _ []*sidecarv1.SealToJudge) (*sidecarv1.VerdictsResponse, error) {
			<-ctx.Done()
			return nil, ctx.Err()
		},
		"refusing": func(context.Context, []*sidecarv1.SealToJudge) (*sidecarv1.VerdictsResponse, error) {
			return nil, status.Error(codes.InvalidArgument, "no")
		},
		"panicking": func(context.Context, []*sidecarv1.SealToJudge) (*sidecarv1.VerdictsResponse, error) {
			return nil, status.Error(codes.Internal, "the daemon met a bug in this call")
		},
		"endless": func(context.Context, []*sidecarv1.SealToJudge) (*sidecarv1.VerdictsResponse, error) {
			response := &sidecarv1.VerdictsResponse{}
			for id := range uint64(100_000) {
				response.Verdicts = append(response.Verdicts, &sidecarv1.Verdict{SealId: id})
			}
			return response, nil
		},
	} {
		t.Run(name, func(t *testing.T) {
			c, s := newChain(3, 4), &sidecar{answer: answer}
			s.run(t)
			source, book := newSource(t, c, s.address)
			require.Eventually(t, func() bool {
				require.Empty(t, said(t, source))
				calls, _ := s.last()
				return calls >= 3
			}, 15*time.Second, time.Millisecond)
			require.Equal(t, 1, book.lines(), "said once in the log")

			s.reply(judgeOdd)
			awaitSaid(t, source, map[uint64]bool{3: true, 4: false})
			require.Equal(t, 2, book.lines(), "and that it is over")
			s.reply(answer)
			before, _ := s.last()
			require.Eventually(t, func() bool {
				require.Len(t, said(t, source), 2, "what was known is said on")
				calls, _ := s.last()
				return calls > before+1
			}, 15*time.Second, time.Millisecond)
		})
	}
}

// A sidecar that is dead at the start, and again later, costs verdicts only while it is.
func TestSidecarComesAndGoes(t *testing.T) {
	c, s := newChain(3), &sidecar{answer: judgeOdd}
	s.run(t)()
	source, book := newSource(t, c, s.address)
	require.Eventually(t, func() bool {
		require.Empty(t, said(t, source))
		return book.lines() == 1
	}, 15*time.Second, time.Millisecond)
	stop := s.run(t)
	awaitSaid(t, source, map[uint64]bool{3: true})
	stop()
	c.add(4)
	require.Eventually(t, func() bool {
		require.Equal(t, map[uint64]bool{3: true}, said(t, source))
		return book.lines() == 3
	}, 15*time.Second, time.Millisecond)
	s.run(t)
	awaitSaid(t, source, map[uint64]bool{3: true, 4: false})
}

func TestSidecarThatLies(t *testing.T) {
	c, s := newChain(3, 4), &sidecar{}
	s.reply(func(context.Context, []*sidecarv1.SealToJudge) (*sidecarv1.VerdictsResponse, error) {
		return &sidecarv1.VerdictsResponse{Verdicts: []*sidecarv1.Verdict{
			{SealId: 0, Valid: true}, {SealId: 4, Valid: true}, {SealId: 4}, {SealId: 77, Valid: true}, {SealId: math.MaxUint64}, nil,
		}}, nil
	})
	s.run(t)
	source, _ := newSource(t, c, s.address)
	awaitSaid(t, source, map[uint64]bool{4: true})
	s.reply(judgeOdd)
	awaitSaid(t, source, map[uint64]bool{3: true, 4: true})
}

func TestStateThatCannotBeRead(t *testing.T) {
	c, s := newChain(3), &sidecar{answer: judgeOdd}
	s.run(t)
	for name, fail := range map[string]func() error{
		"error": func() error { return errors.New("pruned") },
		"panic": func() error { panic("out of gas") },
	} {
		t.Run(name, func(t *testing.T) {
			c.set(true, fail)
			source, book := newSource(t, c, s.address)
			require.Eventually(t, func() bool {
				require.Empty(t, said(t, source))
				return book.lines() == 1
			}, 15*time.Second, time.Millisecond)
			c.set(true, nil)
			awaitSaid(t, source, map[uint64]bool{3: true})
		})
	}
}

func TestManyVerdictsFitIntoAVote(t *testing.T) {
	c, s := newChain(), &sidecar{answer: judgeOdd}
	want := map[uint64]bool{}
	for id := uint64(5_000); id < 6_000; id++ {
		c.add(id)
		want[id] = id%2 == 1
	}
	s.run(t)
	source, _ := newSource(t, c, s.address)
	awaitSaid(t, source, want)

	section, err := source.Pending(t.Context(), 5, abci.MaxExtensionBytes-4)
	require.NoError(t, err)
	require.LessOrEqual(t, len(section), 300)
	payload, err := abci.EncodePayload([]abci.Section{{Kind: source.Kind(), Data: section}})
	require.NoError(t, err)
	require.LessOrEqual(t, len(payload), abci.MaxExtensionBytes)

	// With less room it begins with the oldest.
	for _, limitBytes := range []int{0, 1, 11, 12, 20, 100, 260, 262, 1000} {
		section, err := source.Pending(t.Context(), 5, limitBytes)
		require.NoError(t, err)
		require.LessOrEqual(t, len(section), limitBytes)
		if verdicts, err := poreptypes.DecodeVerdicts(section); len(section) > 0 {
			require.NoError(t, err)
			require.Equal(t, uint64(5_000), verdicts[0].SealID)
			require.Len(t, verdicts, min(1000, (limitBytes-11)*4))
		}
	}
}

// Proofs that are numbered far apart, since others were resolved between them, have their turn when older ones are recorded.
func TestVerdictsFarApart(t *testing.T) {
	c, s := newChain(1, 1_153, 1_000_001), &sidecar{answer: judgeOdd}
	s.run(t)
	source, _ := newSource(t, c, s.address)
	awaitSaid(t, source, map[uint64]bool{1: true})
	c.recorded(1)
	require.Eventually(t, func() bool { return said(t, source)[1_153] }, 15*time.Second, time.Millisecond)
	c.recorded(1_153)
	require.Eventually(t, func() bool { return said(t, source)[1_000_001] }, 15*time.Second, time.Millisecond)
}

// A request never becomes larger than what the sidecar accepts.
func TestRequestsAreBounded(t *testing.T) {
	c, s := newChain(), &sidecar{answer: judgeOdd}
	for id := range uint64(700) {
		c.add(id + 1)
		seal := c.seals[id+1]
		for range 255 {
			seal.Sector.Pieces = append(seal.Sector.Pieces, seal.Sector.Pieces[0])
		}
		c.seals[id+1] = seal
	}
	s.run(t)
	source, _ := newSource(t, c, s.address)
	require.Eventually(t, func() bool { return len(said(t, source)) > 100 }, 15*time.Second, 5*time.Millisecond)
	_, asked := s.last()
	require.Less(t, len(asked), 700)
	require.Equal(t, uint64(1), asked[0].GetSealId(), "the oldest come first")
}

func TestNothingIsSaidWithoutAChain(t *testing.T) {
	s := &sidecar{answer: judgeOdd}
	s.run(t)
	c := newChain(3)
	source, _ := newSource(t, c, s.address)
	source.Attach(nil)
	require.Empty(t, said(t, source))
	source.Attach(c)
	section, err := source.Pending(t.Context(), 0, 100)
	require.NoError(t, err)
	require.Empty(t, section, "before the first block there is no state")
	awaitSaid(t, source, map[uint64]bool{3: true})
	require.NoError(t, source.Close())
	require.NoError(t, source.Close())
}
