package types

import "cosmossdk.io/collections"

// Names of the module, its store and its account.
const (
	// ModuleName names the module.
	ModuleName = "porep"
	// StoreKey names its store.
	StoreKey = ModuleName
	// DepositAccount names the module account that holds deposits of sectors and bonds of demands and challenges.
	DepositAccount = "porep_deposit"
)

// Prefixes of the collections in the store.
var (
	ParamsPrefix               = collections.NewPrefix(0)
	UnitsPrefix                = collections.NewPrefix(1)
	UnitsByProviderPrefix      = collections.NewPrefix(2)
	FaultyPrefix               = collections.NewPrefix(3)
	ProvidersPrefix            = collections.NewPrefix(4)
	ChangesPrefix              = collections.NewPrefix(5)
	QueuedPrefix               = collections.NewPrefix(6)
	DuePrefix                  = collections.NewPrefix(7)
	NextUnitIDPrefix           = collections.NewPrefix(8)
	SlotsPrefix                = collections.NewPrefix(9)
	WeightsPrefix              = collections.NewPrefix(10)
	SectorsPrefix              = collections.NewPrefix(11)
	NextSectorIDPrefix         = collections.NewPrefix(12)
	SectorsByProviderPrefix    = collections.NewPrefix(13)
	SectorNumbersPrefix        = collections.NewPrefix(14)
	NextSealIDPrefix           = collections.NewPrefix(15)
	PendingPrefix              = collections.NewPrefix(16)
	TalliesPrefix              = collections.NewPrefix(17)
	PendingCountPrefix         = collections.NewPrefix(18)
	VotesPrefix                = collections.NewPrefix(19)
	DemandsPrefix              = collections.NewPrefix(20)
	ChallengesPrefix           = collections.NewPrefix(21)
	NextChallengeIDPrefix      = collections.NewPrefix(22)
	ChallengesByProviderPrefix = collections.NewPrefix(23)
)
