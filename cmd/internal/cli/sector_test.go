package cli

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	sidecarv1 "github.com/ipdm-network/ipdm/sdk/go/sidecar/v1"
)

func labelling(done uint64) *sidecarv1.ListSectorsResponse {
	return &sidecarv1.ListSectorsResponse{Sectors: []*sidecarv1.SectorInfo{{
		Number: 3, Class: "std-1GiB", State: "labelling", Done: done << 20, Total: 1 << 30, Pieces: 2, PieceBytes: 700 << 20,
	}}}
}

func TestSectorsForPeopleAndPrograms(t *testing.T) {
	list := labelling(256)
	list.Sectors[0].AtRisk, list.Sectors[0].LastError, list.Sectors[0].DeadlineUnixNano = true, "disk full", 1_772_000_000_000_000_000
	list.WaitingReplicas, list.WaitingBytes, list.Backlogged, list.Paused = 4, 1<<30, true, true
	var out bytes.Buffer
	c := &Call{Stdout: &out}
	c.printSectors(list)
	for _, part := range []string{
		"std-1GiB", "labelling", "2 pieces", "25%", "AT RISK", "disk full", "due 2026-02-25T06:13:20Z", "4 replicas wait", "for a proof",
		"new sealed deals are refused",
	} {
		require.Contains(t, out.String(), part)
	}

	out.Reset()
	c.JSON = true
	c.printSectors(list)
	var got sectorsJSON
	require.NoError(t, json.Unmarshal(out.Bytes(), &got))
	require.Len(t, got.Sectors, 1)
	require.Equal(t, sectorJSON{
		Number: 3, Class: "std-1GiB", State: "labelling", Done: 256 << 20, Total: 1 << 30, Pieces: 2, PieceBytes: 700 << 20,
		Deadline: "2026-02-25T06:13:20Z", AtRisk: true, LastError: "disk full",
	}, got.Sectors[0])
	require.True(t, got.Backlogged && got.Paused)

	out.Reset()
	c.printSectors(&sidecarv1.ListSectorsResponse{})
	require.Contains(t, out.String(), `"sectors":[]`)
}

func TestAWatchedSectorIsALineAChangeOrABar(t *testing.T) {
	var out bytes.Buffer
	view := &sectorView{call: &Call{Stdout: &out}}
	for _, done := range []uint64{0, 1, 2, 100, 103, 500, 500} {
		view.show(labelling(done))
	}
	require.Equal(t, 4, strings.Count(out.String(), "\n"), "what waits once, the sector once at first, at each further tenth, and no more often:\n%s", out.String())
	encoding := labelling(1)
	encoding.Sectors[0].State = "encoding"
	view.show(encoding)
	require.Contains(t, out.String(), "encoding")

	out.Reset()
	view = &sectorView{call: &Call{Stdout: &out}, live: true}
	view.show(labelling(512))
	require.Contains(t, out.String(), "["+strings.Repeat("#", 15)+strings.Repeat(".", 15)+"]  50%")
	require.NotContains(t, out.String(), "\x1b")
	view.show(labelling(2048))
	require.Contains(t, out.String(), "\x1b[2A\x1b[J", "it is drawn over")
	require.Contains(t, out.String(), "100%", "a bar does not leave its frame")
}
