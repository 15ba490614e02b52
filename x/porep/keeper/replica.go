package keeper

import (
	"context"
	"errors"
	"fmt"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/ipdm-network/ipdm/sdk/go/format"
	"github.com/ipdm-network/ipdm/x/porep/proof/sdr"
	"github.com/ipdm-network/ipdm/x/porep/types"
)

// The functions of this file put what the state says of a sector to x/porep/proof/sdr.

// sealedPieces returns the pieces of a sector as its seal is about them.
func sealedPieces(sector types.Sector) []sdr.Piece {
	pieces := make([]sdr.Piece, 0, len(sector.Pieces))
	for _, piece := range sector.Pieces {
		pieces = append(pieces, sdr.Piece{
			CommD: format.Digest(piece.CommD), TotalBytes: piece.TotalBytes, Leaves: piece.Leaves, StartNode: piece.StartNode,
		})
	}
	return pieces
}

// identify computes the commitment to a new sector's data and the identity of its replica, which its ticket is part of. It fails
// with ErrPieces and ErrTicket.
func (k *Keeper) identify(ctx context.Context, sector *types.Sector) error {
	nodes, pieces := sector.Class.Nodes(), sealedPieces(*sector)
	if err := sdr.CheckPieces(nodes, pieces); err != nil {
		return types.ErrPieces.Wrap(err.Error())
	}
	ticket, err := k.Beacon.At(ctx, sector.TicketHeight)
	if err != nil {
		return types.ErrTicket.Wrapf("height %d: %s", sector.TicketHeight, err)
	}
	raw, err := k.addresses.StringToBytes(sector.Provider)
	if err != nil {
		return fmt.Errorf("failed to read the address of provider %s: %w", sector.Provider, err)
	}
	commD := sdr.SectorCommD(nodes, pieces)
	replicaID := sdr.ReplicaID(sdk.UnwrapSDKContext(ctx).ChainID(), raw, sector.Number, ticket, commD)
	sector.CommD, sector.ReplicaId = commD[:], replicaID[:]
	return nil
}

// sealSeed returns the seed of a sector's seal challenges. It fails with ErrNotDrawn before there is one.
func (k *Keeper) sealSeed(ctx context.Context, sector types.Sector) ([32]byte, error) {
	if len(sector.Seed) == len(sdr.Hash{}) {
		return sdr.Hash(sector.Seed), nil
	}
	random, err := k.Beacon.At(ctx, sector.ChallengeHeight)
	if err != nil {
		return sdr.Hash{}, types.ErrNotDrawn.Wrapf("sector %d at height %d: %s", sector.Id, sector.ChallengeHeight, err)
	}
	statement, err := statementOf(sector)
	if err != nil {
		return sdr.Hash{}, err
	}
	return sdr.SealSeed(random, statement.ReplicaID, sdr.CommR(statement.CommC, statement.CommRLast)), nil
}

// sealChallenges returns the nodes that a sector's seal proof shows.
func sealChallenges(sector types.Sector, seed [32]byte) []uint64 {
	return sdr.Challenges(seed, sector.SealChallenges, sector.Class.Nodes())
}

// recordsLength returns how many bytes a sector's seal proof has.
func recordsLength(sector types.Sector) uint64 {
	return sdr.ProofSize(sector.Class.Nodes(), sector.SealChallenges)
}

func statementOf(sector types.Sector) (sdr.Statement, error) {
	for _, hash := range [][]byte{sector.ReplicaId, sector.CommC, sector.CommRLast} {
		if len(hash) != len(sdr.Hash{}) {
			return sdr.Statement{}, fmt.Errorf("sector %d has a commitment of %d bytes", sector.Id, len(hash))
		}
	}
	return sdr.Statement{
		Nodes: sector.Class.Nodes(), ReplicaID: sdr.Hash(sector.ReplicaId), CommC: sdr.Hash(sector.CommC),
		CommRLast: sdr.Hash(sector.CommRLast), Pieces: sealedPieces(sector),
	}, nil
}

// recordHolds tells whether a record of a sector's seal proof is right. It fails with ErrSlice when the slice does not show
// the record.
func recordHolds(sector types.Sector, index uint32, slice []byte) (bool, error) {
	if sector.Proof == nil || len(sector.Seed) != len(sdr.Hash{}) || len(sector.Proof.Root) != format.DigestSize {
		return false, types.ErrSectorStatus.Wrapf("sector %d has no seal proof", sector.Id)
	}
	statement, err := statementOf(sector)
	if err != nil {
		return false, err
	}
	graph, err := sdr.NewGraph(statement.Nodes)
	if err != nil {
		return false, fmt.Errorf("failed to make the graph of sector %d: %w", sector.Id, err)
	}
	record, err := sdr.VerifyRecordSlice(format.Digest(sector.Proof.Root), statement.Nodes, sector.SealChallenges, index, slice)
	if errors.Is(err, sdr.ErrSlice) {
		return false, types.ErrSlice.Wrapf("record %d of sector %d", index, sector.Id)
	}
	if err != nil {
		return false, fmt.Errorf("failed to read record %d of sector %d: %w", index, sector.Id, err)
	}
	node := sealChallenges(sector, sdr.Hash(sector.Seed))[index]
	err = sdr.VerifyRecord(&statement, graph, node, record)
	if err != nil && !sdr.Convicts(err) {
		return false, fmt.Errorf("failed to check record %d of sector %d: %w", index, sector.Id, err)
	}
	return err == nil, nil
}
