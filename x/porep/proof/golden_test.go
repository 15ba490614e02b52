package proof

import (
	"encoding/hex"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/ipdm-network/ipdm/sdk/go/format"
)

var update = flag.Bool("update", false, "write the golden vectors instead of comparing with them")

type goldenSeeds struct {
	Beacon     string   `json:"beacon"`
	ChainID    string   `json:"chain_id"`
	Provider   string   `json:"provider"`
	Window     uint64   `json:"window"`
	DealID     uint64   `json:"deal_id"`
	Replica    uint32   `json:"replica"`
	UnitID     uint64   `json:"unit_id"`
	Seed       string   `json:"window_seed"`
	Activation string   `json:"activation_seed"`
	Recovery   string   `json:"recovery_seed"`
	TotalBytes uint64   `json:"total_bytes"`
	Offsets    []uint64 `json:"window_offsets"`
}

type goldenProofs struct {
	Challenges       []string `json:"challenge_comm_d"`
	WindowProof      string   `json:"window_proof"`
	ActivationCommD  string   `json:"activation_comm_d"`
	ActivationTotal  uint64   `json:"activation_total_bytes"`
	ActivationProof  string   `json:"activation_proof"`
	WindowOffsets    []uint64 `json:"challenge_offsets"`
	ActivationOffset []uint64 `json:"activation_offsets"`
}

func TestGoldenSeeds(t *testing.T) {
	var got []goldenSeeds
	for i, total := range []uint64{1, 1000, 1 << 40, 1<<64 - 1} {
		g := goldenSeeds{
			ChainID: sampleChain, Window: uint64(i), DealID: uint64(10 + i), Replica: uint32(i), UnitID: uint64(100 + i), TotalBytes: total,
		}
		beacon := format.Sum([]byte{byte(i)})
		seed := Seed(beacon, g.ChainID, sampleProvider, g.Window)
		activation := ActivationSeed(beacon, g.ChainID, g.DealID, g.Replica, sampleProvider)
		recovery := RecoverySeed(seed, g.UnitID)
		g.Beacon, g.Provider = beacon.String(), hex.EncodeToString(sampleProvider)
		g.Seed, g.Activation = hex.EncodeToString(seed[:]), hex.EncodeToString(activation[:])
		g.Recovery = hex.EncodeToString(recovery[:])
		g.Offsets = Offsets(seed, 4, total)
		got = append(got, g)
	}
	compareGolden(t, "seeds.json", got)
}

func TestGoldenProofs(t *testing.T) {
	_, _, challenges, wp := sampleProof(t)
	wp.Openings = append(wp.Openings[:3:3], nil)
	window, err := wp.MarshalBinary()
	require.NoError(t, err)
	_, tree, offsets, ap := sampleActivation(t)
	ap.Openings, offsets = ap.Openings[:2], offsets[:2]
	activation, err := ap.MarshalBinary()
	require.NoError(t, err)
	g := goldenProofs{
		WindowProof: hex.EncodeToString(window), ActivationCommD: tree.CommD().String(), ActivationTotal: tree.TotalLength(),
		ActivationProof: hex.EncodeToString(activation), ActivationOffset: offsets,
	}
	for _, c := range challenges[:4] {
		g.Challenges = append(g.Challenges, c.CommD.String())
		g.WindowOffsets = append(g.WindowOffsets, c.Offset)
	}
	compareGolden(t, "proofs.json", g)
}

func compareGolden[T any](t *testing.T, name string, got T) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		b, err := json.MarshalIndent(got, "", "  ")
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(path, append(b, '\n'), 0o644))
	}
	b, err := os.ReadFile(path)
	require.NoError(t, err)
	var want T
	require.NoError(t, json.Unmarshal(b, &want))
	require.Equal(t, want, got)
}
