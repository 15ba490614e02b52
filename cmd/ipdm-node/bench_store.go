package main

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"runtime"
	"sync/atomic"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/sync/errgroup"

	"github.com/ipdm-network/ipdm/cmd/internal/cli"
	"github.com/ipdm-network/ipdm/sdk/go/format"
	"github.com/ipdm-network/ipdm/sidecar/data"
	"github.com/ipdm-network/ipdm/sidecar/data/compress"
	"github.com/ipdm-network/ipdm/sidecar/data/store/pebblestore"
	"github.com/ipdm-network/ipdm/sidecar/node"
	"github.com/ipdm-network/ipdm/sidecar/node/hugepages"
)

const (
	// benchPuttersPerCore is how many put at once for each core: while some wait for the disk others work.
	benchPuttersPerCore = 2
	// benchCallBytes is how much is put by one call.
	benchCallBytes = 16 << 20
	// benchHotBytes is how much of it is read again and again.
	benchHotBytes = 64 << 20
	// benchGetSeconds is how long blocks are read at most.
	benchGetSeconds = 10
	// benchHeapBytes is about how large the heap becomes.
	benchHeapBytes = 8 * benchHotBytes
	// benchIntervalSeconds is the length of the intervals that are reported one by one.
	benchIntervalSeconds = 10
	// benchLimitTime is how long blocks are only hashed, once before and once after the puts.
	benchLimitTime = time.Second
)

// storeBench is a measurement of the store.
type storeBench struct {
	program  *program
	dir      string
	size     string
	encode   string
	duration time.Duration

	blockBytes int
	effort     compress.Effort
}

// storeBenchJSON is what `ipdm bench store --json` prints. Rates are blocks a second, or for a second of processor time:
// those tell the cost where other programs run as well.
type storeBenchJSON struct {
	BlockBytes      int       `json:"block_bytes"`
	Cores           int       `json:"cores"`
	Blocks          uint64    `json:"blocks"`
	Seconds         float64   `json:"seconds"`
	Puts            float64   `json:"puts_per_second"`
	IntervalPuts    []float64 `json:"interval_puts_per_second"`
	CPUPuts         float64   `json:"puts_per_cpu_second"`
	Limit           float64   `json:"hashes_per_cpu_second"`
	LimitRatio      float64   `json:"limit_ratio"`
	HotBlocks       int       `json:"hot_blocks"`
	Gets            float64   `json:"gets_per_second"`
	AllocsPerGet    float64   `json:"allocs_per_get"`
	DiskBytes       uint64    `json:"disk_bytes"`
	PeakMemoryBytes uint64    `json:"peak_memory_bytes"`
}

func (c *program) benchStoreCommand() *cobra.Command {
	b := &storeBench{program: c}
	cmd := &cobra.Command{
		Use:   "store",
		Short: "Put and get small blocks and measure the speed",
		Long: `Put and get small blocks and measure the speed.

Blocks that do not compress are hashed, indexed and written with one sync for each 4 MiB, as fast as all cores can, and what was put last
is read from memory then, in random order. Beside the rates, that of doing nothing but hash such blocks is told. The files, about 1.3 times
what is put, are deleted afterwards.`,
		Example: `  ipdm bench store --duration 60s
  ipdm bench store --size 2KiB --duration 10s --dir /data/bench --json`,
		Args: cli.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) (err error) {
			if err := b.check(); err != nil {
				return err
			}
			dir, err := os.MkdirTemp(b.dir, "ipdm-bench-")
			if err != nil {
				return fmt.Errorf("failed to make a folder: %w", err)
			}
			defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
			return b.run(cmd.Context(), dir)
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&b.size, "size", "256B", "size of a block, 16B to 64KiB")
	flags.DurationVar(&b.duration, "duration", benchIntervalSeconds*time.Second, "how long blocks are put")
	flags.StringVar(&b.encode, "encode", compress.Fast.String(), "fast, balanced or dense")
	flags.StringVar(&b.dir, "dir", "", "folder to make the store's in; TMPDIR when empty")
	return cmd
}

