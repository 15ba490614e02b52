package types

import (
	"context"
	"time"

	"cosmossdk.io/core/address"
	sdkmath "cosmossdk.io/math"
	sdk "github.com/cosmos/cosmos-sdk/types"

	poreptypes "github.com/ipdm-network/ipdm/x/porep/types"
)

// AccountKeeper is what the market needs of x/auth.
type AccountKeeper interface {
	AddressCodec() address.Codec
	GetModuleAddress(name string) sdk.AccAddress
	GetModuleAccount(ctx context.Context, name string) sdk.ModuleAccountI
}

// BankKeeper is what the market needs of x/bank.
type BankKeeper interface {
	SendCoinsFromAccountToModule(ctx context.Context, from sdk.AccAddress, to string, amount sdk.Coins) error
	SendCoinsFromModuleToAccount(ctx context.Context, from string, to sdk.AccAddress, amount sdk.Coins) error
	GetBalance(ctx context.Context, address sdk.AccAddress, denom string) sdk.Coin
}

// PorepKeeper is what the market needs of x/porep. It calls the market back through poreptypes.UnitHooks, possibly within
// AddUnit and RemoveUnit.
type PorepKeeper interface {
	// AddUnit starts proving a unit, at once or when the provider's window closes, and returns its id.
	AddUnit(ctx context.Context, unit poreptypes.NewUnit) (uint64, error)
	// RemoveUnit stops proving a unit, at once or when the provider's window closes.
	RemoveUnit(ctx context.Context, unitID uint64) error
	// Unit returns a unit that is proven, queued or faulty. It fails with ErrUnknownUnit once it is gone.
	Unit(ctx context.Context, unitID uint64) (poreptypes.Unit, error)
	// ProvenTime is the provider's cumulative time of cleanly proven windows of a class.
	ProvenTime(ctx context.Context, provider string, class poreptypes.Class) (time.Duration, error)
	// UnearnedTime is how much of the time that the provider's next window of a class will cover is over already.
	UnearnedTime(ctx context.Context, provider string, class poreptypes.Class) (time.Duration, error)
	// ProvingPeriod is the time between two windows.
	ProvingPeriod(ctx context.Context) (time.Duration, error)
	// Sealing tells whether a replica is in a sector whose seal has not been accepted yet, but still may be.
	Sealing(ctx context.Context, sectorID, dealID uint64, index uint32) (bool, error)
	// MaxSealedBytes is the size of the largest sector.
	MaxSealedBytes(ctx context.Context) (uint64, error)
	// VerifyActivation checks an activation proof with the given number of openings, drawn by a 32-byte seed.
	VerifyActivation(ctx context.Context, seed, commD []byte, sizeBytes uint64, openings uint32, proof []byte) error
}

// Incentives is what the market needs of x/incentive.
type Incentives interface {
	// SealedPledge is the pledge that so many sealed bytes take now, in aipdm.
	SealedPledge(ctx context.Context, sizeBytes uint64) (sdkmath.Int, error)
	// RewardEstimate is the storage emission that so many sealed bytes would gather in a time, in aipdm.
	RewardEstimate(ctx context.Context, sizeBytes uint64, d time.Duration) (sdkmath.Int, error)
	// DistributeSlash splits what a module account holds between fire, client and reporter; both may be empty.
	DistributeSlash(ctx context.Context, fromModule string, amount sdkmath.Int, client, reporter string) error
}

// Beacon is the source of randomness.
type Beacon interface {
	// Latest is the randomness of the present block, which only its proposer knew before: for what earlier blocks have fixed.
	Latest(ctx context.Context) ([32]byte, error)
}
