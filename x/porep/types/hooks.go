package types

import (
	"context"
	"time"

	sdkmath "cosmossdk.io/math"
	sdk "github.com/cosmos/cosmos-sdk/types"
)

// UnitHooks is told when a change of what a provider proves takes effect, after it has been written to state. A hook may call
// the keeper again, and may be called within the keeper's AddUnit or RemoveUnit.
//
// A unit's calls come in this order: UnitActivated; then UnitFaulted and UnitRecovered in turn, any number of times; last,
// and once, UnitReleased or UnitTerminated, which can also come first. An error undoes the call that caused
// the change; a change that falls due stands without its hook, whose writes are dropped.
type UnitHooks interface {
	// UnitActivated tells that the unit is sampled from the next window on.
	UnitActivated(ctx context.Context, unit Unit) error
	// UnitFaulted tells that a challenge on the unit went unanswered; it is not sampled until it recovers.
	UnitFaulted(ctx context.Context, unit Unit) error
	// UnitRecovered tells that a faulty unit was proven anew. The unit still shows when its fault began.
	UnitRecovered(ctx context.Context, unit Unit) error
	// UnitReleased tells that the unit is gone at the request of RemoveUnit.
	UnitReleased(ctx context.Context, unit Unit) error
	// UnitTerminated tells that the unit was taken from its provider, and why. The unit's status is the one that it
	// had: a queued one was never sampled.
	UnitTerminated(ctx context.Context, unit Unit, cause TerminationCause) error
	// WindowClosed tells how a window of a provider's map ended, unless it asked for nothing.
	WindowClosed(ctx context.Context, outcome WindowOutcome) error
	// ChallengeFailed tells that a challenge of the unit alone went unanswered, before the unit is terminated for it.
	ChallengeFailed(ctx context.Context, unit Unit, challenger string) error
	// CallFailed tells that a call about a unit, or about a replica that is being sealed, failed when its change fell due and left
	// nothing behind: the listener is to look at the state later. The unit is as it was told of, with neither id nor size for a
	// replica; cause is that of a termination. An error is only logged.
	CallFailed(ctx context.Context, unit Unit, cause TerminationCause) error
}

// WindowOutcome is how a window ended.
type WindowOutcome struct {
	// Provider and Class name the map, Window the window's index.
	Provider string
	Class    Class
	Window   uint64
	// Covers is the time that a clean proof is paid for.
	Covers time.Duration
	// Clean tells that everything asked for was shown; Missed that there was no proof. Neither: some of it was missing.
	Clean, Missed bool
	// ConsecutiveMissed counts windows missed in a row, this one included.
	ConsecutiveMissed uint32
	// Forfeited is the storage emission that the window did not earn, in aipdm.
	Forfeited sdkmath.Int
}

// Assignments is what x/porep needs of the replicas that are to be sealed. It is called within transactions, and within due items
// and verdicts, where an error drops what it wrote and the piece in question.
type Assignments interface {
	// SealedAssignment returns the 32-byte commitment and the size of a sealed replica that the provider is to seal. It fails
	// when there is no such assignment.
	SealedAssignment(ctx context.Context, provider string, dealID uint64, index uint32) (commD []byte, sizeBytes uint64, err error)
	// SealingStarted tells that the provider has committed to a sector that holds the replica: from now on x/porep keeps its
	// deadlines.
	SealingStarted(ctx context.Context, provider string, dealID uint64, index uint32, sectorID uint64) error
	// SealingFailed tells that the replica will not be activated: it goes back, at the price of a lapse if the provider is at fault.
	// It does nothing for a replica that ended meanwhile.
	SealingFailed(ctx context.Context, provider string, dealID uint64, index uint32, atFault bool) error
	// ReplicaSealed tells that the replica's seal was accepted and the unit is there, still queued. It fails when the deal has
	// ended meanwhile; the unit is undone then.
	ReplicaSealed(ctx context.Context, unit Unit) error
	// JailProvider keeps a provider from new assignments for a while after a false seal.
	JailProvider(ctx context.Context, provider string) error
}

// Rewards is what x/porep tells of sealed bytes, for which storage emission is paid.
type Rewards interface {
	// SealedBytesChanged tells how many bytes of sealed units a provider has active from now on.
	SealedBytesChanged(ctx context.Context, provider string, bytes uint64) error
	// SealedWindowClosed earns what was gathered since the last close when the window was clean, and forfeits it otherwise. It
	// returns what was forfeited, in aipdm.
	SealedWindowClosed(ctx context.Context, provider string, clean bool) (forfeited sdkmath.Int, err error)
	// DistributeSlash splits an amount that a module account holds between fire, client and reporter; client and reporter may be
	// empty.
	DistributeSlash(ctx context.Context, fromModule string, amount sdkmath.Int, client, reporter string) error
}

// Validators is what x/porep needs of the validators, whose verdicts accept seals.
type Validators interface {
	// TotalPower is the voting power of all validators.
	TotalPower(ctx context.Context) (int64, error)
	// Operator returns the account that a validator's fees go to. It fails when there is no such validator any more.
	Operator(ctx context.Context, validator sdk.ConsAddress) (sdk.AccAddress, error)
	// Punish takes bps / 10,000 of the stake that backed power at height from a validator, and jails it. It does nothing for a
	// validator that is gone or tombstoned.
	Punish(ctx context.Context, validator sdk.ConsAddress, height, power int64, bps uint32) error
}

// BankKeeper is what x/porep needs of x/bank, for deposits and bonds.
type BankKeeper interface {
	SendCoinsFromAccountToModule(ctx context.Context, from sdk.AccAddress, to string, amount sdk.Coins) error
	SendCoinsFromModuleToAccount(ctx context.Context, from string, to sdk.AccAddress, amount sdk.Coins) error
	GetBalance(ctx context.Context, address sdk.AccAddress, denom string) sdk.Coin
}

// ModuleAddresses names the accounts of modules.
type ModuleAddresses interface {
	// GetModuleAddress returns the address of a module account.
	GetModuleAddress(name string) sdk.AccAddress
}

// Beacon is the randomness that x/porep needs.
type Beacon interface {
	// Latest returns the newest value that the block being executed may use.
	Latest(ctx context.Context) ([32]byte, error)
	// At returns the value of a past block. It fails when it is not there yet or any more.
	At(ctx context.Context, height int64) ([32]byte, error)
}
