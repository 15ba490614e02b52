package wire

import (
	"bytes"
	"crypto/ecdsa"
	"errors"
	"fmt"

	"github.com/ethereum/go-ethereum/crypto"
)

// Signature is r | s | v: a secp256k1 signature with the recovery id v, 0 or 1, and s at most half the group order.
type Signature [65]byte

// halfOrder is half the order of secp256k1's group, rounded down.
var halfOrder = [32]byte{
	0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
	0x5d, 0x57, 0x6e, 0x73, 0x57, 0xa4, 0x50, 0x1d, 0xdf, 0xe9, 0x2f, 0x46, 0x68, 0x1b, 0x20, 0xa0,
}

// ErrSignature is wrapped by errors about signatures that do not count.
var ErrSignature = errors.New("invalid signature")

// Sign signs a digest with a secp256k1 key.
func Sign(digest Hash, key *ecdsa.PrivateKey) (Signature, error) {
	raw, err := crypto.Sign(digest[:], key)
	if err != nil {
		return Signature{}, fmt.Errorf("failed to sign: %w", err)
	}
	return Signature(raw), nil
}

// AddressOf returns the address of a key.
func AddressOf(key *ecdsa.PublicKey) Address { return Address(crypto.PubkeyToAddress(*key)) }

// Signer returns the address whose key signed the digest. It fails with ErrSignature for what no key signs in the one
// form that is allowed.
func (s Signature) Signer(digest Hash) (Address, error) {
	if s[64] > 1 {
		return Address{}, fmt.Errorf("%w: recovery id %d, expected 0 or 1", ErrSignature, s[64])
	}
	if bytes.Compare(s[32:64], halfOrder[:]) > 0 {
		return Address{}, fmt.Errorf("%w: s is more than half the group order", ErrSignature)
	}
	key, err := crypto.SigToPub(digest[:], s[:])
	if err != nil {
		return Address{}, fmt.Errorf("%w: %w", ErrSignature, err)
	}
	return AddressOf(key), nil
}

// MemberSignature is the signature of a member of a set, by its place in it.
type MemberSignature struct {
	Index     int
	Signature Signature
}

// CheckSignatures fails unless members with more than two thirds of the power of the set, in ascending order and none
// twice, have signed the digest; with ErrSignature, but for ErrPower when all that is lacking is power.
func (s SignerSet) CheckSignatures(digest Hash, signatures []MemberSignature) error {
	var power uint64
	last := -1
	for _, sig := range signatures {
		if sig.Index <= last || sig.Index >= len(s) {
			return fmt.Errorf("%w: member %d of %d after member %d", ErrSignature, sig.Index, len(s), last)
		}
		last = sig.Index
		signer, err := sig.Signature.Signer(digest)
		if err != nil {
			return fmt.Errorf("member %d: %w", sig.Index, err)
		}
		if signer != s[sig.Index].Address {
			return fmt.Errorf("%w: %s signed for member %d, which is %s", ErrSignature, signer, sig.Index, s[sig.Index].Address)
		}
		power += s[sig.Index].Power
	}
	if !s.Suffices(power) {
		return fmt.Errorf("%w: %d of %d", ErrPower, power, s.TotalPower())
	}
	return nil
}

// ErrPower tells that too little power has signed.
var ErrPower = errors.New("not more than two thirds of the power have signed")

// Suffices tells whether power is more than two thirds of that of the set.
func (s SignerSet) Suffices(power uint64) bool {
	total := s.TotalPower()
	return power <= total && 3*power > 2*total
}
