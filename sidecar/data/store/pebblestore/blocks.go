package pebblestore

import (
	"context"
	"errors"
	"fmt"

	"github.com/cockroachdb/pebble/v2"

	"github.com/ipdm-network/ipdm/sidecar/data/store"
	"github.com/ipdm-network/ipdm/sidecar/data/store/pebblestore/blockindex"
)

// layoutVersion is the version of all that is in the directory, kept under spaceVersion. Before it was kept, blocks were
// in the index that is pebble's.
const layoutVersion = 2

// openBlocks opens the block index, after load, and adds what it lacks: the encodings stored since a table was written
// last, or all of them if there is none, it is damaged, or the store has the former layout. It raises nextNumber above
// every number that the index knows: those of encodings that a power failure undid must not be given again.
func (s *Store) openBlocks(dir string, nextNumber *uint64) (err error) {
	if err := s.checkLayout(); err != nil {
		return err
	}
	opts := blockindex.Options{
		FS:           s.opts.FS,
		Keep:         s.live.has,
		Settle:       s.settle,
		TableEntries: s.opts.BlockTableEntries,
		Logger:       s.opts.Logger,
	}
	s.blocks, err = blockindex.Open(dir, opts)
	if errors.Is(err, blockindex.ErrCorrupt) {
		s.opts.Logger.Error("the block index is damaged and is rebuilt from the segments", "error", err)
		if err := blockindex.Remove(s.opts.FS, dir); err != nil {
			return err
		}
		s.blocks, err = blockindex.Open(dir, opts)
	}
	if err != nil {
		return readError("open the block index in "+s.dir, err)
	}
	if err := s.recoverBlocks(); err != nil {
		return errors.Join(err, s.blocks.Close())
	}
	*nextNumber = max(*nextNumber, s.blocks.Covered())
	return nil
}

// settle makes every change to pebble's index so far durable.
func (s *Store) settle() error {
	if err := s.failure.Get(); err != nil {
		return err // a pebble that has failed may never answer
	}
	return s.db.LogData(nil, pebble.Sync)
}

// recoverBlocks adds the encodings that the block index does not cover.
func (s *Store) recoverBlocks() error {
	err := s.eachRecord(context.Background(), s.blocks.Covered(), func(number uint64, r record) error {
		if err := s.blocks.Room(); err != nil {
			return writeError("write the block index", err)
		}
		entries, err := s.entries(number, r)
		if errors.Is(err, store.ErrCorrupt) {
			return nil // marked: its blocks are absent
		}
		if err == nil {
			s.blocks.Add(number, entries)
		}
		return err
	})
	if err != nil {
		return err
	}
	return s.endFormerLayout()
}

// checkLayout fails for a store that a later version has written.
func (s *Store) checkLayout() error {
	value, err := s.get([]byte{spaceVersion})
	if errors.Is(err, pebble.ErrNotFound) {
		return nil
	}
	if err != nil {
		return readError("read the index", err)
	}
	if len(value) != 1 || value[0] != layoutVersion {
		return fmt.Errorf("%w: %s has layout %x, this is %d: use the version of ipdm that wrote it", store.ErrInvalid, s.dir, value, layoutVersion)
	}
	return nil
}

// endFormerLayout notes the layout, and removes the blocks from pebble's index, where the former one had them. It does
// nothing in a store that has the present layout.
func (s *Store) endFormerLayout() error {
	if _, err := s.get([]byte{spaceVersion}); !errors.Is(err, pebble.ErrNotFound) {
		return err
	}
	if err := s.blocks.Flush(); err != nil {
		return writeError("write the block index", err)
	}
	b := s.db.NewBatch()
	err := errors.Join(
		b.DeleteRange([]byte{spaceBlock}, []byte{spaceBlock + 1}, nil),
		b.Set([]byte{spaceVersion}, []byte{layoutVersion}, nil),
	)
	if err == nil {
		err = b.Commit(pebble.Sync)
	}
	if err := errors.Join(err, b.Close()); err != nil {
		return writeError("note the layout of the store", err)
	}
	return nil
}
