package trie

import (
	"bytes"
	"encoding/binary"
	"errors"
	"math/rand/v2"
	"testing"

	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/crypto"
	gethtrie "github.com/ethereum/go-ethereum/trie"
	"github.com/stretchr/testify/require"
	"lukechampine.com/blake3"
)

// memory keeps nodes and counts what is done to them.
type memory struct {
	nodes  map[string][]byte
	reads  int
	writes int
}

func newMemory() *memory { return &memory{nodes: map[string][]byte{}} }

func (m *memory) Node(path []byte) ([]byte, error) {
	m.reads++
	return m.nodes[string(path)], nil
}

func (m *memory) SetNode(path, node []byte) error {
	m.writes++
	m.nodes[string(path)] = bytes.Clone(node)
	return nil
}

func (m *memory) DeleteNode(path []byte) error {
	m.writes++
	delete(m.nodes, string(path))
	return nil
}

func key(n uint64) Key { return Key(blake3.Sum256(binary.BigEndian.AppendUint64(nil, n))) }

func value(n uint64) Value {
	return Value{Codec: DagPB, RootDigest: [32]byte(key(^n)), Owner: [32]byte{31: 7}, SizeBytes: n, Height: n + 1, TimeMillis: 9, VersionCount: 1}
}

func entries(from, to uint64) []Entry {
	var out []Entry
	for n := from; n < to; n++ {
		out = append(out, Entry{key(n), value(n)})
	}
	return out
}

// TestTrieIsEthereums compares with go-ethereum's trie made of the same entries in one go.
func TestTrieIsEthereums(t *testing.T) {
	m, root := newMemory(), EmptyRoot
	peer := gethtrie.NewEmpty(nil)
	random := rand.New(rand.NewPCG(1, 2))
	for n := uint64(0); n < 700; {
		step := random.Uint64N(40)
		batch := entries(n, n+step)
		if n > 0 { // some change
			changed := Entry{key(random.Uint64N(n)), value(random.Uint64())}
			changed.Value.Tombstoned = true
			batch = append(batch, changed)
		}
		n += step
		var err error
		root, err = Update(m, root, batch)
		require.NoError(t, err)
		for _, e := range batch {
			require.NoError(t, peer.Update(e.Key[:], e.Value.Encode()))
		}
		require.Equal(t, peer.Hash(), common.Hash(root))
		for _, e := range batch {
			got, proof, err := Prove(m, root, e.Key)
			require.NoError(t, err)
			require.NotEmpty(t, proof)
			raw, err := peer.Get(e.Key[:])
			require.NoError(t, err)
			require.Equal(t, raw, got.Encode())
		}
	}
	nodes := len(m.nodes)
	again, err := Update(m, root, nil)
	require.NoError(t, err)
	require.Equal(t, root, again)

	fresh := newMemory() // no node is left over from what was overwritten
	var all []Entry
	for n := range uint64(700 + 40) {
		if got, _, err := Prove(m, root, key(n)); err == nil {
			all = append(all, Entry{key(n), got})
		}
	}
	other, err := Update(fresh, EmptyRoot, all)
	require.NoError(t, err)
	require.Equal(t, root, other)
	require.Len(t, fresh.nodes, nodes)
	require.Equal(t, fresh.nodes, m.nodes)
}

func TestUpdateTouchesThePathOnly(t *testing.T) {
	m := newMemory()
	root, err := Update(m, EmptyRoot, entries(0, 20_000))
	require.NoError(t, err)
	m.reads, m.writes = 0, 0
	_, err = Update(m, root, entries(20_000, 20_001))
	require.NoError(t, err)
	require.LessOrEqual(t, m.reads, 7)
	require.LessOrEqual(t, m.writes, 8)
}

