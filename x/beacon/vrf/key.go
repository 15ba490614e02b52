package vrf

import (
	"bytes"
	"errors"
	"fmt"
	"io"

	"github.com/oasisprotocol/curve25519-voi/curve"
	"github.com/oasisprotocol/curve25519-voi/primitives/ed25519"
	"github.com/oasisprotocol/curve25519-voi/primitives/ed25519/extra/ecvrf"
)

const (
	// SeedSizeBytes is the size of a private key as it is stored.
	SeedSizeBytes = ed25519.SeedSize
	// PublicKeySizeBytes is the size of a public key.
	PublicKeySizeBytes = ed25519.PublicKeySize
	// ProofSizeBytes is the size of a proof.
	ProofSizeBytes = ecvrf.ProofSize
	// OutputSizeBytes is the size of an output.
	OutputSizeBytes = ecvrf.OutputSize
)

var (
	// ErrPublicKey tells that bytes are no canonical point of large order.
	ErrPublicKey = errors.New("invalid VRF public key")
	// ErrProof tells that a proof is not canonical or does not verify.
	ErrProof = errors.New("invalid VRF proof")
	// ErrSeed tells that a private key has the wrong size.
	ErrSeed = errors.New("invalid VRF private key")
)

// PrivateKey makes proofs.
type PrivateKey struct{ key ed25519.PrivateKey }

// GenerateKey makes a key from the given source of randomness.
func GenerateKey(random io.Reader) (PrivateKey, error) {
	seed := make([]byte, SeedSizeBytes)
	if _, err := io.ReadFull(random, seed); err != nil {
		return PrivateKey{}, fmt.Errorf("failed to read randomness: %w", err)
	}
	return NewPrivateKey(seed)
}

// NewPrivateKey returns the key of a seed. It fails with ErrSeed unless that has SeedSizeBytes.
func NewPrivateKey(seed []byte) (PrivateKey, error) {
	if len(seed) != SeedSizeBytes {
		return PrivateKey{}, fmt.Errorf("%w: %d bytes, want %d", ErrSeed, len(seed), SeedSizeBytes)
	}
	return PrivateKey{key: ed25519.NewKeyFromSeed(seed)}, nil
}

// Seed returns the bytes from which NewPrivateKey makes the key.
func (k PrivateKey) Seed() []byte { return k.key.Seed() }

// Public returns the public key.
func (k PrivateKey) Public() []byte { return bytes.Clone(k.key[SeedSizeBytes:]) }

// Prove returns the proof of the key's output for alpha. It is the same each time.
func (k PrivateKey) Prove(alpha []byte) (proof []byte, err error) {
	defer func() {
		if r := recover(); r != nil {
			proof, err = nil, fmt.Errorf("panic while proving: %v", r)
		}
	}()
	return ecvrf.Prove(k.key, alpha), nil
}

// CheckPublicKey fails with ErrPublicKey unless the bytes are the canonical form of a point of large order.
func CheckPublicKey(public []byte) error {
	var (
		compressed curve.CompressedEdwardsY
		point      curve.EdwardsPoint
	)
	if _, err := compressed.SetBytes(public); err != nil {
		return fmt.Errorf("%w: %d bytes, want %d", ErrPublicKey, len(public), PublicKeySizeBytes)
	}
	if !compressed.IsCanonicalVartime() {
		return fmt.Errorf("%w: not canonical", ErrPublicKey)
	}
	if _, err := point.SetCompressedY(&compressed); err != nil {
		return fmt.Errorf("%w: not a point", ErrPublicKey)
	}
	if point.IsSmallOrder() {
		return fmt.Errorf("%w: small order", ErrPublicKey)
	}
	return nil
}

// Verify returns the output that proof proves for alpha under a public key. It fails with ErrProof. Several proofs of one output
// may exist; the output is one.
func Verify(public, proof, alpha []byte) (output [OutputSizeBytes]byte, err error) {
	if len(public) != PublicKeySizeBytes || len(proof) != ProofSizeBytes {
		return output, fmt.Errorf("%w: %d bytes under a key of %d", ErrProof, len(proof), len(public))
	}
	ok, beta := ecvrf.Verify(public, proof, alpha)
	if !ok {
		return output, ErrProof
	}
	return [OutputSizeBytes]byte(beta), nil
}
