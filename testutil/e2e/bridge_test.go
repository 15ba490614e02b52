//go:build e2e

package e2e

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/ipdm-network/ipdm/testutil/ethereum"
	"github.com/ipdm-network/ipdm/testutil/localnet"
)

// bridged is a network with an Ethereum and a Solana beside it, and a relayer between them.
type bridged struct {
	*testing.T
	*localnet.Network
}

// newBridged starts one. Its Ethereum is geth's development chain where a geth program is given.
func newBridged(t *testing.T, geth string) bridged {
	ethereum.SkipWithoutNode(t)
	network, err := localnet.Start(t.Context(), localnet.Options{
		Dir: filepath.Join(t.TempDir(), "net"), BinDir: binDir(t), Validators: 2, CommitTimeout: 10 * time.Millisecond, Bridge: true, Geth: geth, Log: t.Output(),
	})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, network.Close()) })
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	defer cancel()
	require.NoError(t, network.WaitReady(ctx))
	return bridged{t, network}
}

// relayer runs the relayer's program to its end.
func (b bridged) relayer(t *testing.T, args ...string) outcome {
	t.Helper()
	return runProgram(t, b.Binary("ipdm-relayer"), append(args, "--config", b.Endpoints().Relayer.Config)...)
}

// requireBehind requires that both light clients lack a checkpoint, as the relayer's program says.
func (b bridged) requireBehind(t *testing.T) {
	t.Helper()
	var status struct {
		Destinations []struct {
			State string `json:"state"`
		} `json:"destinations"`
	}
	out := b.relayer(t, "status", "--json")
	require.Zero(t, out.code, out.stderr)
	require.NoError(t, json.Unmarshal([]byte(out.stdout), &status))
	require.Len(t, status.Destinations, 2)
	for _, d := range status.Destinations {
		require.Equal(t, "behind: any relayer brings it up to date; `ipdm-relayer once` does now", d.State)
	}
}

// anchor stores and anchors a file, and returns its manifest.
func (b bridged) anchor(t *testing.T, text string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "file")
	require.NoError(t, os.WriteFile(file, []byte(text), 0o600))
	client := b.Endpoints().Client
	var put struct {
		Manifest string `json:"manifest"`
	}
	require.NoError(t, b.IPDM(t.Context(), client.Home, &put, "put", file, "--anchor", "--from", client.Key.Name))
	return put.Manifest
}
