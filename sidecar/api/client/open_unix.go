//go:build unix

package client

import (
	"os"
	"syscall"
)

// openFile opens a file for reading that was a regular file a moment ago: it neither follows a link nor waits for a
// pipe that has taken its place.
func openFile(path string) (*os.File, error) {
	return os.OpenFile(path, os.O_RDONLY|syscall.O_NOFOLLOW|syscall.O_NONBLOCK, 0)
}
