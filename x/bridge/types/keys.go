package types

// Names of the module and its store.
const (
	// ModuleName names the module.
	ModuleName = "bridge"
	// StoreKey names its store.
	StoreKey = "ipdmbridge"
)
