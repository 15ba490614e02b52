package keeper

import (
	"context"
	"fmt"
	"slices"

	"cosmossdk.io/collections"
	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/ipdm-network/ipdm/sdk/go/format"
	"github.com/ipdm-network/ipdm/sdk/go/format/commitment"
	"github.com/ipdm-network/ipdm/x/porep/types"
)

// PreCommitSector commits to a sealed replica of deals that the provider was assigned, and locks a deposit for it. The challenges of
// its seal are drawn some blocks later, when the replica cannot be changed any more.
func (m msgServer) PreCommitSector(
	ctx context.Context, msg *types.MsgPreCommitSector,
) (*types.MsgPreCommitSectorResponse, error) {
	params, err := m.Params(ctx)
	if err != nil {
		return nil, err
	}
	if err := m.checkPreCommit(ctx, msg, params); err != nil {
		return nil, err
	}
	height := sdk.UnwrapSDKContext(ctx).BlockHeight()
	sector := types.Sector{
		Provider: msg.Provider, Number: msg.Number, Class: msg.Class, Status: types.SECTOR_STATUS_PRECOMMITTED,
		TicketHeight: msg.TicketHeight, CommC: msg.CommC, CommRLast: msg.CommRLast,
		Deposit: params.SealDeposit(msg.Class), PrecommittedAt: now(ctx),
		ChallengeHeight: height + params.PrecommitChallengeDelayBlocks, ProveBy: now(ctx).Add(params.ProveTimeout),
		LivePieces: uint32(len(msg.Pieces)), SealChallenges: params.SealChallenges,
	}
	if sector.Pieces, err = m.piecesOf(ctx, msg, params); err != nil {
		return nil, err
	}
	if err := m.identify(ctx, &sector); err != nil {
		return nil, err
	}
	if err := m.lock(ctx, params, msg.Provider, sector.Deposit); err != nil {
		return nil, err
	}
	if sector.Id, err = m.nextSectorID.Next(ctx); err != nil {
		return nil, fmt.Errorf("failed to number the sector: %w", err)
	}
	if err := m.setSector(ctx, sector); err != nil {
		return nil, err
	}
	if err := m.listSector(ctx, sector); err != nil {
		return nil, err
	}
	if err := m.setDue(ctx, sector.ProveBy, types.DUE_KIND_PROVE_TIMEOUT, sector.Provider, sector.Id); err != nil {
		return nil, err
	}
	for _, piece := range sector.Pieces {
		err := m.assignments.SealingStarted(ctx, sector.Provider, piece.DealId, piece.ReplicaIndex, sector.Id)
		if err != nil {
			return nil, fmt.Errorf("failed to begin sealing replica %d of deal %d: %w", piece.ReplicaIndex, piece.DealId, err)
		}
	}
	return &types.MsgPreCommitSectorResponse{SectorId: sector.Id, ChallengeHeight: sector.ChallengeHeight},
		emit(ctx, &types.EventSectorPreCommitted{
			SectorId: sector.Id, Provider: sector.Provider, Number: sector.Number, Deposit: sector.Deposit.String(),
			ChallengeHeight: sector.ChallengeHeight,
		})
}

