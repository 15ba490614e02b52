package keeper

import (
	"context"
	"fmt"
	"time"

	"cosmossdk.io/collections"
	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/ipdm-network/ipdm/x/market/types"
)

// reweighSlots is how many providers one due item weighs anew.
const reweighSlots = 100

func dueAt(at time.Time, kind types.DueKind, dealID uint64, index uint32) dueKey {
	return collections.Join4(uint64(at.UnixNano()), uint32(kind), dealID, index)
}

// queue is where items of a kind wait: draws apart from all others, so that however many there are, none of the others
// waits behind them.
func (k *Keeper) queue(kind types.DueKind) collections.KeySet[dueKey] {
	if kind == types.DUE_KIND_ASSIGN {
		return k.draws
	}
	return k.due
}

func (k *Keeper) addDue(ctx context.Context, at time.Time, kind types.DueKind, dealID uint64, index uint32) error {
	if err := k.queue(kind).Set(ctx, dueAt(at, kind, dealID, index)); err != nil {
		return fmt.Errorf("failed to queue %s of deal %d: %w", kind, dealID, err)
	}
	return nil
}

func (k *Keeper) removeDue(ctx context.Context, at time.Time, kind types.DueKind, dealID uint64, index uint32) error {
	if err := k.queue(kind).Remove(ctx, dueAt(at, kind, dealID, index)); err != nil {
		return fmt.Errorf("failed to remove %s of deal %d from the queue: %w", kind, dealID, err)
	}
	return nil
}

// BeginBlock handles what is due, at most params.MaxDuePerBlock items: in the order of time, but draws after all others. What
// is left waits for the next block. An item that fails leaves no trace but an event and is tried again after params.RetryInterval.
func (k *Keeper) BeginBlock(goCtx context.Context) error {
	ctx := sdk.UnwrapSDKContext(goCtx)
	params, err := k.Params(ctx)
	if err != nil {
		return err
	}
	items, err := dueItems(ctx, k.due, int(params.MaxDuePerBlock))
	if err != nil {
		return err
	}
	draws, err := dueItems(ctx, k.draws, int(params.MaxDuePerBlock)-len(items))
	if err != nil {
		return err
	}
	for _, item := range append(items, draws...) {
		if err := k.handleItem(ctx, params, item); err != nil {
			return err
		}
	}
	return nil
}

// dueItems returns a queue's items whose time has come, at most limit of them.
func dueItems(ctx sdk.Context, queue collections.KeySet[dueKey], limit int) ([]dueKey, error) {
	if limit <= 0 {
		return nil, nil
	}
	now := uint64(ctx.BlockTime().UnixNano())
	var items []dueKey
	err := queue.Walk(ctx, nil, func(item dueKey) (bool, error) {
		if item.K1() > now {
			return true, nil
		}
		items = append(items, item)
		return len(items) >= limit, nil
	})
	if err != nil {
		return nil, fmt.Errorf("failed to read the due queue: %w", err)
	}
	return items, nil
}

// handleItem takes an item from the queue and handles it. It fails only when the queue itself cannot be written.
func (k *Keeper) handleItem(ctx sdk.Context, params types.Params, item dueKey) error {
	kind, dealID, index := types.DueKind(item.K2()), item.K3(), item.K4()
	held, err := k.queue(kind).Has(ctx, item)
	if err != nil {
		return fmt.Errorf("failed to read the due queue: %w", err)
	}
	if !held {
		return nil // an item before this one took it away
	}
	if err := k.queue(kind).Remove(ctx, item); err != nil {
		return fmt.Errorf("failed to take an item from the due queue: %w", err)
	}
	cached, write := ctx.CacheContext()
	failure := k.handle(cached, params, kind, dealID, index)
	if failure == nil {
		write()
		return nil
	}
	ctx.Logger().Error("failed to handle due item of x/market; will try again",
		"kind", kind.String(), "deal", dealID, "index", index, "error", failure)
	if err := k.addDue(ctx, ctx.BlockTime().Add(params.RetryInterval), kind, dealID, index); err != nil {
		return err
	}
	return emit(ctx, &types.EventDueFailed{Kind: kind, DealId: dealID, Index: index, Error: failure.Error()})
}

func (k *Keeper) handle(ctx sdk.Context, params types.Params, kind types.DueKind, dealID uint64, index uint32) error {
	switch kind {
	case types.DUE_KIND_ASSIGN:
		return k.assignDue(ctx, params, dealID, index)
	case types.DUE_KIND_LAPSE:
		return k.lapseDue(ctx, params, dealID, index)
	case types.DUE_KIND_END:
		return k.endDue(ctx, dealID)
	case types.DUE_KIND_REWEIGH:
		return k.reweighDue(ctx, params, dealID)
	case types.DUE_KIND_RECONCILE:
		return k.reconcileDue(ctx, dealID, index)
	default:
		return fmt.Errorf("%w: due item of kind %s", types.ErrInvariant, kind)
	}
}

// endDue ends a deal whose duration is over.
func (k *Keeper) endDue(ctx sdk.Context, dealID uint64) error {
	deal, err := k.Deal(ctx, dealID)
	if err != nil {
		return err
	}
	if !deal.Running() || !deal.Started() || ctx.BlockTime().Before(*deal.EndsAt) {
		return nil
	}
	return k.closeDeal(ctx, deal, types.DEAL_STATUS_ENDED)
}

// reweighDue weighs the next providers, from the given slot on, by the present parameters and queues the rest.
func (k *Keeper) reweighDue(ctx sdk.Context, params types.Params, slot uint64) error {
	var addresses []sdk.AccAddress
	var rest *uint64
	err := k.slots.Walk(ctx, new(collections.Range[uint64]).StartInclusive(slot), func(slot uint64, address sdk.AccAddress) (bool, error) {
		if len(addresses) == reweighSlots {
			rest = &slot
			return true, nil
		}
		addresses = append(addresses, address)
		return false, nil
	})
	if err != nil {
		return fmt.Errorf("failed to read slots: %w", err)
	}
	for _, address := range addresses {
		provider, err := k.providers.Get(ctx, address)
		if err != nil {
			return fmt.Errorf("failed to read provider %s: %w", address, err)
		}
		if err := k.setProvider(ctx, params, provider); err != nil {
			return err
		}
	}
	if rest != nil {
		return k.addDue(ctx, ctx.BlockTime().Add(1), types.DUE_KIND_REWEIGH, *rest, 0)
	}
	return nil
}
