package demo

import (
	"bytes"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// comparison counts what was found equal.
type comparison struct {
	files int
	bytes int64
}

// compareTrees checks that two trees have the same files with the same bytes and exec bits, the same directories and
// the same symlinks, neither more nor less.
func compareTrees(want, got string) (comparison, error) {
	var done comparison
	wanted, err := entries(want)
	if err != nil {
		return done, err
	}
	found, err := entries(got)
	if err != nil {
		return done, err
	}
	for path := range found {
		if _, ok := wanted[path]; !ok {
			return done, fmt.Errorf("%s was restored but never stored", path)
		}
	}
	for path, info := range wanted {
		restored, ok := found[path]
		if !ok {
			return done, fmt.Errorf("%s was not restored", path)
		}
		if err := compareEntry(filepath.Join(want, path), filepath.Join(got, path), info, restored); err != nil {
			return done, err
		}
		if info.Mode().IsRegular() {
			done.files++
			done.bytes += info.Size()
		}
	}
	return done, nil
}

func entries(root string) (map[string]fs.FileInfo, error) {
	all := map[string]fs.FileInfo{}
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || path == root {
			return err
		}
		info, err := entry.Info()
		if err != nil {
			return err
		}
		relative, err := filepath.Rel(root, path)
		all[relative] = info
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("failed to walk %s: %w", root, err)
	}
	return all, nil
}

func compareEntry(want, got string, wanted, restored fs.FileInfo) error {
	if wanted.Mode().Type() != restored.Mode().Type() {
		return fmt.Errorf("%s is a %s, not a %s", got, restored.Mode().Type(), wanted.Mode().Type())
	}
	switch {
	case wanted.Mode()&fs.ModeSymlink != 0:
		wantTarget, err := os.Readlink(want)
		if err != nil {
			return fmt.Errorf("failed to read %s: %w", want, err)
		}
		gotTarget, err := os.Readlink(got)
		if err != nil {
			return fmt.Errorf("failed to read %s: %w", got, err)
		}
		if wantTarget != gotTarget {
			return fmt.Errorf("%s points to %q, not %q", got, gotTarget, wantTarget)
		}
	case wanted.Mode().IsRegular():
		if wanted.Mode()&0o100 != restored.Mode()&0o100 {
			return fmt.Errorf("%s has another exec bit", got)
		}
		wantBytes, err := os.ReadFile(want)
		if err != nil {
			return fmt.Errorf("failed to read %s: %w", want, err)
		}
		gotBytes, err := os.ReadFile(got)
		if err != nil {
			return fmt.Errorf("failed to read %s: %w", got, err)
		}
		if !bytes.Equal(wantBytes, gotBytes) {
			return fmt.Errorf("%s has other bytes", got)
		}
	}
	return nil
}
