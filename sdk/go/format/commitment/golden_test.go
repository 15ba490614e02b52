package commitment

import (
	"encoding/hex"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

var update = flag.Bool("update", false, "write the golden vectors instead of comparing with them")

// vector is one entry of testdata/commitment.json: encoding i holds the bytes seed*31 + j*7 + j/256 (low byte of each,
// seed = i, j from 0), and the opening is of the byte at offset.
type vector struct {
	Sizes       []int  `json:"sizes_bytes"`
	TotalLength uint64 `json:"total_length"`
	CommD       string `json:"comm_d"`
	LastLeaf    string `json:"last_leaf_proof"`
	Offset      uint64 `json:"offset"`
	Opening     string `json:"opening"`
}

func TestGoldenVectors(t *testing.T) {
	inputs := []struct {
		sizes  []int
		offset uint64
	}{
		{[]int{1}, 0},
		{[]int{1024}, 1023},
		{[]int{1025, 1}, 1024},
		{[]int{3000, 2000, 1000}, 4100},
		{[]int{10, 20, 30, 40, 50}, 149},
		{[]int{5000, 1, 1, 70000, 1, 1, 300}, 5002 + 65536},
		{[]int{100, MaxLeafLength}, 100 + 1500*1024},
	}
	var got []vector
	for _, in := range inputs {
		tree, encodings := sampleTree(t, in.sizes...)
		opening, err := openAt(t, tree, encodings, in.offset).MarshalBinary()
		require.NoError(t, err)
		last, err := tree.Prove(tree.LeafCount() - 1)
		require.NoError(t, err)
		lastBytes, err := last.AppendBinary(nil)
		require.NoError(t, err)
		got = append(got, vector{
			in.sizes, tree.TotalLength(), tree.CommD().String(), hex.EncodeToString(lastBytes), in.offset, hex.EncodeToString(opening),
		})
	}
	path := filepath.Join("testdata", "commitment.json")
	if *update {
		b, err := json.MarshalIndent(got, "", "  ")
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(path, append(b, '\n'), 0o644))
	}
	b, err := os.ReadFile(path)
	require.NoError(t, err)
	var want []vector
	require.NoError(t, json.Unmarshal(b, &want))
	require.Equal(t, want, got)
}
