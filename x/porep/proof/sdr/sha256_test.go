package sdr

import (
	"bytes"
	"crypto/sha256"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
)

// withoutLanes makes a test use crypto/sha256 alone, as on a processor without the instructions.
func withoutLanes(t *testing.T) {
	t.Helper()
	before := shaLanes
	shaLanes = false
	t.Cleanup(func() { shaLanes = before })
}

func randomBytes(r *rand.Rand, size int) []byte {
	b := make([]byte, size)
	for i := range b {
		b[i] = byte(r.Uint32())
	}
	return b
}

// withPadding returns a copy of a message with its padding.
func withPadding(message []byte) []byte {
	b := append(make([]byte, 0, padded(len(message))), message...)[:padded(len(message))]
	pad(b, len(message))
	return b
}

// requireHashes compares all ways to hash two messages of one size with crypto/sha256.
func requireHashes(t *testing.T, message0, message1 []byte) {
	t.Helper()
	size := len(message0)
	want0, want1 := sha256.Sum256(message0), sha256.Sum256(message1)
	padded0, padded1 := withPadding(message0), withPadding(message1)
	got0, got1 := hashTwoPadded(padded0, padded1, size)
	require.Equal(t, want0, got0, "first lane, %d bytes", size)
	require.Equal(t, want1, got1, "second lane, %d bytes", size)
	require.Equal(t, want0, hashPadded(padded0, size), "alone, %d bytes", size)
	require.Equal(t, message0, padded0[:size], "the message is left alone")
}

func TestLanesAgreeWithSHA256(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for size := range 600 {
		requireHashes(t, randomBytes(r, size), randomBytes(r, size))
	}
	requireHashes(t, make([]byte, labelInputSize), bytes.Repeat([]byte{0xff}, labelInputSize))
}

func FuzzLanes(f *testing.F) {
	f.Add([]byte{}, []byte{})
	f.Add([]byte("abc"), []byte("abd"))
	f.Add(make([]byte, columnSize), bytes.Repeat([]byte{0xff}, columnSize))
	f.Add(bytes.Repeat([]byte{0xff}, labelInputSize), make([]byte, labelInputSize))
	f.Fuzz(func(t *testing.T, message0, message1 []byte) {
		size := min(len(message0), len(message1))
		requireHashes(t, message0[:size], message1[:size])
		for _, message := range [][]byte{message0, message1} {
			if len(message) >= 2*NodeSize {
				requireRow(t, message[:len(message)/(2*NodeSize)*2*NodeSize])
			}
		}
	})
}

// requireRow compares the parents of a row, written elsewhere and in place, with crypto/sha256.
func requireRow(t *testing.T, row []byte) {
	t.Helper()
	var want []byte
	for i := 0; i < len(row); i += 2 * NodeSize {
		h := sha256.Sum256(row[i : i+2*NodeSize])
		want = append(want, h[:]...)
	}
	got := bytes.Repeat([]byte{7}, len(want)+1)
	HashRow(got[:len(want)], row)
	require.Equal(t, append(want, 7), got, "%d nodes", len(row)/NodeSize)
	inPlace := bytes.Clone(row)
	HashRow(inPlace[:len(want)], inPlace)
	require.Equal(t, want[:len(want):len(want)], inPlace[:len(want)], "%d nodes in place", len(row)/NodeSize)
	require.Equal(t, row[len(want):], inPlace[len(want):], "what is behind the parents is left alone")
}

func TestRowsAndColumnsAgreeWithSHA256(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	for _, lanes := range []bool{true, false} {
		if !lanes {
			withoutLanes(t)
		}
		HashRow(nil, nil)
		for nodes := 1; nodes <= 40; nodes++ {
			requireRow(t, randomBytes(r, 2*nodes*NodeSize))
			var layers [Layers][]byte
			for i := range layers {
				layers[i] = randomBytes(r, nodes*NodeSize)
			}
			var want []byte
			for v := range nodes {
				var column Column
				for i := range column {
					column[i] = Hash(layers[i][v*NodeSize:])
				}
				h := column.Hash()
				want = append(want, h[:]...)
			}
			got := make([]byte, nodes*NodeSize)
			HashColumns(got, &layers)
			require.Equal(t, want, got, "%d columns", nodes)
		}
	}
}

