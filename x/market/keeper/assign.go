package keeper

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"math/bits"
	"slices"

	sdkmath "cosmossdk.io/math"
	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/ipdm-network/ipdm/x/market/types"
	"github.com/ipdm-network/ipdm/x/porep/proof"
	poreptypes "github.com/ipdm-network/ipdm/x/porep/types"
)

const drawDomain = "ipdm/market/draw/v1"

// seek leaves a replica without a provider and queues its assignment. The provider that had it, if any, is excluded and
// its space released before.
func (k *Keeper) seek(ctx sdk.Context, params types.Params, deal types.Deal, replica types.Replica) error {
	deadline := ctx.BlockTime().Add(params.AssignmentTimeout)
	if deal.Started() {
		deadline = *deal.EndsAt
	}
	replica.Status = types.REPLICA_STATUS_UNASSIGNED
	replica.Deadline = &deadline
	replica.Provider, replica.AssignedAt, replica.Seed = "", nil, nil
	replica.PricePerGibHour, replica.Pledge = sdkmath.ZeroInt(), sdkmath.ZeroInt()
	replica.UnitId, replica.SectorId, replica.AccruedTo, replica.LossPaid = 0, 0, 0, false
	replica.DrawHeight = ctx.BlockHeight() + drawDelay
	if err := k.setReplica(ctx, replica); err != nil {
		return err
	}
	return k.addDue(ctx, ctx.BlockTime(), types.DUE_KIND_ASSIGN, deal.Id, replica.Index)
}

// exclude remembers that a provider refused, lapsed or lost the replica; the oldest such provider is forgotten first.
func exclude(params types.Params, replica *types.Replica) {
	replica.Excluded = append(replica.Excluded, replica.Provider)
	if over := len(replica.Excluded) - int(params.MaxExcluded); over > 0 {
		replica.Excluded = slices.Clone(replica.Excluded[over:])
	}
}

// assignDue handles the due draw of a replica. In a running deal that has found nobody else for long, one provider a draw is excluded no
// more: on a small network there may be no other.
func (k *Keeper) assignDue(ctx sdk.Context, params types.Params, dealID uint64, index uint32) error {
	deal, replica, err := k.dealAndReplica(ctx, dealID, index)
	if err != nil {
		return err
	}
	now := ctx.BlockTime()
	switch {
	case !deal.Running() || replica.Status != types.REPLICA_STATUS_UNASSIGNED:
		return nil
	case deal.Started() && !now.Before(*deal.EndsAt):
		return nil // the deal's end is due as well
	case !deal.Started() && !now.Before(*replica.Deadline):
		return k.closeDeal(ctx, deal, types.DEAL_STATUS_FAILED)
	case ctx.BlockHeight() < replica.DrawHeight:
		return k.addDue(ctx, now.Add(1), types.DUE_KIND_ASSIGN, dealID, index)
	}
	random, err := k.beacon.Latest(ctx)
	if err != nil {
		return fmt.Errorf("failed to read randomness: %w", err)
	}
	drawn, err := k.draw(ctx, params, deal, replica, random)
	if err != nil {
		return err
	}
	if drawn.found {
		return k.assign(ctx, params, deal, replica, drawn, random)
	}
	forgive := drawn.excluded && drawnFor(ctx, deal, replica) >= longestPause(params)
	if deal.Started() && (forgive || !replica.Deadline.Equal(*deal.EndsAt)) {
		if forgive {
			replica.Excluded = slices.Clone(replica.Excluded[1:])
		}
		replica.Deadline = deal.EndsAt
		if err := k.setReplica(ctx, replica); err != nil {
			return err
		}
	}
	again := now.Add(retryAfter(ctx, params, deal, replica, drawn.contested))
	if again.After(*replica.Deadline) {
		again = *replica.Deadline
	}
	return k.addDue(ctx, again, types.DUE_KIND_ASSIGN, dealID, index)
}

