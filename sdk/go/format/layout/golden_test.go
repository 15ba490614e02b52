package layout_test

import (
	"encoding/hex"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/ipdm-network/ipdm/sdk/go/format"
	"github.com/ipdm-network/ipdm/sdk/go/format/layout"
)

var update = flag.Bool("update", false, "write the golden files")

// vector is the layout in testdata/golden.json.
type vector struct {
	CID    string   `json:"cid"`
	CommD  string   `json:"comm_d"`
	Header string   `json:"header"`
	Pages  []string `json:"pages"`
}

// TestGolden holds the format still: the same encodings give the same bytes, comm_d and CID in every release.
func TestGolden(t *testing.T) {
	s := &sample{store: blocks{}, manifest: newSample(t, 1).manifest}
	encodings := madeUp(6)
	encodings[2].Blocks = []uint32{2, 23, 24, 255, 256, 65535, 65536}
	r := s.layout(t, encodings, nil)
	got := vector{CID: r.CID().String(), CommD: r.Header().CommD.String(), Header: hex.EncodeToString(s.store[r.CID()])}
	for _, page := range r.Header().Pages {
		got.Pages = append(got.Pages, hex.EncodeToString(s.store[format.CBORCID(page)]))
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
	var want vector
	require.NoError(t, json.Unmarshal(data, &want))
	require.Equal(t, want, got)

	header, err := hex.DecodeString(want.Header)
	require.NoError(t, err)
	h, err := layout.DecodeHeader(header)
	require.NoError(t, err)
	require.Equal(t, want.CommD, h.CommD.String())
	page, err := hex.DecodeString(want.Pages[0])
	require.NoError(t, err)
	p, err := layout.DecodePage(page)
	require.NoError(t, err)
	require.Len(t, p.Encodings, 6)
	require.Equal(t, encodings[2].Blocks, p.Encodings[2].Blocks)
}
