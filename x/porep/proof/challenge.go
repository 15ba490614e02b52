package proof

import (
	"encoding/binary"
	"math/bits"

	"github.com/ipdm-network/ipdm/sdk/go/format"
)

const (
	// MinOpenings is the number of openings in a window proof of a provider with few units.
	MinOpenings = 16
	// MaxOpenings is the largest number of openings in any proof.
	MaxOpenings = 128
	// UnitsPerOpening is how many units a provider proves for each opening beyond MinOpenings.
	UnitsPerOpening = 64
	// ActivationOpenings is the number of openings in an activation proof.
	ActivationOpenings = 16
)

// Each seed has its own domain, so that the answers to one kind of challenge never serve another.
const (
	windowDomain     = "ipdm/porep/window-seed/v1"
	activationDomain = "ipdm/porep/activation-seed/v1"
	recoveryDomain   = "ipdm/porep/recovery-seed/v1"
	offsetDomain     = "ipdm/porep/offset/v1"
	sealedDomain     = "ipdm/porep/sealed-window-seed/v1"
	challengeDomain  = "ipdm/porep/challenge-seed/v1"
)

// Challenge asks for the opening of one byte of one unit.
type Challenge struct {
	// CommD is the commitment of the unit.
	CommD format.Digest
	// TotalBytes is the length the commitment covers.
	TotalBytes uint64
	// Offset is the position of the byte asked for, below TotalBytes.
	Offset uint64
}

// Sampling says how many openings a window asks of a provider. On the chain it comes from parameters.
type Sampling struct {
	// Min is the number of openings of a provider with few units.
	Min uint32
	// Max bounds the number of openings.
	Max uint32
	// UnitsPerOpening is how many units a provider proves for each opening beyond Min; 0 keeps it at Min.
	UnitsPerOpening uint32
}

// DefaultSampling returns the sampling of MinOpenings, MaxOpenings and UnitsPerOpening.
func DefaultSampling() Sampling { return Sampling{MinOpenings, MaxOpenings, UnitsPerOpening} }

// Count returns how many openings a provider that proves the given number of units owes a window: Min + units/UnitsPerOpening,
// at most Max and at most MaxOpenings.
func (s Sampling) Count(units uint64) uint32 {
	limit := uint64(min(s.Max, MaxOpenings))
	var more uint64
	if s.UnitsPerOpening > 0 {
		more = min(units/uint64(s.UnitsPerOpening), limit)
	}
	return uint32(min(uint64(s.Min)+more, limit))
}

// Count returns how many openings a provider that proves the given number of units owes a window by DefaultSampling:
// min(128, 16 + units/64).
func Count(units uint64) uint32 { return DefaultSampling().Count(units) }

// Seed returns the seed of a provider's challenges in a window. beacon is the randomness of the window, unknown before it
// opens; provider is the raw address.
func Seed(beacon [32]byte, chainID string, provider []byte, window uint64) [32]byte {
	return windowSeed(windowDomain, beacon, chainID, provider, window)
}

// SealedSeed returns the seed of a provider's challenges in a window of the sealed class. It is Seed in a domain of its own.
func SealedSeed(beacon [32]byte, chainID string, provider []byte, window uint64) [32]byte {
	return windowSeed(sealedDomain, beacon, chainID, provider, window)
}

func windowSeed(domain string, beacon [32]byte, chainID string, provider []byte, window uint64) [32]byte {
	b := append([]byte(domain), beacon[:]...)
	b = appendSized(b, []byte(chainID))
	b = appendSized(b, provider)
	b = binary.LittleEndian.AppendUint64(b, window)
	return format.Sum(b)
}

// ActivationSeed returns the seed of the challenges a provider answers to activate a replica of a deal. beacon is
// randomness later than the assignment; provider is the raw address.
func ActivationSeed(beacon [32]byte, chainID string, dealID uint64, replica uint32, provider []byte) [32]byte {
	b := append([]byte(activationDomain), beacon[:]...)
	b = appendSized(b, []byte(chainID))
	b = binary.LittleEndian.AppendUint64(b, dealID)
	b = binary.LittleEndian.AppendUint32(b, replica)
	b = appendSized(b, provider)
	return format.Sum(b)
}

// RecoverySeed returns the seed of the challenges by which a faulty unit is proven again within a window. windowSeed is the
// result of Seed, and so binds the provider and the window.
func RecoverySeed(windowSeed [32]byte, unitID uint64) [32]byte {
	b := append([]byte(recoveryDomain), windowSeed[:]...)
	b = binary.LittleEndian.AppendUint64(b, unitID)
	return format.Sum(b)
}

// ChallengeSeed returns the seed of the offsets that a challenge of one unit asks for. beacon is randomness later than the challenge.
func ChallengeSeed(beacon [32]byte, chainID string, challengeID uint64) [32]byte {
	b := append([]byte(challengeDomain), beacon[:]...)
	b = appendSized(b, []byte(chainID))
	b = binary.LittleEndian.AppendUint64(b, challengeID)
	return format.Sum(b)
}

// Offset returns the position of the i-th byte asked for among totalBytes, which must not be 0: there is nothing to ask for then,
// and the result is 0.
//
// It is a 128-bit hash reduced modulo totalBytes. Of two positions none is more likely than the other by more than 2^-128,
// so the distance from a uniform choice is below totalBytes/2^128, at most 2^-64.
func Offset(seed [32]byte, i uint32, totalBytes uint64) uint64 {
	if totalBytes == 0 {
		return 0
	}
	var b [len(offsetDomain) + 32 + 4]byte
	n := copy(b[:], offsetDomain)
	n += copy(b[n:], seed[:])
	binary.LittleEndian.PutUint32(b[n:], i)
	h := format.Sum(b[:])
	low, high := binary.LittleEndian.Uint64(h[:8]), binary.LittleEndian.Uint64(h[8:16])
	return bits.Rem64(high, low, totalBytes)
}

// Offsets returns the first count positions, as Offset does. It returns none when totalBytes is 0, and at most MaxOpenings.
func Offsets(seed [32]byte, count uint32, totalBytes uint64) []uint64 {
	if totalBytes == 0 {
		return nil
	}
	offsets := make([]uint64, min(count, MaxOpenings))
	for i := range offsets {
		offsets[i] = Offset(seed, uint32(i), totalBytes)
	}
	return offsets
}

// appendSized appends p with its length before it, so that no two sequences of fields give the same bytes.
func appendSized(b, p []byte) []byte {
	b = binary.LittleEndian.AppendUint32(b, uint32(len(p)))
	return append(b, p...)
}