func TestProofRefusals(t *testing.T) {
	m := newMemory()
	root, err := Update(m, EmptyRoot, entries(0, 500))
	require.NoError(t, err)
	got, proof, err := Prove(m, root, key(77))
	require.NoError(t, err)
	require.Equal(t, value(77), got)
	require.Greater(t, len(proof), 2)

	_, _, err = Prove(m, root, key(500))
	require.ErrorIs(t, err, ErrAbsent)
	_, _, err = Prove(newMemory(), EmptyRoot, key(1))
	require.ErrorIs(t, err, ErrAbsent)
	_, _, err = Prove(newMemory(), root, key(1))
	require.ErrorContains(t, err, "failed to open trie")

	tampered := func(change func(p [][]byte) [][]byte) [][]byte {
		var p [][]byte
		for _, n := range proof {
			p = append(p, bytes.Clone(n))
		}
		return change(p)
	}
	_, another, err := Prove(m, root, key(78))
	require.NoError(t, err)
	cases := map[string][][]byte{
		"none":         nil,
		"without end":  proof[:len(proof)-1],
		"without root": proof[1:],
		"one more":     tampered(func(p [][]byte) [][]byte { return append(p, another[len(another)-1]) }),
		"node twice":   tampered(func(p [][]byte) [][]byte { return append(p, p[len(p)-1]) }),
		"swapped":      tampered(func(p [][]byte) [][]byte { p[0], p[1] = p[1], p[0]; return p }),
		"too many":     make([][]byte, MaxProofNodes+1),
		"huge node":    {make([]byte, MaxNodeBytes+1)},
		"another's":    another,
	}
	for i := range proof {
		for _, at := range []int{0, 1, len(proof[i]) / 2, len(proof[i]) - 1} {
			p := tampered(func(p [][]byte) [][]byte { p[i][at] ^= 1; return p })
			_, err := Verify(root, key(77), p)
			require.ErrorIs(t, err, ErrProof, "byte %d of node %d", at, i)
		}
	}
	for name, p := range cases {
		_, err := Verify(root, key(77), p)
		require.Error(t, err, name)
		require.True(t, errors.Is(err, ErrProof) || name == "another's" && errors.Is(err, ErrAbsent), "%s: %v", name, err)
	}
	_, err = Verify(Root{1}, key(77), proof)
	require.ErrorIs(t, err, ErrProof)
}

func TestValueRefusals(t *testing.T) {
	good := value(3).Encode()
	back, err := DecodeValue(good)
	require.NoError(t, err)
	require.Equal(t, value(3), back)
	for name, change := range map[string]func([]byte) []byte{
		"short":         func(b []byte) []byte { return b[:98] },
		"long":          func(b []byte) []byte { return append(b, 0) },
		"other version": func(b []byte) []byte { b[0] = 2; return b },
		"unknown flag":  func(b []byte) []byte { b[1] = 4; return b },
		"other codec":   func(b []byte) []byte { b[2] = 0x71; return b },
	} {
		_, err := DecodeValue(change(bytes.Clone(good)))
		require.Error(t, err, name)
	}
}

func FuzzVerify(f *testing.F) {
	m := newMemory()
	root, err := Update(m, EmptyRoot, entries(0, 300))
	require.NoError(f, err)
	_, proof, err := Prove(m, root, key(7))
	require.NoError(f, err)
	f.Add(bytes.Join(proof, nil), uint16(len(proof[0])))
	f.Add([]byte{0x80}, uint16(1))
	f.Fuzz(func(t *testing.T, raw []byte, cut uint16) {
		nodes := [][]byte{raw[:min(int(cut), len(raw))], raw[min(int(cut), len(raw)):]}
		_, _ = Verify(root, key(7), nodes)         // must not panic
		rooted := Root(crypto.Keccak256(nodes[0])) // nor when the first node is the root's
		_, _ = Verify(rooted, key(7), nodes)
		if value, err := DecodeValue(raw); err == nil {
			require.Equal(t, raw, value.Encode())
		}
	})
}

func BenchmarkUpdate(b *testing.B) {
	m := newMemory()
	root, err := Update(m, EmptyRoot, entries(0, 100_000))
	require.NoError(b, err)
	n := uint64(100_000)
	b.ReportAllocs()
	for b.Loop() {
		if root, err = Update(m, root, entries(n, n+1)); err != nil {
			b.Fatal(err)
		}
		n++
	}
}

func BenchmarkVerify(b *testing.B) {
	m := newMemory()
	root, err := Update(m, EmptyRoot, entries(0, 100_000))
	require.NoError(b, err)
	_, proof, err := Prove(m, root, key(5))
	require.NoError(b, err)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Verify(root, key(5), proof); err != nil {
			b.Fatal(err)
		}
	}
}
