package pebblestore

import (
	"errors"
	"fmt"

	"github.com/cockroachdb/pebble/v2/vfs"
	"golang.org/x/sys/unix"
)

// setDirect says whether what is written to file from now on passes by the page cache. It fails where that is not possible.
func setDirect(file vfs.File, on bool) error {
	fd := file.Fd()
	if fd == vfs.InvalidFd {
		return errors.ErrUnsupported
	}
	flags, err := unix.FcntlInt(fd, unix.F_GETFL, 0)
	if err == nil {
		flags &^= unix.O_DIRECT
		if on {
			flags |= unix.O_DIRECT
		}
		_, err = unix.FcntlInt(fd, unix.F_SETFL, flags)
	}
	if err != nil {
		return fmt.Errorf("failed to set how a file is written: %w", err)
	}
	return nil
}
