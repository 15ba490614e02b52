package follow_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/ipdm-network/ipdm/sidecar/consensus/follow"
	"github.com/ipdm-network/ipdm/sidecar/data"
)

// blocks follows the blocks of a chain from the first one on.
func blocks(c *fakeChain) follow.Config {
	cfg := follow.DefaultConfig()
	cfg.Name, cfg.Kind, cfg.RPC, cfg.From = "blocks", follow.EthereumBlocks, []string{c.URL}, new(uint64)
	cfg.PollInterval, cfg.BatchInterval, cfg.BatchChanges = time.Millisecond, time.Hour, 10
	*cfg.From = 1
	return cfg
}

func logs(c *fakeChain) follow.Config {
	cfg := blocks(c)
	cfg.Name, cfg.Kind, cfg.Addresses = "logs", follow.EthereumLogs, []string{contract}
	return cfg
}

// requireBlocks checks that the blocks up to one are stored, each once and in order.
func requireBlocks(t *testing.T, w *world, upTo int) {
	t.Helper()
	lines := w.lines("blocks")
	require.Equal(t, upTo, len(lines))
	for i, line := range lines {
		require.EqualValues(t, i+1, line["number"])
	}
}

func TestABatchIsStoredWhenItIsFullOrDue(t *testing.T) {
	chain, w := newFakeChain(t, 25), newWorld(t)
	cfg := blocks(chain)
	f, stop := w.follow(cfg)
	w.at(f, 20)
	require.Equal(t, uint64(5), f.List()[0].Lag)
	batches := w.batches("blocks")
	require.Len(t, batches, 2)
	require.Equal(t, []string{"chain=ethereum", "follow=blocks", "from=000000000011", "kind=ethereum-blocks", "to=000000000020"}, batches[1].Header.Tags)
	require.Equal(t, "application/x-ndjson", batches[1].Header.ContentType)
	stop()
	requireBlocks(t, w, int(f.List()[0].Position)) // what is left is stored at the end, as far as it was read

	chain.set(func(c *fakeChain) { c.finalized = 28 })
	cfg.BatchInterval = 5 * time.Millisecond
	f, _ = w.follow(cfg)
	w.at(f, 28)
	requireBlocks(t, w, 28)
	require.Equal(t, 28.0, w.gathered("ipdm_follow_position"))
	require.Zero(t, w.gathered("ipdm_follow_lag"))
	batches = w.batches("blocks")
	require.Equal(t, follow.Status{
		Name: "blocks", Kind: follow.EthereumBlocks, Position: 28, Finalized: 28, Changes: 28, Batches: uint64(len(batches)), LastRoot: last(batches).Root.String(),
	}, f.List()[0])

	require.Equal(t, `{"hash":"`+hash("block", 28)+`","number":28,"parent":"`+hash("block", 27)+`","receipts_root":"`+hash("receipts", 28)+
		`","state_root":"`+hash("state", 28)+`","time":1028,"transactions":["`+hash("tx", 28)+`"],"transactions_root":"`+hash("txs", 28)+
		`","type":"block","v":1}`, last(last(w.batches("blocks")).lines), "the form of a line is for ever")
}

func last[T any](list []T) T { return list[len(list)-1] }

func TestLogsAreReadInOrderEachOnce(t *testing.T) {
	chain, w := newFakeChain(t, 5000), newWorld(t)
	chain.set(func(c *fakeChain) { c.maxRange = 300 })
	cfg := logs(chain)
	cfg.BatchChanges, cfg.BatchInterval = 1000, 20*time.Millisecond
	f, stop := w.follow(cfg)
	w.at(f, 5000)
	stop()
	require.Zero(t, w.logged.count("trouble"), "that ranges are halved is no trouble")
	chain.set(func(c *fakeChain) { c.finalized = 5010 })
	f, _ = w.follow(cfg)
	w.at(f, 5010)
	lines := w.lines("logs")
	require.Len(t, lines, 2*(5010/3))
	for i, line := range lines {
		require.EqualValues(t, 3*(i/2+1), line["block"])
		require.EqualValues(t, i%2, line["log_index"])
	}
	require.Equal(t, `{"address":"`+contract+`","block":3,"block_hash":"`+hash("block", 3)+`","data":"0x0102","log_index":0,"topics":["`+
		hash("topic", 1)+`"],"tx_hash":"`+hash("tx", 3)+`","type":"log","v":1}`, w.batches("logs")[0].lines[0], "the form of a line is for ever")
	require.Equal(t, contract, tag(w.batches("logs")[0].Pin, "address"))
}

