package types_test

import (
	"math/bits"
	"testing"

	sdkmath "cosmossdk.io/math"
	"github.com/stretchr/testify/require"

	"github.com/ipdm-network/ipdm/x/market/types"
)

func TestWeight(t *testing.T) {
	params := types.DefaultParams()
	provider := types.Provider{Accepting: true, Pledge: types.MaxAmount, CommittedPledge: sdkmath.ZeroInt()}
	weight := func(freeBytes uint64) uint64 {
		provider.Ask.CapacityBytes = freeBytes + provider.ReservedBytes
		return provider.Weight(params)
	}
	require.Zero(t, weight(0))
	require.Equal(t, uint64(1), weight(1), "what little there is can be drawn")
	require.Equal(t, uint64(1), weight(types.WeightUnitBytes))
	require.Equal(t, uint64(2), weight(types.WeightUnitBytes+1))
	require.Equal(t, uint64(types.MaxWeight), weight(types.MaxBytes))
	provider.ReservedBytes = types.GiB
	require.Equal(t, uint64(3), weight(3*types.WeightUnitBytes))
	provider.Accepting = false
	require.Zero(t, weight(types.GiB))

	overflow, total := bits.Mul64(types.MaxWeight, types.MaxProviders)
	require.Zero(t, overflow)
	require.Less(t, total, uint64(1)<<63)
}
