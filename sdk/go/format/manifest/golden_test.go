package manifest_test

import (
	"encoding/hex"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/ipdm-network/ipdm/sdk/go/format"
	"github.com/ipdm-network/ipdm/sdk/go/format/manifest"
)

var update = flag.Bool("update", false, "write the golden files")

// vector is one manifest in testdata/golden.json.
type vector struct {
	Name    string   `json:"name"`
	CID     string   `json:"cid"`
	Signing string   `json:"signing_bytes"`
	Header  string   `json:"header"`
	Pages   []string `json:"pages"`
}

// TestGolden holds the format still: the same content gives the same bytes, signing bytes and CIDs in every release.
func TestGolden(t *testing.T) {
	var got []vector
	for _, name := range []string{"ed25519", "secp256k1", "eth_secp256k1"} {
		s := signers(t)[name]
		_, store, h := build(t, rawEntries(5), func(m *manifest.Meta) {
			m.ContentSize = 10
			if name != "ed25519" {
				m.Supersedes = format.CBORCID(format.Sum([]byte("the one before")))
			}
		})
		h.Creator = s.creator
		require.NoError(t, h.Sign(s.sign))
		block, err := h.Encode()
		require.NoError(t, err)
		v := vector{Name: name, CID: block.CID().String(), Signing: hex.EncodeToString(h.SigningBytes()), Header: hex.EncodeToString(block.Data)}
		for _, page := range h.Pages {
			v.Pages = append(v.Pages, hex.EncodeToString(store[format.CBORCID(page)]))
		}
		got = append(got, v)
	}
	path := filepath.Join("testdata", "golden.json")
	if *update {
		data, err := json.MarshalIndent(got, "", "  ")
		require.NoError(t, err)
		require.NoError(t, os.MkdirAll("testdata", 0o755))
		require.NoError(t, os.WriteFile(path, append(data, '\n'), 0o644))
	}
	data, err := os.ReadFile(path)
	require.NoError(t, err)
	var want []vector
	require.NoError(t, json.Unmarshal(data, &want))
	require.Equal(t, want, got)

	for _, v := range want {
		header, err := hex.DecodeString(v.Header)
		require.NoError(t, err)
		h, err := manifest.DecodeHeader(header)
		require.NoError(t, err)
		require.NoError(t, h.Verify())
		page, err := hex.DecodeString(v.Pages[0])
		require.NoError(t, err)
		_, entries, err := manifest.DecodePage(page)
		require.NoError(t, err)
		require.Equal(t, rawEntries(5), entries)
	}
}
