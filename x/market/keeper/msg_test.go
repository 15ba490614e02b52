package keeper_test

import (
	"errors"
	"testing"
	"time"

	sdkmath "cosmossdk.io/math"
	storetypes "github.com/cosmos/cosmos-sdk/store/v2/types"
	sdkerrors "github.com/cosmos/cosmos-sdk/types/errors"
	"github.com/stretchr/testify/require"

	"github.com/ipdm-network/ipdm/x/internal/cidtext"
	"github.com/ipdm-network/ipdm/x/market/types"
	"github.com/ipdm-network/ipdm/x/porep/proof"
)

func TestCreateDealRefuses(t *testing.T) {
	f := newFixture(t)
	for name, test := range map[string]struct {
		change func(*types.MsgCreateDeal)
		want   error
	}{
		"bad address":       {func(m *types.MsgCreateDeal) { m.Client = "x" }, sdkerrors.ErrInvalidAddress},
		"root":              {func(m *types.MsgCreateDeal) { m.Root = m.Manifest }, types.ErrInvalidDeal},
		"manifest":          {func(m *types.MsgCreateDeal) { m.Manifest = "" }, types.ErrInvalidDeal},
		"layout":            {func(m *types.MsgCreateDeal) { m.Layout = cidtext.New(cidtext.Raw, [32]byte{}) }, types.ErrInvalidDeal},
		"short commitment":  {func(m *types.MsgCreateDeal) { m.CommD = m.CommD[:31] }, types.ErrInvalidDeal},
		"no bytes":          {func(m *types.MsgCreateDeal) { m.SizeBytes = 0 }, types.ErrInvalidDeal},
		"absurd bytes":      {func(m *types.MsgCreateDeal) { m.SizeBytes = 1 << 63 }, types.ErrInvalidDeal},
		"no duration":       {func(m *types.MsgCreateDeal) { m.Duration = 0 }, types.ErrInvalidDeal},
		"absurd duration":   {func(m *types.MsgCreateDeal) { m.Duration = 1<<63 - 1 }, types.ErrInvalidDeal},
		"negative duration": {func(m *types.MsgCreateDeal) { m.Duration = -time.Hour }, types.ErrInvalidDeal},
		"no replicas":       {func(m *types.MsgCreateDeal) { m.Replicas.Open = 0 }, types.ErrInvalidDeal},
		"absurd replicas":   {func(m *types.MsgCreateDeal) { m.Replicas.Open = 1<<32 - 1 }, types.ErrInvalidDeal},
		"too large to seal": {func(m *types.MsgCreateDeal) { m.Replicas.Sealed, m.SizeBytes = 1, maxSealed+1 }, types.ErrSealedSize},
		"no price":          {func(m *types.MsgCreateDeal) { m.MaxPricePerGibHour = sdkmath.Int{} }, types.ErrInvalidAmount},
		"zero price":        {func(m *types.MsgCreateDeal) { m.MaxPricePerGibHour = sdkmath.ZeroInt() }, types.ErrInvalidAmount},
		"absurd price":      {func(m *types.MsgCreateDeal) { m.MaxPricePerGibHour = types.MaxAmount.AddRaw(1) }, types.ErrInvalidAmount},
		"no source":         {func(m *types.MsgCreateDeal) { m.Source = types.Endpoint{} }, types.ErrInvalidEndpoint},
		"too poor":          {func(m *types.MsgCreateDeal) { m.MaxPricePerGibHour = sdkmath.NewInt(wealth) }, types.ErrFunds},
		"the dearest deal": {func(m *types.MsgCreateDeal) {
			m.MaxPricePerGibHour, m.SizeBytes, m.Duration = types.MaxAmount, 1<<44, 5*365*24*time.Hour
			m.Replicas.Open = 16
		}, types.ErrFunds},
	} {
		t.Run(name, func(t *testing.T) {
			msg := order(1)
			test.change(msg)
			_, err := f.msgs.CreateDeal(f.ctx, msg)
			require.ErrorIs(t, err, test.want)
			require.NoError(t, f.keeper.CheckInvariants(f.ctx))
		})
	}
	require.Equal(t, int64(wealth), f.balance(client))
}

