package inbound_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"

	"github.com/ipdm-network/ipdm/bridge/relayer"
	"github.com/ipdm-network/ipdm/sidecar/consensus/inbound"
	"github.com/ipdm-network/ipdm/x/bridge/wire"
)

func TestTargetsAreAnswered(t *testing.T) {
	for name, c := range map[string]struct {
		target wire.RangeTarget
		events int // of the gateway
		count  uint32
		until  uint64 // milliseconds
	}{
		"all events":          {target(1, gatewayA, 0, 50), 10, 10, 50_000},
		"from a nonce on":     {target(1, gatewayA, 4, 50), 10, 6, 50_000},
		"up to a time":        {target(1, gatewayA, 0, 3), 10, 3, 3_000},
		"no event":            {target(1, gatewayA, 10, 50), 10, 0, 50_000},
		"final to the second": {target(1, gatewayA, 0, 100), 10, 10, 100_000},
		"as many as fit":      {target(2, gatewayB, 7, 1000), 300, wire.MaxRangeEvents, 262_999},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, quick())
			require.Empty(t, w.Ranges(t.Context(), []wire.RangeTarget{c.target}), "nobody waits for a reader")
			got := w.await(t, 1, c.target)
			require.Equal(t, []wire.RangeVote{voteOn(t, c.target, c.events)}, got)
			require.Equal(t, c.count, got[0].Count)
			require.Equal(t, c.until, got[0].TimeMillis)
			require.Equal(t, got, w.Ranges(t.Context(), []wire.RangeTarget{c.target}))
		})
	}
}

func TestEachDomainHasItsAnswer(t *testing.T) {
	cfg := quick()
	cfg.RetryMost = time.Hour
	w := newWorld(t, cfg)
	one, two := target(1, gatewayA, 0, 50), target(2, gatewayB, 290, 500)
	unknown, again := target(9, gatewayA, 0, 50), target(1, gatewayA, 3, 50)
	want := []wire.RangeVote{voteOn(t, two, 300), voteOn(t, one, 10)}
	require.Equal(t, want, w.await(t, 2, two, unknown, one, again), "in the order of the targets, one of each domain that is known")
	calls, _ := w.a.counts()
	require.Equal(t, 1, calls)
	require.Equal(t, want, w.Ranges(t.Context(), []wire.RangeTarget{two, one}))
	calls, _ = w.a.counts()
	require.Equal(t, 1, calls, "what is answered is not read again for long")
	require.Equal(t, 1.0, w.metric(t, "answered_total", "1"))
	require.Equal(t, 10.0, w.metric(t, "events_read_total", "1"))
	require.Equal(t, 100.0, w.metric(t, "through_timestamp_seconds", "1"))
	require.Equal(t, 10.0, w.metric(t, "events_read_total", "2"))
	require.Zero(t, w.metric(t, "failures_total", "1"))
}

// TestAVoteIsReplaced: as long as a target is asked for, what it was answered with is looked at again.
func TestAVoteIsReplaced(t *testing.T) {
	w := newWorld(t, quick())
	asked := target(1, gatewayA, 0, 50)
	w.a.reply(history(1, gatewayA, 3, 100)) // an endpoint leaves events out
	require.Equal(t, []wire.RangeVote{voteOn(t, asked, 3)}, w.await(t, 1, asked))
	w.a.reply(func(context.Context, uint64, int) (relayer.Events, error) {
		return relayer.Events{}, errors.New("it is being mended")
	})
	require.Eventually(t, func() bool { return w.metric(t, "failures_total", "1") > 2 }, 20*time.Second, time.Millisecond)
	require.Equal(t, []wire.RangeVote{voteOn(t, asked, 3)}, w.Ranges(t.Context(), []wire.RangeTarget{asked}), "what was said is said until there is better")
	w.a.reply(history(1, gatewayA, 10, 100))
	require.Eventually(t, func() bool {
		return w.Ranges(t.Context(), []wire.RangeTarget{asked})[0] == voteOn(t, asked, 10)
	}, 20*time.Second, time.Millisecond)
	require.Equal(t, 2.0, w.metric(t, "answered_total", "1"))
}

