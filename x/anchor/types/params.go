package types

import errorsmod "cosmossdk.io/errors"

// The bounds that parameters must keep to.
const (
	maxEntriesPerTx = 10_000
	maxTags         = 1_000
	// MaxTagBytes is the longest tag that parameters may allow.
	MaxTagBytes = 4_096
	maxGasUnit  = 1_000_000_000
)

// DefaultParams are the production parameters.
func DefaultParams() Params {
	return Params{
		MaxEntriesPerTx: 256,
		MaxTags:         32,
		MaxTagBytes:     256,
		GasPerEntry:     20_000,
		GasPerTag:       5_000,
	}
}

// Validate fails with ErrInvalidParams when a parameter is out of bounds.
func (p Params) Validate() error {
	switch {
	case p.MaxEntriesPerTx == 0 || p.MaxEntriesPerTx > maxEntriesPerTx:
		return errorsmod.Wrapf(ErrInvalidParams, "max_entries_per_tx %d is not in 1..%d", p.MaxEntriesPerTx, maxEntriesPerTx)
	case p.MaxTags > maxTags:
		return errorsmod.Wrapf(ErrInvalidParams, "max_tags %d is more than %d", p.MaxTags, maxTags)
	case p.MaxTagBytes < 3 || p.MaxTagBytes > MaxTagBytes:
		return errorsmod.Wrapf(ErrInvalidParams, "max_tag_bytes %d is not in 3..%d", p.MaxTagBytes, MaxTagBytes)
	case p.GasPerEntry > maxGasUnit:
		return errorsmod.Wrapf(ErrInvalidParams, "gas_per_entry %d is more than %d", p.GasPerEntry, maxGasUnit)
	case p.GasPerTag > maxGasUnit:
		return errorsmod.Wrapf(ErrInvalidParams, "gas_per_tag %d is more than %d", p.GasPerTag, maxGasUnit)
	}
	return nil
}
