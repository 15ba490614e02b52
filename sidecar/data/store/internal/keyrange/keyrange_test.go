package keyrange

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestAfter(t *testing.T) {
	require.Equal(t, []byte{'c'}, After([]byte{'b'}))
	require.Equal(t, []byte{'c'}, After([]byte{'b', 0xff}))
	require.Nil(t, After([]byte{0xff}))
}
