package beaconkey

import (
	"bytes"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/ipdm-network/ipdm/x/beacon/vrf"
)

const (
	// FileName is the name of the key file in the config directory of a node.
	FileName = "beacon_key.json"

	version = 1
	// maxKeys bounds a file: the key in effect, the one that waits, and some that are no longer needed.
	maxKeys = 16
	// maxFileBytes is more than the largest file.
	maxFileBytes = 16 << 10
)

var (
	// ErrFile is wrapped by every error about what is in a key file.
	ErrFile = errors.New("invalid beacon key file")
	// ErrNoKey tells that the private key of a public key is not there.
	ErrNoKey = errors.New("no such beacon key")
)

// Ring is the keys of a node, oldest first. It does not change after it was read; a nil one holds no key.
type Ring struct{ keys []vrf.PrivateKey }

// file is the JSON form of a ring.
type file struct {
	Version int         `json:"version"`
	Keys    []fileEntry `json:"keys"`
}

type fileEntry struct {
	PublicKey  []byte `json:"public_key"`
	PrivateKey []byte `json:"private_key"`
}

// Path returns where the key file of a node is.
func Path(home string) string { return filepath.Join(home, "config", FileName) }

// Generate returns a ring that has another key, newly made, after those of r. It fails if there is no room for one.
func (r *Ring) Generate() (*Ring, error) {
	key, err := vrf.GenerateKey(rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("failed to make a beacon key: %w", err)
	}
	next := &Ring{}
	if r != nil {
		next.keys = append(next.keys, r.keys...)
	}
	if next.keys = append(next.keys, key); len(next.keys) > maxKeys {
		return nil, fmt.Errorf("%w: more than %d keys: remove those that are no longer in effect", ErrFile, maxKeys)
	}
	return next, nil
}

// Newest returns the newest key.
func (r *Ring) Newest() vrf.PrivateKey { return r.keys[len(r.keys)-1] }

// Prove proves alpha with the private key of public. It fails with ErrNoKey if that is not there.
func (r *Ring) Prove(public, alpha []byte) ([]byte, error) {
	if r != nil {
		for _, key := range r.keys {
			if bytes.Equal(key.Public(), public) {
				return key.Prove(alpha)
			}
		}
	}
	return nil, fmt.Errorf("%w: public key %X", ErrNoKey, public)
}

// Save writes the ring to a file that only its owner can read. A crash leaves the old file or the new one.
func (r *Ring) Save(path string) error {
	out := file{Version: version}
	for _, key := range r.keys {
		out.Keys = append(out.Keys, fileEntry{PublicKey: key.Public(), PrivateKey: key.Seed()})
	}
	raw, err := json.MarshalIndent(out, "", "  ")
	if err != nil {
		return fmt.Errorf("failed to encode the beacon keys: %w", err)
	}
	if err := writeFile(path, append(raw, '\n')); err != nil {
		return fmt.Errorf("failed to write the beacon keys: %w", err)
	}
	return nil
}

// writeFile replaces a file by way of another in the same directory.
func writeFile(path string, raw []byte) error {
	temporary, err := os.CreateTemp(filepath.Dir(path), FileName+".*") // with mode 0600
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

// Load reads a key file. It fails with an error that wraps fs.ErrNotExist if there is none, and ErrFile if it is not one.
func Load(path string) (*Ring, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("failed to open the beacon keys: %w", err)
	}
	defer func() { _ = f.Close() }() // it was only read
	raw, err := io.ReadAll(io.LimitReader(f, maxFileBytes+1))
	if err != nil {
		return nil, fmt.Errorf("failed to read the beacon keys: %w", err)
	}
	r, err := decode(raw)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return r, nil
}

func decode(raw []byte) (*Ring, error) {
	if len(raw) > maxFileBytes {
		return nil, fmt.Errorf("%w: more than %d bytes", ErrFile, maxFileBytes)
	}
	var in file
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&in); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrFile, err)
	}
	if in.Version != version || len(in.Keys) == 0 || len(in.Keys) > maxKeys {
		return nil, fmt.Errorf("%w: version %d with %d keys, want version %d with 1 to %d", ErrFile, in.Version, len(in.Keys), version, maxKeys)
	}
	r := &Ring{}
	for i, entry := range in.Keys {
		key, err := vrf.NewPrivateKey(entry.PrivateKey)
		if err != nil {
			return nil, fmt.Errorf("%w: key %d: %w", ErrFile, i, err)
		}
		if !bytes.Equal(key.Public(), entry.PublicKey) {
			return nil, fmt.Errorf("%w: key %d: the public key is not that of the private one", ErrFile, i)
		}
		r.keys = append(r.keys, key)
	}
	return r, nil
}