// drawing is what the draws for a replica came to.
type drawing struct {
	// provider takes the replica, if found, and commits pledge for it.
	provider types.Provider
	found    bool
	pledge   sdkmath.Int
	// contested tells that a provider was drawn that takes such deals and has the room, but not for this replica.
	contested bool
	// excluded tells that such a provider was passed over for nothing but that it refused, lapsed or lost the replica before.
	excluded bool
}

// draw looks for a provider by free bytes, with at most params.AssignmentDraws draws.
func (k *Keeper) draw(
	ctx context.Context, params types.Params, deal types.Deal, replica types.Replica, random [32]byte,
) (drawing, error) {
	total, err := k.weights.Total(ctx, weightsOwner)
	if err != nil || total == 0 {
		return drawing{}, err
	}
	replicas, err := k.Replicas(ctx, deal)
	if err != nil {
		return drawing{}, err
	}
	pledge, err := k.requiredPledge(ctx, params, replica.Class, deal.SizeBytes)
	if err != nil {
		return drawing{}, err
	}
	drawn := drawing{pledge: pledge}
	for attempt := range params.AssignmentDraws {
		slot, _, err := k.weights.Find(ctx, weightsOwner, point(random, deal.Id, replica.Index, attempt, total))
		if err != nil {
			return drawing{}, fmt.Errorf("failed to draw a provider: %w", err)
		}
		address, err := k.slots.Get(ctx, slot)
		if err != nil {
			return drawing{}, fmt.Errorf("failed to read slot %d: %w", slot, err)
		}
		provider, err := k.providers.Get(ctx, address)
		if err != nil {
			return drawing{}, fmt.Errorf("failed to read provider in slot %d: %w", slot, err)
		}
		if !offers(params, provider, deal, replica.Class) || provider.FreePledge().LT(pledge) {
			continue
		}
		another, excluded := holdsAnother(provider, replicas), slices.Contains(replica.Excluded, provider.Address)
		if !another && !excluded {
			drawn.provider, drawn.found = provider, true
			return drawn, nil
		}
		drawn.contested, drawn.excluded = true, drawn.excluded || !another
	}
	return drawn, nil
}

// offers tells whether a provider's ask accepts the deal and the class, and it has the room for one replica.
func offers(params types.Params, provider types.Provider, deal types.Deal, class poreptypes.Class) bool {
	return provider.FreeBytes(params) >= deal.SizeBytes && provider.Ask.Takes(class) &&
		provider.Ask.Accepts(deal.SizeBytes, deal.Duration, deal.MaxPricePerGibHour)
}

// holdsAnother tells whether a provider has one of the replicas already.
func holdsAnother(provider types.Provider, replicas []types.Replica) bool {
	return slices.ContainsFunc(replicas, func(other types.Replica) bool {
		return other.Reserving() && other.Provider == provider.Address
	})
}

// requiredPledge is what a provider must commit for a replica of a class.
func (k *Keeper) requiredPledge(ctx context.Context, params types.Params, class poreptypes.Class, sizeBytes uint64) (sdkmath.Int, error) {
	pledge := types.Backing(params.PledgePerGib, sizeBytes)
	if class != poreptypes.CLASS_SEALED {
		return pledge, nil
	}
	sealed, err := k.incentive.SealedPledge(ctx, sizeBytes)
	if err != nil {
		return sdkmath.Int{}, fmt.Errorf("failed to reckon the pledge of %d sealed bytes: %w", sizeBytes, err)
	}
	return sdkmath.MaxInt(pledge, sealed), nil
}

