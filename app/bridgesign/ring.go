package bridgesign

import (
	"crypto/ecdsa"
	"fmt"
	"path/filepath"

	"github.com/ethereum/go-ethereum/crypto"

	"github.com/ipdm-network/ipdm/app/keyfile"
	"github.com/ipdm-network/ipdm/x/bridge/wire"
)

// FileName is the name of the key file in the config directory of a node.
const FileName = "bridge_key.json"

// Ring is the secp256k1 keys of a node, oldest first. It does not change after it was read; a nil one holds no key.
type Ring struct{ keys []*ecdsa.PrivateKey }

// Path returns where the key file of a node is.
func Path(home string) string { return filepath.Join(home, "config", FileName) }

// Generate returns a ring that has another key, newly made, after those of r. It fails if there is no room for one.
func (r *Ring) Generate() (*Ring, error) {
	key, err := crypto.GenerateKey()
	if err != nil {
		return nil, fmt.Errorf("failed to make a bridge key: %w", err)
	}
	next := &Ring{}
	if r != nil {
		next.keys = append(next.keys, r.keys...)
	}
	if next.keys = append(next.keys, key); len(next.keys) > keyfile.MaxKeys {
		return nil, fmt.Errorf("%w: more than %d keys: remove those that are no longer in effect", keyfile.ErrFile, keyfile.MaxKeys)
	}
	return next, nil
}

// Newest returns the newest key.
func (r *Ring) Newest() *ecdsa.PrivateKey { return r.keys[len(r.keys)-1] }

// key returns the key with an address, or nil.
func (r *Ring) key(address wire.Address) *ecdsa.PrivateKey {
	if r != nil {
		for _, key := range r.keys {
			if wire.AddressOf(&key.PublicKey) == address {
				return key
			}
		}
	}
	return nil
}

// Save writes the ring to a file that only its owner can read. A crash leaves the old file or the new one.
func (r *Ring) Save(path string) error {
	entries := make([]keyfile.Entry, len(r.keys))
	for i, key := range r.keys {
		entries[i] = keyfile.Entry{Public: crypto.CompressPubkey(&key.PublicKey), Private: crypto.FromECDSA(key)}
	}
	if err := keyfile.Save(path, entries); err != nil {
		return fmt.Errorf("bridge keys: %w", err)
	}
	return nil
}

// Load reads a key file. It fails with an error that wraps fs.ErrNotExist if there is none, and keyfile.ErrFile if it is not one.
func Load(path string) (*Ring, error) {
	entries, err := keyfile.Load(path)
	if err != nil {
		return nil, fmt.Errorf("bridge keys: %w", err)
	}
	r := &Ring{}
	for i, entry := range entries {
		key, err := crypto.ToECDSA(entry.Private)
		if err != nil {
			return nil, fmt.Errorf("%s: %w: key %d: %w", path, keyfile.ErrFile, i, err)
		}
		if string(crypto.CompressPubkey(&key.PublicKey)) != string(entry.Public) {
			return nil, fmt.Errorf("%s: %w: key %d: the public key is not that of the private one", path, keyfile.ErrFile, i)
		}
		r.keys = append(r.keys, key)
	}
	return r, nil
}
