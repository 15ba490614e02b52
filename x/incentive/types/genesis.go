package types

import (
	errorsmod "cosmossdk.io/errors"
	sdkmath "cosmossdk.io/math"
)

// DefaultGenesis returns the state of a chain before its first block: the emission begins with it.
func DefaultGenesis() *GenesisState {
	zero := sdkmath.ZeroInt()
	return &GenesisState{
		Params:   DefaultParams(),
		Totals:   Totals{zero, zero, zero, zero, zero, zero, zero},
		Emission: Emission{Index: zero},
	}
}

// Validate fails with ErrInvalidGenesis or ErrInvalidParams unless every number is there, none is negative, no account is there twice and
// the bytes of the accounts add up.
func (gs GenesisState) Validate() error {
	if err := gs.Params.Validate(); err != nil {
		return err
	}
	t := gs.Totals
	for _, check := range []struct {
		name   string
		amount sdkmath.Int
	}{
		{"minted", t.Minted},
		{"burned", t.Burned},
		{"to_storage", t.ToStorage},
		{"to_staking", t.ToStaking},
		{"to_community", t.ToCommunity},
		{"forfeited", t.Forfeited},
		{"slashed", t.Slashed},
		{"index", gs.Emission.Index},
	} {
		if err := checkAmount(check.name, check.amount); err != nil {
			return err
		}
	}
	if gs.Emission.LastTime.Before(gs.Emission.StartedAt) {
		return errorsmod.Wrap(ErrInvalidGenesis, "the emission is reckoned up to a time before its start")
	}
	seen := make(map[string]bool, len(gs.Accounts))
	var bytes uint64
	for _, account := range gs.Accounts {
		if account.Provider == "" || seen[account.Provider] {
			return errorsmod.Wrapf(ErrInvalidGenesis, "account %q has no provider or is there twice", account.Provider)
		}
		seen[account.Provider] = true
		if err := account.validate(gs.Emission.Index); err != nil {
			return err
		}
		if account.SealedBytes > gs.Emission.SealedBytes-bytes {
			return errorsmod.Wrapf(ErrInvalidGenesis, "accounts have more than %d sealed bytes", gs.Emission.SealedBytes)
		}
		bytes += account.SealedBytes
	}
	if bytes != gs.Emission.SealedBytes {
		return errorsmod.Wrapf(ErrInvalidGenesis, "accounts have %d sealed bytes, want %d", bytes, gs.Emission.SealedBytes)
	}
	return nil
}

func (a Account) validate(index sdkmath.Int) error {
	for _, check := range []struct {
		name   string
		amount sdkmath.Int
	}{
		{"index", a.Index}, {"pending", a.Pending}, {"earned", a.Earned}, {"paid", a.Paid}, {"payable", a.Payable}, {"forfeited", a.Forfeited},
	} {
		if err := checkAmount(check.name+" of "+a.Provider, check.amount); err != nil {
			return err
		}
	}
	if a.Index.GT(index) {
		return errorsmod.Wrapf(ErrInvalidGenesis, "account of %s is ahead of the index", a.Provider)
	}
	if len(a.Vesting) > MaxVestingEntries {
		return errorsmod.Wrapf(ErrInvalidGenesis, "%d vesting entries of %s, at most %d", len(a.Vesting), a.Provider, MaxVestingEntries)
	}
	for i, entry := range a.Vesting {
		if checkAmount("amount", entry.Amount) != nil || checkAmount("released", entry.Released) != nil ||
			entry.Released.GT(entry.Amount) || !entry.StartsAt.Before(entry.EndsAt) {
			return errorsmod.Wrapf(ErrInvalidGenesis, "vesting entry %d of %s", i, a.Provider)
		}
	}
	if !a.Earned.Equal(a.Paid.Add(a.Payable).Add(a.Unvested())) {
		return errorsmod.Wrapf(ErrInvalidGenesis, "earned %s of %s is not what is paid, payable and vesting", a.Earned, a.Provider)
	}
	return nil
}

func checkAmount(name string, amount sdkmath.Int) error {
	if amount.IsNil() || amount.IsNegative() {
		return errorsmod.Wrapf(ErrInvalidGenesis, "%s is missing or negative", name)
	}
	return nil
}