// assign gives a replica to the provider that was drawn.
func (k *Keeper) assign(
	ctx sdk.Context, params types.Params, deal types.Deal, replica types.Replica, drawn drawing, random [32]byte,
) error {
	provider := drawn.provider
	address, err := k.address(provider.Address)
	if err != nil {
		return err
	}
	if err := k.reserve(ctx, params, provider, deal, replica.Index, drawn.pledge); err != nil {
		return err
	}
	now := ctx.BlockTime()
	deadline := now.Add(params.ActivationTimeout)
	if replica.Class == poreptypes.CLASS_SEALED {
		deadline = now.Add(params.SealingTimeout)
	}
	replica.Pledge = drawn.pledge
	seed := proof.ActivationSeed(random, ctx.ChainID(), deal.Id, replica.Index, address)
	replica.Status = types.REPLICA_STATUS_ASSIGNED
	replica.Provider = provider.Address
	replica.PricePerGibHour = provider.Ask.PricePerGibHour
	replica.AssignedAt, replica.Deadline, replica.Seed = &now, &deadline, seed[:]
	if err := k.setReplica(ctx, replica); err != nil {
		return err
	}
	if err := k.addDue(ctx, deadline, types.DUE_KIND_LAPSE, deal.Id, replica.Index); err != nil {
		return err
	}
	return emit(ctx, &types.EventReplicaAssigned{DealId: deal.Id, Index: replica.Index, Provider: provider.Address})
}

// dropAssignment takes an assignment that was not activated from its provider, with a fee that may be zero.
func (k *Keeper) dropAssignment(ctx context.Context, deal types.Deal, replica types.Replica, fee sdkmath.Int) error {
	if err := k.removeDue(ctx, *replica.Deadline, types.DUE_KIND_LAPSE, deal.Id, replica.Index); err != nil {
		return err
	}
	return k.release(ctx, deal, &replica, fee, "")
}

// giveBack handles a refused or lapsed assignment that was dropped already: the replica is sought again, unless no
// replica has been active and there were too many such assignments.
func (k *Keeper) giveBack(ctx sdk.Context, params types.Params, deal types.Deal, replica types.Replica) error {
	exclude(params, &replica)
	deal.Refusals++
	if err := k.setDeal(ctx, deal); err != nil {
		return err
	}
	if err := k.seek(ctx, params, deal, replica); err != nil {
		return err
	}
	if !deal.Started() && deal.Refusals >= params.MaxRefusals {
		return k.closeDeal(ctx, deal, types.DEAL_STATUS_FAILED)
	}
	return nil
}

// lapseDue handles the deadline of an assignment that was neither activated nor refused.
func (k *Keeper) lapseDue(ctx sdk.Context, params types.Params, dealID uint64, index uint32) error {
	deal, replica, err := k.dealAndReplica(ctx, dealID, index)
	if err != nil {
		return err
	}
	if !deal.Running() || replica.Status != types.REPLICA_STATUS_ASSIGNED || ctx.BlockTime().Before(*replica.Deadline) {
		return nil
	}
	if err := k.removeDue(ctx, *replica.Deadline, types.DUE_KIND_LAPSE, deal.Id, replica.Index); err != nil {
		return err
	}
	return k.lapse(ctx, params, deal, replica)
}

// lapse takes a replica, with a fee, from a provider that did not activate it in time.
func (k *Keeper) lapse(ctx sdk.Context, params types.Params, deal types.Deal, replica types.Replica) error {
	provider, err := k.Provider(ctx, replica.Provider)
	if err != nil {
		return err
	}
	fee := sdkmath.MinInt(params.LapseFee, provider.Pledge)
	if err := k.release(ctx, deal, &replica, fee, ""); err != nil {
		return err
	}
	err = emit(ctx, &types.EventReplicaLapsed{DealId: deal.Id, Index: replica.Index, Provider: replica.Provider, Fee: fee.String()})
	if err != nil {
		return err
	}
	return k.giveBack(ctx, params, deal, replica)
}

// point is the place below total, which is not zero, that an attempt draws. A 128-bit hash makes the bias negligible.
func point(random [32]byte, dealID uint64, index, attempt uint32, total uint64) uint64 {
	text := append([]byte(drawDomain), random[:]...)
	text = binary.BigEndian.AppendUint64(text, dealID)
	text = binary.BigEndian.AppendUint32(text, index)
	text = binary.BigEndian.AppendUint32(text, attempt)
	hash := sha256.Sum256(text)
	high, low := binary.BigEndian.Uint64(hash[:8]), binary.BigEndian.Uint64(hash[8:16])
	return bits.Rem64(high, low, total)
}
