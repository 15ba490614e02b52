package sdr

import (
	"crypto/sha256"
	"testing"
)

func BenchmarkParents(b *testing.B) {
	g, _ := NewGraph(Std1GiB.Nodes())
	var p [Parents]uint32
	for i := 0; b.Loop(); i++ {
		g.Parents(uint64(i)&(g.nodes-1), &p)
	}
}

// BenchmarkLabel labels one layer; its MB/s are those of the layer, a sector takes eleven. The limit is one stream of labels hashed one
// after another by crypto/sha256.
func BenchmarkLabel(b *testing.B) {
	for _, size := range []struct {
		name  string
		nodes uint64
	}{{"4MiB", 1 << 17}, {"64MiB", 1 << 21}, {"512MiB", 1 << 24}} {
		b.Run(size.name, func(b *testing.B) {
			g, _ := NewGraph(size.nodes)
			l := NewLabeller(g, [32]byte{1})
			cur, prev := make([]byte, size.nodes*NodeSize), make([]byte, size.nodes*NodeSize)
			cache := make([]byte, size.nodes*ParentsSize)
			g.PutParents(cache, 0, size.nodes)
			l.UseParents(cache)
			l.Label(1, prev, nil, 0, size.nodes)
			copy(cur, prev)
			b.SetBytes(1 << 17 * NodeSize)
			at := uint64(0)
			for b.Loop() {
				l.Label(2, cur, prev, at, at+1<<17)
				at = (at + 1<<17) & (size.nodes - 1)
			}
		})
	}
	for name, stride := range map[string]uint64{"two-512MiB": NodeSize, "two-512MiB-side-by-side": 2 * NodeSize} {
		b.Run(name, func(b *testing.B) {
			const nodes = 1 << 24
			g, _ := NewGraph(nodes)
			cache := make([]byte, nodes*ParentsSize)
			g.PutParents(cache, 0, nodes)
			var ls [2]*Labeller
			var runs [2]Run
			shared := [2][]byte{make([]byte, 2*nodes*NodeSize), make([]byte, 2*nodes*NodeSize)}
			for i := range ls {
				ls[i] = NewLabeller(g, [32]byte{byte(i)})
				ls[i].UseParents(cache)
				at := uint64(i) * nodes * NodeSize
				if stride > NodeSize {
					at = uint64(i) * NodeSize
				}
				runs[i] = Run{Layer: 1, Current: shared[0][at:], Stride: stride, To: nodes}
			}
			LabelTwo(ls[0], runs[0], ls[1], runs[1])
			copy(shared[1], shared[0])
			for i := range runs {
				at := len(shared[0]) - len(runs[i].Current)
				runs[i].Layer, runs[i].Previous, runs[i].Current = 2, runs[i].Current, shared[1][at:]
			}
			b.SetBytes(2 << 17 * NodeSize)
			at := uint64(0)
			for b.Loop() {
				for i := range runs {
					runs[i].From, runs[i].To = at, at+1<<17
				}
				LabelTwo(ls[0], runs[0], ls[1], runs[1])
				at = (at + 1<<17) & (nodes - 1)
			}
		})
	}
	b.Run("limit", func(b *testing.B) {
		var input [labelInputSize]byte
		b.SetBytes(NodeSize)
		for b.Loop() {
			h := sha256.Sum256(input[:])
			copy(input[:], h[:])
		}
	})
}

// BenchmarkHash compares one and two lanes, a label each, with crypto/sha256.
func BenchmarkHash(b *testing.B) {
	var input0, input1 [labelMessageSize]byte
	b.Run("sha256", func(b *testing.B) {
		for b.Loop() {
			*(*Hash)(input0[:]) = sha256.Sum256(input0[:labelInputSize])
		}
	})
	b.Run("one", func(b *testing.B) {
		for b.Loop() {
			*(*Hash)(input0[:]) = hashPadded(input0[:], labelInputSize)
		}
	})
	b.Run("two", func(b *testing.B) {
		for b.Loop() {
			*(*Hash)(input0[:]), *(*Hash)(input1[:]) = hashTwoPadded(input0[:], input1[:], labelInputSize)
		}
	})
}

// BenchmarkColumns and BenchmarkRow have the MB/s of the nodes of the sector.
func BenchmarkColumns(b *testing.B) {
	const nodes = 1 << 10
	var layers [Layers][]byte
	for i := range layers {
		layers[i] = make([]byte, nodes*NodeSize)
	}
	dst := make([]byte, nodes*NodeSize)
	b.SetBytes(nodes * NodeSize)
	for b.Loop() {
		HashColumns(dst, &layers)
	}
}

func BenchmarkRow(b *testing.B) {
	row := make([]byte, 1<<10*NodeSize)
	b.SetBytes(int64(len(row)))
	for b.Loop() {
		HashRow(row[:len(row)/2], row)
	}
}

// BenchmarkVerifyRecord hashes what a record of a 1 GiB sector has: its paths are as long as there. A seal proof has 176.
func BenchmarkVerifyRecord(b *testing.B) {
	nodes := Std1GiB.Nodes()
	path := make([]byte, Depth(nodes)*NodeSize)
	var column Column
	var columns [Parents]*Column
	for i := range columns {
		columns[i] = &column
	}
	b.ReportAllocs()
	b.ReportMetric(float64(ProofSize(nodes, SealChallenges)), "proof-bytes")
	for b.Loop() {
		for range 1 + Parents {
			verifyPath(Hash{}, column.Hash(), 5, path)
		}
		for layer := range uint32(Layers) {
			var labels [Parents][NodeSize]byte
			for i := range labels {
				labels[i] = columns[i][layer]
			}
			labelOf(Hash{}, layer, 5, &labels)
		}
		verifyPath(Hash{}, Hash{}, 5, path)
	}
}
