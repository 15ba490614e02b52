package keeper

import (
	"context"
	"errors"
	"fmt"

	"cosmossdk.io/collections"
	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/ipdm-network/ipdm/x/internal/cidtext"
	"github.com/ipdm-network/ipdm/x/porep/proof"
	"github.com/ipdm-network/ipdm/x/porep/types"
)

// ProveSeal commits to the records that answer the challenges of a sector's seal, which lie in the data plane, and has the
// validators judge them.
func (m msgServer) ProveSeal(ctx context.Context, msg *types.MsgProveSeal) (*types.MsgProveSealResponse, error) {
	sector, err := m.Keeper.Sector(ctx, msg.SectorId)
	if err != nil {
		return nil, err
	}
	if sector.Provider != msg.Provider {
		return nil, types.ErrNotOwner.Wrapf("sector %d of %s", sector.Id, sector.Provider)
	}
	if sector.Status != types.SECTOR_STATUS_PRECOMMITTED {
		return nil, types.ErrSectorStatus.Wrapf("sector %d is %s", sector.Id, sector.Status)
	}
	if !now(ctx).Before(sector.ProveBy) {
		return nil, types.ErrTooLate.Wrapf("sector %d was to be proven by %s", sector.Id, sector.ProveBy)
	}
	if err := cidtext.Check(msg.Records, cidtext.Raw, cidtext.DagPB, cidtext.DagCBOR); err != nil {
		return nil, types.ErrRecords.Wrap(err.Error())
	}
	if len(msg.Root) != types.CommDSizeBytes {
		return nil, types.ErrRecords.Wrapf("root of %d bytes, want %d", len(msg.Root), types.CommDSizeBytes)
	}
	if want := recordsLength(sector); msg.LengthBytes != want {
		return nil, types.ErrSealLength.Wrapf("%d bytes, want %d", msg.LengthBytes, want)
	}
	seed, err := m.sealSeed(ctx, sector)
	if err != nil {
		return nil, err
	}
	params, err := m.Params(ctx)
	if err != nil {
		return nil, err
	}
	waiting, err := m.pendingSeals(ctx)
	if err != nil {
		return nil, err
	}
	if waiting >= uint64(params.MaxPendingSeals) {
		return nil, types.ErrPendingSeals.Wrapf("%d", waiting)
	}
	sealID, err := m.nextSealID.Next(ctx)
	if err != nil {
		return nil, fmt.Errorf("failed to number the seal proof: %w", err)
	}
	sector.Status, sector.Seed = types.SECTOR_STATUS_VERIFYING, seed[:]
	sector.Proof = &types.SealProof{
		SealId: sealID, Records: msg.Records, Root: msg.Root, LengthBytes: msg.LengthBytes,
		SubmittedAt: now(ctx), VerdictBy: now(ctx).Add(params.VerdictTimeout),
	}
	if err := m.removeDue(ctx, dueAt(sector.ProveBy, types.DUE_KIND_PROVE_TIMEOUT, sector.Provider, sector.Id)); err != nil {
		return nil, err
	}
	if err := m.setDue(ctx, sector.Proof.VerdictBy, types.DUE_KIND_VERDICT_TIMEOUT, sector.Provider, sector.Id); err != nil {
		return nil, err
	}
	if err := m.setSector(ctx, sector); err != nil {
		return nil, err
	}
	if err := m.setPending(ctx, sector); err != nil {
		return nil, err
	}
	return &types.MsgProveSealResponse{SealId: sealID}, emit(ctx, &types.EventSealSubmitted{
		SealId: sealID, SectorId: sector.Id, Provider: sector.Provider,
	})
}

// ProveSealFraud shows a record of a seal that fails: the provider loses its deposit and its units, of which the reporter gets
// part, and validators that said yes lose stake.
func (m msgServer) ProveSealFraud(ctx context.Context, msg *types.MsgProveSealFraud) (*types.MsgProveSealFraudResponse, error) {
	if _, err := m.addresses.StringToBytes(msg.Reporter); err != nil {
		return nil, types.ErrInvalidAddress.Wrapf("reporter %q: %s", msg.Reporter, err)
	}
	sector, err := m.Keeper.Sector(ctx, msg.SectorId)
	if err != nil {
		return nil, err
	}
	if err := disputable(ctx, sector); err != nil {
		return nil, err
	}
	holds, err := m.judgeRecord(ctx, sector, msg.Index, msg.Slice)
	if err != nil {
		return nil, err
	}
	if holds {
		return nil, types.ErrRecordHolds.Wrapf("record %d of sector %d", msg.Index, sector.Id)
	}
	return &types.MsgProveSealFraudResponse{}, m.convict(ctx, sector, msg.Reporter, true)
}

