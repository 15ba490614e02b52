package node

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"github.com/libp2p/go-libp2p/core/peer"

	"github.com/ipdm-network/ipdm/sidecar/consensus/chain"
	"github.com/ipdm-network/ipdm/sidecar/network"
)

// Identity is what Init made.
type Identity struct {
	PeerID peer.ID
	// ProviderAddress is the account of a provider, else empty.
	ProviderAddress string
	// Mnemonic restores the provider's key; it is kept nowhere.
	Mnemonic string
}

// Init makes a home with the given settings, a peer key and, for a provider, an account key. The passphrase is for the
// keyring backend "file" and may be nil otherwise. It fails with ErrHomeExists, leaving what is there untouched, or with
// ErrConfig.
func Init(home Home, cfg Config, passphrase io.Reader) (Identity, error) {
	var id Identity
	if err := cfg.ValidateBasic(); err != nil {
		return id, fmt.Errorf("%w: %w", ErrConfig, err)
	}
	if err := os.MkdirAll(string(home), 0o700); err != nil {
		return id, fmt.Errorf("failed to make the home: %w", err)
	}
	for _, path := range []string{home.ConfigPath(), home.PeerKeyPath()} {
		if _, err := os.Lstat(path); err == nil {
			return id, fmt.Errorf("%w: %s exists (choose another --home)", ErrHomeExists, path)
		} else if !errors.Is(err, fs.ErrNotExist) {
			return id, fmt.Errorf("failed to look into the home: %w", err)
		}
	}
	if cfg.Provider.Enabled {
		var err error
		if id.ProviderAddress, id.Mnemonic, err = newProviderKey(home, cfg, passphrase); err != nil {
			return id, err
		}
	}
	key, err := network.CreateKey(home.PeerKeyPath())
	if err != nil {
		return id, err
	}
	if id.PeerID, err = peer.IDFromPrivateKey(key); err != nil {
		return id, fmt.Errorf("failed to derive the peer id: %w", err)
	}
	return id, writeFile(home.ConfigPath(), cfg.render())
}

// newProviderKey makes the provider's account, or finds it if the keyring has it already.
func newProviderKey(home Home, cfg Config, passphrase io.Reader) (address, mnemonic string, err error) {
	encoding, err := chain.NewEncoding()
	if err != nil {
		return "", "", err
	}
	keys, err := chain.OpenKeyring(home.KeyringDir(), cfg.Chain.KeyringBackend, passphrase, encoding)
	if err != nil {
		return "", "", err
	}
	address, mnemonic, err = keys.NewKey(cfg.Provider.Key)
	if errors.Is(err, chain.ErrKeyExists) {
		address, err = keys.Address(cfg.Provider.Key)
	}
	return address, mnemonic, err
}
