package types_test

import (
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/ipdm-network/ipdm/x/porep/types"
)

func TestParamsValidate(t *testing.T) {
	require.NoError(t, types.DefaultParams().Validate())
	require.NoError(t, types.LocalnetParams().Validate())
	for name, edit := range map[string]func(*types.Params){
		"zero":               func(p *types.Params) { *p = types.Params{} },
		"no period":          func(p *types.Params) { p.ProvingPeriod = 0 },
		"negative period":    func(p *types.Params) { p.ProvingPeriod = -time.Hour },
		"endless period":     func(p *types.Params) { p.ProvingPeriod = math.MaxInt64 },
		"period too short":   func(p *types.Params) { p.ProvingPeriod = 3*time.Minute - 1 },
		"no response":        func(p *types.Params) { p.ResponseTime = 0 },
		"no cutoff":          func(p *types.Params) { p.FaultCutoff = 0 },
		"no fault windows":   func(p *types.Params) { p.FaultMaxWindows = 0 },
		"endless faults":     func(p *types.Params) { p.FaultMaxWindows = math.MaxUint32 },
		"no openings":        func(p *types.Params) { p.OpeningsMin = 0 },
		"min above max":      func(p *types.Params) { p.OpeningsMin = 17; p.OpeningsMax = 16 },
		"too many openings":  func(p *types.Params) { p.OpeningsMax = 129 },
		"no units a opening": func(p *types.Params) { p.UnitsPerOpening = 0 },
		"no recovery":        func(p *types.Params) { p.RecoveryOpenings = 0 },
		"long recovery":      func(p *types.Params) { p.RecoveryOpenings = 129 },
		"no recoveries":      func(p *types.Params) { p.MaxRecoveriesPerTx = 0 },
		"many recoveries":    func(p *types.Params) { p.MaxRecoveriesPerTx = math.MaxUint32 },
		"no due":             func(p *types.Params) { p.MaxDuePerBlock = 7 },
		"all due":            func(p *types.Params) { p.MaxDuePerBlock = math.MaxUint32 },
		"gas a byte":         func(p *types.Params) { p.GasPerProofByte = math.MaxUint64 },
		"gas an opening":     func(p *types.Params) { p.GasPerOpening = math.MaxUint64 },
	} {
		params := types.DefaultParams()
		edit(&params)
		require.ErrorIs(t, params.Validate(), types.ErrInvalidParams, name)
	}
}

func TestOpenings(t *testing.T) {
	params := types.DefaultParams()
	for units, want := range map[uint64]uint32{0: 0, 1: 16, 63: 16, 64: 17, 640: 26, 7168: 128, math.MaxUint64: 128} {
		require.Equal(t, want, params.Openings(units), "%d units", units)
	}
	require.Equal(t, 72*time.Hour, params.FaultTime())
}
