package types

import "cosmossdk.io/collections"

// Names of the module, its store and its account.
const (
	// ModuleName names the module and its account, which mints, burns, and holds rewards until they are claimed.
	ModuleName = "incentive"
	// StoreKey names its store.
	StoreKey = "ipdmincentive"
)

// Prefixes of the collections in the store.
var (
	ParamsKey   = collections.NewPrefix(0)
	TotalsKey   = collections.NewPrefix(1)
	EmissionKey = collections.NewPrefix(2)
	AccountsKey = collections.NewPrefix(3)
)
