package folder

import (
	"errors"
	"fmt"
	"io"
	"syscall"

	"github.com/cockroachdb/pebble/v2/vfs"

	"github.com/ipdm-network/ipdm/sidecar/data/store"
)

// Make creates the folder inner and the one it is in, outer, such that a power failure leaves them in place.
func Make(fs vfs.FS, outer, inner string) error {
	if err := fs.MkdirAll(inner, 0o755); err != nil {
		return err
	}
	return Sync(fs, outer, fs.PathDir(outer))
}

// Sync makes the entries of folders durable.
func Sync(fs vfs.FS, names ...string) error {
	for _, name := range names {
		d, err := fs.OpenDir(name)
		if err != nil {
			return err
		}
		if err := errors.Join(d.Sync(), d.Close()); err != nil {
			return err
		}
	}
	return nil
}

// Lock takes the folder for this opening, until what it returns is closed. It fails with store.ErrLocked.
func Lock(fs vfs.FS, dir string) (io.Closer, error) {
	lock, err := fs.Lock(fs.PathJoin(dir, "LOCK"))
	if err == nil {
		return lock, nil
	}
	if errors.Is(err, syscall.EAGAIN) || errors.Is(err, syscall.EACCES) || err.Error() == "lock held by current process" {
		return nil, fmt.Errorf("failed to open store in %s: %w", dir, store.ErrLocked)
	}
	return nil, fmt.Errorf("failed to lock store in %s: %w", dir, err)
}
