package sdr_test

import (
	"math/bits"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/ipdm-network/ipdm/x/porep/proof/sdr"
)

// DRSample's proof of depth-robustness wants the draws of a node, and those of neighbours, to be independent: two draws have the
// same exponent about as often as chance has it.
func TestBaseParentsAreDrawnIndependently(t *testing.T) {
	for _, nodes := range []uint64{sdr.Test4MiB.Nodes(), sdr.Std1GiB.Nodes(), sdr.Big32GiB.Nodes()} {
		graph, err := sdr.NewGraph(nodes)
		require.NoError(t, err)
		const sample = 20_000
		first := nodes - sample // all have the same exponents to draw from
		exponents := bits.Len64(first)
		var drawn [sample * (sdr.BaseParents - 1)]int
		var parents [sdr.Parents]uint32
		for v := range uint64(sample) {
			graph.Parents(first+v, &parents)
			for i, parent := range parents[1:sdr.BaseParents] {
				drawn[v*(sdr.BaseParents-1)+uint64(i)] = bits.Len64(first + v - uint64(parent) - 1)
			}
		}
		for lag := 1; lag <= 40; lag++ {
			same := 0
			for i := lag; i < len(drawn); i++ {
				if drawn[i] == drawn[i-lag] {
					same++
				}
			}
			got, want := float64(same)/float64(len(drawn)-lag), 1/float64(exponents)
			require.InDelta(t, want, got, want/4, "%d nodes, draws %d apart", nodes, lag)
		}
	}
}

// The expander's permutation looks random: two images that are so many numbers apart differ by no distance more often than
// chance has it.
func TestExpanderParentsAreSpread(t *testing.T) {
	for _, nodes := range []uint64{sdr.Test4MiB.Nodes(), sdr.Std1GiB.Nodes(), sdr.Big32GiB.Nodes()} {
		graph, err := sdr.NewGraph(nodes)
		require.NoError(t, err)
		const sample, cells = 20_000, 256
		var images [sample * sdr.ExpanderParents]uint64
		var parents [sdr.Parents]uint32
		for v := range uint64(sample) {
			graph.Parents(v, &parents)
			for i, parent := range parents[sdr.BaseParents:] {
				images[v*sdr.ExpanderParents+uint64(i)] = uint64(parent)
			}
		}
		for lag := 1; lag <= 40; lag++ {
			var counts [cells]int
			for i := lag; i < len(images); i++ {
				counts[(images[i]-images[i-lag])%nodes*cells/nodes]++
			}
			mean := float64(len(images)-lag) / cells
			for _, n := range counts {
				require.InDelta(t, mean, float64(n), mean/3, "%d nodes, images %d apart", nodes, lag)
			}
		}
	}
}
