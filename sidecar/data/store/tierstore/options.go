package tierstore

import (
	"log/slog"
	"time"
)

// Defaults of Options.
const (
	DefaultHalfLife        = 6 * time.Hour
	DefaultGarbageMaxBytes = 256 << 20
)

// Options tune a store. The zero value of a field takes its default.
type Options struct {
	// HotMaxBytes is the length of all envelopes in the hot store above which the least read are moved to the cold one,
	// until it is nine tenths of that. It must not be 0.
	HotMaxBytes uint64
	// QuotaBytes is what both stores together may occupy: beyond it encodings are refused with store.ErrQuota. 0 is no
	// quota.
	QuotaBytes uint64
	// HalfLife is the time after which a read counts half.
	HalfLife time.Duration
	// GarbageMaxBytes is what the hot store may occupy beside its envelopes before it is reclaimed after a move.
	GarbageMaxBytes uint64
	// Now is the clock, time.Now if nil.
	Now func() time.Time
	// Logger takes messages; they are dropped if nil.
	Logger *slog.Logger
}

func (o Options) withDefaults() Options {
	if o.HalfLife == 0 {
		o.HalfLife = DefaultHalfLife
	}
	if o.GarbageMaxBytes == 0 {
		o.GarbageMaxBytes = DefaultGarbageMaxBytes
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	return o
}

// lowMark is how many bytes stay in the hot tier when something is moved out of it.
func (o Options) lowMark() uint64 { return o.HotMaxBytes / 10 * 9 }
