package kubo

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"time"
)

// Options say what is compared.
type Options struct {
	// IPDM and IPFS are the paths of the two programs.
	IPDM, IPFS string
	// Dir is where inputs and stores are made; it is deleted afterwards.
	Dir string
	// Tree is the folder that is put as a tree and as a tar file.
	Tree string
	// Runs is how often each figure is measured.
	Runs int
	// Out takes a line a figure as it is measured.
	Out io.Writer
}

// Figure is one comparison. Ratio is ours to Kubo's. The target of a rate is one of that ratio, that of anything else one of our own figure.
type Figure struct {
	Name   string  `json:"name"`
	IPDM   float64 `json:"ipdm"`
	Kubo   float64 `json:"kubo"`
	Unit   string  `json:"unit"`
	Ratio  float64 `json:"ratio"`
	Target string  `json:"target"`
}

// Report is what a comparison prints as JSON.
type Report struct {
	KuboVersion string   `json:"kubo_version"`
	TreeBytes   uint64   `json:"tree_bytes"`
	TarBytes    uint64   `json:"tar_bytes"`
	Runs        int      `json:"runs"`
	Figures     []Figure `json:"figures"`
}

// comparison is one run of all figures.
type comparison struct {
	Options
	ours, kubo tool
	inputs     inputs
	report     Report
	homes      int
}

// Compare measures every figure, one tool after the other within each run.
func Compare(ctx context.Context, o Options) (report *Report, err error) {
	if err := os.MkdirAll(o.Dir, 0o755); err != nil {
		return nil, fmt.Errorf("failed to make %s: %w", o.Dir, err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(o.Dir)) }()
	c := &comparison{Options: o, ours: ipdm{o.IPDM}, kubo: ipfs{o.IPFS}}
	if c.inputs, err = makeInputs(o.Dir, o.Tree); err != nil {
		return nil, err
	}
	version, err := output(c.kubo.command(ctx, o.Dir, "version", "--number"))
	if err != nil {
		return nil, err
	}
	c.report = Report{KuboVersion: version, TreeBytes: c.inputs.treeBytes, TarBytes: c.inputs.tarBytes, Runs: o.Runs}
	for _, measure := range []func(context.Context) error{c.puts, c.localGets, c.remoteGets, c.firstByte, c.smallGets, c.memory} {
		if err := measure(ctx); err != nil {
			return nil, err
		}
	}
	return &c.report, nil
}

// WriteJSON writes the report to a file.
func (r *Report) WriteJSON(path string) error {
	raw, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		return fmt.Errorf("failed to encode the report: %w", err)
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return fmt.Errorf("failed to make the report's folder: %w", err)
	}
	if err := os.WriteFile(path, append(raw, '\n'), 0o600); err != nil {
		return fmt.Errorf("failed to write the report: %w", err)
	}
	return nil
}

func (c *comparison) add(name, unit, target string, ours, kubo float64) {
	f := Figure{Name: name, IPDM: round(ours), Kubo: round(kubo), Unit: unit, Ratio: round(ours / kubo), Target: target}
	c.report.Figures = append(c.report.Figures, f)
	fmt.Fprintf(c.Out, "%-22s ipdm %9.3f  kubo %9.3f %-11s ratio %6.2f  target %s\n", f.Name, f.IPDM, f.Kubo, f.Unit, f.Ratio, f.Target)
}

func round(x float64) float64 { return float64(int64(x*1000+0.5)) / 1000 }

func median(values []float64) float64 {
	slices.Sort(values)
	return values[len(values)/2]
}

// fresh starts a daemon with an empty store.
func (c *comparison) fresh(ctx context.Context, t tool) (*Node, error) {
	c.homes++
	return start(ctx, t, filepath.Join(c.Dir, fmt.Sprintf("home-%d", c.homes)))
}

// discard ends a daemon and deletes what it stored.
func (n *Node) discard() error { return errors.Join(n.Stop(), os.RemoveAll(n.home)) }

// putOnce puts a path into an empty store, and returns the rate and what is stored of each byte.
func (c *comparison) putOnce(ctx context.Context, t tool, path string, size uint64, dense bool) (rate, stored float64, err error) {
	n, err := c.fresh(ctx, t)
	if err != nil {
		return 0, 0, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(n.home)) }()
	empty, err := storedBytes(n.home)
	if err != nil {
		return 0, 0, errors.Join(err, n.Stop())
	}
	began := time.Now()
	_, err = t.put(ctx, n.home, path, dense)
	took := time.Since(began)
	if err := errors.Join(err, n.Stop()); err != nil {
		return 0, 0, err
	}
	full, err := storedBytes(n.home)
	return megabytes(size) / took.Seconds(), float64(full-min(empty, full)) / float64(size), err
}

func megabytes(size uint64) float64 { return float64(size) / 1e6 }

