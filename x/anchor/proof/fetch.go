package proof

import (
	"context"
	"errors"
	"fmt"
	"strconv"

	abci "github.com/cometbft/cometbft/abci/types"
	cmtbytes "github.com/cometbft/cometbft/libs/bytes"
	rpcclient "github.com/cometbft/cometbft/rpc/client"
	coretypes "github.com/cometbft/cometbft/rpc/core/types"
	grpctypes "github.com/cosmos/cosmos-sdk/types/grpc"
	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"

	"github.com/ipdm-network/ipdm/x/anchor/types"
)

// Node is the part of a node's RPC that Fetch needs.
type Node interface {
	Status(ctx context.Context) (*coretypes.ResultStatus, error)
	ABCIQueryWithOptions(ctx context.Context, path string, data cmtbytes.HexBytes, opts rpcclient.ABCIQueryOptions) (*coretypes.ResultABCIQuery, error)
	Commit(ctx context.Context, height *int64) (*coretypes.ResultCommit, error)
}

// Fetch asks a node for the proof of a manifest at a height, 0 for the last whose app hash is known. It fails if the
// manifest is not anchored in that state, or the node does not have the state any more.
func Fetch(ctx context.Context, node Node, conn grpc.ClientConnInterface, manifest string, height int64) (File, error) {
	status, err := node.Status(ctx)
	if err != nil {
		return File{}, fmt.Errorf("failed to ask for the node's status: %w", err)
	}
	last := status.SyncInfo.LatestBlockHeight - 1
	if height == 0 {
		height = last
	}
	if height < 1 || height > last {
		return File{}, fmt.Errorf("failed to prove the state of height %d: heights with a known app hash are 1 to %d", height, last)
	}
	at := metadata.AppendToOutgoingContext(ctx, grpctypes.GRPCBlockHeightHeader, strconv.FormatInt(height, 10))
	said, err := types.NewQueryClient(conn).Proof(at, &types.QueryProofRequest{Manifest: manifest})
	if err != nil {
		return File{}, fmt.Errorf("failed to ask for the proof: %w", err)
	}
	result, err := node.ABCIQueryWithOptions(ctx, "/store/"+types.StoreKey+"/key", []byte(types.RootKey), rpcclient.ABCIQueryOptions{Height: height, Prove: true})
	if err != nil {
		return File{}, fmt.Errorf("failed to ask for the proof of the root: %w", err)
	}
	if response := result.Response; response.Code != abci.CodeTypeOK || response.ProofOps == nil {
		return File{}, errors.New("failed to ask for the proof of the root: the node answers: " + response.Log)
	}
	stateProof, err := result.Response.ProofOps.Marshal()
	if err != nil {
		return File{}, fmt.Errorf("failed to encode the proof of the root: %w", err)
	}
	next := height + 1
	commit, err := node.Commit(ctx, &next)
	if err != nil {
		return File{}, fmt.Errorf("failed to ask for the header of height %d: %w", next, err)
	}
	f := File{
		Version: version, ChainID: commit.ChainID, Manifest: manifest, Height: height, AnchorRoot: said.Root, Value: said.Value,
		AppHashHeight: next, AppHash: Bytes(commit.AppHash), StateProof: stateProof,
	}
	for _, n := range said.Nodes {
		f.Nodes = append(f.Nodes, n)
	}
	if _, err := f.Verify(); err != nil {
		return File{}, fmt.Errorf("the node's answer is wrong: %w", err)
	}
	return f, nil
}
