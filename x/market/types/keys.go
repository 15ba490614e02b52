package types

import "cosmossdk.io/collections"

const (
	// ModuleName names the module, its routes and its errors.
	ModuleName = "market"
	// StoreKey names the module's store.
	StoreKey = "ipdmmarket"
	// EscrowAccount is the module account that holds what clients deposited and providers have not earned.
	EscrowAccount = "market_escrow"
	// PledgeAccount is the module account that holds the providers' pledges. It needs the burner permission.
	PledgeAccount = "market_pledge"
)

// The prefixes of the collections in the module's store.
var (
	ParamsKey      = collections.NewPrefix(0)
	ProvidersKey   = collections.NewPrefix(1)
	SlotsKey       = collections.NewPrefix(2)
	DealsKey       = collections.NewPrefix(3)
	NextDealKey    = collections.NewPrefix(4)
	ReplicasKey    = collections.NewPrefix(5)
	ByClientKey    = collections.NewPrefix(6)
	ByRootKey      = collections.NewPrefix(7)
	AssignmentsKey = collections.NewPrefix(8)
	DueKey         = collections.NewPrefix(9)
	DrawsKey       = collections.NewPrefix(11)
)

// WeightsPrefix begins the keys of the tree of providers' free bytes.
var WeightsPrefix = []byte{10}
