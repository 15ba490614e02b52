package data

import (
	"bytes"
	"encoding/hex"
	"strings"
	"testing"
	"time"

	"github.com/ipfs/go-cid"
	"github.com/stretchr/testify/require"

	"github.com/ipdm-network/ipdm/sdk/go/format"
	"github.com/ipdm-network/ipdm/sidecar/data/store"
)

func tombstoneValue(t testing.TB, d *Tombstone) []byte {
	var batch store.Batch
	require.NoError(t, d.addTo(&batch))
	return batch.Ops()[0].Value
}

func TestGoldenRecords(t *testing.T) {
	require.Equal(t, "010000018bcfe56800", hex.EncodeToString(appendSuperseded(nil, 1_700_000_000_000)))
	d := &Tombstone{
		Root: format.NodeCID(format.Digest{1}), Manifests: []cid.Cid{format.CBORCID(format.Digest{2})},
		Deleted: time.UnixMilli(1_700_000_000_000), Expires: time.UnixMilli(1_700_000_000_001), By: "me", Contained: true,
	}
	value := tombstoneValue(t, d)
	require.Equal(t, "0101"+"0000000000000070"+"0000018bcfe56800"+"0000018bcfe56801"+"0001"+"02"+"02"+strings.Repeat("00", 31)+"6d65", hex.EncodeToString(value))
	read, err := decodeTombstone(format.Digest{1}, value)
	require.NoError(t, err)
	require.Equal(t, d, read)
}

func TestDamagedRecordsAreRefused(t *testing.T) {
	value := tombstoneValue(t, &Tombstone{Root: format.NodeCID(format.Digest{1}), Manifests: []cid.Cid{format.CBORCID(format.Digest{2})}, By: "me"})
	for n := range value {
		_, err := decodeTombstone(format.Digest{1}, value[:n])
		require.ErrorIs(t, err, store.ErrCorrupt)
	}
	for name, change := range map[string]func([]byte){
		"version":   func(v []byte) { v[0] = 2 },
		"flag":      func(v []byte) { v[1] = 2 },
		"codec":     func(v []byte) { v[9] = 0x71 },
		"deleted":   func(v []byte) { v[10] = 0x80 },
		"expires":   func(v []byte) { v[18] = 0x80 },
		"manifests": func(v []byte) { v[27] = 2 },
		"by":        func(v []byte) { v[28] = 3 },
	} {
		t.Run(name, func(t *testing.T) {
			bad := bytes.Clone(value)
			change(bad)
			_, err := decodeTombstone(format.Digest{1}, bad)
			require.ErrorIs(t, err, store.ErrCorrupt)
		})
	}
	for _, bad := range []string{"", "01", "020000018bcfe56800", "018000018bcfe56800", "010000018bcfe5680000"} {
		raw, err := hex.DecodeString(bad)
		require.NoError(t, err)
		_, err = decodeSuperseded(raw)
		require.ErrorIs(t, err, store.ErrCorrupt)
	}
}

func FuzzDecodeTombstone(f *testing.F) {
	f.Add(tombstoneValue(f, &Tombstone{Root: format.NodeCID(format.Digest{1}), Manifests: []cid.Cid{format.CBORCID(format.Digest{2})}, By: "me"}))
	f.Add(tombstoneValue(f, &Tombstone{Root: format.RawCID(format.Digest{1}), Contained: true}))
	f.Fuzz(func(t *testing.T, value []byte) {
		d, err := decodeTombstone(format.Digest{1}, value)
		if err == nil {
			require.Equal(t, value, tombstoneValue(t, d))
		}
	})
}

func FuzzDecodeSuperseded(f *testing.F) {
	f.Add(appendSuperseded(nil, 1_700_000_000_000))
	f.Add(appendSuperseded(nil, forever))
	f.Fuzz(func(t *testing.T, value []byte) {
		if until, err := decodeSuperseded(value); err == nil {
			require.Equal(t, value, appendSuperseded(nil, until))
		}
	})
}
