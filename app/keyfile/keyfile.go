package keyfile

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

const (
	version = 1
	// MaxKeys bounds a file: the key in effect, the one that waits, and some that are no longer needed.
	MaxKeys = 16
	// maxFileBytes is more than the largest file.
	maxFileBytes = 16 << 10
)

// ErrFile is wrapped by every error about what is in a key file.
var ErrFile = errors.New("invalid key file")

// Entry is one key.
type Entry struct {
	Public  []byte `json:"public_key"`
	Private []byte `json:"private_key"`
}

type file struct {
	Version int     `json:"version"`
	Keys    []Entry `json:"keys"`
}

// Save writes keys to a file that only its owner can read. A crash leaves the old file or the new one. It fails with ErrFile if there
// are too many.
func Save(path string, keys []Entry) error {
	if len(keys) > MaxKeys {
		return fmt.Errorf("%w: more than %d keys: remove those that are no longer in effect", ErrFile, MaxKeys)
	}
	raw, err := json.MarshalIndent(file{Version: version, Keys: keys}, "", "  ")
	if err != nil {
		return fmt.Errorf("failed to encode keys: %w", err)
	}
	if err := replace(path, append(raw, '\n')); err != nil {
		return fmt.Errorf("failed to write keys: %w", err)
	}
	return nil
}

// replace replaces a file by way of another in the same directory.
func replace(path string, raw []byte) error {
	temporary, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".*") // with mode 0600
	if err != nil {
		return err
	}
	_, err = temporary.Write(raw)
	if err == nil {
		err = temporary.Sync()
	}
	if closeErr := temporary.Close(); err == nil {
		err = closeErr
	}
	if err == nil {
		err = os.Rename(temporary.Name(), path)
	}
	if err != nil {
		_ = os.Remove(temporary.Name()) // the first error counts
	}
	return err
}

// Load reads a key file of 1 to MaxKeys keys. It fails with an error that wraps fs.ErrNotExist if there is none, and ErrFile if it is
// not one.
func Load(path string) ([]Entry, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("failed to open keys: %w", err)
	}
	defer func() { _ = f.Close() }() // it was only read
	raw, err := io.ReadAll(io.LimitReader(f, maxFileBytes+1))
	if err != nil {
		return nil, fmt.Errorf("failed to read keys: %w", err)
	}
	keys, err := decode(raw)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return keys, nil
}

func decode(raw []byte) ([]Entry, error) {
	if len(raw) > maxFileBytes {
		return nil, fmt.Errorf("%w: more than %d bytes", ErrFile, maxFileBytes)
	}
	var in file
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&in); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrFile, err)
	}
	if in.Version != version || len(in.Keys) == 0 || len(in.Keys) > MaxKeys {
		return nil, fmt.Errorf("%w: version %d with %d keys, want version %d with 1 to %d", ErrFile, in.Version, len(in.Keys), version, MaxKeys)
	}
	return in.Keys, nil
}