func TestWithoutFromAFollowBeginsNow(t *testing.T) {
	chain, w := newFakeChain(t, 100), newWorld(t)
	cfg := blocks(chain)
	cfg.From = nil
	f, stop := w.follow(cfg)
	w.at(f, 100)
	stop()
	chain.set(func(c *fakeChain) { c.finalized = 102 })
	cfg.BatchChanges = 2
	f, _ = w.follow(cfg)
	w.at(f, 102)
	lines := w.lines("blocks")
	require.Len(t, lines, 2)
	require.EqualValues(t, 101, lines[0]["number"], "now is that of the first start")
}

func TestFromTheGenesisBlock(t *testing.T) {
	chain, w := newFakeChain(t, 3), newWorld(t)
	cfg := blocks(chain)
	*cfg.From, cfg.BatchChanges = 0, 4
	f, _ := w.follow(cfg)
	w.at(f, 3)
	require.Len(t, w.lines("blocks"), 4)
}

func TestACrashBetweenThePutAndTheStateStoresNothingTwice(t *testing.T) {
	chain, w := newFakeChain(t, 10), newWorld(t)
	inTheWay := filepath.Join(w.dir, "blocks.json.new")
	require.NoError(t, os.Mkdir(inTheWay, 0o700)) // no state can be written
	f, stop := w.follow(blocks(chain))
	w.until(f, "the trouble is told", func(s follow.Status) bool { return s.Trouble != "" })
	require.Contains(t, f.List()[0].Trouble, "store: failed to write")
	require.Zero(t, f.List()[0].Position)
	stop()
	before := w.batches("blocks")
	require.Len(t, before, 1)
	require.NoError(t, os.Remove(inTheWay))

	chain.set(func(c *fakeChain) { c.finalized = 20 })
	f, stop = w.follow(blocks(chain))
	w.at(f, 20)
	stop()
	after := w.batches("blocks")
	require.Len(t, after, 2)
	require.Equal(t, before[0].Root, after[0].Root)
	require.Equal(t, before[0].Manifest, after[0].Manifest)
	requireBlocks(t, w, 20)
	require.Equal(t, uint64(2), f.List()[0].Batches)
	require.NoFileExists(t, filepath.Join(w.dir, "blocks.journal"))
}

// full refuses puts as long as it is to.
type full struct {
	follow.Content
	is atomic.Bool
}

func (f *full) NewPut(ctx context.Context, o data.PutOptions) (*data.Put, error) {
	if f.is.Load() {
		return nil, errors.New("the disk is full")
	}
	return f.Content.NewPut(ctx, o)
}

func TestABatchThatCannotBePutWaits(t *testing.T) {
	chain, w := newFakeChain(t, 10), newWorld(t)
	disk := &full{Content: w.engine}
	w.content = disk
	disk.is.Store(true)
	f, stop := w.follow(blocks(chain))
	inTrouble := func(s follow.Status) bool { return s.Trouble == "store: the disk is full" }
	w.until(f, "the trouble is told", inTrouble)
	require.Zero(t, f.List()[0].Position)
	disk.is.Store(false)
	w.at(f, 10)
	require.Empty(t, f.List()[0].Trouble)
	require.Equal(t, 1, w.logged.count("is in trouble"))
	require.Equal(t, 1, w.logged.count("is over"))

	disk.is.Store(true)
	chain.set(func(c *fakeChain) { c.finalized = 20 })
	w.until(f, "the trouble is told", inTrouble)
	stop()
	disk.is.Store(false)
	chain.set(func(c *fakeChain) { c.finalized = 25 })
	cfg := blocks(chain)
	cfg.BatchChanges = 15
	f, _ = w.follow(cfg)
	w.at(f, 20)
	require.Equal(t, "000000000011", w.batches("blocks")[1].from)
	require.Equal(t, "000000000020", w.batches("blocks")[1].to, "the batch is that of the journal")
	chain.set(func(c *fakeChain) { c.finalized = 35 })
	w.at(f, 35)
	requireBlocks(t, w, 35)
}

