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
	"strings"
	"testing"
	"time"

	goethereum "github.com/ethereum/go-ethereum"
	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/crypto"
	"github.com/ethereum/go-ethereum/ethclient"
	solanago "github.com/gagliardetto/solana-go"
	"github.com/gagliardetto/solana-go/rpc"
	"github.com/stretchr/testify/require"

	"github.com/ipdm-network/ipdm/bridge/chain/solana/program"
	"github.com/ipdm-network/ipdm/bridge/ethereum/bindings"
	"github.com/ipdm-network/ipdm/testutil/ethereum"
	"github.com/ipdm-network/ipdm/testutil/localnet"
	"github.com/ipdm-network/ipdm/testutil/solana"
	"github.com/ipdm-network/ipdm/x/anchor/proof"
	"github.com/ipdm-network/ipdm/x/anchor/trie"
	"github.com/ipdm-network/ipdm/x/bridge/wire"
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
	solana  *solana.Network
	program program.Program
	payer   solanago.PublicKey // on Solana
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

	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "ethereum.key"), []byte(hex.EncodeToString(crypto.FromECDSA(b.ethereum.Account(0).Key))), 0o600))
	b.startSolana(dir)
	settings := fmt.Sprintf("[chain]\ngrpc = [%q]\n[[ethereum]]\nrpc = [%q]\nkey_file = \"ethereum.key\"\n[[solana]]\nrpc = [%q]\nprogram = %q\nkey_file = \"payer.json\"\n",
		b.network.Endpoints().Nodes[0].GRPC, b.ethereum.URL(), b.solana.Node(0).URL(), b.program.ID)
	b.args = []string{"--config", filepath.Join(dir, "config.toml")}
	require.NoError(t, os.WriteFile(b.args[1], []byte(settings), 0o600))
	eventually(t, time.Minute, func() error {
		deployed := b.relayer("deploy", "ethereum", "--json")
		if deployed.code != 0 {
			return errors.New(deployed.stderr) // no checkpoint is complete yet
		}
		return json.Unmarshal([]byte(deployed.stdout), &b.contract)
	})
	deployed := b.relayer("deploy", "solana", "--program-key-file", filepath.Join(dir, "program.json"))
	require.Zero(t, deployed.code, deployed.stderr)
	b.args = append(b.args, "--ethereum-light-client", b.contract.LightClient.String())
	return b
}

