package pebblestore

import (
	"encoding/binary"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/ipdm-network/ipdm/sdk/go/format"
)

// TestComparerKeepsPebblesRules: keys sort by prefix first, and all keys of one block share theirs.
func TestComparerKeepsPebblesRules(t *testing.T) {
	a, b := format.Sum([]byte("a")), format.Sum([]byte("b"))
	blockKey := func(d format.Digest, number uint64) []byte {
		return binary.BigEndian.AppendUint64(append([]byte{spaceBlock}, d[:]...), number)
	}
	require.Equal(t, blockKey(a, 7)[:blockPrefixSize], comparer.Split.Prefix(blockKey(a, 7)))
	require.Equal(t, encodingKey(b), comparer.Split.Prefix(encodingKey(b)))
	keys := [][]byte{
		blockKey(a, 0), blockKey(a, 1<<63), blockKey(b, 1), blockKey(a, 7)[:blockPrefixSize], encodingKey(a), recordKey(1), recordKey(1 << 40),
		metaKey([]byte("x")), metaKey([]byte("xy")),
		{'b'},
		{},
	}
	for _, x := range keys {
		for _, y := range keys {
			px, py := comparer.Split.Prefix(x), comparer.Split.Prefix(y)
			if c := comparer.Compare(px, py); c != 0 {
				require.Equal(t, c, comparer.Compare(x, y))
			}
			if comparer.Compare(x, y) <= 0 {
				require.LessOrEqual(t, comparer.Compare(px, py), 0)
			}
		}
	}
}
