package keeper

import (
	"context"
	"fmt"

	"cosmossdk.io/collections"
	errorsmod "cosmossdk.io/errors"
	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/ipdm-network/ipdm/x/anchor/types"
)

// CheckInvariants walks the whole state and fails with ErrInvariant unless records form consistent version chains, the
// indexes name exactly the records, and the trie is the one of the records. It is for tests and simulation: its cost grows with the state.
func (k *Keeper) CheckInvariants(ctx context.Context) error {
	var records, tags uint64
	err := k.records.Walk(ctx, nil, func(manifest string, record types.Record) (bool, error) {
		records++
		tags += uint64(len(record.Tags))
		if manifest != record.Manifest {
			return true, errorsmod.Wrapf(types.ErrInvariant, "record of %s is kept under %s", record.Manifest, manifest)
		}
		err := record.Validate(func(other string) (types.Record, bool) {
			found, err := k.records.Get(ctx, other)
			return found, err == nil
		})
		if err != nil {
			return true, errorsmod.Wrap(types.ErrInvariant, err.Error())
		}
		return false, k.checkIndexed(ctx, record)
	})
	if err != nil {
		return err
	}
	if err := k.checkTrie(ctx); err != nil {
		return err
	}
	for _, index := range []struct {
		name string
		want uint64
		walk func(count *uint64) error
	}{
		{"root", records, func(n *uint64) error { return count(ctx, k.byRoot, n) }},
		{"owner", records, func(n *uint64) error { return count(ctx, k.byOwner, n) }},
		{"tag", tags, func(n *uint64) error { return count(ctx, k.byTag, n) }},
	} {
		var got uint64
		if err := index.walk(&got); err != nil {
			return fmt.Errorf("failed to walk index by %s: %w", index.name, err)
		}
		if got != index.want {
			return errorsmod.Wrapf(types.ErrInvariant, "index by %s has %d entries, want %d", index.name, got, index.want)
		}
	}
	return nil
}

func (k *Keeper) checkIndexed(ctx context.Context, record types.Record) error {
	owner, err := k.addresses.StringToBytes(record.Owner)
	if err != nil {
		return errorsmod.Wrap(types.ErrInvariant, err.Error())
	}
	root, err := k.byRoot.Has(ctx, collections.Join(record.Root, record.Manifest))
	if err != nil || !root {
		return errorsmod.Wrapf(types.ErrInvariant, "%s is not indexed by root", record.Manifest)
	}
	owned, err := k.byOwner.Has(ctx, collections.Join(sdk.AccAddress(owner), record.Manifest))
	if err != nil || !owned {
		return errorsmod.Wrapf(types.ErrInvariant, "%s is not indexed by owner", record.Manifest)
	}
	for _, tag := range record.Tags {
		tagged, err := k.byTag.Has(ctx, collections.Join(tag, record.Manifest))
		if err != nil || !tagged {
			return errorsmod.Wrapf(types.ErrInvariant, "%s is not indexed by tag %q", record.Manifest, tag)
		}
	}
	return nil
}

func count[K any](ctx context.Context, index collections.KeySet[K], n *uint64) error {
	return index.Walk(ctx, nil, func(K) (bool, error) {
		*n++
		return false, nil
	})
}
