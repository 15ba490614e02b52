package types

import "cosmossdk.io/collections"

const (
	// ModuleName names the module, its routes and its errors.
	ModuleName = "anchor"
	// StoreKey names the module's store.
	StoreKey = "ipdmanchor"
)

// The prefixes of the collections in the module's store.
var (
	ParamsKey  = collections.NewPrefix(0)
	RecordsKey = collections.NewPrefix(1)
	ByRootKey  = collections.NewPrefix(2)
	ByOwnerKey = collections.NewPrefix(3)
	ByTagKey   = collections.NewPrefix(4)
	NodesKey   = collections.NewPrefix(5)
	RootKey    = collections.NewPrefix(6)
)
