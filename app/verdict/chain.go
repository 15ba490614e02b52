package verdict

import (
	"context"
	"fmt"

	"google.golang.org/protobuf/proto"

	"github.com/cosmos/cosmos-sdk/types/query"

	sdk "github.com/cosmos/cosmos-sdk/types"

	sidecarv1 "github.com/ipdm-network/ipdm/sdk/go/sidecar/v1"
	markettypes "github.com/ipdm-network/ipdm/x/market/types"
	poreptypes "github.com/ipdm-network/ipdm/x/porep/types"
)

const (
	// maxSeals is how many proofs the sidecar is asked about at a time.
	maxSeals = 1_024
	// maxRequestBytes keeps a request below what the sidecar accepts.
	maxRequestBytes = 7 << 19
	pageSeals       = 256
)

// Chain is the newest committed state. Its methods may be called at any time.
type Chain interface {
	// Validating tells whether the owner of a consensus address takes part in consensus.
	Validating(ctx context.Context, validator sdk.ConsAddress) (bool, error)
	// PendingSeals is the query of x/porep.
	PendingSeals(ctx context.Context, request *poreptypes.QueryPendingSealsRequest) (*poreptypes.QueryPendingSealsResponse, error)
	// Endpoint tells where a provider is reached.
	Endpoint(ctx context.Context, provider string) (markettypes.Endpoint, error)
}

// toJudge lists the proofs that wait for the validator's verdict, by their ids, as many as one request takes.
func toJudge(ctx context.Context, chain Chain, validator sdk.ConsAddress) ([]*sidecarv1.SealToJudge, error) {
	var seals []*sidecarv1.SealToJudge
	sizeBytes := 0
	endpoints := map[string]markettypes.Endpoint{}
	var next []byte
	for {
		response, err := chain.PendingSeals(ctx, &poreptypes.QueryPendingSealsRequest{
			Validator:  validator.String(),
			Pagination: &query.PageRequest{Key: next, Limit: pageSeals},
		})
		if err != nil {
			return nil, fmt.Errorf("failed to read the seals that wait for a verdict: %w", err)
		}
		for i := range response.Seals {
			pending := &response.Seals[i]
			sector := &pending.Sector
			if sector.Status != poreptypes.SECTOR_STATUS_VERIFYING || sector.Proof == nil {
				continue
			}
			endpoint, ok := endpoints[sector.Provider]
			if !ok {
				// Without an endpoint the records may still be had from others.
				endpoint, _ = chain.Endpoint(ctx, sector.Provider)
				endpoints[sector.Provider] = endpoint
			}
			seal := sealOf(pending, endpoint)
			sizeBytes += proto.Size(seal) + sealOverheadBytes
			if len(seals) == maxSeals || sizeBytes > maxRequestBytes {
				return seals, nil
			}
			seals = append(seals, seal)
		}
		if response.Pagination == nil || len(response.Pagination.NextKey) == 0 {
			return seals, nil
		}
		next = response.Pagination.NextKey
	}
}

// sealOverheadBytes is what a seal takes up in a request beside itself.
const sealOverheadBytes = 8

func sealOf(pending *poreptypes.PendingSeal, endpoint markettypes.Endpoint) *sidecarv1.SealToJudge {
	sector, proof := &pending.Sector, pending.Sector.Proof
	seal := &sidecarv1.SealToJudge{
		SealId:          pending.SealId,
		NodeCount:       sector.Class.Nodes(),
		ReplicaId:       sector.ReplicaId,
		CommC:           sector.CommC,
		CommRLast:       sector.CommRLast,
		Seed:            sector.Seed,
		Challenges:      sector.SealChallenges,
		Records:         proof.Records,
		Root:            proof.Root,
		LengthBytes:     proof.LengthBytes,
		PeerId:          endpoint.PeerId,
		Multiaddrs:      endpoint.Multiaddrs,
		JudgeByUnixNano: proof.VerdictBy.UnixNano(),
	}
	// The statement is about all pieces that were sealed, also those that are gone meanwhile.
	for i := range sector.Pieces {
		p := &sector.Pieces[i]
		seal.Pieces = append(seal.Pieces, &sidecarv1.SealedPiece{
			CommD: p.CommD, TotalBytes: p.TotalBytes, Leaves: p.Leaves, StartNode: p.StartNode,
		})
	}
	return seal
}
