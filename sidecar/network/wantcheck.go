package network

import (
	"bytes"
	"fmt"

	"github.com/ipfs/boxo/verifcid"
	"github.com/ipfs/go-cid"
	"github.com/multiformats/go-multihash"
	// BLAKE3 is the hash of our blocks; registering it makes Bitswap verify it.
	_ "github.com/multiformats/go-multihash/register/blake3"
)

// checkWant refuses CIDs that must not or cannot be fetched.
func checkWant(c cid.Cid) error {
	if !c.Defined() {
		return fmt.Errorf("%w: undefined", ErrInvalidCID)
	}
	if err := verifcid.ValidateCid(verifcid.DefaultAllowlist, c); err != nil {
		return fmt.Errorf("%w: %s: %w", ErrInvalidCID, c, err)
	}
	if isEmptyBlock(c) {
		return fmt.Errorf("%w: %s", ErrEmptyBlock, c)
	}
	return nil
}

// emptyDigests are the digests of no bytes at all under the usual functions.
var emptyDigests = map[uint64][]byte{
	multihash.BLAKE3:   digestOfNothing(multihash.BLAKE3),
	multihash.SHA2_256: digestOfNothing(multihash.SHA2_256),
}

func digestOfNothing(code uint64) []byte {
	sum, err := multihash.Sum(nil, code, 32)
	if err != nil {
		return nil
	}
	decoded, err := multihash.Decode(sum)
	if err != nil {
		return nil
	}
	return decoded.Digest
}

// isEmptyBlock reports whether c names the block of zero bytes, whatever its
// codec. Identity CIDs are not asked for and so never count.
func isEmptyBlock(c cid.Cid) bool {
	decoded, err := multihash.Decode(c.Hash())
	if err != nil || decoded.Code == multihash.IDENTITY {
		return false
	}
	if empty, ok := emptyDigests[decoded.Code]; ok && decoded.Length == len(empty) {
		return bytes.Equal(decoded.Digest, empty)
	}
	sum, err := multihash.Sum(nil, decoded.Code, decoded.Length)
	return err == nil && bytes.Equal(sum, c.Hash())
}
