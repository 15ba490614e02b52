package relayer

import (
	"context"
	"crypto/ecdsa"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ethereum/go-ethereum/crypto"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"

	"github.com/ipdm-network/ipdm/x/bridge/wire"
)

// chain makes checkpoints that are really signed.
type chain struct {
	t    testing.TB
	keys map[wire.Address]*ecdsa.PrivateKey

	mu          sync.Mutex // guards the fields below
	checkpoints []Checkpoint
	fail        error
}

func newChain(t testing.TB) *chain { return &chain{t: t, keys: map[wire.Address]*ecdsa.PrivateKey{}} }

// set returns the signer set of an epoch.
func (c *chain) set(epoch uint64) wire.SignerSet {
	var members []wire.Member
	for i := range 4 {
		secret := wire.Sum([]byte(fmt.Sprintf("%d %d", epoch, i)))
		key, err := crypto.ToECDSA(secret[:])
		require.NoError(c.t, err)
		address := wire.AddressOf(&key.PublicKey)
		c.keys[address] = key
		members = append(members, wire.Member{Address: address, Power: uint64(10 + i)})
	}
	set, err := wire.NewSignerSet(members)
	require.NoError(c.t, err)
	return set
}

// sign adds a checkpoint of an epoch.
func (c *chain) sign(epoch, height uint64, ends bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	set := c.set(epoch)
	content := wire.Checkpoint{Epoch: epoch, Height: height, TimeMillis: height * 1000, Set: set.Root(), NextSet: set.Root()}
	if ends {
		content.NextSet = c.set(epoch + 1).Root()
	}
	signed := Checkpoint{Sequence: uint64(len(c.checkpoints) + 1), Content: content, Set: set}
	if ends {
		signed.NextSet = c.set(epoch + 1)
	}
	for i, m := range set {
		s, err := wire.Sign(content.Digest(), c.keys[m.Address])
		require.NoError(c.t, err)
		signed.Signatures = append(signed.Signatures, wire.MemberSignature{Index: i, Signature: s})
	}
	c.checkpoints = append(c.checkpoints, signed)
}

func (c *chain) Newest(context.Context) (Checkpoint, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.fail != nil {
		return Checkpoint{}, c.fail
	}
	if len(c.checkpoints) == 0 {
		return Checkpoint{}, ErrNone
	}
	return c.checkpoints[len(c.checkpoints)-1], nil
}

func (c *chain) EndOf(_ context.Context, epoch uint64) (Checkpoint, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, s := range c.checkpoints {
		if s.Content.Epoch == epoch && s.Content.EndsEpoch() {
			return s, nil
		}
	}
	return Checkpoint{}, errors.New("the epoch has not ended")
}

// client takes checkpoints by the rules of light clients.
type client struct {
	name string

	mu      sync.Mutex // guards the fields below
	head    Head
	set     wire.Hash
	heights []uint64 // taken
	fail    []error  // of the next submissions
	asked   int
}

func newClient(c *chain) *client {
	return &client{name: "other", head: Head{Epoch: 1, StaleAt: time.Unix(1<<40, 0)}, set: c.set(1).Root()}
}

func (c *client) Name() string { return c.name }

func (c *client) Head(context.Context) (Head, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.head, nil
}

