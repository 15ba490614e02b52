package demo

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/ipdm-network/ipdm/bridge/ethereum/bindings"
	"github.com/ipdm-network/ipdm/testutil/localnet"
	"github.com/ipdm-network/ipdm/testutil/npm"
	"github.com/ipdm-network/ipdm/x/anchor/trie"
)

// anchorProof proves the anchored manifest with a file from one validator, checked without a node against the app hash in
// another validator's header. It does not lead to any other app hash.
func (s *story) anchorProof(ctx context.Context) (Figures, error) {
	var raw json.RawMessage
	if err := s.network.Query(ctx, &raw, "anchor", "proof", s.anchor); err != nil {
		return nil, err
	}
	var proof struct {
		AppHashHeight int64    `json:"app_hash_height,string"`
		Nodes         []string `json:"nodes"`
		Value         string   `json:"value"`
	}
	if err := json.Unmarshal(raw, &proof); err != nil {
		return nil, fmt.Errorf("failed to read the proof: %w", err)
	}
	appHash, err := localnet.AppHash(ctx, s.network.Endpoints().Nodes[1].RPC, proof.AppHashHeight)
	if err != nil {
		return nil, err
	}
	file := filepath.Join(s.dir, "anchor-proof.json")
	if err := os.WriteFile(file, raw, 0o600); err != nil {
		return nil, fmt.Errorf("failed to write the proof: %w", err)
	}
	verify := []string{"proof", "verify", file, "--app-hash"}
	var said struct {
		Manifest string `json:"manifest"`
		Compared bool   `json:"app_hash_compared"`
		Size     uint64 `json:"size"`
	}
	if err := s.network.IPDM(ctx, s.clientHome(), &said, append(verify, appHash)...); err != nil {
		return nil, err
	}
	figures := Figures{"proof_nodes": len(proof.Nodes), "file_bytes": len(raw), "height": proof.AppHashHeight - 1}
	if said.Manifest != s.anchor || !said.Compared || said.Size == 0 {
		return figures, fmt.Errorf("the proof says %+v of %s", said, s.anchor)
	}
	if err := s.network.IPDM(ctx, s.clientHome(), &said, append(verify, fmt.Sprintf("0x%064x", 1))...); err == nil {
		return figures, errors.New("the proof leads to any app hash")
	}
	return figures, nil
}

// checkpoint waits until the validators have signed a checkpoint for other chains under which the anchored manifest is proven.
func (s *story) checkpoint(ctx context.Context) (Figures, error) {
	var done struct {
		Checkpoint struct {
			Sequence   string            `json:"sequence"`
			Signatures []json.RawMessage `json:"signatures"`
		} `json:"checkpoint"`
		Content struct {
			Height     string `json:"height"`
			AnchorRoot string `json:"anchor_root"`
		} `json:"content"`
	}
	file := filepath.Join(s.dir, "checkpoint-proof.json")
	err := until(ctx, func() error {
		if err := s.network.Query(ctx, &done, "bridge", "checkpoint"); err != nil {
			return err
		}
		var raw json.RawMessage
		if err := s.network.Query(ctx, &raw, "anchor", "proof", s.anchor); err != nil {
			return err
		}
		if err := os.WriteFile(file, raw, 0o600); err != nil {
			return fmt.Errorf("failed to write the proof: %w", err)
		}
		return s.network.IPDM(ctx, s.clientHome(), &struct{}{}, "proof", "verify", file, "--anchor-root", done.Content.AnchorRoot)
	})
	return Figures{"sequence": done.Checkpoint.Sequence, "height": done.Content.Height, "signatures": len(done.Checkpoint.Signatures)}, err
}

// withoutNode is what the steps with other chains find where these cannot run.
var withoutNode = Figures{"skipped": "Node.js 20 is missing"}

// anchorEthereum starts an Ethereum and a Solana, and a relayer to both. It waits until a contract on Ethereum, which trusts the
// validators, takes the proof of the manifest.
func (s *story) anchorEthereum(ctx context.Context) (Figures, error) {
	err := s.network.StartBridge(ctx)
	if errors.Is(err, npm.ErrNoNode) {
		return withoutNode, s.network.StopBridge()
	}
	if err != nil {
		return nil, err
	}
	began := time.Now()
	var record bindings.AnchorRecord
	err = until(ctx, func() (err error) {
		record, err = s.network.ProveOnEthereum(ctx, s.anchor)
		return err
	})
	return Figures{"size_bytes": record.Size, "anchored_at_height": record.Height, "seconds": round(seconds(began))}, err
}

// anchorSolana does the same with the program on Solana, and ends both chains.
func (s *story) anchorSolana(ctx context.Context) (Figures, error) {
	if s.network.Bridge() == nil {
		return withoutNode, nil
	}
	began := time.Now()
	var value trie.Value
	err := until(ctx, func() (err error) {
		value, err = s.network.ProveOnSolana(ctx, s.anchor)
		return err
	})
	figures := Figures{"size_bytes": value.SizeBytes, "anchored_at_height": value.Height, "seconds": round(seconds(began))}
	return figures, errors.Join(err, s.network.StopBridge())
}
