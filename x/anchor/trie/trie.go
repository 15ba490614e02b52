package trie

import (
	"errors"
	"fmt"

	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/core/types"
	gethtrie "github.com/ethereum/go-ethereum/trie"
	"github.com/ethereum/go-ethereum/trie/trienode"
	"github.com/ethereum/go-ethereum/triedb/database"
)

// Key is the BLAKE3 digest of a manifest's CID.
type Key [32]byte

// Root is the Keccak-256 hash of a trie's root node.
type Root [32]byte

// EmptyRoot is the root of the trie without entries.
var EmptyRoot = Root(types.EmptyRootHash)

// Nodes is where the nodes of a trie are kept, by their path.
type Nodes interface {
	// Node returns the node at a path, no bytes if there is none.
	Node(path []byte) ([]byte, error)
	SetNode(path, node []byte) error
	DeleteNode(path []byte) error
}

// Entry is one key and what is kept under it.
type Entry struct {
	Key   Key
	Value Value
}

// Update sets entries in the trie with the given root and returns the new root. The result depends on the trie and the
// entries only. It fails if a node of the trie is missing, and with what nodes fails with.
func Update(nodes Nodes, root Root, entries []Entry) (Root, error) {
	t, err := open(nodes, root)
	if err != nil {
		return Root{}, err
	}
	for _, e := range entries {
		if err := t.Update(e.Key[:], e.Value.Encode()); err != nil {
			return Root{}, fmt.Errorf("failed to set %x: %w", e.Key, err)
		}
	}
	changed, set := t.Commit(false)
	if set == nil {
		return Root(changed), nil
	}
	set.ForEachWithOrder(func(path string, n *trienode.Node) {
		switch {
		case err != nil:
		case n.IsDeleted():
			err = nodes.DeleteNode([]byte(path))
		default:
			err = nodes.SetNode([]byte(path), n.Blob)
		}
	})
	if err != nil {
		return Root{}, fmt.Errorf("failed to write nodes: %w", err)
	}
	return Root(changed), nil
}

// Prove returns the value kept under a key and the nodes that prove it, from the root down. It fails with ErrAbsent if
// there is none.
func Prove(nodes Nodes, root Root, key Key) (Value, [][]byte, error) {
	t, err := open(nodes, root)
	if err != nil {
		return Value{}, nil, err
	}
	var proof path
	if err := t.Prove(key[:], &proof); err != nil {
		return Value{}, nil, fmt.Errorf("failed to prove %x: %w", key, err)
	}
	value, err := Verify(root, key, proof)
	return value, proof, err
}

func open(nodes Nodes, root Root) (*gethtrie.Trie, error) {
	t, err := gethtrie.New(gethtrie.TrieID(common.Hash(root)), source{nodes})
	if err != nil {
		return nil, fmt.Errorf("failed to open trie %x: %w", root, err)
	}
	return t, nil
}

// source shows Nodes to go-ethereum.
type source struct{ nodes Nodes }

func (s source) NodeReader(common.Hash) (database.NodeReader, error) { return s, nil }

func (s source) Node(_ common.Hash, path []byte, _ common.Hash) ([]byte, error) {
	return s.nodes.Node(path)
}

// path collects the nodes of a proof in the order they come, from the root down.
type path [][]byte

func (p *path) Put(_, node []byte) error {
	*p = append(*p, node)
	return nil
}

func (p *path) Delete([]byte) error { return errors.New("a proof is only added to") }
