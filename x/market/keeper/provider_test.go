package keeper_test

import (
	"strings"
	"testing"

	sdkmath "cosmossdk.io/math"
	sdk "github.com/cosmos/cosmos-sdk/types"
	sdkerrors "github.com/cosmos/cosmos-sdk/types/errors"
	"github.com/stretchr/testify/require"

	"github.com/ipdm-network/ipdm/x/market/types"
)

func TestRegisterProviderRefuses(t *testing.T) {
	f := newFixture(t)
	f.register(t, 0, 1)
	f.fund(t, providerAddress(1))
	for name, test := range map[string]struct {
		change func(*types.MsgRegisterProvider)
		want   error
	}{
		"bad address":         {func(m *types.MsgRegisterProvider) { m.Provider = "x" }, sdkerrors.ErrInvalidAddress},
		"registered":          {func(m *types.MsgRegisterProvider) { m.Provider = providerAddress(0).String() }, types.ErrProviderExists},
		"no funds":            {func(m *types.MsgRegisterProvider) { m.Provider = providerAddress(2).String() }, types.ErrFunds},
		"no pledge":           {func(m *types.MsgRegisterProvider) { m.Pledge = sdkmath.Int{} }, types.ErrInvalidAmount},
		"negative pledge":     {func(m *types.MsgRegisterProvider) { m.Pledge = sdkmath.NewInt(-1) }, types.ErrInvalidAmount},
		"small pledge":        {func(m *types.MsgRegisterProvider) { m.Pledge = sdkmath.NewInt(99) }, types.ErrPledge},
		"absurd pledge":       {func(m *types.MsgRegisterProvider) { m.Pledge = types.MaxAmount.AddRaw(1) }, types.ErrInvalidAmount},
		"no price":            {func(m *types.MsgRegisterProvider) { m.Ask.PricePerGibHour = sdkmath.Int{} }, types.ErrInvalidAsk},
		"negative price":      {func(m *types.MsgRegisterProvider) { m.Ask.PricePerGibHour = sdkmath.NewInt(-1) }, types.ErrInvalidAsk},
		"absurd price":        {func(m *types.MsgRegisterProvider) { m.Ask.PricePerGibHour = types.MaxAmount.AddRaw(1) }, types.ErrInvalidAsk},
		"no capacity":         {func(m *types.MsgRegisterProvider) { m.Ask.CapacityBytes = 0 }, types.ErrInvalidAsk},
		"absurd capacity":     {func(m *types.MsgRegisterProvider) { m.Ask.CapacityBytes = types.MaxBytes + 1 }, types.ErrInvalidAsk},
		"absurd deal size":    {func(m *types.MsgRegisterProvider) { m.Ask.MaxDealBytes = types.MaxBytes + 1 }, types.ErrInvalidAsk},
		"negative duration":   {func(m *types.MsgRegisterProvider) { m.Ask.MaxDuration = -1 }, types.ErrInvalidAsk},
		"no peer id":          {func(m *types.MsgRegisterProvider) { m.Endpoint.PeerId = "" }, types.ErrInvalidEndpoint},
		"peer id not base58":  {func(m *types.MsgRegisterProvider) { m.Endpoint.PeerId = strings.Repeat("0", 52) }, types.ErrInvalidEndpoint},
		"no addresses":        {func(m *types.MsgRegisterProvider) { m.Endpoint.Multiaddrs = nil }, types.ErrInvalidEndpoint},
		"too many addresses":  {func(m *types.MsgRegisterProvider) { m.Endpoint.Multiaddrs = make([]string, 17) }, types.ErrInvalidEndpoint},
		"address too long":    {func(m *types.MsgRegisterProvider) { m.Endpoint.Multiaddrs[0] = "/dns/" + strings.Repeat("x", 252) }, types.ErrInvalidEndpoint},
		"address with space":  {func(m *types.MsgRegisterProvider) { m.Endpoint.Multiaddrs[0] = "/ip4/1.2.3.4 /tcp/1" }, types.ErrInvalidEndpoint},
		"address is a URL":    {func(m *types.MsgRegisterProvider) { m.Endpoint.Multiaddrs[0] = "http://x/y" }, types.ErrInvalidEndpoint},
		"address and peer id": {func(m *types.MsgRegisterProvider) { m.Endpoint.Multiaddrs[0] = "/ip4/1.2.3.4/tcp/1/p2p/" + peerID }, types.ErrInvalidEndpoint},
		"region too long":     {func(m *types.MsgRegisterProvider) { m.Region = strings.Repeat("x", 33) }, types.ErrInvalidEndpoint},
		"region with newline": {func(m *types.MsgRegisterProvider) { m.Region = "eu\n" }, types.ErrInvalidEndpoint},
	} {
		t.Run(name, func(t *testing.T) {
			msg := &types.MsgRegisterProvider{
				Provider: providerAddress(1).String(), Ask: ask(1), Endpoint: endpoint(), Pledge: sdkmath.NewInt(100),
			}
			test.change(msg)
			_, err := f.msgs.RegisterProvider(f.ctx, msg)
			require.ErrorIs(t, err, test.want)
			require.NoError(t, f.keeper.CheckInvariants(f.ctx))
		})
	}
}

