package format

import (
	"encoding/hex"
	"errors"
	"fmt"

	"github.com/zeebo/blake3"

	"github.com/ipdm-network/ipdm/sdk/go/format/internal/blake3lanes"
)

// DigestSize is the length of a Digest in bytes.
const DigestSize = 32

// ErrDigestSize reports bytes or text that are not exactly one digest long.
var ErrDigestSize = errors.New("not a 32-byte digest")

// Digest is a BLAKE3-256 hash. The zero value is no valid digest of anything known.
type Digest [DigestSize]byte

// fewChunksBytes is the length up to which github.com/zeebo/blake3 hashes a message as quickly as package blake3lanes, which
// else does so in two thirds of the time where it is Wide.
const fewChunksBytes = 8 << 10

// Sum returns the BLAKE3-256 digest of data.
func Sum(data []byte) Digest {
	if len(data) <= fewChunksBytes || len(data) > blake3lanes.MaxBytes || !blake3lanes.Wide {
		return blake3.Sum256(data)
	}
	return blake3lanes.Sum(data)
}

// DigestFromBytes copies b into a Digest. It fails with ErrDigestSize unless b is exactly 32 bytes long.
func DigestFromBytes(b []byte) (Digest, error) {
	if len(b) != DigestSize {
		return Digest{}, fmt.Errorf("%w: %d bytes", ErrDigestSize, len(b))
	}
	return Digest(b), nil
}

// ParseDigest reads the 64 hexadecimal digits that String writes.
func ParseDigest(s string) (Digest, error) {
	if len(s) != 2*DigestSize {
		return Digest{}, fmt.Errorf("%w: %d hexadecimal digits", ErrDigestSize, len(s))
	}
	b, err := hex.DecodeString(s)
	if err != nil {
		return Digest{}, fmt.Errorf("failed to parse digest: %w", err)
	}
	return Digest(b), nil
}

// String returns the digest as 64 lower-case hexadecimal digits.
func (d Digest) String() string {
	return hex.EncodeToString(d[:])
}

// IsZero tells whether every byte is zero, as in a Digest never set.
func (d Digest) IsZero() bool {
	return d == Digest{}
}
