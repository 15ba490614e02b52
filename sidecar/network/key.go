package network

import (
	"bytes"
	"crypto/ed25519"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/libp2p/go-libp2p/core/crypto"
)

// maxKeyFileBytes bounds what is read of a key file; an ed25519 key takes 68.
const maxKeyFileBytes = 256

// CreateKey makes a new ed25519 peer key and writes it to path with mode 0600.
// It never overwrites: an existing file gives ErrKeyExists. The file is synced,
// and appears whole or not at all.
func CreateKey(path string) (crypto.PrivKey, error) {
	key, _, err := crypto.GenerateEd25519Key(rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("failed to generate peer key: %w", err)
	}
	raw, err := EncodeKey(key)
	if err != nil {
		return nil, err
	}
	if err := writeKeyFile(path, raw); err != nil {
		return nil, fmt.Errorf("failed to write peer key: %w", err)
	}
	return key, nil
}

func writeKeyFile(path string, raw []byte) (err error) {
	// CreateTemp makes the file with mode 0600.
	tmp, err := os.CreateTemp(filepath.Dir(path), ".peer-key-*")
	if err != nil {
		return err
	}
	defer func() {
		if rmErr := os.Remove(tmp.Name()); rmErr != nil && err == nil {
			err = rmErr
		}
	}()
	if _, err := tmp.Write(raw); err != nil {
		return errors.Join(err, tmp.Close())
	}
	if err := tmp.Sync(); err != nil {
		return errors.Join(err, tmp.Close())
	}
	if err := tmp.Close(); err != nil {
		return err
	}
	// A hard link, unlike a rename, fails when the name is taken.
	if err := os.Link(tmp.Name(), path); err != nil {
		if errors.Is(err, fs.ErrExist) {
			return fmt.Errorf("%w: %s", ErrKeyExists, path)
		}
		return err
	}
	dir, err := os.Open(filepath.Dir(path))
	if err != nil {
		return err
	}
	return errors.Join(dir.Sync(), dir.Close())
}

// LoadKey reads a peer key written by CreateKey. It refuses a file that anyone
// but its owner may access (ErrKeyPermissions) and one that does not hold an
// ed25519 key (ErrKeyFormat).
func LoadKey(path string) (crypto.PrivKey, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("failed to open peer key: %w", err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, fmt.Errorf("failed to inspect peer key: %w", err)
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%w: %s is not a regular file", ErrKeyFormat, path)
	}
	if perm := info.Mode().Perm(); perm&0o077 != 0 {
		return nil, fmt.Errorf("%w: %s has mode %04o, want 0600 (run: chmod 600 %s)", ErrKeyPermissions, path, perm, path)
	}
	raw, err := io.ReadAll(io.LimitReader(f, maxKeyFileBytes+1))
	if err != nil {
		return nil, fmt.Errorf("failed to read peer key: %w", err)
	}
	key, err := DecodeKey(raw)
	if err != nil {
		return nil, fmt.Errorf("failed to decode %s: %w", path, err)
	}
	return key, nil
}

// EncodeKey gives the bytes of a key file: libp2p's protobuf of a private key.
func EncodeKey(key crypto.PrivKey) ([]byte, error) {
	if key == nil || key.Type() != crypto.Ed25519 {
		return nil, fmt.Errorf("%w: only ed25519 keys are supported", ErrKeyFormat)
	}
	raw, err := crypto.MarshalPrivateKey(key)
	if err != nil {
		return nil, fmt.Errorf("failed to encode peer key: %w", err)
	}
	return raw, nil
}

// DecodeKey reads the bytes of a key file. Anything but an ed25519 key gives
// ErrKeyFormat.
func DecodeKey(raw []byte) (crypto.PrivKey, error) {
	if len(raw) > maxKeyFileBytes {
		return nil, fmt.Errorf("%w: more than %d bytes", ErrKeyFormat, maxKeyFileBytes)
	}
	key, err := crypto.UnmarshalPrivateKey(raw)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrKeyFormat, err)
	}
	if key.Type() != crypto.Ed25519 {
		return nil, fmt.Errorf("%w: only ed25519 keys are supported", ErrKeyFormat)
	}
	// The file holds the public half too; libp2p does not check that they match.
	halves, err := key.Raw()
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrKeyFormat, err)
	}
	if !bytes.Equal(halves, ed25519.NewKeyFromSeed(halves[:ed25519.SeedSize])) {
		return nil, fmt.Errorf("%w: public and private half do not match", ErrKeyFormat)
	}
	return key, nil
}
