package relayer_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"

	"github.com/ipdm-network/ipdm/bridge/relayer"
	"github.com/ipdm-network/ipdm/testutil/signedchain"
	"github.com/ipdm-network/ipdm/x/bridge/wire"
)

// client takes checkpoints by the rules of light clients.
type client struct {
	name string

	mu      sync.Mutex // guards the fields below
	head    relayer.Head
	set     wire.Hash
	heights []uint64 // taken
	fail    []error  // of the next submissions
	asked   int
}

func newClient(c *signedchain.Chain) *client {
	return &client{name: "other", head: relayer.Head{Epoch: 1, StaleAt: time.Unix(1<<40, 0)}, set: c.Set(1).Root()}
}

func (c *client) Name() string { return c.name }

func (c *client) Head(context.Context) (relayer.Head, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.head, nil
}

func (c *client) Submit(_ context.Context, s relayer.Checkpoint) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.asked++
	if len(c.fail) > 0 {
		err := c.fail[0]
		c.fail = c.fail[1:]
		if err != nil {
			return err
		}
	}
	content := s.Content
	if content.Height <= c.head.Height {
		return nil // it knows it
	}
	if err := s.Validate(); err != nil || content.Epoch != c.head.Epoch || content.Set != c.set {
		return fmt.Errorf("refused: epoch %d at %d: %w", content.Epoch, c.head.Epoch, err)
	}
	c.head.Height, c.heights = content.Height, append(c.heights, content.Height)
	if content.EndsEpoch() {
		c.head.Epoch++
		c.set = content.NextSet
	}
	return nil
}

func (c *client) taken() []uint64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.heights)
}

func (c *client) asks() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.asked
}

func relayerTo(source relayer.Source, opts relayer.RouteOptions, clients ...*client) *relayer.Relayer {
	r := relayer.New(source)
	m := relayer.NewMetrics(prometheus.NewRegistry())
	for _, c := range clients {
		r.Add(c, opts, slog.New(slog.DiscardHandler), m)
	}
	return r
}

func TestOnceFollowsTheEndsOfEpochs(t *testing.T) {
	c := signedchain.New(t, 4)
	to := newClient(c)
	r := relayerTo(c, relayer.DefaultRouteOptions(), to)
	handed, err := r.Once(t.Context())
	require.NoError(t, err)
	require.Zero(t, handed.Checkpoints, "there is none")

	c.Sign(1, 10, 10000, false)
	c.Sign(1, 20, 20000, true)
	c.Sign(2, 30, 30000, false)
	c.Sign(2, 40, 40000, true)
	c.Sign(3, 50, 50000, false)
	c.Sign(3, 60, 60000, false)
	handed, err = r.Once(t.Context())
	require.NoError(t, err)
	require.Equal(t, 3, handed.Checkpoints)
	require.Equal(t, []uint64{20, 40, 60}, to.heights)
	handed, err = r.Once(t.Context())
	require.NoError(t, err)
	require.Zero(t, handed.Checkpoints, "nothing has changed")
	require.Equal(t, 3, to.asked)

	c.Sign(3, 70, 70000, true) // the newest one ends an epoch
	handed, err = r.Once(t.Context())
	require.NoError(t, err)
	require.Equal(t, 1, handed.Checkpoints)
	handed, err = r.Once(t.Context())
	require.NoError(t, err)
	require.Zero(t, handed.Checkpoints)
	status, err := r.Status(t.Context())
	require.NoError(t, err)
	require.Equal(t, "up to date", status[0].State)
}

func TestFewestSignatures(t *testing.T) {
	c := signedchain.New(t, 4)
	c.Sign(1, 10, 10000, false)
	all, err := c.Newest(t.Context())
	require.NoError(t, err)
	fewest := all.Fewest()
	require.Len(t, fewest.Signatures, 3) // 13 + 12 + 11 of 46
	require.NoError(t, fewest.Validate())
	require.Len(t, all.Signatures, 4)
}

