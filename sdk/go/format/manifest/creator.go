package manifest

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"fmt"

	"github.com/decred/dcrd/dcrec/secp256k1/v4"
	"github.com/decred/dcrd/dcrec/secp256k1/v4/ecdsa"
	"golang.org/x/crypto/sha3"
)

// KeyKind says what kind of key a creator signs with.
type KeyKind uint8

// The kinds of keys.
const (
	// Ed25519 is a libp2p peer key: 32 bytes, a plain Ed25519 signature.
	Ed25519 KeyKind = 1
	// Secp256k1 is a Cosmos account key: 33 bytes compressed, ECDSA over SHA-256.
	Secp256k1 KeyKind = 2
	// EthSecp256k1 is an Ethereum-style account key: 33 bytes compressed, ECDSA over Keccak-256.
	EthSecp256k1 KeyKind = 3
)

const (
	signatureSize   = 64 // of every kind of key
	recoverableSize = 65 // as Ethereum-style keys sign: with a recovery byte behind
	compressedSize  = secp256k1.PubKeyBytesLenCompressed
)

// String returns the name of the kind as account keys are called on the chain.
func (k KeyKind) String() string {
	switch k {
	case Ed25519:
		return "ed25519"
	case Secp256k1:
		return "secp256k1"
	case EthSecp256k1:
		return "eth_secp256k1"
	}
	return fmt.Sprintf("key(%d)", uint8(k))
}

// Creator is the public key of who made a manifest.
type Creator struct {
	Kind KeyKind
	Key  []byte // 32 bytes for Ed25519, 33 for the others
}

// Equal tells whether both are the same key of the same kind.
func (c Creator) Equal(other Creator) bool {
	return c.Kind == other.Kind && bytes.Equal(c.Key, other.Key)
}

// Validate fails with ErrCreator unless the key has the form its kind asks for.
func (c Creator) Validate() error {
	switch c.Kind {
	case Ed25519:
		if len(c.Key) != ed25519.PublicKeySize {
			return fmt.Errorf("%w: ed25519 key of %d bytes", ErrCreator, len(c.Key))
		}
		return nil
	case Secp256k1, EthSecp256k1:
		_, err := c.point()
		return err
	}
	return fmt.Errorf("%w: %s", ErrCreator, c.Kind)
}

// Verify fails with ErrSignature unless sig, 64 bytes in canonical form, is the creator's signature of message.
func (c Creator) Verify(message, sig []byte) error {
	if len(sig) != signatureSize {
		return fmt.Errorf("%w: %d bytes", ErrSignature, len(sig))
	}
	switch c.Kind {
	case Ed25519:
		if len(c.Key) != ed25519.PublicKeySize {
			return fmt.Errorf("%w: ed25519 key of %d bytes", ErrCreator, len(c.Key))
		}
		if !ed25519.Verify(c.Key, message, sig) {
			return ErrSignature
		}
		return nil
	case Secp256k1:
		hash := sha256.Sum256(message)
		return c.verifyECDSA(hash[:], sig)
	case EthSecp256k1:
		hash := sha3.NewLegacyKeccak256()
		_, _ = hash.Write(message)
		return c.verifyECDSA(hash.Sum(nil), sig)
	}
	return fmt.Errorf("%w: %s", ErrCreator, c.Kind)
}

// verifyECDSA checks r||s, both in 1..N-1 and s in its lower half, so that a signature has one form.
func (c Creator) verifyECDSA(hash, sig []byte) error {
	key, err := c.point()
	if err != nil {
		return err
	}
	var r, s secp256k1.ModNScalar
	if r.SetByteSlice(sig[:32]) || s.SetByteSlice(sig[32:]) || r.IsZero() || s.IsZero() || s.IsOverHalfOrder() {
		return fmt.Errorf("%w: not in canonical form", ErrSignature)
	}
	if !ecdsa.NewSignature(&r, &s).Verify(hash, key) {
		return ErrSignature
	}
	return nil
}

// point returns the key of a secp256k1 creator.
func (c Creator) point() (*secp256k1.PublicKey, error) {
	if len(c.Key) != compressedSize {
		return nil, fmt.Errorf("%w: %s key of %d bytes, want %d (compressed)", ErrCreator, c.Kind, len(c.Key), compressedSize)
	}
	key, err := secp256k1.ParsePubKey(c.Key)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrCreator, err)
	}
	return key, nil
}
