package cidtext

import (
	"encoding/base32"
	"errors"
	"fmt"
	"slices"
)

// Codec is the multicodec code inside a CID that says how the named block is to be read.
type Codec byte

// The codecs that the chain accepts.
const (
	// Raw names plain bytes.
	Raw Codec = 0x55
	// DagPB names a UnixFS node.
	DagPB Codec = 0x70
	// DagCBOR names a manifest or a layout.
	DagCBOR Codec = 0x71
)

const (
	version    = 0x01
	blake3     = 0x1e
	digestSize = 32
	// binarySize is the length of version, codec, hash code, digest length and digest.
	binarySize = 4 + digestSize
)

// Size is the length in characters of every accepted CID: the multibase prefix and 36 bytes in base32.
const Size = 1 + (binarySize*8+4)/5

// ErrInvalid reports text that is not a canonical CIDv1 with a BLAKE3-256 digest and an expected codec.
var ErrInvalid = errors.New("invalid CID")

var base32Lower = base32.NewEncoding("abcdefghijklmnopqrstuvwxyz234567").WithPadding(base32.NoPadding)

// Check fails with ErrInvalid unless text is the canonical base32 form of a CIDv1 whose hash is BLAKE3-256 and whose
// codec is one of codecs. Exactly one text is accepted for a CID. Its cost does not depend on the length of text.
func Check(text string, codecs ...Codec) error {
	_, codec, err := Parse(text)
	if err == nil && !slices.Contains(codecs, codec) {
		return fmt.Errorf("%w: %s has codec 0x%x", ErrInvalid, text, byte(codec))
	}
	return err
}

// Parse returns the digest and the codec of a CID that Check accepts with that codec.
func Parse(text string) ([digestSize]byte, Codec, error) {
	var digest [digestSize]byte
	if len(text) != Size {
		return digest, 0, fmt.Errorf("%w: %d characters, want %d", ErrInvalid, len(text), Size)
	}
	if text[0] != 'b' {
		return digest, 0, fmt.Errorf("%w: %q does not begin with the base32 prefix b", ErrInvalid, text)
	}
	var bytes [binarySize]byte
	if n, err := base32Lower.Decode(bytes[:], []byte(text[1:])); err != nil || n != binarySize {
		return digest, 0, fmt.Errorf("%w: %q is not lower-case base32", ErrInvalid, text)
	}
	// The last character carries two bits that belong to no byte: only zeros are canonical.
	if base32Lower.EncodeToString(bytes[:]) != text[1:] {
		return digest, 0, fmt.Errorf("%w: %q is not in canonical form", ErrInvalid, text)
	}
	switch {
	case bytes[0] != version:
		return digest, 0, fmt.Errorf("%w: %s is not version 1", ErrInvalid, text)
	case bytes[2] != blake3 || bytes[3] != digestSize:
		return digest, 0, fmt.Errorf("%w: the hash of %s is not BLAKE3-256", ErrInvalid, text)
	}
	copy(digest[:], bytes[4:])
	return digest, Codec(bytes[1]), nil
}

// New returns the canonical text of the CIDv1 with the given codec and BLAKE3-256 digest.
func New(codec Codec, digest [digestSize]byte) string {
	bytes := make([]byte, 0, binarySize)
	bytes = append(bytes, version, byte(codec), blake3, digestSize)
	bytes = append(bytes, digest[:]...)
	return "b" + base32Lower.EncodeToString(bytes)
}
