package follow_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/ipdm-network/ipdm/sidecar/consensus/follow"
)

// eager follows the first of the endpoints, or else the next, and stores changes soon.
func eager(of func(*fakeChain) follow.Config, chains ...*fakeChain) follow.Config {
	cfg := of(chains[0])
	cfg.BatchInterval = time.Millisecond
	for _, c := range chains[1:] {
		cfg.RPC = append(cfg.RPC, c.URL)
	}
	return cfg
}

func TestAnEndpointThatIsStuckDoesNotHoldUpAFollow(t *testing.T) {
	for _, of := range []func(*fakeChain) follow.Config{blocks, logs} {
		stuck, moving, w := newFakeChain(t, 10), newFakeChain(t, 400), newWorld(t)
		moving.set(func(c *fakeChain) { c.maxRange = 100 }) // what is new there is halved too
		f, stop := w.follow(eager(of, stuck, moving))
		w.at(f, 400)
		require.Zero(t, w.logged.count("trouble"))
		stuck.set(func(c *fakeChain) { c.finalized = 410 }) // and the other is behind
		w.at(f, 410)
		stop()
	}
}

func TestTheLagIsThatBehindTheEndpointThatIsFarthest(t *testing.T) {
	stuck, moving, w := newFakeChain(t, 10), newFakeChain(t, 20), newWorld(t)
	moving.set(func(c *fakeChain) { c.secret = true })
	f, _ := w.follow(eager(logs, stuck, moving))
	w.until(f, "the trouble and the lag are told", func(s follow.Status) bool { return s.Trouble != "" && s.Lag == 10 })
	s := f.List()[0]
	require.Contains(t, s.Trouble, fmt.Sprintf("rpc: %s: blocks 11 to 11: eth_getLogs: the range is too large", moving.URL))
	require.Equal(t, []uint64{10, 20, 10}, []uint64{s.Position, s.Finalized, s.Lag})
	require.Equal(t, 10.0, w.gathered("ipdm_follow_lag"))
}

func TestAnEndpointThatContradictsAloneIsPassedOver(t *testing.T) {
	for _, of := range []func(*fakeChain) follow.Config{blocks, logs} {
		for _, first := range []bool{true, false} {
			for _, finalized := range []uint64{10, 1000} { // as far as what is stored, and farther
				forked, good, w := newFakeChain(t, 10), newFakeChain(t, 10), newWorld(t)
				cfg := eager(of, forked, good)
				if !first {
					cfg = eager(of, good, forked)
				}
				f, stop := w.follow(cfg)
				w.at(f, 10)
				stop()
				forked.set(func(c *fakeChain) { c.fork, c.finalized = 9, finalized })
				f, stop = w.follow(cfg)
				w.until(f, "the contradiction is told", func(s follow.Status) bool { return s.Trouble != "" && s.Finalized > 0 })
				require.Contains(t, f.List()[0].Trouble, "dissent: "+forked.URL)
				require.Contains(t, f.List()[0].Trouble, "block 10 was "+hash("block", 10)+" and is "+hash("fork", 10))
				require.Equal(t, uint64(10), f.List()[0].Finalized, "what contradicts does not count")
				good.set(func(c *fakeChain) { c.finalized = 30 })
				w.at(f, 30)
				require.Zero(t, w.gathered("ipdm_follow_stopped"))
				forked.set(func(c *fakeChain) { c.fork, c.finalized = 1<<40, 30 })
				w.until(f, "the trouble is over", func(s follow.Status) bool { return s.Trouble == "" })
				good.set(func(c *fakeChain) { c.down = true })
				forked.set(func(c *fakeChain) { c.fork, c.finalized = 9, 40 })
				w.until(f, "it stops when no other answers", func(s follow.Status) bool { return s.Stopped })
				require.Equal(t, uint64(30), f.List()[0].Position)
				stop()
			}
		}
	}
}
