package sectors

import (
	"context"
	"errors"
	"fmt"

	"github.com/ipfs/go-cid"

	"github.com/ipdm-network/ipdm/sdk/go/format"
	"github.com/ipdm-network/ipdm/sidecar/consensus/chain"
	poreptypes "github.com/ipdm-network/ipdm/x/porep/types"
)

// preCommit commits to a sealed replica on chain. When it was sent before and the answer lost, the chain refuses the number, and
// the next round finds the sector.
func (k *Keeper) preCommit(s *sector) func(context.Context, int) error {
	return func(ctx context.Context, _ int) error {
		plan, made := s.file.Plan, s.file.Commitments
		msg := &poreptypes.MsgPreCommitSector{
			Provider: k.address, Number: plan.Number, Class: plan.Class, TicketHeight: plan.TicketHeight,
			CommC: made.CommC[:], CommRLast: made.CommRLast[:],
		}
		for _, piece := range plan.Pieces {
			last, leaves, err := k.deps.Leaves.LastLeaf(ctx, piece.CommD)
			if err != nil {
				return fmt.Errorf("failed to show the last leaf of deal %d: %w", piece.DealID, err)
			}
			if leaves != piece.Leaves {
				return fmt.Errorf("deal %d has %d leaves, the plan says %d", piece.DealID, leaves, piece.Leaves)
			}
			msg.Pieces = append(msg.Pieces, poreptypes.PieceCommitment{
				DealId: piece.DealID, ReplicaIndex: piece.ReplicaIndex, StartNode: piece.StartNode, LastLeaf: last,
			})
		}
		result, err := k.sender.Submit(ctx, msg)
		if errors.Is(err, chain.ErrInsufficientFunds) {
			return fmt.Errorf("%w (the deposit of a sector is locked until its seal is final: send more to %s)", err, k.address)
		}
		if err != nil {
			return err
		}
		k.metrics.preCommits.Inc()
		k.log.Info("sector pre-committed", "number", plan.Number, "height", result.Height)
		return nil
	}
}

// prove answers a sector's seal challenges.
func (k *Keeper) prove(s *sector) func(context.Context, int) error {
	return func(ctx context.Context, _ int) error {
		now, err := k.chain.Sector(ctx, s.onChain.Id)
		if err != nil {
			return err
		}
		if now.Status != poreptypes.SECTOR_STATUS_PRECOMMITTED {
			return nil // proven since the look that this follows from
		}
		_, nodes, err := k.chain.SealChallenges(ctx, s.onChain.Id)
		if errors.Is(err, chain.ErrNotFound) {
			return nil // not drawn yet
		}
		if err != nil {
			return err
		}
		records, at, err := k.makeRecords(ctx, s, nodes)
		if err != nil {
			return err
		}
		root := format.Sum(records)
		result, err := k.sender.Submit(ctx, &poreptypes.MsgProveSeal{
			Provider: k.address, SectorId: s.onChain.Id, Records: at.String(), Root: root[:], LengthBytes: uint64(len(records)),
		})
		if err != nil {
			return err
		}
		k.metrics.proofs.Inc()
		k.log.Info("seal proven", "number", s.number, "sector", s.onChain.Id, "bytes", len(records), "height", result.Height)
		return nil
	}
}

// makeRecords makes seal records and puts them into the data plane.
func (k *Keeper) makeRecords(ctx context.Context, s *sector, nodes []uint64) ([]byte, cid.Cid, error) {
	records, err := k.files.Records(ctx, s.number, nodes)
	if err != nil {
		return nil, cid.Undef, fmt.Errorf("failed to make the seal records: %w", err)
	}
	at, err := k.records.Put(ctx, s.number, records)
	if err != nil {
		return nil, cid.Undef, fmt.Errorf("failed to store the seal records: %w", err)
	}
	k.stored.add(s.number)
	return records, at, nil
}

// keepRecords sees to it that the records of a seal that is judged or can be disputed are in the data plane.
func (k *Keeper) keepRecords(s *sector) func(context.Context, int) error {
	return func(ctx context.Context, _ int) error {
		_, err := k.proofRecords(ctx, s)
		return err
	}
}

// proofRecords returns the records of a sector's seal proof: from the data plane, or else made anew from the labels.
func (k *Keeper) proofRecords(ctx context.Context, s *sector) ([]byte, error) {
	at, err := format.ParseCID(s.onChain.Proof.Records)
	if err != nil {
		return nil, err
	}
	records, err := k.records.Get(ctx, at)
	if err == nil && format.Sum(records) == digestOf(s.onChain.Proof.Root) {
		k.stored.add(s.number)
		return records, nil
	}
	if err != nil && !errors.Is(err, ErrNoRecords) {
		return nil, err
	}
	_, nodes, err := k.chain.SealChallenges(ctx, s.onChain.Id)
	if err != nil {
		return nil, err
	}
	if records, _, err = k.makeRecords(ctx, s, nodes); err != nil {
		return nil, err
	}
	if root := format.Sum(records); root != digestOf(s.onChain.Proof.Root) {
		return nil, fmt.Errorf("%w: the records made anew have root %s", ErrDamaged, root)
	}
	return records, nil
}
