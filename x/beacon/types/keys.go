package types

// Names of the module and its store.
const (
	// ModuleName names the module.
	ModuleName = "beacon"
	// StoreKey names its store.
	StoreKey = ModuleName
)
