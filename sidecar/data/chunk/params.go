package chunk

import (
	"errors"
	"fmt"
	"math/bits"
)

// The default chunk lengths in bytes. They are part of the content model: changing one changes every root.
const (
	DefaultMinBytes    = 256 << 10
	DefaultTargetBytes = 512 << 10
	DefaultMaxBytes    = 1 << 20
)

// LimitBytes is the largest MaxBytes accepted: no block is longer in plain form.
const LimitBytes = 1 << 20

// windowBytes is how many bytes the gear hash remembers: it shifts one bit out of 64 with each byte.
const windowBytes = 64

// normalisation is by how many bits the mask before the target length is harder, and the one after it easier, than
// the mask that would give the target length on average.
const normalisation = 2

// ErrParams reports chunk lengths that the chunker does not accept.
var ErrParams = errors.New("invalid chunk lengths")

// Params are the lengths of chunks. The zero value is not valid; use Default for everything that is stored.
type Params struct {
	MinBytes    int // no chunk but the last of a stream is shorter; at least 64
	TargetBytes int // the length that chunks gather around; a power of two
	MaxBytes    int // no chunk is longer; at most LimitBytes
}

// Default returns the lengths that every node uses: 256, 512 and 1024 KiB.
func Default() Params {
	return Params{MinBytes: DefaultMinBytes, TargetBytes: DefaultTargetBytes, MaxBytes: DefaultMaxBytes}
}

// Validate fails with ErrParams unless 64 <= min < target < max <= LimitBytes and target is a power of two.
func (p Params) Validate() error {
	switch {
	case p.MinBytes < windowBytes:
		return fmt.Errorf("%w: minimum %d is below %d bytes", ErrParams, p.MinBytes, windowBytes)
	case p.TargetBytes <= p.MinBytes || p.MaxBytes <= p.TargetBytes:
		return fmt.Errorf("%w: minimum %d, target %d and maximum %d must rise", ErrParams, p.MinBytes, p.TargetBytes, p.MaxBytes)
	case p.MaxBytes > LimitBytes:
		return fmt.Errorf("%w: maximum %d is above %d bytes", ErrParams, p.MaxBytes, LimitBytes)
	case bits.OnesCount(uint(p.TargetBytes)) != 1:
		return fmt.Errorf("%w: target %d is not a power of two", ErrParams, p.TargetBytes)
	}
	return nil
}

// limits returns the bounds below which the gear hash must fall for a cut, before and after the target length.
func (p Params) limits() (before, after uint64) {
	targetBits := bits.TrailingZeros(uint(p.TargetBytes))
	return 1 << (64 - targetBits - normalisation), 1 << (64 - targetBits + normalisation)
}
