package types

import "context"

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
	// UnitRecovered tells that a faulty unit was proven anew.
	UnitRecovered(ctx context.Context, unit Unit) error
	// UnitReleased tells that the unit is gone at the request of RemoveUnit.
	UnitReleased(ctx context.Context, unit Unit) error
	// UnitTerminated tells that the unit was taken from a provider that did not prove it. The unit's status is the one that it
	// had: a queued one was never sampled.
	UnitTerminated(ctx context.Context, unit Unit) error
}

// Beacon is the randomness that x/porep needs.
type Beacon interface {
	// Latest returns the newest value that the block being executed may use.
	Latest(ctx context.Context) ([32]byte, error)
}
