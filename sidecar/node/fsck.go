package node

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"

	"github.com/ipdm-network/ipdm/sdk/go/format"
	"github.com/ipdm-network/ipdm/sdk/go/format/manifest"
	"github.com/ipdm-network/ipdm/sidecar/data"
	"github.com/ipdm-network/ipdm/sidecar/data/store"
	"github.com/ipdm-network/ipdm/sidecar/data/store/pebblestore"
	"github.com/ipdm-network/ipdm/sidecar/network"
)

// FsckOptions say what Fsck does.
type FsckOptions struct {
	// Repair makes right what can be made right from what is on the disk.
	Repair bool
	// Progress is told of bytes of segments read and of how many there are; it may be nil.
	Progress func(checkedBytes, totalBytes uint64)
	// Logger may be nil.
	Logger *slog.Logger
}

// FsckReport is what Fsck found.
type FsckReport struct {
	Store *pebblestore.FsckResult
	// Content is what pins and layouts were found to need; nil while the index cannot be used.
	Content *data.AuditResult
	// Found are manifests that nothing pinned, of a store whose metadata was lost.
	Found []data.Recovered
	// Problems are all things found wrong, in words; Repaired what was done about them; Remaining what is still wrong.
	Problems, Repaired, Remaining []string
}

// Fsck checks the store of a home that no daemon uses: its files against each other, then every pin and held layout
// against what is stored. It fails with ErrHomeInUse or ErrNoHome; what it finds wrong is no error.
func Fsck(ctx context.Context, home Home, cfg Config, o FsckOptions) (_ *FsckReport, err error) {
	if _, err := os.Stat(home.StoreDir()); errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%w: %s has no store (a daemon makes one at its first start)", ErrNoHome, home)
	}
	held, err := lock(home)
	if err != nil {
		return nil, fmt.Errorf("%w (stop it first; while it runs, `ipdm verify` checks what is stored)", err)
	}
	defer func() { err = errors.Join(err, held.Unlock()) }()
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	options, err := cfg.Store.options(o.Logger)
	if err != nil {
		return nil, err
	}
	c := &check{home: home, options: options, fsck: o, report: &FsckReport{}}
	if err := c.run(ctx); err != nil {
		return nil, err
	}
	return c.report, nil
}

// check is one Fsck.
type check struct {
	home    Home
	options pebblestore.Options
	fsck    FsckOptions
	report  *FsckReport
}

func (c *check) run(ctx context.Context) error {
	if err := c.files(ctx, false); err != nil {
		return err
	}
	r := c.report.Store
	if r.IndexError != nil && !r.Rebuilt {
		return nil
	}
	incomplete, err := c.content(ctx)
	if err != nil {
		return err
	}
	c.report.Problems = append(c.report.Problems, incomplete...)
	if c.fsck.Repair && len(incomplete) > 0 && !r.Rebuilt && r.Unindexed > 0 {
		// What is missing may lie in the segments, where the index does not name it.
		if err := c.files(ctx, true); err != nil {
			return err
		}
		left, err := c.content(ctx)
		if err != nil {
			return err
		}
		if n := len(incomplete) - len(left); n > 0 {
			c.report.Repaired = append(c.report.Repaired, fmt.Sprintf("missing blocks of %d roots and layouts were found in the segments", n))
		}
		incomplete = left
	}
	c.report.Remaining = append(c.report.Remaining, incomplete...)
	return nil
}

// files checks the files of the store.
func (c *check) files(ctx context.Context, rebuild bool) error {
	o := pebblestore.FsckOptions{Repair: c.fsck.Repair, Rebuild: rebuild}
	if c.fsck.Progress != nil {
		o.Progress = func(checked, total uint64) error {
			c.fsck.Progress(checked, total)
			return nil
		}
	}
	r, err := pebblestore.Fsck(ctx, c.home.StoreDir(), c.options, o)
	if err != nil {
		return err
	}
	if rebuild {
		r.Bad, r.Strays = c.report.Store.Bad, nil
	}
	c.report.Store = r
	if rebuild {
		return nil
	}
	switch {
	case r.IndexError != nil && r.Rebuilt:
		c.repaired(fmt.Sprintf("index: %v", r.IndexError), fmt.Sprintf("the index was made anew from %d encodings; the old one is in store/lost+found", r.Encodings))
	case r.IndexError != nil:
		c.problem(fmt.Sprintf("index: %v (make it anew with: ipdm fsck --repair)", r.IndexError))
	}
	for _, b := range r.Bad {
		text := fmt.Sprintf("encoding %s in %s at %d: %v", format.EncodingCID(b.Digest), b.Segment, b.Offset, b.Cause)
		if c.fsck.Repair {
			c.repaired(text, fmt.Sprintf("encoding %s counts as absent; what is left of its bytes is in store/lost+found", format.EncodingCID(b.Digest)))
		} else {
			c.problem(text)
		}
	}
	for _, name := range r.Strays {
		text := "file store/" + name + " does not belong there"
		if c.fsck.Repair {
			c.repaired(text, "store/"+name+" was moved to store/lost+found")
		} else {
			c.problem(text)
		}
	}
	return nil
}

func (c *check) repaired(problem, what string) {
	c.report.Problems = append(c.report.Problems, problem)
	c.report.Repaired = append(c.report.Repaired, what)
}

func (c *check) problem(problem string) {
	c.report.Problems = append(c.report.Problems, problem)
	c.report.Remaining = append(c.report.Remaining, problem)
}

// content compares pins and layouts with what is stored and returns what is wrong.
func (c *check) content(ctx context.Context) (problems []string, err error) {
	s, err := pebblestore.Open(c.home.StoreDir(), c.options)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, s.Sync(context.WithoutCancel(ctx)), s.Close()) }()
	e := data.New(s, data.Options{Logger: c.options.Logger})
	if c.report.Store.MetaLost {
		own, err := c.creator()
		if err != nil {
			return nil, err
		}
		err = e.Recover(ctx, own, func(r data.Recovered) error {
			c.report.Found = append(c.report.Found, r)
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	for _, b := range c.report.Store.Bad {
		// Reading one tells the store that it is damaged.
		if _, err := s.Encoding(ctx, b.Digest); err != nil && !errors.Is(err, store.ErrCorrupt) && !errors.Is(err, store.ErrNotFound) {
			return nil, err
		}
	}
	result, err := e.Audit(ctx, func(text string) error {
		problems = append(problems, text)
		return nil
	})
	c.report.Content = &result
	return problems, err
}

// creator is whom the manifests name that this node signs; nobody without a key.
func (c *check) creator() (manifest.Creator, error) {
	if _, err := os.Stat(c.home.PeerKeyPath()); errors.Is(err, fs.ErrNotExist) {
		return manifest.Creator{}, nil
	}
	key, err := network.LoadKey(c.home.PeerKeyPath())
	if err != nil {
		return manifest.Creator{}, err
	}
	public, err := key.GetPublic().Raw()
	if err != nil {
		return manifest.Creator{}, fmt.Errorf("failed to read the peer key: %w", err)
	}
	return manifest.Creator{Kind: manifest.Ed25519, Key: public}, nil
}