func TestUpdateProvider(t *testing.T) {
	f := newFixture(t)
	account := f.register(t, 0, 1).String()
	offer := ask(5)
	offer.CapacityBytes = 3 * gib
	msg := &types.MsgUpdateProvider{Provider: account, Ask: offer, Endpoint: endpoint(), Region: "us", Accepting: true}
	_, err := f.msgs.UpdateProvider(f.ctx, msg)
	require.NoError(t, err)
	require.NoError(t, f.keeper.CheckInvariants(f.ctx))
	res, err := f.query.Provider(f.ctx, &types.QueryProviderRequest{Address: account})
	require.NoError(t, err)
	require.Equal(t, 3*gib, res.FreeBytes)
	require.Equal(t, "us", res.Provider.Region)

	msg.Accepting = false
	_, err = f.msgs.UpdateProvider(f.ctx, msg)
	require.NoError(t, err)
	require.NoError(t, f.keeper.CheckInvariants(f.ctx))
	id := f.create(t, order(1))
	f.assignAll(t)
	_, replicas := f.deal(t, id)
	require.Equal(t, types.REPLICA_STATUS_UNASSIGNED, replicas[0].Status, "it does not accept")

	msg.Ask.CapacityBytes = 0
	_, err = f.msgs.UpdateProvider(f.ctx, msg)
	require.ErrorIs(t, err, types.ErrInvalidAsk)
	_, err = f.msgs.UpdateProvider(f.ctx, &types.MsgUpdateProvider{Provider: client.String(), Ask: offer, Endpoint: endpoint()})
	require.ErrorIs(t, err, types.ErrProviderNotFound)
}

func TestPledgeBacksCapacity(t *testing.T) {
	f := newFixture(t)
	account := f.register(t, 0, 1)
	free := func() uint64 {
		res, err := f.query.Provider(f.ctx, &types.QueryProviderRequest{Address: account.String()})
		require.NoError(t, err)
		require.NoError(t, f.keeper.CheckInvariants(f.ctx))
		return res.FreeBytes
	}
	require.Equal(t, 100*gib, free())
	withdraw := func(amount int64) error {
		_, err := f.msgs.WithdrawPledge(f.ctx, &types.MsgWithdrawPledge{Provider: account.String(), Amount: sdkmath.NewInt(amount)})
		return err
	}
	require.NoError(t, withdraw(40*perGiB))
	require.Equal(t, 60*gib, free())
	_, err := f.msgs.AddPledge(f.ctx, &types.MsgAddPledge{Provider: account.String(), Amount: sdkmath.NewInt(10 * perGiB)})
	require.NoError(t, err)
	require.Equal(t, 70*gib, free())

	f.activeDeal(t, 1)
	require.Equal(t, 69*gib, free())
	require.ErrorIs(t, withdraw(69*perGiB+1), types.ErrPledge, "a GiB is reserved")
	require.ErrorIs(t, withdraw(70*perGiB), types.ErrPledge, "it cannot close either")
	require.ErrorIs(t, withdraw(70*perGiB+1), types.ErrPledge)
	require.ErrorIs(t, withdraw(0), types.ErrInvalidAmount)
	require.NoError(t, withdraw(69*perGiB))
	require.Zero(t, free())
}

