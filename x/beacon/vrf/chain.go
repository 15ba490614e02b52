package vrf

import (
	"crypto/sha256"
	"encoding/binary"
)

const (
	// ValueSizeBytes is the size of the value of a block.
	ValueSizeBytes = 32

	genesisDomain    = "ipdm/beacon/genesis/v1"
	alphaDomain      = "ipdm/beacon/alpha/v1"
	provenDomain     = "ipdm/beacon/proven/v1"
	fallbackDomain   = "ipdm/beacon/fallback/v1"
	possessionDomain = "ipdm/beacon/possession/v1"
)

// Genesis returns the value before the first block of a chain.
func Genesis(chainID string) [ValueSizeBytes]byte {
	return sha256.Sum256(appendSized([]byte(genesisDomain), []byte(chainID)))
}

// Alpha returns what the proposer of the block at height proves. previous is the value of the block before. The round is no
// part of it: a proposer has one output a height.
func Alpha(chainID string, previous [ValueSizeBytes]byte, height int64) []byte {
	b := appendSized([]byte(alphaDomain), []byte(chainID))
	b = append(b, previous[:]...)
	return binary.LittleEndian.AppendUint64(b, uint64(height))
}

// Proven returns the value of a block whose proposer has proven the output.
func Proven(previous [ValueSizeBytes]byte, output [OutputSizeBytes]byte) [ValueSizeBytes]byte {
	b := append([]byte(provenDomain), previous[:]...)
	return sha256.Sum256(append(b, output[:]...))
}

// Fallback returns the value of a block at height whose proposer has no key in effect.
func Fallback(previous [ValueSizeBytes]byte, height int64) [ValueSizeBytes]byte {
	b := append([]byte(fallbackDomain), previous[:]...)
	return sha256.Sum256(binary.LittleEndian.AppendUint64(b, uint64(height)))
}

// PossessionAlpha returns what a validator proves to register a key.
func PossessionAlpha(chainID string, consensusAddress []byte) []byte {
	return appendSized(appendSized([]byte(possessionDomain), []byte(chainID)), consensusAddress)
}

// appendSized appends the length of data in four bytes, and data.
func appendSized(b, data []byte) []byte {
	return append(binary.LittleEndian.AppendUint32(b, uint32(len(data))), data...)
}
