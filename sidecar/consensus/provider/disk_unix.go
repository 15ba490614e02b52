//go:build linux || darwin

package provider

import (
	"context"
	"fmt"

	"golang.org/x/sys/unix"
)

// DiskFree returns a function that tells how many bytes the file system of a directory can still take.
func DiskFree(dir string) func(context.Context) (uint64, error) {
	return func(context.Context) (uint64, error) {
		var fs unix.Statfs_t
		if err := unix.Statfs(dir, &fs); err != nil {
			return 0, fmt.Errorf("failed to read the free space of %s: %w", dir, err)
		}
		return fs.Bavail * uint64(fs.Bsize), nil
	}
}
