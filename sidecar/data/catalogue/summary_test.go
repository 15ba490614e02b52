package catalogue

import (
	"encoding/hex"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/ipdm-network/ipdm/sidecar/data/bloom"
)

// smallSummary is a summary with one root and one tag.
func smallSummary() *summary {
	s := &summary{contents: hasManifests, filter: bloom.New(64, falsePositives)}
	s.roots.Add([]byte("root"))
	s.tags.Add([]byte("k=v"))
	s.filter.Add(textItem(itemTag, "k=v"))
	return s
}

// TestSummaryForm holds the form still and refuses what is not it.
func TestSummaryForm(t *testing.T) {
	b := smallSummary().encode()
	const head = "0101" + "00000005" + "0101"
	require.Equal(t, head, hex.EncodeToString(b[:8]))
	again, err := decodeSummary(b)
	require.NoError(t, err)
	require.Equal(t, b, again.encode())
	for n := range b {
		_, err := decodeSummary(b[:n])
		require.ErrorIs(t, err, ErrSummary)
	}
	_, err = decodeSummary(make([]byte, MaxSummaryBytes+1))
	require.ErrorIs(t, err, ErrSummary)
}

func TestTheLargestSummaryFits(t *testing.T) {
	items := 1
	for fits(items * 2) {
		items *= 2
	}
	require.GreaterOrEqual(t, items, 1<<19)
	require.False(t, fits(MaxSummaryBytes))
}

// FuzzDecodeSummary: what is accepted is what encode writes.
func FuzzDecodeSummary(f *testing.F) {
	f.Add(smallSummary().encode())
	f.Fuzz(func(t *testing.T, b []byte) {
		s, err := decodeSummary(b)
		if err != nil {
			require.ErrorIs(t, err, ErrSummary)
			return
		}
		require.Equal(t, b, s.encode())
	})
}
