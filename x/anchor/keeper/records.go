package keeper

import (
	"context"
	"errors"
	"fmt"

	"cosmossdk.io/collections"
	errorsmod "cosmossdk.io/errors"
	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/ipdm-network/ipdm/x/anchor/types"
)

// Record returns what is kept of a manifest. It fails with ErrNotFound when the manifest is not anchored.
func (k *Keeper) Record(ctx context.Context, manifest string) (types.Record, error) {
	record, err := k.records.Get(ctx, manifest)
	if errors.Is(err, collections.ErrNotFound) {
		return types.Record{}, errorsmod.Wrap(types.ErrNotFound, manifest)
	}
	if err != nil {
		return types.Record{}, fmt.Errorf("failed to read record of %s: %w", manifest, err)
	}
	return record, nil
}

// anchor records one valid entry and tells whether it is new.
func (k *Keeper) anchor(ctx sdk.Context, owner string, entry types.Entry) (bool, error) {
	present, err := k.Record(ctx, entry.Manifest)
	switch {
	case err == nil:
		return false, checkSame(owner, entry, present)
	case !errors.Is(err, types.ErrNotFound):
		return false, err
	}
	record := types.Record{
		Manifest: entry.Manifest, Owner: owner, Root: entry.Root, SizeBytes: entry.SizeBytes,
		BlockCount: entry.BlockCount, Tags: entry.Tags, ContentType: entry.ContentType, Supersedes: entry.Supersedes,
		Version: 1, Height: ctx.BlockHeight(), AnchoredAt: ctx.BlockTime(),
	}
	if entry.Supersedes != "" {
		version, err := k.supersede(ctx, owner, entry)
		if err != nil {
			return false, err
		}
		record.Version = version
	}
	if err := k.insert(ctx, record); err != nil {
		return false, err
	}
	return true, ctx.EventManager().EmitTypedEvent(&types.EventAnchored{
		Manifest: record.Manifest, Owner: owner, Root: record.Root, Version: record.Version,
	})
}

// checkSame tells why an anchored manifest cannot be anchored again, nil when the same owner repeats the same entry.
func checkSame(owner string, entry types.Entry, present types.Record) error {
	switch {
	case present.Owner != owner:
		return errorsmod.Wrapf(types.ErrOwner, "%s belongs to %s", present.Manifest, present.Owner)
	case present.Tombstoned:
		return errorsmod.Wrap(types.ErrTombstoned, present.Manifest)
	case !entry.Matches(present):
		return errorsmod.Wrap(types.ErrConflict, present.Manifest)
	}
	return nil
}

// supersede marks the manifest that entry replaces and returns the version that entry takes.
func (k *Keeper) supersede(ctx context.Context, owner string, entry types.Entry) (uint64, error) {
	before, err := k.Record(ctx, entry.Supersedes)
	if err != nil {
		return 0, err
	}
	switch {
	case before.Owner != owner:
		return 0, errorsmod.Wrapf(types.ErrOwner, "%s belongs to %s", before.Manifest, before.Owner)
	case before.Tombstoned:
		return 0, errorsmod.Wrap(types.ErrTombstoned, before.Manifest)
	case before.SupersededBy != "":
		return 0, errorsmod.Wrapf(types.ErrSuperseded, "%s by %s", before.Manifest, before.SupersededBy)
	}
	before.SupersededBy = entry.Manifest
	if err := k.records.Set(ctx, before.Manifest, before); err != nil {
		return 0, fmt.Errorf("failed to mark %s as superseded: %w", before.Manifest, err)
	}
	return before.Version + 1, nil
}

// insert writes a new record and its indexes.
func (k *Keeper) insert(ctx context.Context, record types.Record) error {
	owner, err := k.addresses.StringToBytes(record.Owner)
	if err != nil {
		return fmt.Errorf("failed to read owner: %w", err)
	}
	if err := k.records.Set(ctx, record.Manifest, record); err != nil {
		return fmt.Errorf("failed to write record of %s: %w", record.Manifest, err)
	}
	if err := k.byRoot.Set(ctx, collections.Join(record.Root, record.Manifest)); err != nil {
		return fmt.Errorf("failed to index %s by root: %w", record.Manifest, err)
	}
	if err := k.byOwner.Set(ctx, collections.Join(sdk.AccAddress(owner), record.Manifest)); err != nil {
		return fmt.Errorf("failed to index %s by owner: %w", record.Manifest, err)
	}
	for _, tag := range record.Tags {
		if err := k.byTag.Set(ctx, collections.Join(tag, record.Manifest)); err != nil {
			return fmt.Errorf("failed to index %s by tag: %w", record.Manifest, err)
		}
	}
	return nil
}

// tombstone marks a manifest as withdrawn. Withdrawing it again changes nothing.
func (k *Keeper) tombstone(ctx sdk.Context, owner, manifest string) error {
	record, err := k.Record(ctx, manifest)
	if err != nil {
		return err
	}
	if record.Owner != owner {
		return errorsmod.Wrapf(types.ErrOwner, "%s belongs to %s", manifest, record.Owner)
	}
	if record.Tombstoned {
		return nil
	}
	now := ctx.BlockTime()
	record.Tombstoned, record.TombstonedAt = true, &now
	if err := k.records.Set(ctx, manifest, record); err != nil {
		return fmt.Errorf("failed to write tombstone of %s: %w", manifest, err)
	}
	return ctx.EventManager().EmitTypedEvent(&types.EventTombstoned{Manifest: manifest, Owner: owner})
}
