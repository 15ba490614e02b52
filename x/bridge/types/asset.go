package types

import (
	"encoding/hex"
	"strings"

	sdkmath "cosmossdk.io/math"
	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/ipdm-network/ipdm/x/bridge/wire"
)

// denomPrefix begins the denominations of what comes from other chains.
const denomPrefix = "bridge/"

// DenomOf returns what an asset of another chain is called here.
func DenomOf(asset wire.Hash) string { return denomPrefix + hex.EncodeToString(asset[:]) }

// Validate fails with ErrInvalidAsset unless the parts of an asset agree.
func (a Asset) Validate() error {
	switch {
	case len(a.Asset) != len(wire.Hash{}):
		return ErrInvalidAsset.Wrapf("%d bytes, want %d", len(a.Asset), len(wire.Hash{}))
	case len(a.Symbol) == 0 || len(a.Symbol) > wire.MaxSymbolBytes || !isSymbol(a.Symbol):
		return ErrInvalidAsset.Wrapf("symbol %q, want 1 to %d letters, digits, dots and dashes", a.Symbol, wire.MaxSymbolBytes)
	case a.Decimals > maxDecimals:
		return ErrInvalidAsset.Wrapf("%d decimals, want at most %d", a.Decimals, maxDecimals)
	case a.Origin == 0 && strings.HasPrefix(a.Denom, denomPrefix):
		return ErrInvalidAsset.Wrapf("%q is of another chain, and not known: register its token", a.Denom)
	case a.Origin == 0 && (a.Denom != a.Token || wire.Hash(a.Asset) != wire.AssetID(0, wire.DenomToken(a.Denom))):
		return ErrInvalidAsset.Wrapf("%q is not the asset %x", a.Denom, a.Asset)
	case a.Origin != 0 && a.Denom != DenomOf(wire.Hash(a.Asset)):
		return ErrInvalidAsset.Wrapf("%q is not the denomination of %x", a.Denom, a.Asset)
	}
	if err := sdk.ValidateDenom(a.Denom); err != nil {
		return ErrInvalidAsset.Wrap(err.Error())
	}
	return nil
}

func isSymbol(s string) bool {
	for _, c := range s {
		if (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (c < '0' || c > '9') && c != '.' && c != '-' {
			return false
		}
	}
	return true
}

// ID returns the asset's name on all chains.
func (a Asset) ID() wire.Hash { return wire.Hash(a.Asset) }

// Unit returns what amounts on a chain have to be multiples of.
func (a Asset) Unit(c DomainConfig) sdkmath.Int {
	unit := sdkmath.OneInt()
	if c.Form == ADDRESS_FORM_SOLANA && a.Origin != c.Domain {
		for d := a.Decimals; d > solanaDecimals; d-- {
			unit = unit.MulRaw(10)
		}
	}
	return unit
}

// NewLane returns a lane on which nothing has moved, and nothing may before its limits are set.
func NewLane(asset wire.Hash, domain uint32) Lane {
	return Lane{Asset: asset[:], Domain: domain, Out: sdkmath.ZeroInt(), InFlight: sdkmath.ZeroInt(), There: NewLimit(), Here: NewLimit()}
}
