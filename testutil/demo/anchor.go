package demo

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/ipdm-network/ipdm/testutil/localnet"
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
