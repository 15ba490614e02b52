package pebblestore

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"maps"
	"slices"

	"github.com/cockroachdb/pebble/v2"

	"github.com/ipdm-network/ipdm/sidecar/data/store"
	"github.com/ipdm-network/ipdm/sidecar/data/store/internal/failstop"
	"github.com/ipdm-network/ipdm/sidecar/data/store/internal/folder"
	"github.com/ipdm-network/ipdm/sidecar/data/store/internal/keyrange"
	"github.com/ipdm-network/ipdm/sidecar/data/store/pebblestore/blockindex"
)

const (
	// rebuildName is the folder in which an index is made anew, and completeName that of one that is complete and only
	// has to take the place of the old one.
	rebuildName = "index.rebuild"
	// rebuildBlocksName is that of the block index that goes with it while it is made. The one that lasts is made when the store is opened.
	rebuildBlocksName = "blocks.rebuild"
	completeName      = "index.complete"
	// adoptGroup is how many encodings, and salvageBytes how much metadata, are put into an index with one commit.
	adoptGroup   = 256
	salvageBytes = 1 << 20
)

// adopt adds an encoding that lies in a segment already. One that is known is passed over.
func (c *committer) adopt(g *group, r record) error {
	ch, err := c.lookup(g, r.digest)
	if err != nil || !ch.gone {
		return err
	}
	ch = change{number: c.next, rec: r}
	c.next++
	g.now[r.digest] = ch
	g.added = append(g.added, ch)
	return c.index(g, ch)
}

// rebuild makes an index from the segments, with the metadata of the old one as far as that can be read, and puts it in
// the old one's place.
func (f *fsck) rebuild(ctx context.Context) error {
	f.startOver()
	vfs := f.opts.FS
	fresh := vfs.PathJoin(f.dir, rebuildName)
	blocks := vfs.PathJoin(f.dir, rebuildBlocksName)
	if err := errors.Join(vfs.RemoveAll(fresh), blockindex.Remove(vfs, blocks)); err != nil {
		return writeError("make the index anew", err)
	}
	s, err := open(f.dir, f.opts, rebuildName, rebuildBlocksName)
	if err != nil {
		return err
	}
	if err := errors.Join(f.fill(ctx, s), s.Close(), blockindex.Remove(vfs, blocks)); err != nil {
		return err
	}
	if err := vfs.Rename(fresh, vfs.PathJoin(f.dir, completeName)); err != nil {
		return writeError("make the index anew", err)
	}
	if err := folder.Sync(vfs, f.dir); err != nil {
		return writeError("make the index anew", err)
	}
	f.result.Rebuilt = true
	return f.install()
}

// install puts an index that is complete in the place of the old one; that there is none to put there is no error.
func (f *fsck) install() error {
	vfs := f.opts.FS
	complete, index := vfs.PathJoin(f.dir, completeName), vfs.PathJoin(f.dir, indexName)
	if _, err := vfs.Stat(complete); errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	// The runs have the numbers of the old index. Without them the block index is made when the store is opened, on either index.
	if err := blockindex.Remove(vfs, vfs.PathJoin(f.dir, blocksName)); err != nil {
		return writeError("put the new index in its place", err)
	}
	if err := folder.Sync(vfs, f.dir); err != nil {
		return writeError("put the new index in its place", err)
	}
	if _, err := vfs.Stat(index); err == nil {
		if err := f.setAside(index, indexName); err != nil {
			return err
		}
	}
	if err := vfs.Rename(complete, index); err != nil {
		return writeError("put the new index in its place", err)
	}
	return folder.Sync(vfs, f.dir)
}

// fill puts all that the segments hold, and the metadata of the old index, into the new index of s.
func (f *fsck) fill(ctx context.Context, s *Store) error {
	var some []record
	flush := func() error {
		if len(some) == 0 {
			return nil
		}
		err := s.submit(ctx, &request{adopts: some})
		some = nil
		return err
	}
	for _, number := range slices.Sorted(maps.Keys(f.lengths)) {
		err := f.files.scan(ctx, number, scanner{
			unindexed: func(offset uint64, enc store.Checked) error {
				r := newRecord(enc, number, offset)
				r.entries = slices.Clone(r.entries)
				if some = append(some, r); len(some) < adoptGroup {
					return nil
				}
				return flush()
			},
			unreadable: f.unreadable,
			progress:   f.progress,
		})
		if err != nil {
			return err
		}
	}
	if err := flush(); err != nil {
		return err
	}
	complete, err := f.salvage(ctx, s)
	if err != nil {
		return err
	}
	f.result.MetaLost = !complete
	stats, err := s.Stats(ctx)
	if err != nil {
		return err
	}
	f.result.Encodings = stats.Encodings
	return s.Sync(ctx)
}

// salvage copies metadata from the old index into s and tells whether that was all of it. Around a place that cannot be
// read it copies what comes before and what comes behind.
func (f *fsck) salvage(ctx context.Context, s *Store) (complete bool, err error) {
	path := f.opts.FS.PathJoin(f.dir, indexName)
	if _, err := f.opts.FS.Stat(path); err != nil {
		return false, nil //nolint:nilerr // there is none, or none that can be read
	}
	db, err := openIndex(path, f.opts, failstop.New(f.opts.Logger), true)
	if err != nil {
		return false, nil //nolint:nilerr // that is why it is made anew
	}
	defer func() {
		// The old index is only moved away from here on.
		if cerr := db.Close(); cerr != nil {
			f.opts.Logger.Warn("failed to close the old index", "error", cerr)
		}
	}()
	for _, backward := range []bool{false, true} {
		whole, err := copyMeta(ctx, db, s, backward)
		if err != nil || whole {
			return whole, err
		}
	}
	return false, nil
}

// copyMeta copies metadata from an index, in order or backward, until something cannot be read.
func copyMeta(ctx context.Context, from *pebble.DB, to *Store, backward bool) (whole bool, err error) {
	prefix := metaKey(nil)
	it, err := from.NewIterWithContext(ctx, &pebble.IterOptions{LowerBound: prefix, UpperBound: keyrange.After(prefix)})
	if err != nil {
		return false, nil //nolint:nilerr // nothing can be read
	}
	first, next := it.First, it.Next
	if backward {
		first, next = it.Last, it.Prev
	}
	var batch store.Batch
	for ok := first(); ok && err == nil; ok = next() {
		if err = batch.SetMeta(bytes.Clone(it.Key()[len(prefix):]), bytes.Clone(it.Value())); err != nil {
			break
		}
		if batch.SizeBytes() >= salvageBytes {
			err = to.Apply(ctx, &batch, store.Lazy)
			batch.Reset()
		}
	}
	if err == nil && !batch.Empty() {
		err = to.Apply(ctx, &batch, store.Lazy)
	}
	whole = it.Close() == nil
	return whole && err == nil, err
}
