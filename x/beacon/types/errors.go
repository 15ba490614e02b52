package types

import "cosmossdk.io/errors"

// Errors of x/beacon.
var (
	// ErrNoValue tells that no block before this one has left a value yet.
	ErrNoValue = errors.Register(ModuleName, 2, "no randomness yet")
	// ErrBlockHash tells that a block hash is empty or overlong, or its height not positive.
	ErrBlockHash = errors.Register(ModuleName, 3, "invalid block hash")
)