// checkPreCommit checks what can be checked without the pieces.
func (m msgServer) checkPreCommit(ctx context.Context, msg *types.MsgPreCommitSector, params types.Params) error {
	if _, err := m.addresses.StringToBytes(msg.Provider); err != nil {
		return types.ErrInvalidAddress.Wrapf("provider %q: %s", msg.Provider, err)
	}
	if !slices.Contains(params.SectorClasses, msg.Class) {
		return types.ErrSectorClass.Wrapf("%s", msg.Class)
	}
	if len(msg.CommC) != types.CommDSizeBytes || len(msg.CommRLast) != types.CommDSizeBytes {
		return types.ErrCommitment.Wrapf("comm_c of %d bytes and comm_r_last of %d, want %d each",
			len(msg.CommC), len(msg.CommRLast), types.CommDSizeBytes)
	}
	if n := len(msg.Pieces); n == 0 || n > int(params.MaxPieces) {
		return types.ErrPieces.Wrapf("%d, want 1 to %d", n, params.MaxPieces)
	}
	height := sdk.UnwrapSDKContext(ctx).BlockHeight()
	if msg.TicketHeight >= height || msg.TicketHeight < height-params.TicketMaxAgeBlocks || msg.TicketHeight < 1 {
		return types.ErrTicket.Wrapf("height %d, want one of the %d blocks before %d", msg.TicketHeight, params.TicketMaxAgeBlocks, height)
	}
	used, err := m.sectorNumbers.Has(ctx, collections.Join(msg.Provider, msg.Number))
	if err != nil {
		return fmt.Errorf("failed to look up sector number %d: %w", msg.Number, err)
	}
	if used {
		return types.ErrSectorNumber.Wrapf("%d", msg.Number)
	}
	state, _, err := m.findProvider(ctx, types.MapKey(msg.Provider, types.CLASS_SEALED))
	if err != nil {
		return err
	}
	if state.Terminating {
		return types.ErrTerminating.Wrap(msg.Provider)
	}
	return nil
}

// piecesOf returns the pieces of a pre-commitment, each a replica that the provider is to seal, with the length that its last leaf
// shows. Gas is charged before any leaf is read.
func (m msgServer) piecesOf(ctx context.Context, msg *types.MsgPreCommitSector, params types.Params) ([]types.Piece, error) {
	gas := uint64(len(msg.Pieces)) * params.GasPerOpening
	for _, piece := range msg.Pieces {
		gas += uint64(len(piece.LastLeaf)) * params.GasPerProofByte
	}
	sdk.UnwrapSDKContext(ctx).GasMeter().ConsumeGas(gas, "pieces of a sector")
	pieces := make([]types.Piece, 0, len(msg.Pieces))
	type replica struct {
		deal  uint64
		index uint32
	}
	seen := make(map[replica]bool, len(msg.Pieces))
	for _, placed := range msg.Pieces {
		key := replica{placed.DealId, placed.ReplicaIndex}
		if seen[key] {
			return nil, types.ErrPieces.Wrapf("replica %d of deal %d is there twice", placed.ReplicaIndex, placed.DealId)
		}
		seen[key] = true
		piece, err := m.pieceOf(ctx, msg.Provider, placed)
		if err != nil {
			return nil, err
		}
		pieces = append(pieces, piece)
	}
	return pieces, nil
}

func (m msgServer) pieceOf(ctx context.Context, provider string, placed types.PieceCommitment) (types.Piece, error) {
	commD, size, err := m.assignments.SealedAssignment(ctx, provider, placed.DealId, placed.ReplicaIndex)
	if err != nil {
		return types.Piece{}, types.ErrNotAssigned.Wrapf("replica %d of deal %d: %s", placed.ReplicaIndex, placed.DealId, err)
	}
	if len(commD) != types.CommDSizeBytes {
		return types.Piece{}, types.ErrCommitment.Wrapf("deal %d has one of %d bytes", placed.DealId, len(commD))
	}
	leaf, rest, err := commitment.ConsumeLeafProof(placed.LastLeaf)
	if err == nil && len(rest) != 0 {
		err = fmt.Errorf("%d bytes after the end", len(rest))
	}
	if err == nil {
		err = commitment.VerifyLast(format.Digest(commD), size, leaf)
	}
	if err != nil {
		return types.Piece{}, types.ErrLastLeaf.Wrapf("deal %d: %s", placed.DealId, err)
	}
	return types.Piece{
		DealId: placed.DealId, ReplicaIndex: placed.ReplicaIndex, CommD: commD, TotalBytes: size, Leaves: leaf.Count,
		StartNode: placed.StartNode, Nodes: commitment.AlignedNodes(leaf.Count, size), Status: types.PIECE_STATUS_SEALING,
	}, nil
}
