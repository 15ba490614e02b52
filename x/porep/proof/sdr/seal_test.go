package sdr_test

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/ipdm-network/ipdm/sdk/go/format"
	"github.com/ipdm-network/ipdm/testutil/sealed"
	"github.com/ipdm-network/ipdm/x/porep/proof/sdr"
)

const sampleNodes = 1 << 10

// sampleBytes returns bytes that depend on the seed only.
func sampleBytes(seed uint64, size int) []byte {
	r := rand.New(rand.NewPCG(seed, uint64(size)))
	b := make([]byte, size)
	for i := range b {
		b[i] = byte(r.Uint32())
	}
	return b
}

func identity(number uint64) func(sdr.Hash) sdr.Hash {
	return func(commD sdr.Hash) sdr.Hash {
		return sdr.ReplicaID("ipdm-test-1", []byte("provider-20-bytes-id"), number, [32]byte{7}, commD)
	}
}

// sampleSector seals two deals of several encodings and leaves the rest of the sector empty.
func sampleSector(t testing.TB, number uint64) *sealed.Sector {
	t.Helper()
	one, err := sealed.NewDeal(sampleBytes(1, 5000), sampleBytes(2, 1), sampleBytes(3, 31), sampleBytes(4, 2048))
	require.NoError(t, err)
	two, err := sealed.NewDeal(sampleBytes(5, 9000))
	require.NoError(t, err)
	s, err := sealed.New(sampleNodes, identity(number), one, two)
	require.NoError(t, err)
	return s
}

func TestHonestSealVerifies(t *testing.T) {
	s := sampleSector(t, 1)
	for seed := range byte(3) {
		proof, err := s.Proof(sdr.Hash{seed}, 64)
		require.NoError(t, err)
		require.NoError(t, sdr.VerifySeal(&s.Statement, sdr.Hash{seed}, 64, proof))
	}
}

// Every node can be challenged: in either piece, in the gaps between encodings, and where no piece is.
func TestEveryNodeVerifies(t *testing.T) {
	s := sampleSector(t, 1)
	for v := range uint64(sampleNodes) {
		record, err := sdr.AppendRecord(t.Context(), nil, s.Graph, s.Statement.Pieces, v, s)
		require.NoError(t, err, "node %d", v)
		require.NoError(t, sdr.VerifyRecord(&s.Statement, s.Graph, v, record), "node %d", v)
	}
}

// A cheat that commits to what it has is found out wherever it is asked about what it changed.
func TestCheatsAreConvicted(t *testing.T) {
	honest := sampleSector(t, 1)
	const v = 100
	var parents [sdr.Parents]uint32
	honest.Graph.Parents(v, &parents)
	tests := []struct {
		name   string
		change func(s *sealed.Sector)
		node   uint64
		want   error
	}{
		{"label", func(s *sealed.Sector) { s.Layers[4][v*sdr.NodeSize] ^= 1 }, v, sdr.ErrLabel},
		{"base parent", func(s *sealed.Sector) { s.Layers[4][parents[3]*sdr.NodeSize] ^= 1 }, v, sdr.ErrLabel},
		{"expander parent", func(s *sealed.Sector) { s.Layers[4][parents[9]*sdr.NodeSize] ^= 1 }, v, sdr.ErrLabel},
		{"last label", func(s *sealed.Sector) { s.Layers[10][v*sdr.NodeSize] ^= 1 }, v, sdr.ErrLabel},
		{"replica", func(s *sealed.Sector) { s.Replica[v*sdr.NodeSize] ^= 1 }, v, sdr.ErrEncoding},
		{"unsealed data", func(s *sealed.Sector) { clear(s.Replica) }, v, sdr.ErrEncoding},
		{"another replica", func(s *sealed.Sector) { s.Statement.ReplicaID[0] ^= 1 }, v, sdr.ErrLabel},
		{"empty part", func(s *sealed.Sector) { s.Replica[(sampleNodes-1)*sdr.NodeSize] ^= 1 }, sampleNodes - 1, sdr.ErrEncoding},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := honest.Clone()
			tt.change(s)
			s.Commit()
			record, err := sdr.AppendRecord(t.Context(), nil, s.Graph, s.Statement.Pieces, tt.node, s)
			require.NoError(t, err)
			err = sdr.VerifyRecord(&s.Statement, s.Graph, tt.node, record)
			require.ErrorIs(t, err, tt.want)
			require.True(t, sdr.Convicts(err))
		})
	}
}

func TestRecordsOfOthersAreRefused(t *testing.T) {
	a, b := sampleSector(t, 1), sampleSector(t, 2)
	require.NotEqual(t, a.Replica, b.Replica, "two sectors of one provider are two replicas")
	seed := sdr.Hash{1}
	proof, err := a.Proof(seed, 8)
	require.NoError(t, err)
	require.NoError(t, sdr.VerifySeal(&a.Statement, seed, 8, proof))

	require.ErrorIs(t, sdr.VerifySeal(&b.Statement, seed, 8, proof), sdr.ErrColumn, "another sector's proof")
	require.ErrorIs(t, sdr.VerifySeal(&a.Statement, sdr.Hash{2}, 8, proof), sdr.ErrColumn, "another seed's proof")
	require.ErrorIs(t, sdr.VerifySeal(&a.Statement, seed, 9, proof), sdr.ErrRecordSize)
	moved := a.Statement
	moved.Pieces = slices.Clone(a.Statement.Pieces)
	moved.Pieces[1].StartNode++
	var re *sdr.RecordError
	require.ErrorAs(t, sdr.VerifySeal(&moved, seed, 8, proof), &re)
	swapped := a.Statement
	swapped.Pieces = slices.Clone(a.Statement.Pieces)
	swapped.Pieces[0].CommD = format.Sum([]byte("other data"))
	require.ErrorAs(t, sdr.VerifySeal(&swapped, seed, 8, proof), &re)
}