func TestCreateDealPaysForLaterWork(t *testing.T) {
	f := newFixture(t)
	meter := storetypes.NewGasMeter(100_000_000)
	_, err := f.msgs.CreateDeal(f.ctx.WithGasMeter(meter), order(3))
	require.NoError(t, err)
	require.Greater(t, meter.GasConsumed(), 3*testParams().GasPerReplica)
}

func TestActivateReplicaRefuses(t *testing.T) {
	f := newFixture(t)
	f.register(t, 0, 1)
	other := f.register(t, 1, 1)
	id := f.create(t, order(1))
	f.assignAll(t)
	_, replicas := f.deal(t, id)
	if replicas[0].Provider == other.String() {
		other = providerAddress(0)
	}
	good := types.MsgActivateReplica{Provider: replicas[0].Provider, DealId: id, Proof: []byte{1}}
	with := func(change func(*types.MsgActivateReplica)) *types.MsgActivateReplica {
		msg := good
		change(&msg)
		return &msg
	}
	for name, test := range map[string]struct {
		msg  *types.MsgActivateReplica
		want error
	}{
		"another provider": {with(func(m *types.MsgActivateReplica) { m.Provider = other.String() }), types.ErrNotAssigned},
		"unknown deal":     {with(func(m *types.MsgActivateReplica) { m.DealId = 9 }), types.ErrDealNotFound},
		"unknown replica":  {with(func(m *types.MsgActivateReplica) { m.Index = 9 }), types.ErrReplicaNotFound},
		"oversize proof":   {with(func(m *types.MsgActivateReplica) { m.Proof = make([]byte, proof.MaxProofSize+1) }), types.ErrProof},
	} {
		_, err := f.msgs.ActivateReplica(f.ctx, test.msg)
		require.ErrorIs(t, err, test.want, name)
	}
	f.porep.invalid = errBroken
	meter := storetypes.NewGasMeter(100_000_000)
	_, err := f.msgs.ActivateReplica(f.ctx.WithGasMeter(meter), with(func(m *types.MsgActivateReplica) { m.Proof = make([]byte, 1_000) }))
	require.ErrorIs(t, err, types.ErrProof)
	require.Greater(t, meter.GasConsumed(), 1_000*testParams().GasPerProofByte, "a wrong proof costs gas")
	f.porep.invalid = nil

	late := f.ctx.WithBlockTime(*replicas[0].Deadline)
	_, err = f.msgs.ActivateReplica(late, &good)
	require.ErrorIs(t, err, types.ErrDeadline)
	f.activate(t, replicas[0])
	_, err = f.msgs.ActivateReplica(f.ctx, &good)
	require.ErrorIs(t, err, types.ErrNotAssigned, "once is enough")

	_, err = f.msgs.CancelDeal(f.ctx, &types.MsgCancelDeal{Client: client.String(), DealId: id})
	require.NoError(t, err)
	_, err = f.msgs.ActivateReplica(f.ctx, &good)
	require.ErrorIs(t, err, types.ErrDealState)
}

func TestRefuseReplicaRefuses(t *testing.T) {
	f := newFixture(t)
	account := f.register(t, 0, 1).String()
	id := f.activeDeal(t, 1)
	for name, test := range map[string]struct {
		msg  types.MsgRefuseReplica
		want error
	}{
		"active already":  {types.MsgRefuseReplica{Provider: account, DealId: id}, types.ErrNotAssigned},
		"unknown deal":    {types.MsgRefuseReplica{Provider: account, DealId: 9}, types.ErrDealNotFound},
		"unknown replica": {types.MsgRefuseReplica{Provider: account, DealId: id, Index: 1}, types.ErrReplicaNotFound},
		"unknown reason":  {types.MsgRefuseReplica{Provider: account, DealId: id, Reason: 77}, types.ErrInvalidRefusal},
	} {
		_, err := f.msgs.RefuseReplica(f.ctx, &test.msg)
		require.ErrorIs(t, err, test.want, name)
	}
}