func TestTargetsAreBounded(t *testing.T) {
	w := newWorld(t, quick())
	targets := make([]wire.RangeTarget, wire.MaxRangeVotes, wire.MaxRangeVotes+1)
	for i := range targets {
		targets[i].Domain = wire.Domain(100 + i)
	}
	targets[0] = target(2, gatewayB, 0, 9)
	require.Len(t, w.await(t, 1, append(targets, target(1, gatewayA, 0, 9))...), 1)
	calls, _ := w.a.counts()
	require.Zero(t, calls)
}

// An answer is of one target, also when it comes late.
func TestAnswersAreOfTheirTarget(t *testing.T) {
	w := newWorld(t, quick())
	first, second := target(1, gatewayA, 0, 50), target(1, gatewayA, 5, 60)
	begun, resume := make(chan struct{}), make(chan struct{})
	w.a.reply(func(ctx context.Context, from uint64, limit int) (relayer.Events, error) {
		if from == first.FirstNonce {
			begun <- struct{}{}
			<-resume
		}
		return history(1, gatewayA, 10, 100)(ctx, from, limit)
	})
	require.Empty(t, w.Ranges(t.Context(), []wire.RangeTarget{first}))
	<-begun
	require.Empty(t, w.Ranges(t.Context(), []wire.RangeTarget{second}))
	close(resume)
	require.Equal(t, []wire.RangeVote{voteOn(t, second, 10)}, w.await(t, 1, second))

	// What is not asked for is forgotten, and read anew: an operator may have mended what was wrong.
	require.Empty(t, w.Ranges(t.Context(), nil))
	require.Empty(t, w.Ranges(t.Context(), []wire.RangeTarget{first}))
	<-begun
	require.Equal(t, []wire.RangeVote{voteOn(t, first, 10)}, w.await(t, 1, first))
	_, most := w.a.counts()
	require.Equal(t, 1, most, "one attempt at a time")
}

// Nothing is said before the chain says it for good, and nothing is wrong until then.
func TestFinalityIsAwaited(t *testing.T) {
	w := newWorld(t, quick())
	asked := target(1, gatewayA, 0, 50)
	for _, answer := range []func(context.Context, uint64, int) (relayer.Events, error){
		history(1, gatewayA, 10, 49),
		func(context.Context, uint64, int) (relayer.Events, error) { return relayer.Events{}, nil }, // the zero time
	} {
		w.a.reply(answer)
		w.awaitCalls(t, w.a, 3, asked)
	}
	w.a.reply(history(1, gatewayA, 12, 50))
	require.Equal(t, []wire.RangeVote{voteOn(t, asked, 12)}, w.await(t, 1, asked))
	require.Equal(t, []string{""}, w.log.lines())
	require.Zero(t, w.metric(t, "failures_total", "1"))
}