func (b *storeBench) check() error {
	size, err := node.ParseBytes(b.size)
	if err != nil {
		return cli.Usagef("--size: %w", err)
	}
	if size < 16 || size > 64<<10 {
		return cli.Usagef("--size %s is not between 16B and 64KiB", b.size)
	}
	b.blockBytes = int(size)
	if b.duration <= 0 {
		return cli.Usagef("--duration %s: it must be positive", b.duration)
	}
	if b.effort, err = compress.ParseEffort(b.encode); err != nil {
		return cli.Usagef("--encode: %w", err)
	}
	return nil
}

func (b *storeBench) run(ctx context.Context, dir string) (err error) {
	if err := hugepages.Advise(benchHeapBytes); err != nil { // as the daemon does
		fmt.Fprintln(b.program.Stderr, err)
	}
	s, err := pebblestore.Open(dir, pebblestore.Options{DecodedCacheBytes: 4 * benchHotBytes})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	out := storeBenchJSON{BlockBytes: b.blockBytes, Cores: runtime.GOMAXPROCS(0)}
	limit, err := b.hash(ctx)
	if err != nil {
		return err
	}
	hot, err := b.put(ctx, data.New(s, data.Options{}), &out)
	if err != nil {
		return err
	}
	again, err := b.hash(ctx)
	if err != nil {
		return err
	}
	out.Limit = (limit + again) / 2
	out.LimitRatio = out.CPUPuts / out.Limit
	if err := b.get(ctx, s, hot, &out); err != nil {
		return err
	}
	stats, err := s.Stats(ctx)
	if err != nil {
		return err
	}
	out.DiskBytes = stats.DiskBytes
	_, out.PeakMemoryBytes = resources()
	b.print(out)
	return nil
}

// benchBlocks are blocks that do not compress, cut out of one buffer.
type benchBlocks struct {
	blocks [][]byte
}

func (b *storeBench) newBlocks() (*benchBlocks, error) {
	buf := make([]byte, benchCallBytes)
	if _, err := rand.Read(buf); err != nil {
		return nil, fmt.Errorf("failed to make random bytes: %w", err)
	}
	d := &benchBlocks{}
	for len(buf) >= b.blockBytes {
		d.blocks = append(d.blocks, buf[:b.blockBytes:b.blockBytes])
		buf = buf[b.blockBytes:]
	}
	return d, nil
}

// renew makes blocks of all that were there: the counter numbers them throughout a run. Its bits are spread over the word, no
// two numbers to the same one: equal leading bytes would be found and left out by compression, if by far too few to pay.
func (d *benchBlocks) renew(counter *atomic.Uint64) {
	first := counter.Add(uint64(len(d.blocks))) - uint64(len(d.blocks))
	for i, block := range d.blocks {
		number := (first + uint64(i)) * 0x9e3779b97f4a7c15
		binary.LittleEndian.PutUint64(block, number^number>>32)
	}
}

// hash returns how many blocks can only be hashed for a second of processor time, with all cores at it.
func (b *storeBench) hash(ctx context.Context) (float64, error) {
	var hashed atomic.Uint64
	before, _ := resources()
	began := time.Now()
	d, err := b.newBlocks()
	if err != nil {
		return 0, err
	}
	err = onAllCores(ctx, func(context.Context, int) error {
		n := uint64(0)
		var sums format.Sums
		var digests [64]format.Digest
		for time.Since(began) < benchLimitTime {
			for i := range digests {
				sums.Add(&digests[i], d.blocks[n%uint64(len(d.blocks))])
				n++
			}
			sums.Flush()
		}
		hashed.Add(n)
		return nil
	})
	after, _ := resources()
	return float64(hashed.Load()) / (after - before).Seconds(), err
}

// put puts blocks for the duration and returns the digests of the last ones.
func (b *storeBench) put(ctx context.Context, e *data.Engine, out *storeBenchJSON) ([]format.Digest, error) {
	var counter, done atomic.Uint64
	hot := make([][]format.Digest, benchPuttersPerCore*runtime.GOMAXPROCS(0))
	before, _ := resources()
	perCaller := benchHotBytes/b.blockBytes/len(hot) + 1
	began := time.Now()
	watched := make(chan struct{})
	watching, stop := context.WithCancel(ctx)
	go func() {
		defer close(watched)
		out.IntervalPuts = watchPuts(watching, &done)
	}()
	err := together(ctx, len(hot), func(ctx context.Context, caller int) error {
		d, err := b.newBlocks()
		if err != nil {
			return err
		}
		for more := true; more; more = time.Since(began) < b.duration {
			d.renew(&counter)
			digests, err := e.PutBlocks(ctx, format.Raw, d.blocks, b.effort)
			if err != nil {
				return err
			}
			done.Add(uint64(len(digests)))
			hot[caller] = append(hot[caller], digests...)
			hot[caller] = hot[caller][max(0, len(hot[caller])-perCaller):]
		}
		return nil
	})
	out.Seconds = time.Since(began).Seconds()
	after, _ := resources()
	stop()
	<-watched
	out.Blocks = done.Load()
	out.Puts = float64(out.Blocks) / out.Seconds
	out.CPUPuts = float64(out.Blocks) / (after - before).Seconds()
	var all []format.Digest
	for _, digests := range hot {
		all = append(all, digests...)
	}
	return all, err
}

