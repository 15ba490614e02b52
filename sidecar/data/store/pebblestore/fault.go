package pebblestore

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"syscall"

	"github.com/cockroachdb/pebble/v2"

	"github.com/ipdm-network/ipdm/sidecar/data/store"
	"github.com/ipdm-network/ipdm/sidecar/data/store/pebblestore/blockindex"
)

// errShort reports a segment that ends before the envelope does.
var errShort = errors.New("segment ends early")

// isDamage tells whether a read failed because of what is on the disk, not because of the state of this process.
func isDamage(err error) bool {
	return errors.Is(err, fs.ErrNotExist) || errors.Is(err, errShort) || errors.Is(err, io.EOF) ||
		errors.Is(err, syscall.EIO) || errors.Is(err, store.ErrCorrupt)
}

// writeError maps a failed write to the sentinel errors of package store.
func writeError(doing string, err error) error {
	if errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) {
		return fmt.Errorf("failed to %s: %w: %w", doing, store.ErrFull, err)
	}
	return fmt.Errorf("failed to %s: %w", doing, err)
}

// readError maps a failed index read.
func readError(doing string, err error) error {
	switch {
	case errors.Is(err, pebble.ErrNotFound):
		return fmt.Errorf("failed to %s: %w", doing, store.ErrNotFound)
	case errors.Is(err, pebble.ErrCorruption) || errors.Is(err, errRecord) || errors.Is(err, blockindex.ErrCorrupt):
		return fmt.Errorf("failed to %s: %w: %w", doing, store.ErrCorrupt, err)
	}
	return fmt.Errorf("failed to %s: %w", doing, err)
}
