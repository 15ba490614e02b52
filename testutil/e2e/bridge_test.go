//go:build e2e

package e2e

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	goethereum "github.com/ethereum/go-ethereum"
	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/crypto"
	"github.com/ethereum/go-ethereum/ethclient"
	"github.com/stretchr/testify/require"

	"github.com/ipdm-network/ipdm/bridge/ethereum/bindings"
	"github.com/ipdm-network/ipdm/testutil/ethereum"
	"github.com/ipdm-network/ipdm/testutil/localnet"
	"github.com/ipdm-network/ipdm/x/anchor/proof"
)

// bridged is a network with an Ethereum beside it.
type bridged struct {
	*testing.T
	network  *localnet.Network
	ethereum *ethereum.Network
	node     *ethclient.Client
	args     []string // of the relayer
	contract struct {
		LightClient common.Address `json:"light_client"`
		Anchor      common.Address `json:"anchor"`
	}
}

func newBridged(t *testing.T) *bridged {
	ethereum.SkipWithoutNode(t)
	b := &bridged{T: t, network: startNetwork(t, 4)}
	var err error
	b.ethereum, err = ethereum.Start(t.Context(), ethereum.Options{BlockTime: time.Second})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, b.ethereum.Close()) })
	b.node, err = ethclient.DialContext(t.Context(), b.ethereum.URL())
	require.NoError(t, err)
	t.Cleanup(b.node.Close)

	key := filepath.Join(t.TempDir(), "key")
	require.NoError(t, os.WriteFile(key, []byte(hex.EncodeToString(crypto.FromECDSA(b.ethereum.Account(0).Key))), 0o600))
	b.args = []string{
		"--config", filepath.Join(t.TempDir(), "none.toml"), "--chain-grpc", b.network.Endpoints().Nodes[0].GRPC, "--ethereum-rpc", b.ethereum.URL(), "--ethereum-key-file", key,
	}
	require.NoError(t, os.WriteFile(b.args[1], nil, 0o600))
	eventually(t, time.Minute, func() error {
		deployed := b.relayer("deploy", "ethereum", "--json")
		if deployed.code != 0 {
			return errors.New(deployed.stderr) // no checkpoint is complete yet
		}
		return json.Unmarshal([]byte(deployed.stdout), &b.contract)
	})
	b.args = append(b.args, "--ethereum-light-client", b.contract.LightClient.String())
	return b
}

func (b *bridged) relayer(args ...string) outcome {
	b.Helper()
	return runProgram(b.T, b.network.Binary("ipdm-relayer"), append(args, b.args...)...)
}

// anchor stores and anchors a file, and returns its manifest.
func (b *bridged) anchor(text string) string {
	b.Helper()
	file := filepath.Join(b.TempDir(), "file")
	require.NoError(b, os.WriteFile(file, []byte(text), 0o600))
	client := b.network.Endpoints().Client
	var put struct {
		Manifest string `json:"manifest"`
	}
	require.NoError(b, b.network.IPDM(b.Context(), client.Home, &put, "put", file, "--anchor", "--from", client.Key.Name))
	return put.Manifest
}

// proveOnEthereum asks the contract on Ethereum for a manifest, by the chain's proof and newest checkpoint.
func (b *bridged) proveOnEthereum(manifest string) (bindings.AnchorRecord, error) {
	var raw json.RawMessage
	if err := b.network.Query(b.Context(), &raw, "anchor", "proof", manifest); err != nil {
		return bindings.AnchorRecord{}, err
	}
	file, err := proof.Decode(raw)
	if err != nil {
		return bindings.AnchorRecord{}, err
	}
	var newest struct {
		Checkpoint struct {
			Content string `json:"content"`
		} `json:"checkpoint"`
	}
	if err := b.network.Query(b.Context(), &newest, "bridge", "checkpoint"); err != nil {
		return bindings.AnchorRecord{}, err
	}
	checkpoint, err := base64.StdEncoding.DecodeString(newest.Checkpoint.Content)
	if err != nil {
		return bindings.AnchorRecord{}, err
	}
	key, err := file.Key()
	if err != nil {
		return bindings.AnchorRecord{}, err
	}
	var nodes [][]byte
	for _, n := range file.Nodes {
		nodes = append(nodes, n)
	}
	contract := bindings.NewAnchor()
	answer, err := b.node.CallContract(b.Context(), goethereum.CallMsg{To: &b.contract.Anchor, Data: contract.PackProve(checkpoint, key, nodes)}, nil)
	if err != nil {
		return bindings.AnchorRecord{}, fmt.Errorf("the contract does not take the proof: %w", err)
	}
	return contract.UnpackProve(answer)
}

// TestAnchorsAreProvenOnEthereum carries checkpoints of a real network to a real EVM, through the death of relayers.
func TestAnchorsAreProvenOnEthereum(t *testing.T) {
	b := newBridged(t)
	idle := b.relayer("status", "--json")
	require.Zero(t, idle.code, idle.stderr)
	relayer, err := b.network.StartExtra("relayer", "ipdm-relayer", append([]string{"start"}, b.args...)...)
	require.NoError(t, err)

	first := b.anchor("proven on Ethereum")
	var record bindings.AnchorRecord
	eventually(t, time.Minute, func() (err error) { record, err = b.proveOnEthereum(first); return err })
	require.EqualValues(t, len("proven on Ethereum"), record.Size)
	require.EqualValues(t, 1, record.Version)
	require.False(t, record.Tombstoned)

	require.NoError(t, relayer.Kill())
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
		if status.Destinations[0].State != "behind: any relayer brings it up to date; `ipdm-relayer once` does now" {
			return errors.New(status.Destinations[0].State)
		}
		return nil
	})
	_, err = b.proveOnEthereum(second)
	require.ErrorContains(t, err, "does not take the proof")
	once := b.relayer("once")
	require.Zero(t, once.code, once.stderr)
	_, err = b.proveOnEthereum(second)
	require.NoError(t, err)
	again := b.relayer("once")
	require.Contains(t, again.stdout, "0 checkpoints handed over")
}
