package commitment

import (
	"fmt"
	"math/bits"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/ipdm-network/ipdm/sdk/go/format"
)

// naiveRoot is the recursive definition of RFC 6962: split at the largest power of two below the number of leaves.
func naiveRoot(leaves []Leaf) format.Digest {
	if len(leaves) == 1 {
		return hashLeaf(leaves[0])
	}
	k := 1 << (bits.Len(uint(len(leaves)-1)) - 1)
	return hashInner(naiveRoot(leaves[:k]), naiveRoot(leaves[k:]))
}

func TestTreeAndBuilderAgreeWithDefinition(t *testing.T) {
	for count := 1; count <= 130; count++ {
		leaves := make([]Leaf, count)
		var b Builder
		var offset uint64
		for i := range leaves {
			leaves[i] = Leaf{Digest: format.Sum([]byte{byte(i)}), Offset: offset, Length: uint32(1 + i*i)}
			offset = leaves[i].End()
			require.NoError(t, b.Add(leaves[i]))
		}
		want := hashRoot(uint64(count), offset, naiveRoot(leaves))

		tree, err := NewTree(leaves)
		require.NoError(t, err)
		require.Equal(t, want, tree.CommD(), "%d leaves", count)
		require.Equal(t, offset, tree.TotalLength())
		require.EqualValues(t, count, tree.LeafCount())

		commD, err := b.CommD()
		require.NoError(t, err)
		require.Equal(t, want, commD, "%d leaves", count)
		require.Equal(t, offset, b.TotalLength())
		require.EqualValues(t, count, b.LeafCount())

		for i := range leaves {
			p, err := tree.Prove(uint32(i))
			require.NoError(t, err)
			require.NoError(t, VerifyLeaf(want, offset, p), "leaf %d of %d", i, count)
			if i == count-1 {
				require.NoError(t, VerifyLast(want, offset, p))
			} else {
				require.ErrorIs(t, VerifyLast(want, offset, p), ErrIndex)
			}
		}
	}
}

func TestCommitmentRefusesBadLeaves(t *testing.T) {
	d := format.Sum([]byte("x"))
	tests := []struct {
		name   string
		leaves []Leaf
		want   error
	}{
		{"none", nil, ErrEmpty},
		{"does not begin at zero", []Leaf{{d, 1, 1}}, ErrGap},
		{"gap", []Leaf{{d, 0, 5}, {d, 6, 5}}, ErrGap},
		{"overlap", []Leaf{{d, 0, 5}, {d, 4, 5}}, ErrGap},
		{"empty leaf", []Leaf{{d, 0, 5}, {d, 5, 0}}, ErrLength},
		{"overlong leaf", []Leaf{{d, 0, MaxLeafLength + 1}}, ErrLength},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := NewTree(tt.leaves)
			require.ErrorIs(t, err, tt.want)

			var b Builder
			for _, leaf := range tt.leaves {
				if err = b.Add(leaf); err != nil {
					break
				}
			}
			if err == nil {
				_, err = b.CommD()
			}
			require.ErrorIs(t, err, tt.want)
		})
	}
}

func TestFailedAddChangesNothing(t *testing.T) {
	d := format.Sum([]byte("x"))
	var b Builder
	require.NoError(t, b.Add(Leaf{d, 0, 7}))
	before, err := b.CommD()
	require.NoError(t, err)
	require.ErrorIs(t, b.Add(Leaf{d, 8, 7}), ErrGap)
	after, err := b.CommD()
	require.NoError(t, err)
	require.Equal(t, before, after)
	require.NoError(t, b.Add(Leaf{d, 7, 7}))
}

func TestTreeKeepsItsOwnLeaves(t *testing.T) {
	leaves := []Leaf{{format.Sum([]byte("a")), 0, 7}, {format.Sum([]byte("b")), 7, 7}}
	tree, err := NewTree(leaves)
	require.NoError(t, err)
	leaves[1].Length = 9
	leaf, err := tree.Leaf(1)
	require.NoError(t, err)
	require.EqualValues(t, 7, leaf.Length)
}

func TestFind(t *testing.T) {
	tree, _ := sampleTree(t, 1, 1024, 1025, 3000)
	tests := []struct {
		offset uint64
		leaf   uint32
		chunk  uint16
	}{
		{0, 0, 0}, {1, 1, 0}, {1024, 1, 0}, {1025, 2, 0}, {1025 + 1023, 2, 0}, {1025 + 1024, 2, 1}, {2050, 3, 0}, {2050 + 2999, 3, 2},
	}
	for _, tt := range tests {
		leaf, chunk, err := tree.Find(tt.offset)
		require.NoError(t, err)
		require.Equal(t, fmt.Sprint(tt.leaf, tt.chunk), fmt.Sprint(leaf, chunk), "offset %d", tt.offset)
	}
	_, _, err := tree.Find(tree.TotalLength())
	require.ErrorIs(t, err, ErrOffset)
	_, err = tree.Leaf(4)
	require.ErrorIs(t, err, ErrIndex)
	_, err = tree.Prove(4)
	require.ErrorIs(t, err, ErrIndex)
}

// A commitment is injective in every property of its leaves.
func TestCommitmentDependsOnEverything(t *testing.T) {
	seen := map[format.Digest]string{}
	add := func(name string, leaves ...Leaf) {
		var b Builder
		for _, leaf := range leaves {
			require.NoError(t, b.Add(leaf))
		}
		commD, err := b.CommD()
		require.NoError(t, err)
		require.NotContains(t, seen, commD, name)
		seen[commD] = name
	}
	x, y := format.Sum([]byte("x")), format.Sum([]byte("y"))
	add("one", Leaf{x, 0, 10})
	add("other digest", Leaf{y, 0, 10})
	add("other length", Leaf{x, 0, 11})
	add("twice", Leaf{x, 0, 10}, Leaf{x, 10, 10})
	add("other split", Leaf{x, 0, 9}, Leaf{x, 9, 11})
	add("order", Leaf{x, 0, 10}, Leaf{y, 10, 10})
	add("reverse order", Leaf{y, 0, 10}, Leaf{x, 10, 10})
	add("three", Leaf{x, 0, 10}, Leaf{x, 10, 10}, Leaf{x, 20, 10})
	// An RFC 6962 tree of three differs from a tree of four with the last leaf repeated.
	add("four", Leaf{x, 0, 10}, Leaf{x, 10, 10}, Leaf{x, 20, 10}, Leaf{x, 30, 10})
}

func TestPathLengthMatchesPath(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		count := rapid.Uint32Range(1, MaxLeaves).Draw(t, "count")
		index := rapid.Uint32Range(0, count-1).Draw(t, "index")
		require.LessOrEqual(t, pathLength(index, count), maxPathLength)
		// Splitting at the largest power of two, as the definition does, reaches the leaf in as many steps.
		steps, i, n := 0, uint64(index), uint64(count)
		for n > 1 {
			k := uint64(1) << (bits.Len64(n-1) - 1)
			if i < k {
				n = k
			} else {
				i, n = i-k, n-k
			}
			steps++
		}
		require.Equal(t, steps, pathLength(index, count))
	})
}
