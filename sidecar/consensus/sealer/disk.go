package sealer

import (
	"errors"
	"fmt"
	"os"
	"syscall"
)

// fill makes a file at least sizeBytes long by writing zeros behind what it has: a mapped file that takes up less space than its
// length is a fault once the disk is full.
func fill(file *os.File, sizeBytes int64) error {
	info, err := file.Stat()
	if err != nil {
		return fmt.Errorf("failed to look at %s: %w", file.Name(), err)
	}
	if info.Size() >= sizeBytes {
		return nil
	}
	for at := info.Size(); at < sizeBytes; {
		n, err := file.WriteAt(noData[:min(sizeBytes-at, int64(len(noData)))], at)
		if err != nil {
			return fmt.Errorf("failed to fill %s: %w", file.Name(), err)
		}
		at += int64(n)
	}
	// A system may take the space for what was written only now.
	if err := file.Sync(); err != nil {
		return fmt.Errorf("failed to sync %s: %w", file.Name(), err)
	}
	return nil
}

// diskFull tells whether an error says that no more can be written.
func diskFull(err error) bool {
	return errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) || errors.Is(err, syscall.EFBIG)
}
