package types

import (
	errorsmod "cosmossdk.io/errors"
	sdk "github.com/cosmos/cosmos-sdk/types"
)

// DefaultGenesis is a state without records.
func DefaultGenesis() *GenesisState {
	return &GenesisState{Params: DefaultParams()}
}

// Validate fails with ErrInvalidGenesis unless records are well formed, distinct and form consistent version chains.
// Records keep what they were anchored with, so the parameters' present bounds on tags do not apply to them.
func (gs GenesisState) Validate() error {
	if err := gs.Params.Validate(); err != nil {
		return err
	}
	records := make(map[string]Record, len(gs.Records))
	for _, record := range gs.Records {
		if _, found := records[record.Manifest]; found {
			return errorsmod.Wrapf(ErrInvalidGenesis, "manifest %s occurs twice", record.Manifest)
		}
		records[record.Manifest] = record
	}
	for _, record := range gs.Records {
		err := record.Validate(func(manifest string) (Record, bool) {
			other, found := records[manifest]
			return other, found
		})
		if err != nil {
			return errorsmod.Wrap(ErrInvalidGenesis, err.Error())
		}
	}
	return nil
}

// Validate checks the record by itself and against its neighbours in the version chain, which lookup finds.
func (r Record) Validate(lookup func(manifest string) (Record, bool)) error {
	entry := Entry{
		Manifest: r.Manifest, Root: r.Root, SizeBytes: r.SizeBytes, BlockCount: r.BlockCount, Tags: r.Tags,
		ContentType: r.ContentType, Supersedes: r.Supersedes,
	}
	if err := entry.Validate(Params{MaxTags: maxTags, MaxTagBytes: MaxTagBytes}); err != nil {
		return err
	}
	if _, err := sdk.AccAddressFromBech32(r.Owner); err != nil {
		return errorsmod.Wrapf(ErrInvalidEntry, "owner of %s: %s", r.Manifest, err)
	}
	if r.Tombstoned != (r.TombstonedAt != nil) {
		return errorsmod.Wrapf(ErrInvalidEntry, "%s has a tombstone without a time or a time without a tombstone", r.Manifest)
	}
	version := uint64(1)
	if r.Supersedes != "" {
		before, found := lookup(r.Supersedes)
		if !found || before.SupersededBy != r.Manifest || before.Owner != r.Owner {
			return errorsmod.Wrapf(ErrInvalidEntry, "%s does not follow %s in its version chain", r.Manifest, r.Supersedes)
		}
		version = before.Version + 1
	}
	if r.Version != version {
		return errorsmod.Wrapf(ErrInvalidEntry, "%s has version %d, want %d", r.Manifest, r.Version, version)
	}
	if r.SupersededBy != "" {
		if after, found := lookup(r.SupersededBy); !found || after.Supersedes != r.Manifest {
			return errorsmod.Wrapf(ErrInvalidEntry, "%s is not superseded by %s", r.Manifest, r.SupersededBy)
		}
	}
	return nil
}
