package proof

import (
	"context"
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/ipdm-network/ipdm/sdk/go/format"
	"github.com/ipdm-network/ipdm/sdk/go/format/commitment"
)

var errNotFound = errors.New("not found")

// mapSource is a provider's store held in maps.
type mapSource struct {
	trees     map[format.Digest]*commitment.Tree
	encodings map[format.Digest][]byte
}

func (s *mapSource) Tree(_ context.Context, commD format.Digest) (*commitment.Tree, error) {
	if t, ok := s.trees[commD]; ok {
		return t, nil
	}
	return nil, errNotFound
}

func (s *mapSource) Encoding(_ context.Context, digest format.Digest) ([]byte, error) {
	if b, ok := s.encodings[digest]; ok {
		return b, nil
	}
	return nil, errNotFound
}

// sampleBytes returns size bytes: byte j is the low byte of seed*31 + j*7 + j/256.
func sampleBytes(seed, size int) []byte {
	b := make([]byte, size)
	for j := range b {
		b[j] = byte(seed*31 + j*7 + j>>8)
	}
	return b
}

func newSource() *mapSource {
	return &mapSource{trees: map[format.Digest]*commitment.Tree{}, encodings: map[format.Digest][]byte{}}
}

// addUnit stores a unit of encodings of the given sizes, the i-th being sampleBytes(seed+i, size).
func (s *mapSource) addUnit(tb testing.TB, seed int, sizes ...int) *commitment.Tree {
	tb.Helper()
	var leaves []commitment.Leaf
	var offset uint64
	for i, size := range sizes {
		b := sampleBytes(seed+i, size)
		leaf := commitment.Leaf{Digest: format.Sum(b), Offset: offset, Length: uint32(size)}
		s.encodings[leaf.Digest] = b
		leaves = append(leaves, leaf)
		offset = leaf.End()
	}
	tree, err := commitment.NewTree(leaves)
	require.NoError(tb, err)
	s.trees[tree.CommD()] = tree
	return tree
}

// challengesOver turns positions over units laid end to end into challenges, as the chain does.
func challengesOver(units []*commitment.Tree, seed [32]byte, count uint32) []Challenge {
	var total uint64
	for _, u := range units {
		total += u.TotalLength()
	}
	var challenges []Challenge
	for _, offset := range Offsets(seed, count, total) {
		for _, u := range units {
			if offset < u.TotalLength() {
				challenges = append(challenges, Challenge{u.CommD(), u.TotalLength(), offset})
				break
			}
			offset -= u.TotalLength()
		}
	}
	return challenges
}

const (
	sampleChain  = "ipdm-test-1"
	sampleWindow = 7
)

var sampleProvider = []byte("provider-address-20b")

// sampleProof returns a source of three units, the challenges of one window over them and their honest proof.
func sampleProof(tb testing.TB) (*mapSource, []*commitment.Tree, []Challenge, *WindowProof) {
	tb.Helper()
	source := newSource()
	units := []*commitment.Tree{
		source.addUnit(tb, 1, 3000, 5000, 1),
		source.addUnit(tb, 10, 70_000),
		source.addUnit(tb, 20, 100, 2000, 300, 4000, 5000),
	}
	seed := Seed([32]byte{1, 2, 3}, sampleChain, sampleProvider, sampleWindow)
	challenges := challengesOver(units, seed, Count(uint64(len(units))))
	wp, missing, err := Prove(context.Background(), ClassOpen, sampleWindow, challenges, source)
	require.NoError(tb, err)
	require.Empty(tb, missing)
	return source, units, challenges, wp
}

// sampleActivation returns a unit's tree, the offsets asked for and the honest proof.
func sampleActivation(tb testing.TB) (*mapSource, *commitment.Tree, []uint64, *ActivationProof) {
	tb.Helper()
	source := newSource()
	tree := source.addUnit(tb, 5, 3000, 5000, 70_000, 1)
	seed := ActivationSeed([32]byte{4, 5, 6}, sampleChain, 42, 1, sampleProvider)
	offsets := Offsets(seed, ActivationOpenings, tree.TotalLength())
	ap, err := ProveActivation(context.Background(), ClassOpen, tree.CommD(), tree.TotalLength(), offsets, source)
	require.NoError(tb, err)
	return source, tree, offsets, ap
}
