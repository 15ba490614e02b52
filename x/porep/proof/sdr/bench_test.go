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
	b.Run("two-64MiB", func(b *testing.B) {
		const nodes = 1 << 21
		g, _ := NewGraph(nodes)
		var ls [2]*Labeller
		var cur, prev [2][]byte
		for i := range ls {
			ls[i] = NewLabeller(g, [32]byte{byte(i)})
			cur[i], prev[i] = make([]byte, nodes*NodeSize), make([]byte, nodes*NodeSize)
			ls[i].Label(1, prev[i], nil, 0, nodes)
			copy(cur[i], prev[i])
		}
		cache := make([]byte, nodes*ParentsSize)
		g.PutParents(cache, 0, nodes)
		ls[0].UseParents(cache)
		ls[1].UseParents(cache)
		b.SetBytes(2 << 17 * NodeSize)
		at := uint64(0)
		for b.Loop() {
			LabelTwo(ls[0], Run{2, cur[0], prev[0], at, at + 1<<17}, ls[1], Run{2, cur[1], prev[1], at, at + 1<<17})
			at = (at + 1<<17) & (nodes - 1)
		}
	})
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
	var ahead lookahead
	b.Run("sha256", func(b *testing.B) {
		for b.Loop() {
			*(*Hash)(input0[:]) = sha256.Sum256(input0[:labelInputSize])
		}
	})
	b.Run("one", func(b *testing.B) {
		for b.Loop() {
			*(*Hash)(input0[:]) = hashLabel(&input0, &ahead)
		}
	})
	b.Run("two", func(b *testing.B) {
		for b.Loop() {
			*(*Hash)(input0[:]), *(*Hash)(input1[:]) = hashTwoLabels(&input0, &input1, &ahead, &ahead)
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