func TestWithdrawingEverythingCloses(t *testing.T) {
	f := newFixture(t)
	account := f.register(t, 0, 1)
	msg := &types.MsgWithdrawPledge{Provider: account.String(), Amount: sdkmath.NewInt(100*perGiB - 99)}
	_, err := f.msgs.WithdrawPledge(f.ctx, msg)
	require.ErrorIs(t, err, types.ErrPledge, "the minimum stays")
	msg.Amount = sdkmath.NewInt(100 * perGiB)
	_, err = f.msgs.WithdrawPledge(f.ctx, msg)
	require.NoError(t, err)
	require.Equal(t, int64(wealth), f.balance(account))
	require.NoError(t, f.keeper.CheckInvariants(f.ctx))
	_, err = f.msgs.WithdrawPledge(f.ctx, msg)
	require.ErrorIs(t, err, types.ErrProviderNotFound)
	_, err = f.msgs.AddPledge(f.ctx, &types.MsgAddPledge{Provider: account.String(), Amount: sdkmath.NewInt(1)})
	require.ErrorIs(t, err, types.ErrProviderNotFound)
	f.register(t, 0, 1)
	require.NoError(t, f.keeper.CheckInvariants(f.ctx))
}

func TestAddPledgeRefuses(t *testing.T) {
	f := newFixture(t)
	account := f.register(t, 0, 1).String()
	_, err := f.msgs.AddPledge(f.ctx, &types.MsgAddPledge{Provider: account, Amount: sdkmath.NewInt(3 * wealth)})
	require.ErrorIs(t, err, types.ErrFunds)
	_, err = f.msgs.AddPledge(f.ctx, &types.MsgAddPledge{Provider: account})
	require.ErrorIs(t, err, types.ErrInvalidAmount)
	_, err = f.msgs.AddPledge(f.ctx, &types.MsgAddPledge{Provider: account, Amount: types.MaxAmount})
	require.ErrorIs(t, err, types.ErrInvalidAmount, "the sum would be absurd")
}

func TestChangedPledgePerGiBReweighsEveryone(t *testing.T) {
	f := newFixture(t)
	for n := range 250 {
		f.register(t, n, 1)
	}
	params := testParams()
	params.PledgePerGib = sdkmath.NewInt(2 * perGiB)
	_, err := f.msgs.UpdateParams(f.ctx, &types.MsgUpdateParams{Authority: authority.String(), Params: params})
	require.NoError(t, err)
	for range 3 {
		f.block(t, 1_000_000)
	}
	gs, err := f.keeper.ExportGenesis(f.ctx)
	require.NoError(t, err)
	require.Empty(t, gs.Due, "100 providers a block")
	res, err := f.query.Provider(f.ctx, &types.QueryProviderRequest{Address: providerAddress(7).String()})
	require.NoError(t, err)
	require.Equal(t, 50*gib, res.FreeBytes)
}

// However large providers are, what they weigh together can be drawn from.
func TestManyProvidersOfTheGreatestCapacity(t *testing.T) {
	f := newFixture(t)
	pledge := types.MinPledgePerGiB.MulRaw(types.MaxBytes / types.GiB)
	offer := ask(1)
	offer.CapacityBytes = types.MaxBytes
	for n := range 300 {
		account := providerAddress(n)
		coins := sdk.NewCoins(sdk.NewCoin(denom, pledge))
		require.NoError(t, f.bank.MintCoins(f.ctx, "faucet", coins))
		require.NoError(t, f.bank.SendCoinsFromModuleToAccount(f.ctx, "faucet", account, coins))
		_, err := f.msgs.RegisterProvider(f.ctx, &types.MsgRegisterProvider{
			Provider: account.String(), Ask: offer, Endpoint: endpoint(), Region: "eu", Pledge: pledge,
		})
		require.NoError(t, err)
	}
	id := f.create(t, order(16))
	f.assignAll(t)
	_, replicas := f.deal(t, id)
	for _, replica := range replicas {
		require.Equal(t, types.REPLICA_STATUS_ASSIGNED, replica.Status)
	}
}