// startSolana starts a Solana with the program's image, and leaves the keys of the program and of who pays in a folder.
func (b *bridged) startSolana(dir string) {
	b.Helper()
	key := func(name string) solanago.PublicKey {
		made, err := solanago.NewRandomPrivateKey()
		require.NoError(b, err)
		numbers := make([]int, len(made)) // as solana-keygen writes it
		for i, n := range made {
			numbers[i] = int(n)
		}
		raw, err := json.Marshal(numbers)
		require.NoError(b, err)
		require.NoError(b, os.WriteFile(filepath.Join(dir, name), raw, 0o600))
		return made.PublicKey()
	}
	b.program.ID, b.payer = key("program.json"), key("payer.json")
	image, err := filepath.Abs("../../bridge/solana/program/image/ipdm_v3.so")
	require.NoError(b, err)
	b.solana, err = solana.Start(b.Context(), solana.Options{
		SlotTime: 50 * time.Millisecond, Programs: map[solanago.PublicKey]string{b.program.ID: image},
		Balances: map[solanago.PublicKey]uint64{b.payer: 10_000_000_000},
	})
	require.NoError(b, err)
	b.Cleanup(func() { require.NoError(b, b.solana.Close()) })
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

// anchored is what proves a manifest on other chains: the chain's proof, under its newest checkpoint.
type anchored struct {
	checkpoint wire.Checkpoint
	key        trie.Key
	nodes      [][]byte
}

func (b *bridged) proof(manifest string) (anchored, error) {
	var raw json.RawMessage
	if err := b.network.Query(b.Context(), &raw, "anchor", "proof", manifest); err != nil {
		return anchored{}, err
	}
	file, err := proof.Decode(raw)
	if err != nil {
		return anchored{}, err
	}
	var newest struct {
		Checkpoint struct {
			Content []byte `json:"content"`
		} `json:"checkpoint"`
	}
	if err := b.network.Query(b.Context(), &newest, "bridge", "checkpoint"); err != nil {
		return anchored{}, err
	}
	var out anchored
	if out.checkpoint, err = wire.DecodeCheckpoint(newest.Checkpoint.Content); err != nil {
		return anchored{}, err
	}
	if out.key, err = file.Key(); err != nil {
		return anchored{}, err
	}
	for _, n := range file.Nodes {
		out.nodes = append(out.nodes, n)
	}
	return out, nil
}

// proveOnSolana has the program on Solana check a manifest, and return its record.
func (b *bridged) proveOnSolana(manifest string) (trie.Value, error) {
	p, err := b.proof(manifest)
	if err != nil {
		return trie.Value{}, err
	}
	client := rpc.New(b.solana.Node(0).URL())
	defer func() { require.NoError(b, client.Close()) }()
	prove := b.program.ProveAnchor(p.checkpoint.Height, p.key, p.nodes)
	tx, err := solanago.NewTransaction([]solanago.Instruction{prove}, solanago.Hash{}, solanago.TransactionPayer(b.payer))
	if err != nil {
		return trie.Value{}, err
	}
	tx.Signatures = make([]solanago.Signature, 1)
	said, err := client.SimulateTransactionWithOpts(b.Context(), tx, &rpc.SimulateTransactionOpts{ReplaceRecentBlockhash: true, Commitment: rpc.CommitmentConfirmed})
	if err != nil {
		return trie.Value{}, err
	}
	if said.Value.Err != nil {
		return trie.Value{}, fmt.Errorf("the program does not take the proof: %v %v", said.Value.Err, said.Value.Logs)
	}
	for _, line := range said.Value.Logs {
		if text, found := strings.CutPrefix(line, fmt.Sprintf("Program return: %s ", b.program.ID)); found {
			raw, err := base64.StdEncoding.DecodeString(text)
			if err != nil {
				return trie.Value{}, err
			}
			return trie.DecodeValue(raw)
		}
	}
	return trie.Value{}, fmt.Errorf("the program returns nothing: %v", said.Value.Logs)
}

// proveOnEthereum asks the contract on Ethereum for a manifest.
func (b *bridged) proveOnEthereum(manifest string) (bindings.AnchorRecord, error) {
	p, err := b.proof(manifest)
	if err != nil {
		return bindings.AnchorRecord{}, err
	}
	contract := bindings.NewAnchor()
	answer, err := b.node.CallContract(b.Context(), goethereum.CallMsg{To: &b.contract.Anchor, Data: contract.PackProve(p.checkpoint.Encode(), p.key, p.nodes)}, nil)
	if err != nil {
		return bindings.AnchorRecord{}, fmt.Errorf("the contract does not take the proof: %w", err)
	}
	return contract.UnpackProve(answer)
}

// TestAnchorsAreProvenOnOtherChains carries checkpoints of a real network to a real EVM and a real Solana VM, through the death of relayers.
func TestAnchorsAreProvenOnOtherChains(t *testing.T) {
	b := newBridged(t)
	idle := b.relayer("status", "--json")
	require.Zero(t, idle.code, idle.stderr)
	relayer, err := b.network.StartExtra("relayer", "ipdm-relayer", append([]string{"start"}, b.args...)...)
	require.NoError(t, err)

	first := b.anchor("proven on other chains")
	var record bindings.AnchorRecord
	eventually(t, time.Minute, func() (err error) { record, err = b.proveOnEthereum(first); return err })
	require.EqualValues(t, len("proven on other chains"), record.Size)
	require.EqualValues(t, 1, record.Version)
	require.False(t, record.Tombstoned)

	var value trie.Value
	eventually(t, time.Minute, func() (err error) { value, err = b.proveOnSolana(first); return err })
	require.EqualValues(t, record.Size, value.SizeBytes)
	require.Equal(t, record.ContentDigest, value.RootDigest)

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
		for _, d := range status.Destinations {
			if d.State != "behind: any relayer brings it up to date; `ipdm-relayer once` does now" {
				return errors.New(d.State)
			}
		}
		return nil
	})
	_, err = b.proveOnEthereum(second)
	require.ErrorContains(t, err, "does not take the proof")
	_, err = b.proveOnSolana(second)
	require.ErrorContains(t, err, "does not take the proof")
	once := b.relayer("once")
	require.Zero(t, once.code, once.stderr)
	_, err = b.proveOnEthereum(second)
	require.NoError(t, err)
	_, err = b.proveOnSolana(second)
	require.NoError(t, err)
	again := b.relayer("once")
	require.Contains(t, again.stdout, "0 checkpoints handed over")
}
