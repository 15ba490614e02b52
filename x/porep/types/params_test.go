package types_test

import (
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	sdkmath "cosmossdk.io/math"

	markettypes "github.com/ipdm-network/ipdm/x/market/types"
	"github.com/ipdm-network/ipdm/x/porep/proof/sdr"
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

		"no denom":               func(p *types.Params) { p.Denom = "" },
		"no sector class":        func(p *types.Params) { p.SectorClasses = []types.SectorClass{0} },
		"unknown sector class":   func(p *types.Params) { p.SectorClasses = []types.SectorClass{257} },
		"negative sector class":  func(p *types.Params) { p.SectorClasses = []types.SectorClass{-1} },
		"sector class twice":     func(p *types.Params) { p.SectorClasses = []types.SectorClass{1, 1} },
		"too many classes":       func(p *types.Params) { p.SectorClasses = []types.SectorClass{1, 2, 3, 1} },
		"no pieces":              func(p *types.Params) { p.MaxPieces = 0 },
		"many pieces":            func(p *types.Params) { p.MaxPieces = 257 },
		"no ticket age":          func(p *types.Params) { p.TicketMaxAgeBlocks = 0 },
		"negative ticket age":    func(p *types.Params) { p.TicketMaxAgeBlocks = -1 },
		"no challenge delay":     func(p *types.Params) { p.PrecommitChallengeDelayBlocks = 0 },
		"no seal challenges":     func(p *types.Params) { p.SealChallenges = 0 },
		"many seal challenges":   func(p *types.Params) { p.SealChallenges = 1025 },
		"no prove timeout":       func(p *types.Params) { p.ProveTimeout = 0 },
		"no verdict timeout":     func(p *types.Params) { p.VerdictTimeout = 0 },
		"no dispute":             func(p *types.Params) { p.SealDisputeTime = 0 },
		"dispute too short":      func(p *types.Params) { p.SealDisputeTime = p.DemandResponseTime - 1 },
		"endless dispute":        func(p *types.Params) { p.SealDisputeTime = math.MaxInt64 },
		"no deposit":             func(p *types.Params) { p.SealDepositPerGib = sdkmath.ZeroInt() },
		"nil deposit":            func(p *types.Params) { p.MinSealDeposit = sdkmath.Int{} },
		"negative deposit":       func(p *types.Params) { p.MinSealDeposit = sdkmath.NewInt(-1) },
		"absurd deposit":         func(p *types.Params) { p.MinSealDeposit = sdkmath.NewIntWithDecimal(1, 37) },
		"more than all as fee":   func(p *types.Params) { p.VerdictFeeBps = 10_001 },
		"more than all of stake": func(p *types.Params) { p.VoterSlashBps = 10_001 },
		"no demand bond":         func(p *types.Params) { p.DemandBond = sdkmath.ZeroInt() },
		"no demand response":     func(p *types.Params) { p.DemandResponseTime = 0 },
		"no demands":             func(p *types.Params) { p.MaxDemands = 0 },
		"no challenge bond":      func(p *types.Params) { p.ChallengeBond = sdkmath.Int{} },
		"no challenge response":  func(p *types.Params) { p.ChallengeResponseTime = -1 },
		"no challenge interval":  func(p *types.Params) { p.ChallengeInterval = 0 },
		"no challenge openings":  func(p *types.Params) { p.ChallengeOpenings = 0 },
		"long challenges":        func(p *types.Params) { p.ChallengeOpenings = 129 },
		"no open challenges":     func(p *types.Params) { p.MaxOpenChallenges = 0 },
		"gas a record":           func(p *types.Params) { p.GasPerSealRecord = math.MaxUint64 },
		"no pending seals":       func(p *types.Params) { p.MaxPendingSeals = 0 },
		"more pending than said": func(p *types.Params) { p.MaxPendingSeals = types.MaxVerdictSpan + 1 },
		"no declarations":        func(p *types.Params) { p.MaxDeclarationsPerTx = 0 },
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

// A deposit grows with the sector and never falls below its least.
func TestSealDeposit(t *testing.T) {
	params := types.DefaultParams()
	ipdm := sdkmath.NewIntWithDecimal(1, 18)
	require.Equal(t, ipdm, params.SealDeposit(types.SECTOR_CLASS_TEST_4MIB))
	require.Equal(t, ipdm.MulRaw(5), params.SealDeposit(types.SECTOR_CLASS_STD_1GIB))
	require.Equal(t, ipdm.MulRaw(160), params.SealDeposit(types.SECTOR_CLASS_BIG_32GIB))
	params.SealDepositPerGib, params.MinSealDeposit = sdkmath.NewInt(1_025), sdkmath.NewInt(1)
	require.Equal(t, sdkmath.NewInt(5), params.SealDeposit(types.SECTOR_CLASS_TEST_4MIB), "rounded up")
	require.Equal(t, sdkmath.NewInt(19), types.Share(sdkmath.NewInt(999), 199), "rounded down")
}

// Every class of sectors that a message can name has the size that its proofs are about.
func TestSectorClasses(t *testing.T) {
	for number, name := range types.SectorClass_name {
		class := types.SectorClass(number)
		require.Equal(t, sdr.Class(class).SizeBytes(), class.SizeBytes(), name)
	}
	require.Len(t, types.SectorClass_name, len(sdr.Classes)+1)
	require.Zero(t, types.SectorClass(257).SizeBytes(), "a number that looks like a class when it is cut short")
}

func TestMapKeys(t *testing.T) {
	for _, class := range []types.Class{types.CLASS_UNSPECIFIED, types.CLASS_OPEN, types.CLASS_SEALED} {
		provider, parsed := types.ParseMapKey(types.MapKey("ipdm1abc", class))
		require.Equal(t, "ipdm1abc", provider)
		require.Equal(t, class, parsed)
	}
}

// The figures of docs/spec/porep-sealed.md about grinding follow from the production parameters.
func TestWhatGrindingASealCosts(t *testing.T) {
	params := types.DefaultParams()
	pass := math.Pow(1-0.039, float64(params.SealChallenges))
	require.InDelta(t, 10, -math.Log2(pass), 0.2, "bits an attempt with 3.9% of wrong columns")

	deposit := params.SealDeposit(types.SECTOR_CLASS_STD_1GIB)
	require.Equal(t, sdkmath.NewIntWithDecimal(5, 18), deposit)
	lapseFee := markettypes.DefaultParams().LapseFee
	abandoned := types.Share(deposit, params.VerdictFeeBps).Add(lapseFee)
	require.Equal(t, sdkmath.NewIntWithDecimal(11, 16), abandoned)
	require.Equal(t, int64(113), abandoned.MulRaw(1<<10).Add(sdkmath.NewIntWithDecimal(5, 17)).Quo(sdkmath.NewIntWithDecimal(1, 18)).Int64())

	require.Equal(t, uint32(16), params.OpeningsMin)
	require.InDelta(t, 0.19, math.Pow(0.9, float64(params.OpeningsMin)), 0.01, "a window over a replica without a tenth of it")
}
