package sdr_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/ipdm-network/ipdm/x/porep/proof/sdr"
)

func TestClasses(t *testing.T) {
	for _, class := range sdr.Classes {
		require.NoError(t, class.Check())
		require.NoError(t, sdr.CheckNodes(class.Nodes()))
		back, err := sdr.ParseClass(class.String())
		require.NoError(t, err)
		require.Equal(t, class, back)
	}
	require.EqualValues(t, 4<<20, sdr.Test4MiB.SizeBytes())
	require.EqualValues(t, 1<<30, sdr.Std1GiB.SizeBytes())
	require.EqualValues(t, 32<<30, sdr.Big32GiB.SizeBytes())
	require.ErrorIs(t, sdr.Class(9).Check(), sdr.ErrClass)
	_, err := sdr.ParseClass("huge")
	require.ErrorIs(t, err, sdr.ErrClass)
	for _, nodes := range []uint64{0, 1, 32, 100, 1<<30 + 1, 1 << 31} {
		require.ErrorIs(t, sdr.CheckNodes(nodes), sdr.ErrNodes)
		_, err := sdr.NewGraph(nodes)
		require.ErrorIs(t, err, sdr.ErrNodes)
	}
}

func TestPiecesAreChecked(t *testing.T) {
	// 100 bytes in one leaf take 4 nodes and one for the gap.
	piece := func(start uint64) sdr.Piece { return sdr.Piece{TotalBytes: 100, Leaves: 1, StartNode: start} }
	require.EqualValues(t, 5, piece(0).Nodes())
	many := make([]sdr.Piece, sdr.MaxPieces+1)
	for i := range many {
		many[i] = piece(uint64(5 * i))
	}
	for _, tt := range []struct {
		name   string
		nodes  uint64
		pieces []sdr.Piece
		ok     bool
	}{
		{"one", 64, []sdr.Piece{piece(0)}, true},
		{"touching, with a hole", 64, []sdr.Piece{piece(0), piece(5), piece(20)}, true},
		{"at the end", 64, []sdr.Piece{piece(59)}, true},
		{"as many as can be", 1 << 11, many[:sdr.MaxPieces], true},
		{"none", 64, nil, false},
		{"too many", 1 << 11, many, false},
		{"overlap", 64, []sdr.Piece{piece(0), piece(4)}, false},
		{"order", 64, []sdr.Piece{piece(10), piece(0)}, false},
		{"beyond the end", 64, []sdr.Piece{piece(60)}, false},
		{"begins beyond the end", 64, []sdr.Piece{piece(64)}, false},
		{"overflow", 64, []sdr.Piece{piece(1<<64 - 1)}, false},
		{"empty", 64, []sdr.Piece{{Leaves: 1}}, false},
		{"huge", 64, []sdr.Piece{{TotalBytes: 1<<64 - 1, Leaves: 1}}, false},
		{"no leaves", 64, []sdr.Piece{{TotalBytes: 100}}, false},
		{"more leaves than bytes", 1024, []sdr.Piece{{TotalBytes: 100, Leaves: 101}}, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			err := sdr.CheckPieces(tt.nodes, tt.pieces)
			if tt.ok {
				require.NoError(t, err)
			} else {
				require.ErrorIs(t, err, sdr.ErrPieces)
			}
		})
	}
}

// Whoever copies a replica, under another identity or for other data, has another one.
func TestIdentitiesDiffer(t *testing.T) {
	seen := map[sdr.Hash]string{}
	add := func(name, chain, provider string, number uint64, ticket byte, commD byte) {
		id := sdr.ReplicaID(chain, []byte(provider), number, [32]byte{ticket}, sdr.Hash{commD})
		require.NotContains(t, seen, id, name)
		seen[id] = name
	}
	add("base", "chain", "provider", 1, 1, 1)
	add("chain", "chain2", "provider", 1, 1, 1)
	add("provider", "chain", "provider2", 1, 1, 1)
	add("shifted", "chainp", "rovider", 1, 1, 1)
	add("number", "chain", "provider", 2, 1, 1)
	add("ticket", "chain", "provider", 1, 2, 1)
	add("data", "chain", "provider", 1, 1, 2)

	seed := sdr.SealSeed([32]byte{1}, sdr.Hash{2}, sdr.Hash{3})
	require.NotEqual(t, seed, sdr.SealSeed([32]byte{2}, sdr.Hash{2}, sdr.Hash{3}))
	require.NotEqual(t, seed, sdr.SealSeed([32]byte{1}, sdr.Hash{3}, sdr.Hash{3}))
	require.NotEqual(t, seed, sdr.SealSeed([32]byte{1}, sdr.Hash{2}, sdr.Hash{2}))
}

func TestChallengesAreUniform(t *testing.T) {
	const nodes, perNode = 64, 200
	counts := make([]int, nodes)
	drawn := 0
	for seed := byte(0); drawn < nodes*perNode; seed++ {
		challenges := sdr.Challenges(sdr.Hash{seed}, 1<<20, nodes)
		require.Len(t, challenges, sdr.MaxSealChallenges)
		for _, v := range challenges {
			counts[v]++
			drawn++
		}
	}
	// Chi-square with 63 degrees of freedom is below 120 but for one seed in 50,000; the seeds are fixed.
	mean, sum := float64(drawn)/nodes, 0.0
	for _, n := range counts {
		sum += (float64(n) - mean) * (float64(n) - mean) / mean
	}
	require.Less(t, sum, 120.0)
}
