package manifest

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/ipdm-network/ipdm/sdk/go/format"
)

func TestAFullManifestTakesNoFurtherEntry(t *testing.T) {
	b := NewBuilder(func(format.Block) error { return nil })
	b.header.Entries = MaxEntries - 1
	require.NoError(t, b.Append(Entry{Codec: format.Raw}))
	require.ErrorIs(t, b.Append(Entry{Codec: format.Raw}), ErrTooLarge)
}
