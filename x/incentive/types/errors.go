package types

import errorsmod "cosmossdk.io/errors"

// The errors of x/incentive.
var (
	// ErrAuthority reports a parameter change that governance did not sign.
	ErrAuthority = errorsmod.Register(ModuleName, 2, "signer is not the module's authority")
	// ErrInvalidParams reports parameters out of bounds.
	ErrInvalidParams = errorsmod.Register(ModuleName, 3, "invalid parameters")
	// ErrNoAccount reports a provider that has not gathered anything.
	ErrNoAccount = errorsmod.Register(ModuleName, 4, "provider has no rewards")
	// ErrNothingToClaim reports a claim when nothing is payable yet.
	ErrNothingToClaim = errorsmod.Register(ModuleName, 5, "nothing is payable yet")
	// ErrInvalidGenesis reports a genesis state that contradicts itself.
	ErrInvalidGenesis = errorsmod.Register(ModuleName, 6, "invalid genesis state")
	// ErrInvariant reports state that contradicts itself.
	ErrInvariant = errorsmod.Register(ModuleName, 7, "broken invariant")
	// ErrInvalidAmount reports a slash that is missing or not positive.
	ErrInvalidAmount = errorsmod.Register(ModuleName, 8, "invalid amount")
)
