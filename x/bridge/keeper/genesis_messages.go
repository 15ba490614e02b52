package keeper

import (
	"context"
	"fmt"

	"cosmossdk.io/collections"

	"github.com/ipdm-network/ipdm/x/bridge/types"
)

// initMessages writes what there is of messages and events.
func (k *Keeper) initMessages(ctx context.Context, gs types.GenesisState) error {
	for _, d := range gs.Domains {
		if err := k.setDomain(ctx, d); err != nil {
			return err
		}
	}
	for _, r := range gs.Ranges {
		if err := k.ranges.Set(ctx, collections.Join(r.Domain, r.FirstNonce), r); err != nil {
			return fmt.Errorf("failed to write a range of domain %d: %w", r.Domain, err)
		}
	}
	for _, b := range gs.Ballots {
		validator, err := k.consensus.StringToBytes(b.ConsensusAddress)
		if err != nil {
			return types.ErrInvalidGenesis.Wrapf("consensus address %q: %s", b.ConsensusAddress, err)
		}
		if err := k.cast(ctx, validator, b); err != nil {
			return err
		}
	}
	for _, a := range gs.Assets {
		if err := k.setAsset(ctx, a); err != nil {
			return err
		}
	}
	for _, l := range gs.Lanes {
		if err := k.setLane(ctx, lane{Lane: l}); err != nil {
			return err
		}
	}
	for i, m := range gs.Messages {
		content, err := m.Decode()
		if err != nil {
			return err
		}
		if err := k.append(ctx, uint64(i), content, m); err != nil {
			return err
		}
	}
	for _, o := range gs.Owed {
		if err := k.setOwed(ctx, o); err != nil {
			return err
		}
	}
	for _, c := range gs.Calls {
		if err := k.setCall(ctx, c); err != nil {
			return err
		}
	}
	if err := k.setPause(ctx, gs.Pause); err != nil {
		return err
	}
	return k.checkBooks(ctx, gs)
}

// exportMessages adds what there is of messages and events.
func (k *Keeper) exportMessages(ctx context.Context, gs *types.GenesisState) (err error) {
	if gs.Domains, err = k.Domains(ctx); err != nil {
		return err
	}
	if gs.Ranges, err = valuesOf(ctx, k.ranges); err != nil {
		return err
	}
	if gs.Ballots, err = valuesOf(ctx, k.ballots); err != nil {
		return err
	}
	if gs.Assets, err = valuesOf(ctx, k.assets); err != nil {
		return err
	}
	if gs.Lanes, err = valuesOf(ctx, k.lanes); err != nil {
		return err
	}
	if gs.Messages, err = valuesOf(ctx, k.messages); err != nil {
		return err
	}
	if gs.Owed, err = valuesOf(ctx, k.owed); err != nil {
		return err
	}
	if gs.Calls, err = valuesOf(ctx, k.calls); err != nil {
		return err
	}
	gs.Pause, err = k.Pause(ctx)
	return err
}

// collection is a map of the state's.
type collection[K, V any] interface {
	Walk(ctx context.Context, ranger collections.Ranger[K], each func(key K, value V) (stop bool, err error)) error
}

// valuesOf returns the values of a collection, by key.
func valuesOf[K, V any](ctx context.Context, from collection[K, V]) ([]V, error) {
	var all []V
	err := from.Walk(ctx, nil, func(_ K, value V) (bool, error) {
		all = append(all, value)
		return false, nil
	})
	if err != nil {
		return nil, fmt.Errorf("failed to read all %T: %w", *new(V), err)
	}
	return all, nil
}