func (c *comparison) puts(ctx context.Context) error {
	for _, put := range []struct {
		name, path     string
		size           uint64
		dense          bool
		target, stored string
	}{
		{"put tar, fast", c.inputs.tar, c.inputs.tarBytes, false, ">= 1.2", "<= 0.45"},
		{"put tar, dense", c.inputs.tar, c.inputs.tarBytes, true, ">= 0.8", "<= 0.333"},
		{"put tree, fast", c.inputs.tree, c.inputs.treeBytes, false, ">= 5", "<= 0.4"},
	} {
		var rates, stored [2][]float64
		for range c.Runs {
			for i, t := range []tool{c.ours, c.kubo} {
				rate, share, err := c.putOnce(ctx, t, put.path, put.size, put.dense)
				if err != nil {
					return err
				}
				rates[i], stored[i] = append(rates[i], rate), append(stored[i], share)
			}
		}
		c.add(put.name, "MB/s", put.target, median(rates[0]), median(rates[1]))
		c.add(put.name+" stored", "of plain", put.stored, median(stored[0]), median(stored[1]))
	}
	return nil
}

// read runs a command that writes a file to standard output, and returns the rate. Output goes to the null device: a pipe would have this process
// take a share of the processor. What was read is read again, and it fails when that has another size.
func read(ctx context.Context, t tool, n *Node, root string, size uint64) (rate float64, err error) {
	null, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0)
	if err != nil {
		return 0, fmt.Errorf("failed to open the null device: %w", err)
	}
	defer func() { err = errors.Join(err, null.Close()) }()
	cmd := t.get(ctx, n.home, root)
	cmd.Stdout, cmd.Stderr = null, os.Stderr
	began := time.Now()
	if err := cmd.Run(); err != nil {
		return 0, fmt.Errorf("failed to read %s: %w", root, err)
	}
	took := time.Since(began)
	again := t.get(ctx, n.home, root)
	var written counter
	again.Stdout, again.Stderr = &written, os.Stderr
	if err := again.Run(); err != nil {
		return 0, fmt.Errorf("failed to read %s again: %w", root, err)
	}
	if uint64(written) != size {
		return 0, fmt.Errorf("%s read %d bytes of %s, want %d", cmd.Path, written, root, size)
	}
	return megabytes(size) / took.Seconds(), nil
}

// counter counts what is written to it.
type counter uint64

func (c *counter) Write(p []byte) (int, error) {
	*c += counter(len(p))
	return len(p), nil
}

// localGets reads a file from the store of the node.
func (c *comparison) localGets(ctx context.Context) (err error) {
	var rates [2][]float64
	for i, t := range []tool{c.ours, c.kubo} {
		n, err := c.fresh(ctx, t)
		if err != nil {
			return err
		}
		root, err := t.put(ctx, n.home, c.inputs.tar, false)
		for range c.Runs {
			var rate float64
			if err == nil {
				rate, err = read(ctx, t, n, root, c.inputs.tarBytes)
			}
			rates[i] = append(rates[i], rate)
		}
		if err := errors.Join(err, n.discard()); err != nil {
			return err
		}
	}
	c.add("get tar, local", "MB/s", ">= 3", median(rates[0]), median(rates[1]))
	return nil
}

// remoteGets reads files that another node has, which the node is connected to. Each run has a new reader.
func (c *comparison) remoteGets(ctx context.Context) error {
	for _, get := range []struct {
		name, path string
		size       uint64
		target     string
	}{
		{"get tar, node to node", c.inputs.tar, c.inputs.tarBytes, ">= 5"},
		{"get rnd, node to node", c.inputs.rnd, c.inputs.tarBytes, ">= 3"},
	} {
		var rates [2][]float64
		for i, t := range []tool{c.ours, c.kubo} {
			holder, err := c.fresh(ctx, t)
			if err != nil {
				return err
			}
			rates[i], err = c.fromHolder(ctx, t, holder, get.path, get.size)
			if err := errors.Join(err, holder.discard()); err != nil {
				return err
			}
		}
		c.add(get.name, "MB/s", get.target, median(rates[0]), median(rates[1]))
	}
	return nil
}

func (c *comparison) fromHolder(ctx context.Context, t tool, holder *Node, path string, size uint64) (rates []float64, err error) {
	root, err := t.put(ctx, holder.home, path, false)
	if err != nil {
		return nil, err
	}
	addresses, err := t.addresses(ctx, holder.home)
	if err != nil {
		return nil, err
	}
	for range c.Runs {
		reader, err := c.fresh(ctx, t)
		if err != nil {
			return nil, err
		}
		var rate float64
		if err = t.connect(ctx, reader.home, addresses[0]); err == nil {
			rate, err = read(ctx, t, reader, root, size)
		}
		if err := errors.Join(err, reader.discard()); err != nil {
			return nil, err
		}
		rates = append(rates, rate)
	}
	return rates, nil
}