// watchPuts returns the rate of each whole interval until ctx is done.
func watchPuts(ctx context.Context, done *atomic.Uint64) []float64 {
	tick := time.NewTicker(benchIntervalSeconds * time.Second)
	defer tick.Stop()
	var rates []float64
	for before := uint64(0); ; {
		select {
		case <-tick.C:
			now := done.Load()
			rates = append(rates, float64(now-before)/benchIntervalSeconds)
			before = now
		case <-ctx.Done():
			return rates
		}
	}
}

// get reads the hot blocks into memory and then, from there, in random order.
func (b *storeBench) get(ctx context.Context, s *pebblestore.Store, hot []format.Digest, out *storeBenchJSON) error {
	for _, d := range hot {
		if _, err := s.Open(ctx, d); err != nil {
			return err
		}
	}
	var got atomic.Uint64
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	began := time.Now()
	end := began.Add(min(b.duration, benchGetSeconds*time.Second))
	err := onAllCores(ctx, func(ctx context.Context, caller int) error {
		n, at := uint64(0), uint64(caller)+1
		for more := true; more; more = time.Now().Before(end) {
			for range 256 {
				at = at*6364136223846793005 + 1442695040888963407 // Knuth's linear congruential generator
				block, err := s.Open(ctx, hot[(at>>32)%uint64(len(hot))])
				if err != nil {
					return err
				}
				if len(block.Data) != b.blockBytes {
					return fmt.Errorf("%w: a block of %d bytes came back", cli.ErrDamaged, len(block.Data))
				}
				n++
			}
		}
		got.Add(n)
		return nil
	})
	seconds := time.Since(began).Seconds()
	runtime.ReadMemStats(&after)
	out.HotBlocks = len(hot)
	out.Gets = float64(got.Load()) / seconds
	out.AllocsPerGet = float64(after.Mallocs-before.Mallocs) / float64(max(got.Load(), 1))
	return err
}

// onAllCores runs one function for each core and waits for all.
func onAllCores(ctx context.Context, run func(ctx context.Context, caller int) error) error {
	return together(ctx, runtime.GOMAXPROCS(0), run)
}

// together runs one function for each caller at once and waits for all.
func together(ctx context.Context, callers int, run func(ctx context.Context, caller int) error) error {
	g, ctx := errgroup.WithContext(ctx)
	for caller := range callers {
		g.Go(func() error { return run(ctx, caller) })
	}
	return g.Wait()
}

func (b *storeBench) print(out storeBenchJSON) {
	c := b.program
	if c.JSON {
		c.PrintJSON(out)
		return
	}
	c.Printf("put %d blocks of %s in %.1f s on %d cores: %.0f a second\n", out.Blocks, cli.SizeText(uint64(out.BlockBytes)), out.Seconds, out.Cores, out.Puts)
	for i, rate := range out.IntervalPuts {
		c.Printf("  %3d s to %3d s: %.0f a second\n", i*benchIntervalSeconds, (i+1)*benchIntervalSeconds, rate)
	}
	c.Printf("%.0f for a second of processor time, %.2f times what only hashing does (%.0f)\n", out.CPUPuts, out.LimitRatio, out.Limit)
	c.Printf("got %.0f a second of %d blocks in memory, %.3f allocations each\n", out.Gets, out.HotBlocks, out.AllocsPerGet)
	c.Printf("%s on disk, %s of memory at most\n", cli.SizeText(out.DiskBytes), cli.SizeText(out.PeakMemoryBytes))
}
