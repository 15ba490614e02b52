//go:build e2e

package e2e

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/ipdm-network/ipdm/bridge/ethereum/bindings"
	"github.com/ipdm-network/ipdm/testutil/ethereum"
	"github.com/ipdm-network/ipdm/testutil/localnet"
	"github.com/ipdm-network/ipdm/x/anchor/trie"
)

// bridged is a network with an Ethereum and a Solana beside it, and a relayer between them.
type bridged struct {
	*testing.T
	*localnet.Network
}

func newBridged(t *testing.T) bridged {
	ethereum.SkipWithoutNode(t)
	network, err := localnet.Start(t.Context(), localnet.Options{
		Dir: filepath.Join(t.TempDir(), "net"), BinDir: binDir(t), Validators: 4, Bridge: true, Log: t.Output(),
	})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, network.Close()) })
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	defer cancel()
	require.NoError(t, network.WaitReady(ctx))
	return bridged{t, network}
}

func (b bridged) relayer(args ...string) outcome {
	b.T.Helper()
	return runProgram(b.T, b.Binary("ipdm-relayer"), append(args, "--config", b.Endpoints().Relayer.Config)...)
}

// anchor stores and anchors a file, and returns its manifest.
func (b bridged) anchor(text string) string {
	b.Helper()
	file := filepath.Join(b.TempDir(), "file")
	require.NoError(b, os.WriteFile(file, []byte(text), 0o600))
	client := b.Endpoints().Client
	var put struct {
		Manifest string `json:"manifest"`
	}
	require.NoError(b, b.IPDM(b.Context(), client.Home, &put, "put", file, "--anchor", "--from", client.Key.Name))
	return put.Manifest
}

// TestAnchorsAreProvenOnOtherChains carries checkpoints of a real network to a real EVM and a real Solana VM, through the death of relayers.
func TestAnchorsAreProvenOnOtherChains(t *testing.T) {
	b := newBridged(t)
	first := b.anchor("proven on other chains")
	var record bindings.AnchorRecord
	eventually(t, time.Minute, func() (err error) { record, err = b.ProveOnEthereum(t.Context(), first); return err })
	require.EqualValues(t, len("proven on other chains"), record.Size)
	require.EqualValues(t, 1, record.Version)
	require.False(t, record.Tombstoned)
	var value trie.Value
	eventually(t, time.Minute, func() (err error) { value, err = b.ProveOnSolana(t.Context(), first); return err })
	require.EqualValues(t, record.Size, value.SizeBytes)
	require.Equal(t, record.ContentDigest, value.RootDigest)

	require.NoError(t, b.Bridge().Relayer.Kill())
	second := b.anchor("anchored while no relayer runs")
	eventually(t, time.Minute, func() error { // it is in a checkpoint of the chain, which nobody carries
		var status struct {
			Destinations []struct {
				State string `json:"state"`
			} `json:"destinations"`
		}
		out := b.relayer("status", "--json")
		require.Zero(t, out.code, out.stderr)
		require.NoError(t, json.Unmarshal([]byte(out.stdout), &status))
		for _, d := range status.Destinations {
			if d.State != "behind: any relayer brings it up to date; `ipdm-relayer once` does now" {
				return errors.New(d.State)
			}
		}
		return nil
	})
	_, err := b.ProveOnEthereum(t.Context(), second)
	require.ErrorIs(t, err, localnet.ErrNotProven)
	_, err = b.ProveOnSolana(t.Context(), second)
	require.ErrorIs(t, err, localnet.ErrNotProven)
	once := b.relayer("once")
	require.Zero(t, once.code, once.stderr)
	_, err = b.ProveOnEthereum(t.Context(), second)
	require.NoError(t, err)
	_, err = b.ProveOnSolana(t.Context(), second)
	require.NoError(t, err)
	again := b.relayer("once")
	require.Contains(t, again.stdout, "0 checkpoints and 0 messages handed over")
}