// DemandSealRecord demands that a provider show a record of a seal on chain, within a time of its own: that a record cannot be had
// from the data plane does not help a provider whose record is false. The bond goes to the provider unless the record is false
// or not shown.
func (m msgServer) DemandSealRecord(
	ctx context.Context, msg *types.MsgDemandSealRecord,
) (*types.MsgDemandSealRecordResponse, error) {
	sector, err := m.Keeper.Sector(ctx, msg.SectorId)
	if err != nil {
		return nil, err
	}
	if err := disputable(ctx, sector); err != nil {
		return nil, err
	}
	if msg.Index >= sector.SealChallenges {
		return nil, types.ErrRecordIndex.Wrapf("%d of %d", msg.Index, sector.SealChallenges)
	}
	params, err := m.Params(ctx)
	if err != nil {
		return nil, err
	}
	if sector.OpenDemands >= params.MaxDemands {
		return nil, types.ErrDemands.Wrapf("%d on sector %d", sector.OpenDemands, sector.Id)
	}
	key := collections.Join(sector.Id, msg.Index)
	demanded, err := m.demands.Has(ctx, key)
	if err != nil {
		return nil, fmt.Errorf("failed to look up the demand for record %d of sector %d: %w", msg.Index, sector.Id, err)
	}
	if demanded {
		return nil, types.ErrDemanded.Wrapf("record %d of sector %d", msg.Index, sector.Id)
	}
	if err := m.lock(ctx, params, msg.Sender, params.DemandBond); err != nil {
		return nil, err
	}
	demand := types.RecordDemand{
		SectorId: sector.Id, Index: msg.Index, Sender: msg.Sender, Bond: params.DemandBond,
		AnswerBy: now(ctx).Add(params.DemandResponseTime),
	}
	if err := m.demands.Set(ctx, key, demand); err != nil {
		return nil, fmt.Errorf("failed to write the demand for record %d of sector %d: %w", msg.Index, sector.Id, err)
	}
	if err := m.setDue(ctx, demand.AnswerBy, types.DUE_KIND_DEMAND_TIMEOUT, sector.Provider, sector.Id); err != nil {
		return nil, err
	}
	sector.OpenDemands++
	if err := m.setSector(ctx, sector); err != nil {
		return nil, err
	}
	return &types.MsgDemandSealRecordResponse{}, emit(ctx, &types.EventRecordDemanded{
		SectorId: sector.Id, Index: msg.Index, Sender: msg.Sender,
	})
}

// RevealSealRecord shows a demanded record. One that holds earns the bond; one that fails convicts its provider.
func (m msgServer) RevealSealRecord(
	ctx context.Context, msg *types.MsgRevealSealRecord,
) (*types.MsgRevealSealRecordResponse, error) {
	sector, err := m.Keeper.Sector(ctx, msg.SectorId)
	if err != nil {
		return nil, err
	}
	if sector.Provider != msg.Provider {
		return nil, types.ErrNotOwner.Wrapf("sector %d of %s", sector.Id, sector.Provider)
	}
	demand, err := m.demands.Get(ctx, collections.Join(sector.Id, msg.Index))
	if errors.Is(err, collections.ErrNotFound) {
		return nil, types.ErrUnknownDemand.Wrapf("record %d of sector %d", msg.Index, sector.Id)
	}
	if err != nil {
		return nil, fmt.Errorf("failed to read the demand for record %d of sector %d: %w", msg.Index, sector.Id, err)
	}
	if !now(ctx).Before(demand.AnswerBy) {
		return nil, types.ErrTooLate.Wrapf("record %d of sector %d was to be shown by %s", msg.Index, sector.Id, demand.AnswerBy)
	}
	holds, err := m.judgeRecord(ctx, sector, msg.Index, msg.Slice)
	if err != nil {
		return nil, err
	}
	if !holds {
		return &types.MsgRevealSealRecordResponse{}, m.convict(ctx, sector, demand.Sender, true)
	}
	if err := m.removeDemand(ctx, &sector, demand); err != nil {
		return nil, err
	}
	if err := m.setSector(ctx, sector); err != nil {
		return nil, err
	}
	if err := m.unlock(ctx, sector.Provider, demand.Bond); err != nil {
		return nil, err
	}
	over := sector.Status == types.SECTOR_STATUS_DISPUTABLE && !now(ctx).Before(*sector.DisputeEndsAt)
	if over && sector.OpenDemands == 0 {
		if err := m.setDue(ctx, now(ctx), types.DUE_KIND_DISPUTE_END, sector.Provider, sector.Id); err != nil {
			return nil, err
		}
	}
	return &types.MsgRevealSealRecordResponse{}, emit(ctx, &types.EventRecordRevealed{SectorId: sector.Id, Index: msg.Index})
}

// judgeRecord charges the gas for checking a record of a seal and tells whether it holds. It fails with ErrRecordIndex,
// ErrProofTooLarge, and with ErrSlice when the slice does not show the record.
func (m msgServer) judgeRecord(ctx context.Context, sector types.Sector, index uint32, slice []byte) (holds bool, err error) {
	if index >= sector.SealChallenges {
		return false, types.ErrRecordIndex.Wrapf("%d of %d", index, sector.SealChallenges)
	}
	if len(slice) > proof.MaxProofSize {
		return false, types.ErrProofTooLarge.Wrapf("%d bytes, at most %d", len(slice), proof.MaxProofSize)
	}
	params, err := m.Params(ctx)
	if err != nil {
		return false, err
	}
	gas := uint64(len(slice))*params.GasPerProofByte + params.GasPerSealRecord
	sdk.UnwrapSDKContext(ctx).GasMeter().ConsumeGas(gas, "seal record")
	return recordHolds(sector, index, slice)
}