func TestSettleRefuses(t *testing.T) {
	f := newFixture(t)
	for name, test := range map[string]struct {
		msg  types.MsgSettle
		want error
	}{
		"bad address":  {types.MsgSettle{Sender: "x", DealIds: []uint64{1}}, sdkerrors.ErrInvalidAddress},
		"no deals":     {types.MsgSettle{Sender: client.String()}, types.ErrTooMany},
		"many deals":   {types.MsgSettle{Sender: client.String(), DealIds: make([]uint64, 101)}, types.ErrTooMany},
		"unknown deal": {types.MsgSettle{Sender: client.String(), DealIds: []uint64{1}}, types.ErrDealNotFound},
	} {
		_, err := f.msgs.Settle(f.ctx, &test.msg)
		require.ErrorIs(t, err, test.want, name)
	}
}

func TestUpdateParamsRefuses(t *testing.T) {
	f := newFixture(t)
	_, err := f.msgs.UpdateParams(f.ctx, &types.MsgUpdateParams{Authority: client.String(), Params: testParams()})
	require.ErrorIs(t, err, types.ErrAuthority)
	for name, change := range map[string]func(*types.Params){
		"denom":             func(p *types.Params) { p.Denom = "" },
		"other denom":       func(p *types.Params) { p.Denom = "other" },
		"deal bytes":        func(p *types.Params) { p.MinDealBytes = p.MaxDealBytes + 1 },
		"max deal bytes":    func(p *types.Params) { p.MaxDealBytes = types.MaxBytes + 1 },
		"durations":         func(p *types.Params) { p.MinDuration = p.MaxDuration + 1 },
		"timeout":           func(p *types.Params) { p.ActivationTimeout = 0 },
		"retry":             func(p *types.Params) { p.RetryInterval = -1 },
		"replicas":          func(p *types.Params) { p.MaxReplicas = 65 },
		"slash":             func(p *types.Params) { p.TerminationSlashBps = 10_001 },
		"due":               func(p *types.Params) { p.MaxDuePerBlock = 0 },
		"openings":          func(p *types.Params) { p.ActivationOpenings = proof.MaxOpenings + 1 },
		"pledge":            func(p *types.Params) { p.PledgePerGib = types.MinPledgePerGiB.SubRaw(1) },
		"no pledge":         func(p *types.Params) { p.PledgePerGib = sdkmath.Int{} },
		"missing lapse fee": func(p *types.Params) { p.LapseFee = sdkmath.Int{} },
		"gas":               func(p *types.Params) { p.GasPerReplica = 1 << 60 },
	} {
		params := testParams()
		change(&params)
		_, err := f.msgs.UpdateParams(f.ctx, &types.MsgUpdateParams{Authority: authority.String(), Params: params})
		require.ErrorIs(t, err, types.ErrInvalidParams, name)
	}
	require.NoError(t, types.DefaultParams().Validate())
	require.NoError(t, types.LocalnetParams().Validate())
}

func FuzzCreateDeal(f *testing.F) {
	m := order(1)
	f.Add(m.Root, m.Manifest, m.Layout, m.CommD, m.SizeBytes, uint32(1), uint32(0), int64(m.Duration), "3600", peerID, m.Source.Multiaddrs[0])
	f.Add("", "", "", []byte{}, uint64(1)<<63, uint32(1)<<31, uint32(1), int64(-1), "-1", "", "/")
	fx := newFixture(f)
	f.Fuzz(func(t *testing.T, root, manifest, layout string, commD []byte, size uint64, open, sealed uint32, duration int64,
		price, peer, address string,
	) {
		ctx, _ := fx.ctx.CacheContext()
		msg := &types.MsgCreateDeal{
			Client: client.String(), Root: root, Manifest: manifest, Layout: layout, CommD: commD, SizeBytes: size,
			Replicas: types.Replicas{Open: open, Sealed: sealed}, Duration: time.Duration(duration),
			Source: types.Endpoint{PeerId: peer, Multiaddrs: []string{address}},
		}
		if amount, ok := sdkmath.NewIntFromString(price); ok {
			msg.MaxPricePerGibHour = amount
		}
		if _, err := fx.msgs.CreateDeal(ctx, msg); err != nil {
			require.False(t, errors.Is(err, types.ErrInvariant))
			return
		}
		require.NoError(t, fx.keeper.CheckInvariants(ctx))
		gs, err := fx.keeper.ExportGenesis(ctx)
		require.NoError(t, err)
		require.NoError(t, gs.Validate())
	})
}
