//go:build e2e

package e2e

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/ipdm-network/ipdm/testutil/localnet"
)

// TestBadInputOnARealNetwork asks for what cannot be had and checks that each answer says why and what to do.
func TestBadInputOnARealNetwork(t *testing.T) {
	network := startNetwork(t, 1)
	client := network.Endpoints().Client
	file := filepath.Join(t.TempDir(), "file")
	require.NoError(t, os.WriteFile(file, []byte("some bytes to keep"), 0o600))
	ipdm := func(args ...string) outcome {
		return runProgram(t, network.Binary("ipdm"), append(args, "--home", client.Home)...)
	}
	put := func(extra ...string) outcome {
		return ipdm(append([]string{"put", file, "--from", client.Key.Name, "--anchor"}, extra...)...)
	}

	for name, c := range map[string]struct {
		run  func() outcome
		says string
	}{
		"invalid CID":  {func() outcome { return ipdm("get", "not-a-cid") }, "CID"},
		"no such path": {func() outcome { return ipdm("put", filepath.Join(t.TempDir(), "absent")) }, "no such file"},
		"more sealed copies than providers": {func() outcome {
			return put("--deal", "sealed:2", "--duration", "1h", "--max-price", "2000000000000000")
		}, "2 are needed"},
		"zero replicas": {func() outcome { return put("--deal", "open:0", "--duration", "1h", "--max-price", "2000000000000000") }, "at least one"},
		"absurd replicas": {func() outcome {
			return put("--deal", "open:4000000000", "--duration", "1h", "--max-price", "2000000000000000")
		}, "replica"},
		"no provider that cheap": {func() outcome { return put("--deal", "open:1", "--duration", "1h", "--max-price", "1") }, "price"},
		"no such key":            {func() outcome { return ipdm("put", file, "--from", "nobody", "--anchor") }, "nobody"},
		"no funds": {func() outcome {
			return put("--deal", "open:1", "--duration", "8000h", "--max-price", "1000000000000000000000000000000")
		}, "the deal needs"},
		"absurd price": {func() outcome {
			return put("--deal", "open:1", "--duration", "1h", "--max-price", "900000000000000000000000000000000000")
		}, "max_price"},
		"daemon of another home": {func() outcome {
			return runProgram(t, network.Binary("ipdm"), "id", "--home", filepath.Join(t.TempDir(), "empty"))
		}, "ipdm init"},
	} {
		t.Run(name, func(t *testing.T) {
			got := c.run()
			require.NotZero(t, got.code, got.stdout)
			require.Contains(t, got.stderr, c.says)
			require.NotContains(t, got.stderr, "goroutine", "a panic is no answer")
		})
	}
	t.Run("two daemons on one home", func(t *testing.T) {
		got := runProgram(t, network.Binary("ipdm"), "daemon", "--home", client.Home)
		require.NotZero(t, got.code)
		require.Contains(t, got.stderr, "another daemon")
	})
	t.Run("unknown content", func(t *testing.T) {
		got := ipdm("get", "bafkr4ic7qlbywmfrlnlp5ycwmzjhvnlgrnbn5oa6m2wvupytpb2juxr2wi")
		require.NotZero(t, got.code)
		require.Contains(t, got.stderr, "not found")
	})
}

// TestChainUnreachable stops the only validator: reading and writing data goes on, paying says what is wrong.
func TestChainUnreachable(t *testing.T) {
	network := startNetwork(t, 1)
	client := network.Endpoints().Client
	file := filepath.Join(t.TempDir(), "file")
	require.NoError(t, os.WriteFile(file, []byte("bytes"), 0o600))
	require.NoError(t, network.Validators[0].Stop())

	stored := runProgram(t, network.Binary("ipdm"), "put", file, "--json", "--home", client.Home)
	require.Zero(t, stored.code, stored.stderr)
	var result struct {
		Root string `json:"root"`
	}
	require.NoError(t, json.Unmarshal([]byte(stored.stdout), &result))
	read := runProgram(t, network.Binary("ipdm"), "get", result.Root, "--home", client.Home)
	require.Equal(t, "bytes", read.stdout)

	refused := runProgram(t, network.Binary("ipdm"), "put", file, "--anchor", "--from", client.Key.Name, "--home", client.Home)
	require.NotZero(t, refused.code)
	require.Contains(t, refused.stderr, "chain")

	require.NoError(t, network.Validators[0].Start())
	eventually(t, time.Minute, func() error {
		again := runProgram(t, network.Binary("ipdm"), "put", file, "--anchor", "--from", client.Key.Name, "--home", client.Home)
		if again.code != 0 {
			return fmt.Errorf("still refused: %s", again.stderr)
		}
		return nil
	})
}

// TestProviderRestart kills a provider's data node in the middle of its windows: after a restart it goes on proving
// what it owes, from chain state alone.
func TestProviderRestart(t *testing.T) {
	network := startNetwork(t, 1)
	client, node := network.Endpoints().Client, network.Endpoints().Nodes[0]
	file := filepath.Join(t.TempDir(), "file")
	require.NoError(t, os.WriteFile(file, make([]byte, 3<<20), 0o600))
	var put struct {
		DealID uint64 `json:"deal_id"`
	}
	require.NoError(t, network.IPDM(t.Context(), client.Home, &put, "put", file, "--from", client.Key.Name,
		"--anchor", "--deal", "open:1", "--duration", "1h", "--max-price", "2000000000000000"))
	_, err := network.Run(t.Context(), client.Home, "deal", "wait", fmt.Sprint(put.DealID))
	require.NoError(t, err)

	waitProven(t, network, node.Sidecar.Home, 1)
	require.NoError(t, network.Sidecars[0].Kill())
	require.NoError(t, network.Sidecars[0].Start())
	waitProven(t, network, node.Sidecar.Home, 3)
}

func waitProven(t *testing.T, network *localnet.Network, home string, windows uint64) {
	t.Helper()
	eventually(t, 90*time.Second, func() error {
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		defer cancel()
		var status struct {
			WindowsProven uint64 `json:"windows_proven"`
			LastError     string `json:"last_error"`
		}
		if err := network.IPDM(ctx, home, &status, "provider", "status"); err != nil {
			return err
		}
		if status.WindowsProven < windows {
			return fmt.Errorf("proven %d windows of %d; last error: %s", status.WindowsProven, windows, status.LastError)
		}
		return nil
	})
}
