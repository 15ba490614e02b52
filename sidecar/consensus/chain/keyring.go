package chain

import (
	"errors"
	"fmt"
	"io"
	"slices"

	evmhd "github.com/cosmos/evm/crypto/hd"

	"github.com/cosmos/cosmos-sdk/crypto/keyring"
	cryptotypes "github.com/cosmos/cosmos-sdk/crypto/types"
	sdkerrors "github.com/cosmos/cosmos-sdk/types/errors"
	"github.com/cosmos/cosmos-sdk/types/tx/signing"
)

// keyringService names the project's keys among those of other programs in the operating system's key store.
const keyringService = "ipdm"

// keyPath is the derivation path of an account: the first one of a wallet.
const keyPath = "m/44'/60'/0'/0/0"

// Backends are the kinds of keyrings: "test" keeps keys unencrypted in files, "file" encrypted by a passphrase, "os" in the
// operating system's key store.
var Backends = []string{keyring.BackendTest, keyring.BackendFile, keyring.BackendOS}

// Keyring keeps account keys of both accepted kinds, eth_secp256k1 and secp256k1. It is safe for concurrent use as far as
// its files are: two programs should not add keys at once.
type Keyring struct {
	keys keyring.Keyring
}

// OpenKeyring opens the keyring in a directory; it is made when a key is added. Backend "file" reads the passphrase from
// passphrase, which may be nil for the others.
func OpenKeyring(dir, backend string, passphrase io.Reader, encoding *Encoding) (*Keyring, error) {
	Configure()
	if !slices.Contains(Backends, backend) {
		return nil, fmt.Errorf("%w: keyring backend %q: choose one of %q", ErrConfig, backend, Backends)
	}
	keys, err := keyring.New(keyringService, backend, dir, passphrase, encoding.Codec, evmhd.EthSecp256k1Option())
	if err != nil {
		return nil, fmt.Errorf("failed to open the keyring in %s: %w", dir, err)
	}
	return &Keyring{keys: keys}, nil
}

// NewKey makes an eth_secp256k1 key and returns its account address and the mnemonic that it can be restored from, which is
// kept nowhere. It fails with ErrKeyExists when the name is taken.
func (k *Keyring) NewKey(name string) (address, mnemonic string, err error) {
	if err := k.checkFree(name); err != nil {
		return "", "", err
	}
	record, mnemonic, err := k.keys.NewMnemonic(name, keyring.English, keyPath, keyring.DefaultBIP39Passphrase, evmhd.EthSecp256k1)
	if err != nil {
		return "", "", fmt.Errorf("failed to make key %q: %w", name, err)
	}
	address, err = recordAddress(record)
	return address, mnemonic, err
}

// ImportKey restores the eth_secp256k1 key of a mnemonic and returns its account address. It fails with ErrKeyExists when the
// name is taken, and for a mnemonic with a wrong checksum.
func (k *Keyring) ImportKey(name, mnemonic string) (address string, err error) {
	if err := k.checkFree(name); err != nil {
		return "", err
	}
	record, err := k.keys.NewAccount(name, mnemonic, keyring.DefaultBIP39Passphrase, keyPath, evmhd.EthSecp256k1)
	if err != nil {
		return "", fmt.Errorf("failed to import key %q: %w", name, err)
	}
	return recordAddress(record)
}

// Address returns the account address of a key. It fails with ErrNoKey.
func (k *Keyring) Address(name string) (string, error) {
	record, err := k.record(name)
	if err != nil {
		return "", err
	}
	return recordAddress(record)
}

// PublicKey returns a key's public half in compressed form, 33 bytes, and its kind, eth_secp256k1 or secp256k1. It fails
// with ErrNoKey.
func (k *Keyring) PublicKey(name string) (key []byte, kind string, err error) {
	record, err := k.record(name)
	if err != nil {
		return nil, "", err
	}
	public, err := record.GetPubKey()
	if err != nil {
		return nil, "", fmt.Errorf("failed to read key %q: %w", name, err)
	}
	return public.Bytes(), public.Type(), nil
}

// Sign signs bytes with a key, hashed as its kind does: Keccak-256 for eth_secp256k1, SHA-256 for secp256k1. It fails with ErrNoKey.
func (k *Keyring) Sign(name string, message []byte) (signature []byte, err error) {
	signature, _, err = k.sign(name, message)
	return signature, err
}

// Names lists the keys in order.
func (k *Keyring) Names() ([]string, error) {
	records, err := k.keys.List()
	if err != nil {
		return nil, fmt.Errorf("failed to list the keyring: %w", err)
	}
	names := make([]string, len(records))
	for i, record := range records {
		names[i] = record.Name
	}
	slices.Sort(names)
	return names, nil
}

func (k *Keyring) sign(name string, message []byte) ([]byte, cryptotypes.PubKey, error) {
	signature, public, err := k.keys.Sign(name, message, signing.SignMode_SIGN_MODE_DIRECT)
	if err != nil {
		return nil, nil, fmt.Errorf("failed to sign with key %q: %w", name, keyError(name, err))
	}
	return signature, public, nil
}

func (k *Keyring) record(name string) (*keyring.Record, error) {
	record, err := k.keys.Key(name)
	if err != nil {
		return nil, fmt.Errorf("failed to read key %q: %w", name, keyError(name, err))
	}
	return record, nil
}

func (k *Keyring) checkFree(name string) error {
	_, err := k.record(name)
	switch {
	case err == nil:
		return fmt.Errorf("%w: %q", ErrKeyExists, name)
	case errors.Is(err, ErrNoKey):
		return nil
	default:
		return err
	}
}

func keyError(name string, err error) error {
	if errors.Is(err, sdkerrors.ErrKeyNotFound) {
		return fmt.Errorf("%w: %q", ErrNoKey, name)
	}
	return err
}

func recordAddress(record *keyring.Record) (string, error) {
	raw, err := record.GetAddress()
	if err != nil {
		return "", fmt.Errorf("failed to read key %q: %w", record.Name, err)
	}
	return FormatAddress(raw)
}
