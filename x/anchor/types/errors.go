package types

import errorsmod "cosmossdk.io/errors"

// The errors of x/anchor.
var (
	// ErrInvalidEntry reports an entry with a malformed CID, tag, content type or an absurd number.
	ErrInvalidEntry = errorsmod.Register(ModuleName, 2, "invalid entry")
	// ErrTooMany reports a message with no entries or more of them than the parameters allow.
	ErrTooMany = errorsmod.Register(ModuleName, 3, "wrong number of entries")
	// ErrOwner reports a manifest that another account has anchored.
	ErrOwner = errorsmod.Register(ModuleName, 4, "manifest is anchored by another account")
	// ErrConflict reports a manifest that its owner has anchored with other fields.
	ErrConflict = errorsmod.Register(ModuleName, 5, "manifest is already anchored with other fields")
	// ErrNotFound reports a manifest that is not anchored.
	ErrNotFound = errorsmod.Register(ModuleName, 6, "manifest is not anchored")
	// ErrSuperseded reports a manifest that another one replaces already.
	ErrSuperseded = errorsmod.Register(ModuleName, 7, "manifest is already superseded")
	// ErrTombstoned reports a manifest that its owner has withdrawn.
	ErrTombstoned = errorsmod.Register(ModuleName, 8, "manifest is tombstoned")
	// ErrAuthority reports a parameter change that governance did not sign.
	ErrAuthority = errorsmod.Register(ModuleName, 9, "signer is not the module's authority")
	// ErrInvalidParams reports parameters out of bounds.
	ErrInvalidParams = errorsmod.Register(ModuleName, 10, "invalid parameters")
	// ErrInvalidGenesis reports a genesis state that contradicts itself.
	ErrInvalidGenesis = errorsmod.Register(ModuleName, 11, "invalid genesis state")
	// ErrInvariant reports state that contradicts itself.
	ErrInvariant = errorsmod.Register(ModuleName, 12, "broken invariant")
)
