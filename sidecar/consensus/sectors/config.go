package sectors

import (
	"errors"
	"fmt"
	"time"
)

// ErrConfig reports settings that cannot work.
var ErrConfig = errors.New("invalid sealing settings")

// Config says how sealed replicas are made. Start from DefaultConfig.
type Config struct {
	// Offered tells that new sealed replicas are taken. Those taken before are looked after in any case.
	Offered bool
	// Sealers is how many sectors are sealed at a time. Two that are labelled at a time share a core: see package sealer.
	Sealers int
	// BatchWait is how long a replica waits for others to fill its sector.
	BatchWait time.Duration
	// MaxSealingBytes bounds the committed bytes of replicas that wait for a sector or are being sealed.
	MaxSealingBytes uint64
	// ReserveBytes of disk are left free.
	ReserveBytes uint64
	// ScrubInterval is the time in which every sealed replica is read once, 0 for never.
	ScrubInterval time.Duration
	// RetryMin and RetryMax bound the growing pause before something that failed is tried again.
	RetryMin, RetryMax time.Duration
}

// DefaultConfig returns the settings of a provider that seals.
func DefaultConfig() Config {
	return Config{
		Offered:         true,
		Sealers:         2,
		BatchWait:       10 * time.Minute,
		MaxSealingBytes: 8 << 30,
		ReserveBytes:    256 << 20,
		ScrubInterval:   7 * 24 * time.Hour,
		RetryMin:        500 * time.Millisecond,
		RetryMax:        15 * time.Second,
	}
}

// Validate reports the first setting that cannot work; the error wraps ErrConfig.
func (c Config) Validate() error {
	switch {
	case c.Sealers < 1:
		return fmt.Errorf("%w: at least one sealer is needed", ErrConfig)
	case c.BatchWait < 0 || c.ScrubInterval < 0:
		return fmt.Errorf("%w: the batch wait and the scrub interval must not be negative", ErrConfig)
	case c.MaxSealingBytes == 0:
		return fmt.Errorf("%w: the bytes sealed at a time must be above zero", ErrConfig)
	case c.RetryMin <= 0 || c.RetryMax < c.RetryMin:
		return fmt.Errorf("%w: retry pauses %v to %v", ErrConfig, c.RetryMin, c.RetryMax)
	}
	return nil
}
