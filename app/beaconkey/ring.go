package beaconkey

import (
	"bytes"
	"crypto/rand"
	"errors"
	"fmt"
	"path/filepath"

	"github.com/ipdm-network/ipdm/app/keyfile"
	"github.com/ipdm-network/ipdm/x/beacon/vrf"
)

// FileName is the name of the key file in the config directory of a node.
const FileName = "beacon_key.json"

var (
	// ErrFile is wrapped by every error about what is in a key file.
	ErrFile = keyfile.ErrFile
	// ErrNoKey tells that the private key of a public key is not there.
	ErrNoKey = errors.New("no such beacon key")
)

// Ring is the keys of a node, oldest first. It does not change after it was read; a nil one holds no key.
type Ring struct{ keys []vrf.PrivateKey }

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
	if next.keys = append(next.keys, key); len(next.keys) > keyfile.MaxKeys {
		return nil, fmt.Errorf("%w: more than %d keys: remove those that are no longer in effect", ErrFile, keyfile.MaxKeys)
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
	entries := make([]keyfile.Entry, len(r.keys))
	for i, key := range r.keys {
		entries[i] = keyfile.Entry{Public: key.Public(), Private: key.Seed()}
	}
	if err := keyfile.Save(path, entries); err != nil {
		return fmt.Errorf("beacon keys: %w", err)
	}
	return nil
}

// Load reads a key file. It fails with an error that wraps fs.ErrNotExist if there is none, and ErrFile if it is not one.
func Load(path string) (*Ring, error) {
	entries, err := keyfile.Load(path)
	if err != nil {
		return nil, fmt.Errorf("beacon keys: %w", err)
	}
	r := &Ring{}
	for i, entry := range entries {
		key, err := vrf.NewPrivateKey(entry.Private)
		if err != nil {
			return nil, fmt.Errorf("%s: %w: key %d: %w", path, ErrFile, i, err)
		}
		if !bytes.Equal(key.Public(), entry.Public) {
			return nil, fmt.Errorf("%s: %w: key %d: the public key is not that of the private one", path, ErrFile, i)
		}
		r.keys = append(r.keys, key)
	}
	return r, nil
}