func TestAnEndpointThatIsDownIsTriedAgain(t *testing.T) {
	chain, other, w := newFakeChain(t, 10), newFakeChain(t, 10), newWorld(t)
	chain.set(func(c *fakeChain) { c.down = true })
	f, stop := w.follow(blocks(chain))
	w.until(f, "the trouble is told", func(s follow.Status) bool { return s.Trouble != "" })
	require.Contains(t, f.List()[0].Trouble, "rpc: http://127.0.0.1:")
	require.Contains(t, f.List()[0].Trouble, "503")
	chain.set(func(c *fakeChain) { c.down = false })
	w.at(f, 10)
	w.until(f, "the trouble is over", func(s follow.Status) bool { return s.Trouble == "" })
	stop()

	chain.set(func(c *fakeChain) { c.down = true })
	other.set(func(c *fakeChain) { c.finalized = 20 })
	cfg := blocks(chain)
	cfg.RPC = append(cfg.RPC, other.URL)
	f, _ = w.follow(cfg)
	w.at(f, 20)
	requireBlocks(t, w, 20)
}

func TestAnEndpointOfAnotherNetworkIsNotRead(t *testing.T) {
	chain, w := newFakeChain(t, 10), newWorld(t)
	f, stop := w.follow(blocks(chain))
	w.at(f, 10)
	stop()
	chain.set(func(c *fakeChain) { c.chainID, c.finalized = "0x1", 20 })
	f, _ = w.follow(blocks(chain))
	w.until(f, "the trouble is told", func(s follow.Status) bool { return s.Trouble != "" })
	require.Contains(t, f.List()[0].Trouble, "it is of another network: eth_chainId is 0x1, not 0x7a69")
	require.Equal(t, uint64(10), f.List()[0].Position)
	chain.set(func(c *fakeChain) { c.chainID = "0x7a69" })
	w.at(f, 20) // it is asked again
}

func TestAContradictionStopsOneFollow(t *testing.T) {
	for _, finalized := range []uint64{10, 20} { // as long as before, and longer
		for _, of := range []func(*fakeChain) follow.Config{blocks, logs} {
			chain, other, w := newFakeChain(t, 10), newFakeChain(t, 10), newWorld(t)
			good := blocks(other)
			good.Name = "other"
			cfg := of(chain)
			cfg.BatchInterval = time.Millisecond
			f, stop := w.follow(cfg)
			w.at(f, 10)
			stop()
			chain.set(func(c *fakeChain) { c.fork, c.finalized = 9, finalized })
			f, _ = w.follow(cfg, good)
			w.until(f, "it stops", func(s follow.Status) bool { return s.Stopped })
			require.Contains(t, f.List()[0].Trouble, "the finalized chain contradicts what is stored: block 10 was "+hash("block", 10)+" and is "+hash("fork", 10))
			require.Equal(t, 1, w.logged.count("a follow has stopped"))
			require.Equal(t, 1.0, w.gathered("ipdm_follow_stopped"))
			w.until(f, "the other goes on", func(follow.Status) bool { return f.List()[1].Position == 10 })
		}
	}
}

func TestAStateThatCannotBeUsedStopsTheFollow(t *testing.T) {
	chain, w := newFakeChain(t, 10), newWorld(t)
	f, stop := w.follow(blocks(chain))
	w.at(f, 10)
	stop()
	other := logs(chain)
	other.Name = "blocks"
	f, stop = w.follow(other)
	w.until(f, "it stops", func(s follow.Status) bool { return s.Stopped })
	require.Contains(t, f.List()[0].Trouble, `"blocks" has followed something else before`)
	stop()

	path := filepath.Join(w.dir, "blocks.json")
	for _, text := range []string{"", "{", `{"version":2}`} {
		require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
		f, stop = w.follow(blocks(chain))
		w.until(f, "it stops", func(s follow.Status) bool { return s.Stopped })
		require.Contains(t, f.List()[0].Trouble, path)
		stop()
	}
	require.NoError(t, os.Remove(path))
	path = filepath.Join(w.dir, "blocks.journal")
	require.NoError(t, os.WriteFile(path, []byte("x\n"), 0o600))
	f, stop = w.follow(blocks(chain))
	w.until(f, "it stops", func(s follow.Status) bool { return s.Stopped })
	require.Contains(t, f.List()[0].Trouble, path)
	stop()
	requireBlocks(t, w, 10)
}