func TestALyingNodeIsNotBelieved(t *testing.T) {
	c := signedchain.New(t, 4)
	to := newClient(c)
	c.Sign(1, 10, 10000, false)
	for name, lie := range map[string]func(s *relayer.Checkpoint){
		"content":    func(s *relayer.Checkpoint) { s.Content.AnchorRoot[0] ^= 1 },
		"set":        func(s *relayer.Checkpoint) { s.Set = c.Set(2) },
		"signatures": func(s *relayer.Checkpoint) { s.Signatures = s.Signatures[:2] },
		"next set":   func(s *relayer.Checkpoint) { s.Content.NextSet[0] ^= 1 },
	} {
		c.Sign(1, 10, 10000, false)
		c.Forge(lie)
		_, err := relayerTo(c, relayer.DefaultRouteOptions(), to).Once(t.Context())
		require.ErrorContains(t, err, "lies", name)
	}
	require.Zero(t, to.asked)
	to.head.Epoch = 5
	c.Sign(1, 10, 10000, false)
	_, err := relayerTo(c, relayer.DefaultRouteOptions(), to).Once(t.Context())
	require.ErrorContains(t, err, "is this the chain that it follows?")
}

func TestOneDestinationDoesNotKeepTheOthers(t *testing.T) {
	c := signedchain.New(t, 4)
	bad, good := newClient(c), newClient(c)
	bad.name, bad.fail = "bad", []error{fmt.Errorf("send: %w", relayer.ErrFunds)}
	c.Sign(1, 10, 10000, false)
	r := relayerTo(c, relayer.DefaultRouteOptions(), bad, good)
	handed, err := r.Once(t.Context())
	require.Equal(t, 1, handed.Checkpoints)
	require.ErrorIs(t, err, relayer.ErrFunds)
	require.ErrorContains(t, err, "bad: ")
	require.Equal(t, []uint64{10}, good.heights)
}

func TestRunGoesOnAfterFailures(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := signedchain.New(t, 4)
		to := newClient(c)
		to.fail = []error{errors.New("no answer"), errors.New("no answer"), nil}
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan struct{})
		r := relayerTo(c, relayer.DefaultRouteOptions(), to)
		go func() { defer close(done); r.Run(ctx) }()
		time.Sleep(10 * time.Second)
		require.Zero(t, to.asks(), "nothing to do, nothing sent")
		c.Sign(1, 10, 10000, false)
		time.Sleep(10 * time.Second) // polls at 1, waits of 1, 2 and 4 after failures
		require.Equal(t, []uint64{10}, to.taken())
		asked := to.asks()
		time.Sleep(time.Hour)
		require.Equal(t, asked, to.asks(), "idle")
		c.Sign(1, 20, 20000, true)
		c.Sign(2, 30, 30000, false)
		time.Sleep(2 * time.Second)
		require.Equal(t, []uint64{10, 20, 30}, to.taken())
		c.Fail(errors.New("the node is gone"))
		time.Sleep(time.Hour)
		c.Fail(nil)
		c.Sign(2, 40, 40000, false)
		time.Sleep(2 * time.Minute)
		require.Equal(t, []uint64{10, 20, 30, 40}, to.taken())
		cancel()
		<-done
	})
}

func TestMinIntervalLetsEndsOfEpochsThrough(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := signedchain.New(t, 4)
		to := newClient(c)
		opts := relayer.DefaultRouteOptions()
		opts.MinInterval = 10 * time.Minute
		r := relayerTo(c, opts, to)
		once := func() {
			_, err := r.Once(t.Context())
			require.NoError(t, err)
		}
		c.Sign(1, 10, 10000, false)
		once()
		c.Sign(1, 20, 20000, false)
		once()
		require.Equal(t, []uint64{10}, to.heights)
		c.Sign(1, 30, 30000, true)
		once()
		require.Equal(t, []uint64{10, 30}, to.heights)
		c.Sign(2, 40, 40000, false)
		time.Sleep(11 * time.Minute)
		once()
		require.Equal(t, []uint64{10, 30, 40}, to.heights)
	})
}

func TestStatusSaysWhatToDo(t *testing.T) {
	c := signedchain.New(t, 4)
	to := newClient(c)
	r := relayerTo(c, relayer.DefaultRouteOptions(), to)
	state := func() string {
		status, err := r.Status(t.Context())
		require.NoError(t, err)
		return status[0].State
	}
	require.Contains(t, state(), "waiting")
	c.Sign(1, 10, 10000, false)
	require.Contains(t, state(), "behind: any relayer")
	c.Sign(1, 20, 20000, true)
	c.Sign(2, 30, 30000, false)
	require.Contains(t, state(), "behind by 1 signer epochs")
	to.head.StaleAt = time.Unix(1, 0)
	require.Contains(t, state(), "stale")
}
