package pebblestore

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"sync/atomic"
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

// failure holds the first unrecoverable error of the index, and is the logger through which pebble reports it: what
// would end the process stops further changes instead, so that what is stored can still be read and served.
type failure struct {
	log *slog.Logger
	err atomic.Pointer[error]
}

func (f *failure) set(err error) { f.err.CompareAndSwap(nil, &err) }

// get returns an error that wraps store.ErrFailed, or nil.
func (f *failure) get() error {
	if err := f.err.Load(); err != nil {
		return fmt.Errorf("%w: %w", store.ErrFailed, *err)
	}
	return nil
}

// Infof implements pebble.Logger.
func (f *failure) Infof(format string, args ...any) {
	if f.log.Enabled(context.Background(), slog.LevelDebug) {
		f.log.Debug(fmt.Sprintf(format, args...))
	}
}

// Errorf implements pebble.Logger.
func (f *failure) Errorf(format string, args ...any) {
	f.log.Error(fmt.Sprintf(format, args...))
}

// Fatalf implements pebble.Logger.
func (f *failure) Fatalf(format string, args ...any) {
	err := fmt.Errorf(format, args...)
	for _, a := range args {
		if cause, ok := a.(error); ok {
			err = fmt.Errorf("%w", cause)
			if errors.Is(cause, syscall.ENOSPC) {
				err = fmt.Errorf("%w: %w", store.ErrFull, cause)
			}
		}
	}
	f.set(err)
	f.log.Error("the index failed", "error", fmt.Sprintf(format, args...))
}
