package localnet

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	goethereum "github.com/ethereum/go-ethereum"
	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/ethclient"
	solanago "github.com/gagliardetto/solana-go"
	"github.com/gagliardetto/solana-go/rpc"

	"github.com/ipdm-network/ipdm/bridge/chain/solana/program"
	"github.com/ipdm-network/ipdm/bridge/ethereum/bindings"
	"github.com/ipdm-network/ipdm/x/anchor/proof"
	"github.com/ipdm-network/ipdm/x/anchor/trie"
	"github.com/ipdm-network/ipdm/x/bridge/wire"
)

// ErrNotProven tells that a chain does not take the proof of a manifest, as long as it does not know the checkpoint.
var ErrNotProven = errors.New("the proof is not taken")

// anchored is what proves a manifest on other chains: the chain's proof, under its newest checkpoint.
type anchored struct {
	checkpoint wire.Checkpoint
	key        trie.Key
	nodes      [][]byte
}

func (n *Network) anchored(ctx context.Context, manifest string) (anchored, error) {
	var raw json.RawMessage
	if err := n.Query(ctx, &raw, "anchor", "proof", manifest); err != nil {
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
	if err := n.Get(ctx, &newest, "/ipdm/bridge/v1/checkpoint"); err != nil {
		return anchored{}, err
	}
	var out anchored
	if out.checkpoint, err = wire.DecodeCheckpoint(newest.Checkpoint.Content); err != nil {
		return anchored{}, err
	}
	if out.key, err = file.Key(); err != nil {
		return anchored{}, err
	}
	for _, node := range file.Nodes {
		out.nodes = append(out.nodes, node)
	}
	return out, nil
}

// ProveOnEthereum has the contract on Ethereum check a manifest, and returns what it says of it. It fails with ErrNotProven.
func (n *Network) ProveOnEthereum(ctx context.Context, manifest string) (bindings.AnchorRecord, error) {
	p, err := n.anchored(ctx, manifest)
	if err != nil {
		return bindings.AnchorRecord{}, err
	}
	node, err := ethclient.DialContext(ctx, n.endpoints.Ethereum.RPC)
	if err != nil {
		return bindings.AnchorRecord{}, fmt.Errorf("failed to reach Ethereum: %w", err)
	}
	defer node.Close()
	contract, address := bindings.NewAnchor(), common.HexToAddress(n.endpoints.Ethereum.Anchor)
	answer, err := node.CallContract(ctx, goethereum.CallMsg{To: &address, Data: contract.PackProve(p.checkpoint.Encode(), p.key, p.nodes)}, nil)
	if err != nil {
		return bindings.AnchorRecord{}, fmt.Errorf("%w on Ethereum: %w", ErrNotProven, err)
	}
	return contract.UnpackProve(answer)
}

// ProveOnSolana has the program on Solana check a manifest, and returns what it says of it. It fails with ErrNotProven.
func (n *Network) ProveOnSolana(ctx context.Context, manifest string) (trie.Value, error) {
	p, err := n.anchored(ctx, manifest)
	if err != nil {
		return trie.Value{}, err
	}
	address, err := solanago.PublicKeyFromBase58(n.endpoints.Solana.Program)
	if err != nil {
		return trie.Value{}, fmt.Errorf("failed to read the program's address: %w", err)
	}
	payer, err := solanago.PrivateKeyFromSolanaKeygenFile(n.endpoints.Solana.KeyFile)
	if err != nil {
		return trie.Value{}, fmt.Errorf("failed to read the payer's key: %w", err)
	}
	prove := program.Program{ID: address}.ProveAnchor(p.checkpoint.Height, p.key, p.nodes)
	tx, err := solanago.NewTransaction([]solanago.Instruction{prove}, solanago.Hash{}, solanago.TransactionPayer(payer.PublicKey()))
	if err != nil {
		return trie.Value{}, fmt.Errorf("failed to make a transaction: %w", err)
	}
	tx.Signatures = make([]solanago.Signature, 1) // it is simulated only
	client := rpc.New(n.endpoints.Solana.RPC)
	said, err := client.SimulateTransactionWithOpts(ctx, tx, &rpc.SimulateTransactionOpts{ReplaceRecentBlockhash: true, Commitment: rpc.CommitmentConfirmed})
	if err = errors.Join(err, client.Close()); err != nil {
		return trie.Value{}, fmt.Errorf("failed to simulate a transaction: %w", err)
	}
	if said.Value.Err != nil {
		return trie.Value{}, fmt.Errorf("%w on Solana: %v %v", ErrNotProven, said.Value.Err, said.Value.Logs)
	}
	for _, line := range said.Value.Logs {
		if text, found := strings.CutPrefix(line, fmt.Sprintf("Program return: %s ", address)); found {
			raw, err := base64.StdEncoding.DecodeString(text)
			if err != nil {
				return trie.Value{}, fmt.Errorf("failed to decode what the program returns: %w", err)
			}
			return trie.DecodeValue(raw)
		}
	}
	return trie.Value{}, fmt.Errorf("the program returns nothing: %v", said.Value.Logs)
}
