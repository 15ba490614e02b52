package client

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	sidecarv1 "github.com/ipdm-network/ipdm/sdk/go/sidecar/v1"
)

// walk adds what lies at path, under the empty name.
func walk(b *batch, path string) error {
	info, err := os.Lstat(path)
	if err != nil {
		return fmt.Errorf("failed to read: %w", err)
	}
	return walkEntry(b, path, nil, info.Mode())
}

// walkEntry adds one entry and everything below it. name is its path in the put.
func walkEntry(b *batch, path string, name []byte, mode fs.FileMode) error {
	switch mode.Type() {
	case 0:
		return walkFile(b, path, name)
	case fs.ModeSymlink:
		target, err := os.Readlink(path)
		if err != nil {
			return fmt.Errorf("failed to read: %w", err)
		}
		return b.entry(&sidecarv1.Entry{Path: name, Kind: sidecarv1.Kind_KIND_SYMLINK, Target: []byte(target)})
	case fs.ModeDir:
		return walkDir(b, path, name)
	}
	return fmt.Errorf("failed to put %s: it is a %s, and only files, directories and symbolic links are stored", path, kindOf(mode))
}

func walkDir(b *batch, path string, name []byte) error {
	// ReadDir sorts by name, byte by byte, as the API asks for.
	entries, err := os.ReadDir(path)
	if err != nil {
		return fmt.Errorf("failed to read: %w", err)
	}
	if err := b.entry(&sidecarv1.Entry{Path: name, Kind: sidecarv1.Kind_KIND_DIRECTORY}); err != nil {
		return err
	}
	for _, e := range entries {
		child := make([]byte, 0, len(name)+1+len(e.Name()))
		child = append(child, name...)
		if len(name) > 0 {
			child = append(child, '/')
		}
		child = append(child, e.Name()...)
		if err := walkEntry(b, filepath.Join(path, e.Name()), child, e.Type()); err != nil {
			return err
		}
	}
	return nil
}

func walkFile(b *batch, path string, name []byte) (err error) {
	f, err := openFile(path)
	if err != nil {
		return fmt.Errorf("failed to read: %w", err)
	}
	defer func() {
		if cerr := f.Close(); err == nil && cerr != nil {
			err = fmt.Errorf("failed to read: %w", cerr)
		}
	}()
	info, err := f.Stat()
	if err != nil {
		return fmt.Errorf("failed to read: %w", err)
	}
	if !info.Mode().IsRegular() {
		return fmt.Errorf("failed to put %s: it was replaced by a %s meanwhile", path, kindOf(info.Mode()))
	}
	err = b.entry(&sidecarv1.Entry{
		Path:       name,
		Kind:       sidecarv1.Kind_KIND_FILE,
		Executable: info.Mode()&0o100 != 0,
		SizeBytes:  uint64(info.Size()),
	})
	if err != nil {
		return err
	}
	return b.file(f, info.Size())
}

func kindOf(mode fs.FileMode) string {
	switch {
	case mode&fs.ModeDevice != 0:
		return "device"
	case mode&fs.ModeNamedPipe != 0:
		return "named pipe"
	case mode&fs.ModeSocket != 0:
		return "socket"
	}
	return "file of type " + mode.Type().String()
}

// TreeBytes returns the length of all files at path, for progress. What cannot be read counts nothing.
func TreeBytes(path string) int64 {
	var total int64
	_ = filepath.WalkDir(path, func(_ string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return nil //nolint:nilerr // the put itself reports it
		}
		if info, err := d.Info(); err == nil {
			total += info.Size()
		}
		return nil
	})
	return total
}
