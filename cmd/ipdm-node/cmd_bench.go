package main

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"math/bits"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/sync/errgroup"

	"github.com/ipdm-network/ipdm/cmd/internal/cli"
	"github.com/ipdm-network/ipdm/sidecar/consensus/sealer"
	"github.com/ipdm-network/ipdm/sidecar/consensus/sectors"
	"github.com/ipdm-network/ipdm/sidecar/node"
	"github.com/ipdm-network/ipdm/x/porep/proof"
	"github.com/ipdm-network/ipdm/x/porep/proof/sdr"
)

const (
	// benchOpenings is how many nodes the measured window proof opens: the least that a chain asks for.
	benchOpenings = 16
	// benchTick is how often progress is looked at.
	benchTick = 20 * time.Millisecond
)

// bench is a measurement of sealing.
type bench struct {
	program      *program
	size, memory string
	dir          string
	sectors      int
}

// sealJSON is what `ipdm bench seal --json` prints. Rates are MiB of sectors for a second of processor time.
type sealJSON struct {
	SizeBytes       uint64  `json:"size_bytes"`
	Sectors         int     `json:"sectors"`
	Rate            float64 `json:"mib_per_second_per_core"`
	LabelRate       float64 `json:"label_mib_per_second_per_core"`
	Limit           float64 `json:"limit_mib_per_second_per_core"`
	LimitRatio      float64 `json:"limit_ratio"`
	PeakMemoryBytes uint64  `json:"peak_memory_bytes"`
	ProofBytes      uint64  `json:"proof_bytes"`
	Seconds         float64 `json:"seconds"`
	CPUSeconds      float64 `json:"cpu_seconds"`
}

// proofJSON is what `ipdm bench prove --json` and `ipdm bench verify --json` print of a proof.
type proofJSON struct {
	Openings int     `json:"openings"`
	Bytes    int     `json:"bytes"`
	ProveMS  float64 `json:"prove_ms,omitempty"`
	VerifyMS float64 `json:"verify_ms,omitempty"`
}

type proofsJSON struct {
	SizeBytes uint64    `json:"size_bytes"`
	Seal      proofJSON `json:"seal"`
	Window    proofJSON `json:"window"`
}

func (c *program) benchCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "bench",
		Short: "Measure sealing and the store on this machine, without a daemon",
		Args:  cli.NoArgs,
		RunE:  func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(
		c.benchSubcommand("seal", "Seal sectors of random data and measure the speed",
			`  ipdm bench seal --size 256MiB --sectors 2
  ipdm bench seal --size 64MiB --json`, (*bench).seal),
		c.benchSubcommand("prove", "Measure how long proofs of a sealed sector take",
			`  ipdm bench prove --size 64MiB --dir /data/bench`, (*bench).prove),
		c.benchSubcommand("verify", "Measure how long it takes to verify proofs",
			`  ipdm bench verify --size 64MiB --dir /data/bench`, (*bench).verify),
		c.benchStoreCommand(),
	)
	return cmd
}