// Wherever a bit of a record is flipped, it is refused, and what is refused convicts. One byte in five is tried.
func TestFlippedBitsAreFound(t *testing.T) {
	s := sampleSector(t, 1)
	for _, v := range []uint64{0, 157, sampleNodes - 1} {
		record, err := sdr.AppendRecord(t.Context(), nil, s.Graph, s.Statement.Pieces, v, s)
		require.NoError(t, err)
		for i := int(v) % 5; i < len(record); i += 5 {
			record[i] ^= 1 << (i % 8)
			err := sdr.VerifyRecord(&s.Statement, s.Graph, v, record)
			require.Error(t, err, "node %d, byte %d", v, i)
			require.True(t, sdr.Convicts(err))
			record[i] ^= 1 << (i % 8)
		}
		require.ErrorIs(t, sdr.VerifyRecord(&s.Statement, s.Graph, v, record[1:]), sdr.ErrRecordSize)
		require.ErrorIs(t, sdr.VerifyRecord(&s.Statement, s.Graph, v, append(record, 0)), sdr.ErrRecordSize)
		require.ErrorIs(t, sdr.VerifyRecord(&s.Statement, s.Graph, sampleNodes, record), sdr.ErrChallenge)
	}
}

func TestRecordSlices(t *testing.T) {
	s := sampleSector(t, 1)
	const challenges = 20
	proof, err := s.Proof(sdr.Hash{1}, challenges)
	require.NoError(t, err)
	root, size := sdr.ProofRoot(proof), sdr.RecordSize(sampleNodes)
	for i := range uint32(challenges) {
		slice, err := sdr.MakeRecordSlice(sampleNodes, proof, i)
		require.NoError(t, err)
		require.LessOrEqual(t, len(slice), sdr.MaxSliceSize(size, challenges))
		record, err := sdr.VerifyRecordSlice(root, sampleNodes, challenges, i, slice)
		require.NoError(t, err)
		require.Equal(t, proof[int(i)*size:(int(i)+1)*size], record)

		for _, at := range []int{0, 7, 8, 80, len(slice) / 2, len(slice) - 1} {
			slice[at] ^= 1
			_, err = sdr.VerifyRecordSlice(root, sampleNodes, challenges, i, slice)
			require.ErrorIs(t, err, sdr.ErrSlice, "byte %d", at)
			slice[at] ^= 1
		}
		for _, cut := range [][]byte{nil, slice[:7], slice[:len(slice)-1], append(slices.Clone(slice), 0)} {
			_, err = sdr.VerifyRecordSlice(root, sampleNodes, challenges, i, cut)
			require.ErrorIs(t, err, sdr.ErrSlice)
		}
		_, err = sdr.VerifyRecordSlice(root, sampleNodes, challenges, (i+1)%challenges, slice)
		require.ErrorIs(t, err, sdr.ErrSlice)
		// The length is not authenticated by Bao: a slice made for more records of the same beginning must not pass.
		_, err = sdr.VerifyRecordSlice(root, sampleNodes, challenges+1, i, slice)
		require.ErrorIs(t, err, sdr.ErrSlice)
	}
	_, err = sdr.MakeRecordSlice(sampleNodes, proof, challenges)
	require.ErrorIs(t, err, sdr.ErrChallenge)
	_, err = sdr.VerifyRecordSlice(root, sampleNodes, challenges, challenges, nil)
	require.ErrorIs(t, err, sdr.ErrChallenge)
}

func TestSealProofOfAGiBFits(t *testing.T) {
	require.LessOrEqual(t, sdr.ProofSize(sdr.Std1GiB.Nodes(), sdr.SealChallenges), uint64(4<<20))
}

// Labels do not depend on where parents come from, nor on the ranges in which they are made.
func TestLabelsFromACache(t *testing.T) {
	s := sampleSector(t, 1)
	cache := make([]byte, sampleNodes*sdr.ParentsSize)
	s.Graph.PutParents(cache, 0, 500)
	s.Graph.PutParents(cache[500*sdr.ParentsSize:], 500, sampleNodes)
	labeller := sdr.NewLabeller(s.Graph, s.Statement.ReplicaID)
	labeller.UseParents(cache)
	var previous []byte
	for layer := range s.Layers {
		current := make([]byte, sampleNodes*sdr.NodeSize)
		for from := uint64(0); from < sampleNodes; from += 100 {
			labeller.Label(uint32(layer)+1, current, previous, from, min(from+100, sampleNodes))
		}
		require.Equal(t, s.Layers[layer], current)
		previous = current
	}
}
