package types

import "cosmossdk.io/collections"

// Names of the module and its store.
const (
	// ModuleName names the module.
	ModuleName = "porep"
	// StoreKey names its store.
	StoreKey = ModuleName
)

// Prefixes of the collections in the store.
var (
	ParamsPrefix          = collections.NewPrefix(0)
	UnitsPrefix           = collections.NewPrefix(1)
	UnitsByProviderPrefix = collections.NewPrefix(2)
	FaultyPrefix          = collections.NewPrefix(3)
	ProvidersPrefix       = collections.NewPrefix(4)
	ChangesPrefix         = collections.NewPrefix(5)
	QueuedPrefix          = collections.NewPrefix(6)
	DuePrefix             = collections.NewPrefix(7)
	NextUnitIDPrefix      = collections.NewPrefix(8)
	SlotsPrefix           = collections.NewPrefix(9)
	WeightsPrefix         = collections.NewPrefix(10)
)
