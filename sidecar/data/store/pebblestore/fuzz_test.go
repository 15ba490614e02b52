package pebblestore

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/ipdm-network/ipdm/testutil/storetest"
)

func FuzzDecodeRecord(f *testing.F) {
	enc, _ := storetest.Pack(f, 1, 3, 10)
	f.Add(newRecord(enc, 3, 77).append(nil))
	f.Fuzz(func(t *testing.T, b []byte) {
		r, err := decodeRecord(b)
		if err != nil {
			return
		}
		require.Equal(t, b, r.append(nil))
	})
}
