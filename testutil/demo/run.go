package demo

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/ipdm-network/ipdm/testutil/localnet"
)

// validators is the size of the story's network: three hold the replicas, the fourth repairs.
const validators = 4

// Options says how to run the story.
type Options struct {
	// BinDir holds ipdmd and ipdm.
	BinDir string
	// Report is the path of the report.
	Report string
	// Tree is the directory to store; empty for the Go toolchain's own source.
	Tree string
	// Out takes a line a step.
	Out io.Writer
}

// story is the state that the steps hand on.
type story struct {
	opts    Options
	dir     string
	network *localnet.Network
	tree    string
	root    string
	anchor  string // the anchored manifest
	dealID  uint64
	sealers []string // the providers of the sealed replicas
	pids    []int
}

// step is one named part of the story.
type step struct {
	name    string
	timeout time.Duration
	run     func(*story, context.Context) (Figures, error)
}

// steps in the order in which they are told.
var steps = []step{
	{"network", 2 * time.Minute, (*story).startNetwork},
	{"put", 2 * time.Minute, (*story).put},
	{"put-again", time.Minute, (*story).putAgain},
	{"deal", 2 * time.Minute, (*story).deal},
	{"anchor-proof", time.Minute, (*story).anchorProof},
	{"checkpoint", time.Minute, (*story).checkpoint},
	{"anchor-ethereum", 2 * time.Minute, (*story).anchorEthereum},
	{"tokens-ethereum", 2 * time.Minute, (*story).tokensEthereum},
	{"anchor-solana", 2 * time.Minute, (*story).anchorSolana},
	{"get", 2 * time.Minute, (*story).get},
	{"paid", 3 * time.Minute, (*story).paid},
	{"sealed-deal", 2 * time.Minute, (*story).sealedDeal},
	{"sealed-proven", 3 * time.Minute, (*story).sealedProven},
	{"sealed-emission", 2 * time.Minute, (*story).sealedEmission},
	{"sealed-interval", 4 * time.Minute, (*story).sealedInterval},
	{"sealed-forged", 4 * time.Minute, (*story).sealedForged},
	{"cheat", 4 * time.Minute, (*story).cheat},
	{"crash", 2 * time.Minute, (*story).crash},
	{"down", time.Minute, (*story).down},
}

// Run tells the story and writes the report. It fails when a step fails; the network is stopped in any case.
func Run(ctx context.Context, o Options) (err error) {
	s, err := newStory(ctx, o)
	if err != nil {
		return err
	}
	defer func() {
		if s.network != nil {
			err = errors.Join(err, s.network.Close())
		}
		if err == nil {
			err = os.RemoveAll(s.dir)
		}
	}()
	began := time.Now()
	report := &Report{}
	for _, step := range steps {
		done := s.tell(ctx, step)
		done.print(o.Out)
		report.Steps = append(report.Steps, done)
		if err := report.write(o.Report); err != nil {
			return err
		}
		if !done.OK {
			return fmt.Errorf("the step %q failed; logs are in %s", step.name, filepath.Join(s.dir, "net", "logs"))
		}
	}
	fmt.Fprintf(o.Out, "all %d steps ok in %.0fs; report: %s\n", len(steps), seconds(began), o.Report)
	return nil
}

func newStory(ctx context.Context, o Options) (*story, error) {
	s := &story{opts: o, tree: o.Tree}
	if s.tree == "" {
		out, err := exec.CommandContext(ctx, "go", "env", "GOROOT").Output()
		if err != nil {
			return nil, fmt.Errorf("failed to find the Go toolchain's source: %w", err)
		}
		s.tree = filepath.Join(strings.TrimSpace(string(out)), "src")
	}
	base, err := filepath.Abs(filepath.Dir(o.Report))
	if err != nil {
		return nil, fmt.Errorf("failed to resolve the report's folder: %w", err)
	}
	if err := os.MkdirAll(base, 0o755); err != nil {
		return nil, fmt.Errorf("failed to make the report's folder: %w", err)
	}
	if s.dir, err = os.MkdirTemp(base, "run-"); err != nil {
		return nil, fmt.Errorf("failed to make a folder for the run: %w", err)
	}
	return s, nil
}

// tell runs one step within its time.
func (s *story) tell(ctx context.Context, step step) Step {
	ctx, cancel := context.WithTimeout(ctx, step.timeout)
	defer cancel()
	began := time.Now()
	figures, err := step.run(s, ctx)
	done := Step{Name: step.name, OK: err == nil, Seconds: seconds(began), Figures: figures}
	if err != nil {
		done.Error = err.Error()
	}
	return done
}

// clientHome is the home of the client's data node.
func (s *story) clientHome() string { return s.network.Endpoints().Client.Home }

// until polls a condition until it holds or the context ends; the condition's last error explains a timeout.
func until(ctx context.Context, condition func() error) error {
	ticker := time.NewTicker(250 * time.Millisecond)
	defer ticker.Stop()
	for {
		err := condition()
		if err == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("%w: %w", ctx.Err(), err)
		case <-ticker.C:
		}
	}
}