func (c *client) Submit(_ context.Context, s Checkpoint) error {
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

// seen returns how often it was asked, and the heights that it took.
func (c *client) seen() (asked int, heights []uint64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.asked, slices.Clone(c.heights)
}

func (c *client) requireHeights(t *testing.T, heights ...uint64) {
	t.Helper()
	_, took := c.seen()
	require.Equal(t, heights, took)
}

func relayerTo(source Source, opts RouteOptions, clients ...*client) *Relayer {
	r := New(source)
	m := NewMetrics(prometheus.NewRegistry())
	for _, c := range clients {
		r.Add(c, opts, slog.New(slog.DiscardHandler), m)
	}
	return r
}

func TestOnceFollowsTheEndsOfEpochs(t *testing.T) {
	c := newChain(t)
	to := newClient(c)
	r := relayerTo(c, DefaultRouteOptions(), to)
	handed, err := r.Once(t.Context())
	require.NoError(t, err)
	require.Zero(t, handed, "there is none")

	c.sign(1, 10, false)
	c.sign(1, 20, true)
	c.sign(2, 30, false)
	c.sign(2, 40, true)
	c.sign(3, 50, false)
	c.sign(3, 60, false)
	handed, err = r.Once(t.Context())
	require.NoError(t, err)
	require.Equal(t, 3, handed)
	require.Equal(t, []uint64{20, 40, 60}, to.heights)
	handed, err = r.Once(t.Context())
	require.NoError(t, err)
	require.Zero(t, handed, "nothing has changed")
	require.Equal(t, 3, to.asked)

	c.sign(3, 70, true) // the newest one ends an epoch
	handed, err = r.Once(t.Context())
	require.NoError(t, err)
	require.Equal(t, 1, handed)
	handed, err = r.Once(t.Context())
	require.NoError(t, err)
	require.Zero(t, handed)
	status, err := r.Status(t.Context())
	require.NoError(t, err)
	require.Equal(t, "up to date", status[0].State)
}

func TestFewestSignatures(t *testing.T) {
	c := newChain(t)
	c.sign(1, 10, false)
	all, err := c.Newest(t.Context())
	require.NoError(t, err)
	fewest := all.Fewest()
	require.Len(t, fewest.Signatures, 3) // 13 + 12 + 11 of 46
	require.NoError(t, fewest.Validate())
	require.Len(t, all.Signatures, 4)
}

func TestALyingNodeIsNotBelieved(t *testing.T) {
	c := newChain(t)
	to := newClient(c)
	c.sign(1, 10, false)
	for name, lie := range map[string]func(s *Checkpoint){
		"content":    func(s *Checkpoint) { s.Content.AnchorRoot[0] ^= 1 },
		"set":        func(s *Checkpoint) { s.Set = c.set(2) },
		"signatures": func(s *Checkpoint) { s.Signatures = s.Signatures[:2] },
		"next set":   func(s *Checkpoint) { s.NextSet = c.set(3) },
		"no set":     func(s *Checkpoint) { s.NextSet = nil },
	} {
		c.sign(1, 10, true)
		lie(&c.checkpoints[len(c.checkpoints)-1])
		_, err := relayerTo(c, DefaultRouteOptions(), to).Once(t.Context())
		require.ErrorContains(t, err, "lies", name)
	}
	require.Zero(t, to.asked)
	to.head.Epoch = 5
	c.sign(1, 10, false)
	_, err := relayerTo(c, DefaultRouteOptions(), to).Once(t.Context())
	require.ErrorContains(t, err, "is this the chain that it follows?")
}

func TestOneDestinationDoesNotKeepTheOthers(t *testing.T) {
	c := newChain(t)
	bad, good := newClient(c), newClient(c)
	bad.name, bad.fail = "bad", []error{fmt.Errorf("send: %w", ErrFunds)}
	c.sign(1, 10, false)
	r := relayerTo(c, DefaultRouteOptions(), bad, good)
	handed, err := r.Once(t.Context())
	require.Equal(t, 1, handed)
	require.ErrorIs(t, err, ErrFunds)
	require.ErrorContains(t, err, "bad: ")
	require.Equal(t, []uint64{10}, good.heights)
}

func TestRunGoesOnAfterFailures(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newChain(t)
		to := newClient(c)
		to.fail = []error{errors.New("no answer"), errors.New("no answer"), nil}
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan struct{})
		r := relayerTo(c, DefaultRouteOptions(), to)
		go func() { defer close(done); r.Run(ctx) }()
		time.Sleep(10 * time.Second)
		asked, _ := to.seen()
		require.Zero(t, asked, "nothing to do, nothing sent")
		c.sign(1, 10, false)
		time.Sleep(10 * time.Second) // polls at 1, waits of 1, 2 and 4 after failures
		to.requireHeights(t, 10)
		asked, _ = to.seen()
		time.Sleep(time.Hour)
		again, _ := to.seen()
		require.Equal(t, asked, again, "idle")
		c.sign(1, 20, true)
		c.sign(2, 30, false)
		time.Sleep(2 * time.Second)
		to.requireHeights(t, 10, 20, 30)
		c.mu.Lock()
		c.fail = errors.New("the node is gone")
		c.mu.Unlock()
		time.Sleep(time.Hour)
		c.mu.Lock()
		c.fail = nil
		c.mu.Unlock()
		c.sign(2, 40, false)
		time.Sleep(2 * time.Minute)
		to.requireHeights(t, 10, 20, 30, 40)
		cancel()
		<-done
	})
}

func TestMinIntervalLetsEndsOfEpochsThrough(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newChain(t)
		to := newClient(c)
		opts := DefaultRouteOptions()
		opts.MinInterval = 10 * time.Minute
		r := relayerTo(c, opts, to)
		once := func() {
			_, err := r.Once(t.Context())
			require.NoError(t, err)
		}
		c.sign(1, 10, false)
		once()
		c.sign(1, 20, false)
		once()
		require.Equal(t, []uint64{10}, to.heights)
		c.sign(1, 30, true)
		once()
		require.Equal(t, []uint64{10, 30}, to.heights)
		c.sign(2, 40, false)
		time.Sleep(11 * time.Minute)
		once()
		require.Equal(t, []uint64{10, 30, 40}, to.heights)
	})
}

func TestStatusSaysWhatToDo(t *testing.T) {
	c := newChain(t)
	to := newClient(c)
	r := relayerTo(c, DefaultRouteOptions(), to)
	state := func() string {
		status, err := r.Status(t.Context())
		require.NoError(t, err)
		return status[0].State
	}
	require.Contains(t, state(), "waiting")
	c.sign(1, 10, false)
	require.Contains(t, state(), "behind: any relayer")
	c.sign(1, 20, true)
	c.sign(2, 30, false)
	require.Contains(t, state(), "behind by 1 signer epochs")
	to.head.StaleAt = time.Unix(1, 0)
	require.Contains(t, state(), "stale")
}
