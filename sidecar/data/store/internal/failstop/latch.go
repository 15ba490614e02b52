package failstop

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync/atomic"
	"syscall"

	"github.com/ipdm-network/ipdm/sidecar/data/store"
)

// Latch holds the first unrecoverable error of the index, and is the logger through which pebble reports it: what
// would end the process stops further changes instead, so that what is stored can still be read and served.
type Latch struct {
	log *slog.Logger
	err atomic.Pointer[error]
}

// New returns a latch that reports to log.
func New(log *slog.Logger) *Latch { return &Latch{log: log} }

// Set records err, unless another was recorded before.
func (f *Latch) Set(err error) { f.err.CompareAndSwap(nil, &err) }

// Get returns an error that wraps store.ErrFailed, or nil.
func (f *Latch) Get() error {
	if err := f.err.Load(); err != nil {
		return fmt.Errorf("%w: %w", store.ErrFailed, *err)
	}
	return nil
}

// Infof implements pebble.Logger.
func (f *Latch) Infof(format string, args ...any) {
	if f.log.Enabled(context.Background(), slog.LevelDebug) {
		f.log.Debug(fmt.Sprintf(format, args...))
	}
}

// Errorf implements pebble.Logger.
func (f *Latch) Errorf(format string, args ...any) {
	f.log.Error(fmt.Sprintf(format, args...))
}

// Fatalf implements pebble.Logger.
func (f *Latch) Fatalf(format string, args ...any) {
	err := fmt.Errorf(format, args...)
	for _, a := range args {
		if cause, ok := a.(error); ok {
			err = fmt.Errorf("%w", cause)
			if errors.Is(cause, syscall.ENOSPC) {
				err = fmt.Errorf("%w: %w", store.ErrFull, cause)
			}
		}
	}
	f.Set(err)
	f.log.Error("the index failed", "error", fmt.Sprintf(format, args...))
}
