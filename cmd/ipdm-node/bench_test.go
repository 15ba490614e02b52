package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/ipdm-network/ipdm/cmd/internal/cli"
	"github.com/ipdm-network/ipdm/x/porep/proof/sdr"
)

// runBench runs `ipdm bench` with arguments and returns what it prints.
func runBench(t *testing.T, args ...string) (string, error) {
	t.Helper()
	var out bytes.Buffer
	c := &program{&cli.Call{Stdout: &out, Stderr: &out}}
	root := c.Root()
	root.AddCommand(c.benchCommand())
	root.SetArgs(append([]string{"bench"}, args...))
	err := root.ExecuteContext(t.Context())
	return out.String(), err
}

func TestBenchSealsProvesAndVerifies(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	dir := t.TempDir()
	out, err := runBench(t, "seal", "--size", "1MiB", "--sectors", "3", "--dir", dir, "--json")
	require.NoError(t, err)
	var sealed sealJSON
	require.NoError(t, json.Unmarshal([]byte(out), &sealed))
	require.EqualValues(t, 1<<20, sealed.SizeBytes)
	require.Equal(t, 3, sealed.Sectors)
	require.Positive(t, sealed.Rate)
	require.Positive(t, sealed.LimitRatio)
	require.NoDirExists(t, filepath.Join(dir, "0"), "the sectors are deleted")

	const nodes = 1 << 20 / sdr.NodeSize
	for _, what := range []string{"prove", "verify"} {
		out, err := runBench(t, what, "--size", "1MiB", "--dir", dir, "--json")
		require.NoError(t, err)
		var proofs proofsJSON
		require.NoError(t, json.Unmarshal([]byte(out), &proofs))
		require.EqualValues(t, sdr.ProofSize(nodes, sdr.SealChallenges), proofs.Seal.Bytes)
		require.Equal(t, benchOpenings, proofs.Window.Openings)
		require.Equal(t, what == "verify", proofs.Seal.VerifyMS > 0)
		require.Equal(t, what == "prove", proofs.Seal.ProveMS > 0)
	}
	require.DirExists(t, filepath.Join(dir, "0"), "the sector is kept for the next run")

	out, err = runBench(t, "verify", "--size", "1MiB")
	require.NoError(t, err)
	require.Contains(t, out, "window proof: 16 openings")
	left, err := os.ReadDir(os.Getenv("TMPDIR"))
	require.NoError(t, err)
	require.Empty(t, left)
}

// A measurement in the folder of a node's sectors must not cost the node its replicas.
func TestBenchLeavesTheSectorsOfANodeAlone(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, os.Mkdir(filepath.Join(dir, "0"), 0o700))
	replica := filepath.Join(dir, "0", "replica")
	require.NoError(t, os.WriteFile(replica, []byte("sealed"), 0o600))
	for _, what := range []string{"seal", "prove", "verify"} {
		_, err := runBench(t, what, "--size", "1MiB", "--dir", dir)
		require.ErrorIs(t, err, cli.ErrUsage)
		require.ErrorContains(t, err, "name another folder")
	}
	kept, err := os.ReadFile(replica)
	require.NoError(t, err)
	require.Equal(t, "sealed", string(kept))
}

func TestBenchStorePutsAndGets(t *testing.T) {
	dir := t.TempDir()
	out, err := runBench(t, "store", "--size", "4KiB", "--duration", "1ms", "--dir", dir, "--json")
	require.NoError(t, err)
	var measured storeBenchJSON
	require.NoError(t, json.Unmarshal([]byte(out), &measured))
	require.Equal(t, 4096, measured.BlockBytes)
	require.GreaterOrEqual(t, measured.Blocks, uint64(benchCallBytes/4096))
	require.Positive(t, measured.Puts)
	require.Positive(t, measured.CPUPuts)
	require.Positive(t, measured.LimitRatio)
	require.Positive(t, measured.Gets)
	require.GreaterOrEqual(t, measured.DiskBytes, measured.Blocks*4096)
	left, err := os.ReadDir(dir)
	require.NoError(t, err)
	require.Empty(t, left)
}

func TestBenchRefuses(t *testing.T) {
	for _, args := range [][]string{
		{"seal", "--size", "3MiB"},
		{"seal", "--size", "512KiB"},
		{"seal", "--size", "x"},
		{"seal", "--sectors", "0"},
		{"seal", "--memory", "63MiB"},
		{"seal", "--size", "64GiB"},
		{"prove", "more"},
		{"store", "--size", "8B"},
		{"store", "--size", "1MiB"},
		{"store", "--duration", "0s"},
		{"store", "--encode", "tiny"},
	} {
		_, err := runBench(t, args...)
		require.ErrorIs(t, err, cli.ErrUsage, "%v", args)
	}
}
