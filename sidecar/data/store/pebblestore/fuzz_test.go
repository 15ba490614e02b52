package pebblestore

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/ipdm-network/ipdm/testutil/storetest"
)

func FuzzDecodeRecord(f *testing.F) {
	enc, _ := storetest.Pack(f, 1, 3, 10)
	f.Add(newRecord(enc, 3, 77).append(nil))
	large, _ := storetest.Pack(f, 2, inlineRows+1, 10)
	f.Add(newRecord(large, 3, 77).append(nil))
	f.Fuzz(func(t *testing.T, b []byte) {
		r, err := decodeRecord(b)
		if err != nil {
			return
		}
		again := r.append(nil)
		if b[0] == recordVersion {
			require.Equal(t, b, again)
			return
		}
		same, err := decodeRecord(again)
		require.NoError(t, err)
		if r.count > inlineRows {
			r.entries = nil
		}
		require.Equal(t, r, same)
	})
}
