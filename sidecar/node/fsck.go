package node

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"slices"

	"github.com/ipdm-network/ipdm/sdk/go/format"
	"github.com/ipdm-network/ipdm/sdk/go/format/manifest"
	"github.com/ipdm-network/ipdm/sidecar/data"
	"github.com/ipdm-network/ipdm/sidecar/data/store"
	"github.com/ipdm-network/ipdm/sidecar/data/store/pebblestore"
	"github.com/ipdm-network/ipdm/sidecar/data/store/tierstore"
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
	// Cold is what was found in the folder of the slow disk; nil without one.
	Cold *pebblestore.FsckResult
	// Content is what pins and layouts were found to need; nil while an index, or the slow disk, cannot be used.
	Content *data.AuditResult
	// Found are manifests that nothing pinned, of a store whose metadata was lost.
	Found []data.Recovered
	// Problems are all things found wrong, in words; Repaired what was done about them; Remaining what is still wrong.
	Problems, Repaired, Remaining []string
}

// Fsck checks the store of a home that no daemon uses: its files against each other, then every pin and held layout
// against what is stored. It fails with ErrHomeInUse or ErrNoHome; what it finds wrong is no error.
func Fsck(ctx context.Context, home Home, cfg Config, o FsckOptions) (_ *FsckReport, err error) {
	cold := false
	if cfg.Store.ColdDir != "" {
		if cold, err = isStore(cfg.Store.ColdDir); err != nil {
			return nil, fmt.Errorf("failed to look into [store] cold_dir: %w", err)
		}
	}
	if _, err := os.Stat(home.StoreDir()); errors.Is(err, fs.ErrNotExist) && !cold {
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
	c := &check{home: home, cfg: cfg.Store, options: options, fsck: o, report: &FsckReport{}}
	c.tiers = []*checkedTier{{name: "store", dir: home.StoreDir(), result: &c.report.Store}}
	if cold {
		c.tiers = append(c.tiers, &checkedTier{name: cfg.Store.ColdDir, dir: cfg.Store.ColdDir, result: &c.report.Cold})
	}
	if err := c.run(ctx); err != nil {
		return nil, err
	}
	return c.report, nil
}

// check is one Fsck.
type check struct {
	home    Home
	cfg     StoreConfig
	options pebblestore.Options
	fsck    FsckOptions
	report  *FsckReport
	tiers   []*checkedTier // the fast one first
}

// checkedTier is a folder that a Fsck checks.
type checkedTier struct {
	name   string // in what is reported
	dir    string
	result **pebblestore.FsckResult // in the report
}

// rebuilt tells whether the index of a tier was made anew.
func (c *check) rebuilt() bool {
	return slices.ContainsFunc(c.tiers, func(t *checkedTier) bool { return (*t.result).Rebuilt })
}

// unindexed tells whether segments hold encodings that no index names.
func (c *check) unindexed() bool {
	return slices.ContainsFunc(c.tiers, func(t *checkedTier) bool { return (*t.result).Unindexed > 0 })
}

func (c *check) run(ctx context.Context) error {
	if err := c.files(ctx, false); err != nil {
		return err
	}
	for _, t := range c.tiers {
		if r := *t.result; r.IndexError != nil && !r.Rebuilt {
			return nil
		}
	}
	rebuilt := c.rebuilt()
	incomplete, err := c.content(ctx)
	if errors.Is(err, tierstore.ErrPair) {
		c.problem(err.Error())
		return nil
	}
	if err != nil {
		return err
	}
	c.report.Problems = append(c.report.Problems, incomplete...)
	if c.fsck.Repair && len(incomplete) > 0 && !rebuilt && c.unindexed() {
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
	var before uint64
	for _, t := range c.tiers {
		o := pebblestore.FsckOptions{Repair: c.fsck.Repair, Rebuild: rebuild}
		var length uint64
		if c.fsck.Progress != nil {
			o.Progress = func(checked, total uint64) error {
				length = total
				c.fsck.Progress(before+checked, before+total)
				return nil
			}
		}
		r, err := pebblestore.Fsck(ctx, t.dir, c.options, o)
		if err != nil {
			return err
		}
		before += length
		if rebuild {
			r.Bad, r.Strays = (*t.result).Bad, nil
		} else {
			c.describe(t.name, r)
		}
		*t.result = r
	}
	return nil
}

// describe says in words what is wrong with the files of a folder.
func (c *check) describe(name string, r *pebblestore.FsckResult) {
	switch {
	case r.IndexError != nil && r.Rebuilt:
		c.repaired(fmt.Sprintf("index: %v", r.IndexError), fmt.Sprintf("the index was made anew from %d encodings; the old one is in %s/lost+found", r.Encodings, name))
	case r.IndexError != nil:
		c.problem(fmt.Sprintf("index: %v (make it anew with: ipdm fsck --repair)", r.IndexError))
	}
	for _, b := range r.Bad {
		text := fmt.Sprintf("encoding %s in %s at %d: %v", format.EncodingCID(b.Digest), b.Segment, b.Offset, b.Cause)
		if c.fsck.Repair {
			c.repaired(text, fmt.Sprintf("encoding %s counts as absent; what is left of its bytes is in %s/lost+found", format.EncodingCID(b.Digest), name))
		} else {
			c.problem(text)
		}
	}
	for _, stray := range r.Strays {
		text := "file " + name + "/" + stray + " does not belong there"
		if c.fsck.Repair {
			c.repaired(text, name+"/"+stray+" was moved to "+name+"/lost+found")
		} else {
			c.problem(text)
		}
	}
}

func (c *check) repaired(problem, what string) {
	c.report.Problems = append(c.report.Problems, problem)
	c.report.Repaired = append(c.report.Repaired, what)
}

func (c *check) problem(problem string) {
	c.report.Problems = append(c.report.Problems, problem)
	c.report.Remaining = append(c.report.Remaining, problem)
}

// open opens the store with its tiers. It tells whether the metadata is lost, of which pins have to be found.
func (c *check) open(ctx context.Context) (s store.Store, metaLost bool, err error) {
	metaLost = c.report.Store.MetaLost
	if c.fsck.Repair && c.cfg.ColdDir != "" {
		joined, err := c.rejoin(ctx)
		if err != nil {
			return nil, false, err
		}
		metaLost = metaLost || joined
	}
	hot, err := pebblestore.Open(c.home.StoreDir(), c.options)
	if err != nil {
		return nil, false, err
	}
	tiers, err := openTiers(ctx, c.cfg, hot, c.options.Logger)
	if err != nil {
		return nil, false, err
	}
	if tiers != nil {
		return tiers, metaLost, nil
	}
	return hot, metaLost, nil
}

// rejoin makes the two tiers a pair again where one of them was lost, or its index was made anew. It tells whether what is
// in the slow one was of a store whose metadata is lost.
func (c *check) rejoin(ctx context.Context) (metaLost bool, err error) {
	hot, err := pebblestore.Open(c.home.StoreDir(), c.options)
	if err != nil {
		return false, err
	}
	defer func() { err = errors.Join(err, hot.Close()) }()
	paired, err := tierstore.Paired(ctx, hot)
	if err != nil {
		return false, err
	}
	if !paired && c.report.Cold == nil {
		return false, nil // not used yet
	}
	cold, err := openCold(c.cfg, c.options.Logger)
	if err != nil {
		return false, err
	}
	defer func() { err = errors.Join(err, cold.Close()) }()
	coldPaired, err := tierstore.Paired(ctx, cold)
	if err != nil {
		return false, err
	}
	stats, err := hot.Stats(ctx)
	if err != nil {
		return false, err
	}
	if !paired && stats.Encodings > 0 && !c.report.Store.MetaLost || paired && coldPaired && !c.rebuilt() {
		return false, nil // tiers of different stores, or a pair with nothing wrong: opening them tells
	}
	changed, err := tierstore.Rejoin(ctx, hot, cold)
	if err != nil {
		return false, err
	}
	switch {
	case changed && !coldPaired && c.report.Cold == nil:
		c.repaired("there is no store in [store] cold_dir "+c.cfg.ColdDir, "a new one was begun; what was in it counts as absent")
	case changed && coldPaired:
		c.repaired("the fast tier does not know of what is in "+c.cfg.ColdDir, "the store has it again")
	}
	return changed && !paired, nil
}

// content compares pins and layouts with what is stored and returns what is wrong.
func (c *check) content(ctx context.Context) (problems []string, err error) {
	s, metaLost, err := c.open(ctx)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, s.Sync(context.WithoutCancel(ctx)), s.Close()) }()
	e := data.New(s, data.Options{Logger: c.options.Logger})
	if metaLost {
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
	for _, t := range c.tiers {
		for _, b := range (*t.result).Bad {
			// Reading one tells the store that it is damaged.
			if _, err := s.Encoding(ctx, b.Digest); err != nil && !errors.Is(err, store.ErrCorrupt) && !errors.Is(err, store.ErrNotFound) {
				return nil, err
			}
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