func TestTrouble(t *testing.T) {
	good := target(1, gatewayA, 0, 50)
	fails := errors.New("the endpoints do not agree")
	for name, c := range map[string]struct {
		asked  wire.RangeTarget
		answer func(context.Context, uint64, int) (relayer.Events, error)
		told   string
	}{
		"failing reader":   {good, func(context.Context, uint64, int) (relayer.Events, error) { return relayer.Events{}, fails }, fails.Error()},
		"panicking reader": {good, func(context.Context, uint64, int) (relayer.Events, error) { panic("a bug") }, "panic: a bug"},
		"another domain":   {good, history(2, gatewayA, 10, 100), "another gateway"},
		"another gateway":  {good, history(1, gatewayB, 10, 100), "another gateway"},
		"a gap": {good, func(_ context.Context, first uint64, limit int) (relayer.Events, error) {
			return relayer.Events{Records: records(1, gatewayA, first+1, 10, limit), Through: time.Unix(100, 0)}, nil
		}, "expected 0"},
		"another payload": {good, func(_ context.Context, first uint64, limit int) (relayer.Events, error) {
			r := records(1, gatewayA, first, 10, limit)
			r[3].Payload = []byte("x")
			return relayer.Events{Records: r, Through: time.Unix(100, 0)}, nil
		}, "the payload is another one"},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, quick())
			w.a.reply(c.answer)
			w.awaitCalls(t, w.a, 5, c.asked)
			require.Len(t, w.log.lines(), 1, "said once in the log")
			require.Contains(t, w.log.lines()[0], c.told)
			require.GreaterOrEqual(t, w.metric(t, "failures_total", "1"), 3.0)
			require.Len(t, w.await(t, 1, c.asked, target(2, gatewayB, 0, 9)), 1, "other domains go on")

			w.a.reply(history(1, gatewayA, 10, 100))
			w.await(t, 1, good)
			require.Eventually(t, func() bool { return len(w.log.lines()) == 2 }, 20*time.Second, time.Millisecond, "and that it is over")
			require.Contains(t, w.log.lines()[1], "again")
		})
	}
}

func TestOtherGatewaysAreNotAnswered(t *testing.T) {
	w := newWorld(t, quick())
	require.Eventually(t, func() bool {
		require.Empty(t, w.Ranges(t.Context(), []wire.RangeTarget{target(1, gatewayB, 0, 50)}))
		return w.metric(t, "failures_total", "1") > 2
	}, 20*time.Second, time.Millisecond)
	calls, _ := w.a.counts()
	require.Zero(t, calls)
	require.Len(t, w.log.lines(), 1)
	require.Contains(t, w.log.lines()[0], gatewayB.String()+", not "+gatewayA.String())
	w.await(t, 1, target(1, gatewayA, 0, 50))
}

func TestReadersThatHang(t *testing.T) {
	cfg := quick()
	cfg.ReadTimeout = time.Millisecond
	w := newWorld(t, cfg)
	w.a.reply(func(ctx context.Context, _ uint64, _ int) (relayer.Events, error) {
		<-ctx.Done()
		return relayer.Events{}, ctx.Err()
	})
	w.awaitCalls(t, w.a, 3, target(1, gatewayA, 0, 50))
}

func TestCloseEndsReading(t *testing.T) {
	w := newWorld(t, quick())
	begun := make(chan struct{})
	w.a.reply(func(ctx context.Context, _ uint64, _ int) (relayer.Events, error) {
		close(begun)
		<-ctx.Done()
		return relayer.Events{}, ctx.Err()
	})
	require.Empty(t, w.Ranges(t.Context(), []wire.RangeTarget{target(1, gatewayA, 0, 50)}))
	<-begun
	w.Close()
	w.Close()
	calls, _ := w.a.counts()
	require.Equal(t, 1, calls)
	require.Empty(t, w.Ranges(t.Context(), []wire.RangeTarget{target(2, gatewayB, 0, 50)}))
	require.Equal(t, []string{""}, w.log.lines(), "an end is no trouble")
}

func TestNewObserver(t *testing.T) {
	twice := []inbound.Gateway{{Domain: 1, Reader: &reader{}}, {Domain: 1, Reader: &reader{}}}
	_, err := inbound.New(quick(), inbound.Deps{Gateways: twice})
	require.ErrorContains(t, err, "two gateways of domain 1")
	registry := prometheus.NewRegistry()
	o, err := inbound.New(inbound.DefaultConfig(), inbound.Deps{Registry: registry})
	require.NoError(t, err)
	o.Close()
	_, err = inbound.New(inbound.DefaultConfig(), inbound.Deps{Registry: registry})
	require.ErrorContains(t, err, "metrics of inbound events")
}
