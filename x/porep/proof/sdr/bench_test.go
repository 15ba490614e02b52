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

// BenchmarkLabel labels one layer; its MB/s are those of the layer, a sector takes eleven.
func BenchmarkLabel(b *testing.B) {
	for _, size := range []struct {
		name  string
		nodes uint64
	}{{"4MiB", 1 << 17}, {"64MiB", 1 << 21}, {"512MiB", 1 << 24}} {
		b.Run(size.name, func(b *testing.B) {
			g, _ := NewGraph(size.nodes)
			l := NewLabeller(g, [32]byte{1})
			cur, prev := make([]byte, size.nodes*NodeSize), make([]byte, size.nodes*NodeSize)
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
	b.Run("sha256-limit", func(b *testing.B) {
		var input [labelInputSize]byte
		b.SetBytes(NodeSize)
		for b.Loop() {
			h := sha256.Sum256(input[:])
			copy(input[:], h[:])
		}
	})
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
