package sdr_test

import (
	"encoding/hex"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/ipdm-network/ipdm/sdk/go/format"
	"github.com/ipdm-network/ipdm/testutil/sealed"
	"github.com/ipdm-network/ipdm/x/porep/proof/sdr"
)

var update = flag.Bool("update", false, "write the golden vectors instead of comparing with them")

type goldenSector struct {
	Nodes     uint64   `json:"nodes"`
	CommD     string   `json:"comm_d"`
	ReplicaID string   `json:"replica_id"`
	CommC     string   `json:"comm_c"`
	CommRLast string   `json:"comm_r_last"`
	CommR     string   `json:"comm_r"`
	Parents   []uint32 `json:"parents_of_node_37"`
	Labels    []string `json:"labels_of_node_37"`
	Seed      string   `json:"seal_seed"`
	Nodes4    []uint64 `json:"challenged_nodes"`
	ProofRoot string   `json:"proof_root"`
	Record    string   `json:"digest_of_first_record"`
}

// TestGoldenSectors pins a sector of 2^10 nodes and one of class test-4MiB, each with the pieces of sampleSector.
func TestGoldenSectors(t *testing.T) {
	var got []goldenSector
	for _, nodes := range []uint64{sampleNodes, sdr.Test4MiB.Nodes()} {
		one, err := sealed.NewDeal(sampleBytes(1, 5000), sampleBytes(2, 1), sampleBytes(3, 31), sampleBytes(4, 2048))
		require.NoError(t, err)
		two, err := sealed.NewDeal(sampleBytes(5, 9000))
		require.NoError(t, err)
		s, err := sealed.New(nodes, identity(1), one, two)
		require.NoError(t, err)
		commR := sdr.CommR(s.Statement.CommC, s.Statement.CommRLast)
		seed := sdr.SealSeed([32]byte{9}, s.Statement.ReplicaID, commR)
		commD := sdr.SectorCommD(nodes, s.Statement.Pieces)
		proof, err := s.Proof(seed, 4)
		require.NoError(t, err)
		var parents [sdr.Parents]uint32
		s.Graph.Parents(37, &parents)
		root, record := sdr.ProofRoot(proof), format.Sum(proof[:sdr.RecordSize(nodes)])
		g := goldenSector{
			Nodes: nodes, CommD: hex.EncodeToString(commD[:]), ReplicaID: hex.EncodeToString(s.Statement.ReplicaID[:]),
			CommC: hex.EncodeToString(s.Statement.CommC[:]), CommRLast: hex.EncodeToString(s.Statement.CommRLast[:]),
			CommR: hex.EncodeToString(commR[:]), Parents: parents[:], Seed: hex.EncodeToString(seed[:]),
			Nodes4: sdr.Challenges(seed, 4, nodes), ProofRoot: root.String(), Record: record.String(),
		}
		for layer := range s.Layers {
			g.Labels = append(g.Labels, hex.EncodeToString(s.Layers[layer][37*32:38*32]))
		}
		got = append(got, g)
	}
	path := filepath.Join("testdata", "sectors.json")
	if *update {
		b, err := json.MarshalIndent(got, "", "  ")
		require.NoError(t, err)
		require.NoError(t, os.MkdirAll("testdata", 0o755))
		require.NoError(t, os.WriteFile(path, append(b, '\n'), 0o644))
	}
	b, err := os.ReadFile(path)
	require.NoError(t, err)
	var want []goldenSector
	require.NoError(t, json.Unmarshal(b, &want))
	require.Equal(t, want, got)
}
