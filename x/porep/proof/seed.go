package proof

import (
	"encoding/binary"

	"github.com/ipdm-network/ipdm/sdk/go/format"
)

const (
	sealedDomain    = "ipdm/porep/sealed-window-seed/v1"
	challengeDomain = "ipdm/porep/challenge-seed/v1"
)

// SealedSeed is Seed for the windows of a provider's sealed units, which are numbered apart from those of its open units: no answer
// serves both.
func SealedSeed(beacon [32]byte, chainID string, provider []byte, window uint64) [32]byte {
	b := append([]byte(sealedDomain), beacon[:]...)
	b = appendSized(b, []byte(chainID))
	b = appendSized(b, provider)
	b = binary.LittleEndian.AppendUint64(b, window)
	return format.Sum(b)
}

// ChallengeSeed returns the seed of the openings that a challenge of one unit asks for. beacon is randomness later than the
// challenge; provider is the raw address of the unit's provider.
func ChallengeSeed(beacon [32]byte, chainID string, provider []byte, unitID, challengeID uint64) [32]byte {
	b := append([]byte(challengeDomain), beacon[:]...)
	b = appendSized(b, []byte(chainID))
	b = appendSized(b, provider)
	b = binary.LittleEndian.AppendUint64(b, unitID)
	b = binary.LittleEndian.AppendUint64(b, challengeID)
	return format.Sum(b)
}