func (c *program) benchSubcommand(use, short, example string, run func(*bench, context.Context, string) error) *cobra.Command {
	b := &bench{program: c}
	cmd := &cobra.Command{
		Use: use, Short: short, Example: example, Args: cli.NoArgs,
		Long: short + `.

The files are 12 times the sectors' size and are deleted afterwards. "prove" and "verify" keep them in --dir, and use a sector that an
earlier run sealed there.`,
		RunE: func(cmd *cobra.Command, _ []string) (err error) {
			dir := b.dir
			if dir == "" {
				if dir, err = os.MkdirTemp("", "ipdm-bench-"); err != nil {
					return fmt.Errorf("failed to make a folder: %w", err)
				}
				defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
			}
			return run(b, cmd.Context(), dir)
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&b.size, "size", "64MiB", "size of a sector, a power of two MiB")
	flags.StringVar(&b.memory, "memory", "", "what a sealer may keep in memory, at least 64MiB; no bound when empty")
	flags.StringVar(&b.dir, "dir", "", "folder for the sectors; one of its own under TMPDIR when empty")
	if use == "seal" {
		flags.IntVar(&b.sectors, "sectors", 2, "sectors sealed at a time; two share a core")
	} else {
		b.sectors = 1
	}
	return cmd
}

// open opens a store for sectors of the size.
func (b *bench) open(dir string) (*sealer.Store, *benchData, uint64, error) {
	size, err := node.ParseBytes(b.size)
	if err != nil {
		return nil, nil, 0, cli.Usagef("--size: %w", err)
	}
	if size < 1<<20 || bits.OnesCount64(size) != 1 {
		return nil, nil, 0, cli.Usagef("--size %s is not a power of two MiB", b.size)
	}
	if b.sectors < 1 {
		return nil, nil, 0, cli.Usagef("--sectors %d: at least one is needed", b.sectors)
	}
	options := sealer.Options{BenchNodes: size / sdr.NodeSize}
	if b.memory != "" {
		if options.MemoryBytes, err = node.ParseBytes(b.memory); err != nil {
			return nil, nil, 0, cli.Usagef("--memory: %w", err)
		}
	}
	if err := options.Validate(); err != nil {
		return nil, nil, 0, cli.Usage(err)
	}
	data, err := newBenchData(size)
	if err != nil {
		return nil, nil, 0, err
	}
	store, err := sealer.Open(dir, data, options)
	if err != nil {
		return nil, nil, 0, err
	}
	return store, data, size, b.checkFolder(store, dir)
}

// checkFolder fails for a folder in which a measurement would overwrite what is not its own: sectors of a node, or of another size.
func (b *bench) checkFolder(store *sealer.Store, dir string) error {
	files, err := store.List(context.Background())
	if err != nil {
		return err
	}
	own := map[uint64]bool{}
	for _, f := range files {
		own[f.Plan.Number] = true
	}
	for i := range uint64(b.sectors) {
		path := filepath.Join(dir, strconv.FormatUint(i, 10))
		if _, err := os.Stat(path); err == nil && !own[i] {
			return cli.Usagef("--dir: %s is not of a measurement of this size, and would be overwritten: name another folder", path)
		}
	}
	return nil
}

// sealAll seals the sectors, and returns when the last one was labelled, as processor time.
func (b *bench) sealAll(ctx context.Context, store *sealer.Store, data *benchData, size uint64) (labelled time.Duration, err error) {
	for i := range b.sectors {
		if err := store.Begin(ctx, data.plan(uint64(i))); err != nil {
			return 0, err
		}
	}
	bar := b.program.NewBar("sealing", int64(size)*int64(b.sectors)*sdr.Layers)
	defer bar.End()
	g, sealing := errgroup.WithContext(ctx)
	for i := range b.sectors {
		g.Go(func() error {
			_, err := store.Seal(sealing, uint64(i))
			return err
		})
	}
	done := make(chan error, 1)
	go func() { done <- g.Wait() }()
	tick := time.NewTicker(benchTick)
	defer tick.Stop()
	for shown := uint64(0); ; {
		select {
		case err := <-done:
			return labelled, err
		case <-tick.C:
		}
		files, err := store.List(ctx)
		if err != nil {
			continue // the sealers fail of it as well
		}
		now, labelling := uint64(0), false
		for _, f := range files {
			if f.Phase == sectors.PhaseLabelling {
				now, labelling = now+f.Done, true
			} else {
				now += size * sdr.Layers
			}
		}
		if labelling {
			labelled, _ = resources()
		}
		if now > shown {
			bar.Add(int(now - shown))
			shown = now
		}
	}
}

func (b *bench) seal(ctx context.Context, dir string) error {
	store, data, size, err := b.open(dir)
	if err != nil {
		return err
	}
	for i := range b.sectors { // what an earlier run left would not be sealed
		if err := store.Drop(ctx, uint64(i)); err != nil {
			return err
		}
	}
	limit := sealLimit()
	began := time.Now()
	before, _ := resources()
	labelled, err := b.sealAll(ctx, store, data, size)
	if err != nil {
		return err
	}
	seconds := time.Since(began).Seconds()
	after, peak := resources()
	limit = (limit + sealLimit()) / 2
	for i := range b.sectors {
		if err := store.Drop(ctx, uint64(i)); err != nil {
			return err
		}
	}
	mib := float64(size>>20) * float64(b.sectors)
	out := sealJSON{
		SizeBytes: size, Sectors: b.sectors, Rate: mib / (after - before).Seconds(), LabelRate: mib / (labelled - before).Seconds(), Limit: limit,
		PeakMemoryBytes: peak, ProofBytes: sdr.ProofSize(size/sdr.NodeSize, sdr.SealChallenges), Seconds: seconds,
		CPUSeconds: (after - before).Seconds(),
	}
	out.LimitRatio = out.Rate / limit
	if b.program.JSON {
		b.program.PrintJSON(out)
		return nil
	}
	b.program.Printf("sealed %d x %s in %.1f s\n", b.sectors, cli.SizeText(size), seconds)
	b.program.Printf("%.2f MiB/s a core, %.2f while labelling\n", out.Rate, out.LabelRate)
	b.program.Printf("%.2f times one stream of SHA-256 (%.2f MiB/s)\n", out.LimitRatio, limit)
	b.program.Printf("%s of memory at most\n", cli.SizeText(peak))
	return nil
}

// sealLimit is how many MiB a second one core could seal that only hashed labels one after another by crypto/sha256.
func sealLimit() float64 {
	const labels = 500_000
	var input [496]byte
	before, _ := resources()
	for range labels {
		h := sha256.Sum256(input[:])
		copy(input[:], h[:])
	}
	after, _ := resources()
	return labels * sdr.NodeSize / float64(sdr.Layers) / (1 << 20) / (after - before).Seconds()
}

// benchProofs are the proofs of a sealed sector, with what they are verified by.
type benchProofs struct {
	out             proofsJSON
	statement       *sdr.Statement
	seed            sdr.Hash
	records, window []byte
}

// proofs makes a seal proof and a window proof of a sealed sector, and measures both.
func (b *bench) proofs(ctx context.Context, dir string) (*benchProofs, error) {
	store, data, size, err := b.open(dir)
	if err != nil {
		return nil, err
	}
	if _, err := b.sealAll(ctx, store, data, size); err != nil {
		return nil, err
	}
	made, err := store.Seal(ctx, 0)
	if err != nil {
		return nil, err
	}
	p := &benchProofs{out: proofsJSON{SizeBytes: size}}
	p.statement = &sdr.Statement{
		Nodes: size / sdr.NodeSize, ReplicaID: made.ReplicaID, CommC: made.CommC, CommRLast: made.CommRLast, Pieces: []sdr.Piece{data.piece()},
	}
	p.seed = sdr.SealSeed([32]byte{}, made.ReplicaID, sdr.CommR(made.CommC, made.CommRLast))
	began := time.Now()
	if p.records, err = store.Records(ctx, 0, sdr.Challenges(p.seed, sdr.SealChallenges, p.statement.Nodes)); err != nil {
		return nil, err
	}
	p.out.Seal = proofJSON{Openings: sdr.SealChallenges, Bytes: len(p.records), ProveMS: milliseconds(time.Since(began))}
	began = time.Now()
	var missing map[int]error
	if p.window, missing, err = store.Prove(ctx, 1, p.asks()); err != nil {
		return nil, err
	}
	if len(missing) > 0 {
		return nil, fmt.Errorf("%w: %d of %d nodes", cli.ErrDamaged, len(missing), benchOpenings)
	}
	p.out.Window = proofJSON{Openings: benchOpenings, Bytes: len(p.window), ProveMS: milliseconds(time.Since(began))}
	return p, nil
}

func (p *benchProofs) asks() []sectors.Ask {
	var asks []sectors.Ask
	for _, v := range sdr.Challenges(p.seed, benchOpenings, p.statement.Nodes) {
		asks = append(asks, sectors.Ask{CommRLast: p.statement.CommRLast, Nodes: p.statement.Nodes, Node: v})
	}
	return asks
}

func milliseconds(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

func (b *bench) prove(ctx context.Context, dir string) error {
	p, err := b.proofs(ctx, dir)
	if err != nil {
		return err
	}
	out := p.out
	if b.program.JSON {
		b.program.PrintJSON(out)
		return nil
	}
	seal, window := out.Seal, out.Window
	b.program.Printf("seal proof: %d records, %s, made and checked in %.1f ms\n", seal.Openings, cli.SizeText(uint64(seal.Bytes)), seal.ProveMS)
	b.program.Printf("window proof: %d openings, %s, made in %.2f ms\n", window.Openings, cli.SizeText(uint64(window.Bytes)), window.ProveMS)
	return nil
}

func (b *bench) verify(ctx context.Context, dir string) error {
	p, err := b.proofs(ctx, dir)
	if err != nil {
		return err
	}
	out := p.out
	out.Seal.ProveMS, out.Window.ProveMS = 0, 0
	began := time.Now()
	if err := sdr.VerifySeal(p.statement, p.seed, sdr.SealChallenges, p.records); err != nil {
		return err
	}
	out.Seal.VerifyMS = milliseconds(time.Since(began))
	var challenges []proof.SealedChallenge
	for _, ask := range p.asks() {
		challenges = append(challenges, proof.SealedChallenge{CommRLast: ask.CommRLast, Nodes: ask.Nodes, Node: ask.Node})
	}
	began = time.Now()
	decoded, err := proof.DecodeSealedWindowProof(p.window)
	if err != nil {
		return err
	}
	if _, err := proof.VerifySealed(decoded, 1, challenges); err != nil {
		return err
	}
	out.Window.VerifyMS = milliseconds(time.Since(began))
	if b.program.JSON {
		b.program.PrintJSON(out)
		return nil
	}
	b.program.Printf("seal proof: %d records, %s, verified in %.1f ms\n", out.Seal.Openings, cli.SizeText(uint64(out.Seal.Bytes)), out.Seal.VerifyMS)
	b.program.Printf("window proof: %d openings, %s, verified in %.3f ms\n", out.Window.Openings, cli.SizeText(uint64(out.Window.Bytes)), out.Window.VerifyMS)
	return nil
}
