package wire

import (
	"encoding/binary"
	"fmt"
)

const possessionTag = "IPDM/key/v1"

// PossessionDigest is what a validator signs with a key to show that it holds it: for one chain and one consensus address.
func PossessionDigest(chainID string, consensusAddress []byte) Hash {
	chain := ChainHash(chainID)
	return Sum([]byte(possessionTag), chain[:], consensusAddress)
}

// SignerVote is the section of a vote extension that carries a signature of a checkpoint: its sequence in 8 bytes, big-endian, and
// the signature.
type SignerVote struct {
	Sequence  uint64
	Signature Signature
}

// SignerVoteBytes is the size of an encoded vote.
const SignerVoteBytes = 8 + 65

// Encode returns the SignerVoteBytes of a vote.
func (v SignerVote) Encode() []byte {
	return append(binary.BigEndian.AppendUint64(make([]byte, 0, SignerVoteBytes), v.Sequence), v.Signature[:]...)
}

// DecodeSignerVote reads a vote. It fails with ErrMalformed if the bytes are none.
func DecodeSignerVote(raw []byte) (SignerVote, error) {
	if len(raw) != SignerVoteBytes {
		return SignerVote{}, fmt.Errorf("%w vote: expected %d bytes, got %d", ErrMalformed, SignerVoteBytes, len(raw))
	}
	in := cursor(raw)
	return SignerVote{Sequence: in.u64(), Signature: Signature(in.take(65))}, nil
}
