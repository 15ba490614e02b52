package trie

import (
	"errors"
	"fmt"

	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/crypto"
	gethtrie "github.com/ethereum/go-ethereum/trie"
)

const (
	// MaxProofNodes bounds a proof: a key has 64 nibbles, and each node takes one of them or more.
	MaxProofNodes = 65
	// MaxNodeBytes is the size of the largest node, a branch with 16 children and no value.
	MaxNodeBytes = 3 + 16*33 + 1
)

var (
	// ErrProof is wrapped by errors about proofs that do not prove what they are said to.
	ErrProof = errors.New("invalid proof")
	// ErrAbsent tells that nothing is kept under a key.
	ErrAbsent = errors.New("not in the trie")
)

// Verify returns the value under key in the trie with the given root. It fails with ErrProof unless the nodes are exactly
// those on the way from the root to it, in this order, and with ErrAbsent if they prove that there is none.
func Verify(root Root, key Key, proof [][]byte) (Value, error) {
	if len(proof) > MaxProofNodes {
		return Value{}, fmt.Errorf("%w: %d nodes, at most %d", ErrProof, len(proof), MaxProofNodes)
	}
	nodes := proofNodes{}
	for i, node := range proof {
		if len(node) > MaxNodeBytes {
			return Value{}, fmt.Errorf("%w: node %d has %d bytes, at most %d", ErrProof, i, len(node), MaxNodeBytes)
		}
		nodes[common.Hash(crypto.Keccak256(node))] = &proofNode{at: i, node: node}
	}
	walked := walk{nodes: nodes}
	raw, err := gethtrie.VerifyProof(common.Hash(root), key[:], &walked)
	switch {
	case err != nil && root == EmptyRoot && len(proof) == 0:
		return Value{}, fmt.Errorf("%x: %w", key, ErrAbsent)
	case err != nil:
		return Value{}, fmt.Errorf("%w: %w", ErrProof, err)
	case walked.astray || walked.next != len(proof):
		return Value{}, fmt.Errorf("%w: its %d nodes are not those from the root down", ErrProof, len(proof))
	case raw == nil:
		return Value{}, fmt.Errorf("%x: %w", key, ErrAbsent)
	}
	value, err := DecodeValue(raw)
	if err != nil {
		return Value{}, fmt.Errorf("%w: %w", ErrProof, err)
	}
	return value, nil
}

type (
	proofNodes map[common.Hash]*proofNode
	proofNode  struct {
		at   int
		node []byte
	}
)

// walk hands out the nodes of a proof and sees whether they are taken in order.
type walk struct {
	nodes  proofNodes
	next   int
	astray bool
}

func (w *walk) Has(hash []byte) (bool, error) {
	_, ok := w.nodes[common.Hash(hash)]
	return ok, nil
}

func (w *walk) Get(hash []byte) ([]byte, error) {
	n, ok := w.nodes[common.Hash(hash)]
	if !ok {
		return nil, errors.New("not part of the proof")
	}
	w.astray = w.astray || n.at != w.next
	w.next++
	return n.node, nil
}
