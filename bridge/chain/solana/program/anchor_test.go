package program

import (
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/ipdm-network/ipdm/x/anchor/trie"
	"github.com/ipdm-network/ipdm/x/bridge/wire"
)

type anchorVector struct {
	Entries int      `json:"entries"`
	Root    string   `json:"root"`
	Key     string   `json:"key"`
	Record  string   `json:"record"`
	Proof   []string `json:"proof"`
}

// nodes are a trie's, by path.
type nodes map[string][]byte

func (n nodes) Node(path []byte) ([]byte, error) { return n[string(path)], nil }
func (n nodes) SetNode(path, node []byte) error {
	n[string(path)] = append([]byte(nil), node...)
	return nil
}
func (n nodes) DeleteNode(path []byte) error { delete(n, string(path)); return nil }

// The chain's own proofs are among the program's tests: anchor.test.mjs has the program check this file.
func TestAnchorProofs(t *testing.T) {
	const path = "testdata/anchors.json"
	var made []anchorVector
	for _, count := range []int{1, 2, 20, 1000} {
		var entries []trie.Entry
		for i := range count {
			name := wire.Sum(fmt.Appendf(nil, "manifest %d of %d", i, count))
			entries = append(entries, trie.Entry{Key: trie.Key(name), Value: trie.Value{
				Codec: trie.DagPB, RootDigest: wire.Sum(name[:]), Owner: [32]byte{31: byte(i)}, SizeBytes: uint64(i), Height: 7, TimeMillis: 8, VersionCount: 1,
				Superseded: i%2 == 1, Tombstoned: i%3 == 1,
			}})
		}
		store := nodes{}
		root, err := trie.Update(store, trie.EmptyRoot, entries)
		require.NoError(t, err)
		for _, e := range []trie.Entry{entries[0], entries[count-1]} {
			value, proof, err := trie.Prove(store, root, e.Key)
			require.NoError(t, err)
			v := anchorVector{Entries: count, Root: hex.EncodeToString(root[:]), Key: hex.EncodeToString(e.Key[:]), Record: hex.EncodeToString(value.Encode())}
			for _, node := range proof {
				v.Proof = append(v.Proof, hex.EncodeToString(node))
			}
			made = append(made, v)
		}
	}
	if *update {
		raw, err := json.MarshalIndent(made, "", " ")
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(path, append(raw, '\n'), 0o644))
	}
	raw, err := os.ReadFile(path)
	require.NoError(t, err)
	var golden []anchorVector
	require.NoError(t, json.Unmarshal(raw, &golden))
	require.Equal(t, golden, made)
}
