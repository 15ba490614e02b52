package types

import (
	"time"

	sdkmath "cosmossdk.io/math"
)

// maxLimit is the greatest capacity: it fits into 128 bits, as the contracts demand.
var maxLimit = sdkmath.NewIntFromUint64(1 << 63).MulRaw(2).Mul(sdkmath.NewIntFromUint64(1 << 63)).MulRaw(2).SubRaw(1)

// NewLimit returns a limit that was never set: nothing is released.
func NewLimit() Limit {
	return Limit{Capacity: sdkmath.ZeroInt(), Current: sdkmath.ZeroInt(), Previous: sdkmath.ZeroInt()}
}

// Validate fails with ErrInvalidLimit unless the limit is one.
func (l Limit) Validate() error {
	for _, n := range []sdkmath.Int{l.Capacity, l.Current, l.Previous} {
		if n.IsNil() || n.IsNegative() {
			return ErrInvalidLimit.Wrap("an amount is missing or negative")
		}
	}
	if l.Capacity.GT(maxLimit) {
		return ErrInvalidLimit.Wrapf("capacity %s, want less than 2^128", l.Capacity)
	}
	return nil
}

// released tells what the window of now has released, and the one before it.
func (l Limit) released(now time.Time) (current, previous sdkmath.Int) {
	switch window := l.window(now); {
	case window <= l.Index:
		return l.Current, l.Previous
	case window == l.Index+1:
		return sdkmath.ZeroInt(), l.Current
	}
	return sdkmath.ZeroInt(), sdkmath.ZeroInt()
}

// window is the number of the window of now.
func (l Limit) window(now time.Time) uint64 { return uint64(now.Unix()) / uint64(l.WindowSeconds) }

// Available returns how much can be released now.
func (l Limit) Available(now time.Time) sdkmath.Int {
	if l.WindowSeconds == 0 {
		return sdkmath.ZeroInt()
	}
	current, previous := l.released(now)
	return sdkmath.MaxInt(l.Capacity.Sub(current).Sub(previous), sdkmath.ZeroInt())
}

// MoreAt returns when more can be released than now, if nothing is released until then; false if there will not be more.
func (l Limit) MoreAt(now time.Time) (time.Time, bool) {
	if l.WindowSeconds == 0 {
		return time.Time{}, false
	}
	current, previous := l.released(now)
	windows := l.window(now) + 1
	if previous.IsZero() || current.GTE(l.Capacity) {
		windows, current = windows+1, sdkmath.ZeroInt()
	}
	if !l.Capacity.Sub(current).GT(l.Available(now)) {
		return time.Time{}, false
	}
	return time.Unix(int64(windows*uint64(l.WindowSeconds)), 0).UTC(), true
}

// Release counts what is released.
func (l *Limit) Release(now time.Time, amount sdkmath.Int) {
	if l.WindowSeconds == 0 {
		return
	}
	current, previous := l.released(now)
	l.Index, l.Current, l.Previous = l.window(now), current.Add(amount), previous
}

// Return takes back what was released at a time, and has not been released after all.
func (l *Limit) Return(released time.Time, amount sdkmath.Int) {
	if l.WindowSeconds == 0 {
		return
	}
	switch l.window(released) {
	case l.Index:
		l.Current = sdkmath.MaxInt(l.Current.Sub(amount), sdkmath.ZeroInt())
	case l.Index - 1:
		l.Previous = sdkmath.MaxInt(l.Previous.Sub(amount), sdkmath.ZeroInt())
	}
}

// Set sets the limit. What was released already counts as released in the new window.
func (l *Limit) Set(now time.Time, capacity sdkmath.Int, windowSeconds uint32) {
	used := sdkmath.ZeroInt()
	if l.WindowSeconds != 0 {
		current, previous := l.released(now)
		used = current.Add(previous)
	}
	*l = Limit{Capacity: capacity, WindowSeconds: windowSeconds, Current: used, Previous: sdkmath.ZeroInt()}
	l.Index = l.window(now)
}

// Quote tells what can be released now, and when there is more.
func (l Limit) Quote(now time.Time) LimitQuote {
	q := LimitQuote{Available: l.Available(now), Capacity: l.Capacity, WindowSeconds: l.WindowSeconds}
	if at, more := l.MoreAt(now); more {
		q.MoreAtUnixMilli = at.UnixMilli()
	}
	return q
}