// replicaLabels are the first layers of labels of a replica, made alone.
func replicaLabels(t *testing.T, graph *Graph, id Hash, layers int) [][]byte {
	t.Helper()
	all := [][]byte{nil}
	l := NewLabeller(graph, id)
	for layer := 1; layer <= layers; layer++ {
		all = append(all, make([]byte, graph.Nodes()*NodeSize))
		l.Label(uint32(layer), all[layer], all[layer-1], 0, graph.Nodes())
	}
	return all
}

// Two replicas labelled together have the labels that they have alone, whatever layers, sizes and runs meet, with the instructions and
// without them.
func TestLabelTwoAgreesWithLabel(t *testing.T) {
	const layers = 3
	small, err := NewGraph(1 << 8)
	require.NoError(t, err)
	large, err := NewGraph(1 << 10)
	require.NoError(t, err)
	graphs, ids := [2]*Graph{small, large}, [2]Hash{{1}, {2}}
	var want [2][][]byte
	for i := range want {
		want[i] = replicaLabels(t, graphs[i], ids[i], layers)
	}
	for _, lanes := range []bool{true, false} {
		if !lanes {
			withoutLanes(t)
			require.Equal(t, want[0], replicaLabels(t, small, ids[0], layers), "crypto/sha256 gives the same labels")
		}
		r := rand.New(rand.NewPCG(5, 6))
		for range 20 {
			var labellers [2]*Labeller
			var got [2][][]byte
			var at [2]uint64
			layer := [2]int{1, 1}
			stride, shared := uint64(NodeSize), [][]byte(nil) // by layer, where labels lie side by side
			if r.IntN(2) == 0 {
				stride = 2 * NodeSize
				for range layers + 1 {
					shared = append(shared, make([]byte, large.Nodes()*stride))
				}
			}
			for i := range labellers {
				labellers[i] = NewLabeller(graphs[i], ids[i])
				if r.IntN(2) == 0 {
					cache := make([]byte, graphs[i].Nodes()*ParentsSize)
					graphs[i].PutParents(cache, 0, graphs[i].Nodes())
					labellers[i].UseParents(cache)
				}
				got[i] = [][]byte{nil}
			}
			for layer[0] <= layers || layer[1] <= layers {
				var runs [2]Run
				for i := range runs {
					run := &runs[i]
					run.Layer, run.Stride, run.Current = 1, NodeSize, make([]byte, graphs[i].Nodes()*NodeSize) // nothing to do
					if layer[i] > layers {
						continue
					}
					if len(got[i]) == layer[i] {
						labels := make([]byte, graphs[i].Nodes()*NodeSize)
						if shared != nil {
							labels = shared[layer[i]][i*NodeSize:]
						}
						got[i] = append(got[i], labels)
					}
					to := min(at[i]+r.Uint64N(300), graphs[i].Nodes())
					*run = Run{uint32(layer[i]), got[i][layer[i]], got[i][layer[i]-1], stride, at[i], to}
					if at[i] = to; to == graphs[i].Nodes() {
						layer[i], at[i] = layer[i]+1, 0
					}
				}
				LabelTwo(labellers[0], runs[0], labellers[1], runs[1])
			}
			for i := range got {
				for j := range got[i] {
					got[i][j] = packed(got[i][j], stride, graphs[i].Nodes())
				}
			}
			require.Equal(t, want, got)
		}
	}
}

// packed returns labels that lie apart one after another.
func packed(labels []byte, stride, nodes uint64) []byte {
	if labels == nil || stride == NodeSize {
		return labels
	}
	var all []byte
	for v := range nodes {
		all = append(all, labels[v*stride:][:NodeSize]...)
	}
	return all
}
