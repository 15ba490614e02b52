package provider

import (
	"errors"
	"fmt"
	"time"

	sdkmath "cosmossdk.io/math"

	markettypes "github.com/ipdm-network/ipdm/x/market/types"
)

// ErrConfig reports settings that cannot work.
var ErrConfig = errors.New("invalid provider settings")

// Config says what a provider offers and how its agent works. Start from DefaultConfig.
type Config struct {
	// Ask is the offer, kept on chain; for open replicas only where no sealed ones are made.
	Ask markettypes.Ask
	// PledgeAIPDM is pledged at registration, in aipdm.
	PledgeAIPDM sdkmath.Int
	// TopUpPledge adds to the pledge on chain whenever it is less than PledgeAIPDM, after a slash for instance.
	TopUpPledge bool
	// Region is free text of at most 32 bytes.
	Region string
	// Accepting tells whether new replicas are welcome.
	Accepting bool

	// PollInterval is the pause between looks for a new block.
	PollInterval time.Duration
	// MaintainInterval is the least pause between rounds of everything but proving.
	MaintainInterval time.Duration
	// UpdateInterval is the least pause between changes of the offer on chain.
	UpdateInterval time.Duration
	// FetchWorkers is how many assignments are fetched at a time.
	FetchWorkers int
	// RetryMin and RetryMax bound the growing pause before a failed fetch or transaction is tried again.
	RetryMin, RetryMax time.Duration
	// ReserveBytes of disk are left free: assignments that would use them are refused.
	ReserveBytes uint64
	// SettleEvery is how many windows pass between settlements.
	SettleEvery uint64
	// HealingPaused starts the agent with healing paused.
	HealingPaused bool
}

// DefaultConfig returns the settings for an offer.
func DefaultConfig(ask markettypes.Ask, pledgeAIPDM sdkmath.Int) Config {
	return Config{
		Ask:              ask,
		PledgeAIPDM:      pledgeAIPDM,
		Accepting:        true,
		PollInterval:     250 * time.Millisecond,
		MaintainInterval: time.Second,
		UpdateInterval:   30 * time.Second,
		FetchWorkers:     2,
		RetryMin:         500 * time.Millisecond,
		RetryMax:         15 * time.Second,
		ReserveBytes:     256 << 20,
		SettleEvery:      6,
	}
}

// Validate reports the first setting that cannot work; the error wraps ErrConfig.
func (c Config) Validate() error {
	switch {
	case c.Ask.PricePerGibHour.IsNil() || c.Ask.PricePerGibHour.IsNegative():
		return fmt.Errorf("%w: the ask needs a price of zero or more", ErrConfig)
	case c.Ask.CapacityBytes == 0:
		return fmt.Errorf("%w: the ask needs a capacity above zero", ErrConfig)
	case c.Ask.MaxDuration < 0:
		return fmt.Errorf("%w: the longest duration is negative", ErrConfig)
	case c.PledgeAIPDM.IsNil() || !c.PledgeAIPDM.IsPositive():
		return fmt.Errorf("%w: the pledge must be above zero", ErrConfig)
	case len(c.Region) > 32:
		return fmt.Errorf("%w: the region has %d bytes, at most 32", ErrConfig, len(c.Region))
	case c.PollInterval <= 0 || c.MaintainInterval < 0 || c.UpdateInterval < 0:
		return fmt.Errorf("%w: intervals must be above zero", ErrConfig)
	case c.FetchWorkers < 1:
		return fmt.Errorf("%w: at least one fetch worker is needed", ErrConfig)
	case c.RetryMin <= 0 || c.RetryMax < c.RetryMin:
		return fmt.Errorf("%w: retry pauses %v to %v", ErrConfig, c.RetryMin, c.RetryMax)
	case c.SettleEvery == 0:
		return fmt.Errorf("%w: settle-every must be at least 1 window", ErrConfig)
	}
	return nil
}
