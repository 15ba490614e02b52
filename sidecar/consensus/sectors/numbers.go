package sectors

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// numberFile holds the next sector number that was never used.
const numberFile = "next-number"

// maxNumberBytes bounds what is read of it.
const maxNumberBytes = 32

// numbers gives sector numbers out, each once for ever. It is for one goroutine.
type numbers struct{ dir string }

// take returns a number that is at least least and was never taken before, once that is on disk.
func (n numbers) take(least uint64) (uint64, error) {
	path := filepath.Join(n.dir, numberFile)
	next := max(least, 1)
	raw, err := os.ReadFile(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
	case err != nil:
		return 0, fmt.Errorf("failed to read the next sector number: %w", err)
	default:
		stored, err := strconv.ParseUint(strings.TrimSpace(string(raw[:min(len(raw), maxNumberBytes)])), 10, 64)
		if err != nil {
			return 0, fmt.Errorf("failed to read the next sector number of %s: %w", path, err)
		}
		next = max(next, stored)
	}
	if err := writeDurable(path, strconv.FormatUint(next+1, 10)+"\n"); err != nil {
		return 0, fmt.Errorf("failed to write the next sector number: %w", err)
	}
	return next, nil
}

// writeDurable replaces a small file whole; it survives a power failure when this returns.
func writeDurable(path, text string) (err error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	f, err := os.OpenFile(path+".new", os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = f.WriteString(text)
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	if err := os.Rename(path+".new", path); err != nil {
		return err
	}
	dir, err := os.Open(filepath.Dir(path))
	if err != nil {
		return err
	}
	return errors.Join(dir.Sync(), dir.Close())
}
