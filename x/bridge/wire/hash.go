package wire

import (
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"

	"github.com/ethereum/go-ethereum/crypto"
)

// Hash is a Keccak-256 digest.
type Hash [32]byte

// String returns the digest in hex, as Ethereum writes it.
func (h Hash) String() string { return "0x" + hex.EncodeToString(h[:]) }

// Sum returns the Keccak-256 digest of the parts, one behind the other.
func Sum(parts ...[]byte) Hash { return Hash(crypto.Keccak256(parts...)) }

// Address is an Ethereum address of a signer's key.
type Address [20]byte

// String returns the address in hex, without a checksum in its letters.
func (a Address) String() string { return "0x" + hex.EncodeToString(a[:]) }

// ParseAddress reads what String writes: 0x and 40 lower-case digits. It fails with ErrMalformed for anything else.
func ParseAddress(text string) (Address, error) {
	var a Address
	digits, found := strings.CutPrefix(text, "0x")
	if raw, err := hex.DecodeString(digits); err == nil && found && len(raw) == len(a) {
		a = Address(raw)
	}
	if a.String() != text {
		return Address{}, fmt.Errorf("%w address: %q is not 0x and 40 lower-case hex digits", ErrMalformed, text)
	}
	return a, nil
}

// Party is an account or application of any chain, shorter addresses filled with zeros on the left.
type Party [32]byte

// String returns the party in hex.
func (p Party) String() string { return "0x" + hex.EncodeToString(p[:]) }

// PartyOf returns an address of at most 32 bytes as a Party. It fails for longer ones and for none.
func PartyOf(address []byte) (Party, error) {
	if len(address) == 0 || len(address) > len(Party{}) {
		return Party{}, errors.New("an address has 1 to 32 bytes")
	}
	var p Party
	copy(p[len(p)-len(address):], address)
	return p, nil
}

// ErrMalformed is wrapped by every error about bytes or values that are none of a format.
var ErrMalformed = errors.New("malformed")

// cursor takes fixed-width fields off bytes whose length has been checked.
type cursor []byte

func (c *cursor) take(n int) []byte {
	field := (*c)[:n]
	*c = (*c)[n:]
	return field
}

func (c *cursor) u8() uint8      { return c.take(1)[0] }
func (c *cursor) u32() uint32    { return binary.BigEndian.Uint32(c.take(4)) }
func (c *cursor) u64() uint64    { return binary.BigEndian.Uint64(c.take(8)) }
func (c *cursor) word() [32]byte { return [32]byte(c.take(32)) }
