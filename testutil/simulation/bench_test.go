package simulation_test

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	sdkmath "cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"
	authtypes "github.com/cosmos/cosmos-sdk/x/auth/types"
	banktypes "github.com/cosmos/cosmos-sdk/x/bank/types"

	"github.com/ipdm-network/ipdm/app"
	"github.com/ipdm-network/ipdm/app/params"
	"github.com/ipdm-network/ipdm/sdk/go/format"
	markettypes "github.com/ipdm-network/ipdm/x/market/types"
	poreptypes "github.com/ipdm-network/ipdm/x/porep/types"

	"github.com/ipdm-network/ipdm/testutil/genesis"
)

// BenchmarkIdleBlock is the time of a block of the whole application, commit included, in which nothing is due, by the
// number of active deals with one replica each, on a provider for every ten.
func BenchmarkIdleBlock(b *testing.B) {
	for _, deals := range []int{1_000, 100_000} {
		b.Run(fmt.Sprintf("deals=%d", deals), func(b *testing.B) {
			c := newChain(b)
			state := c.genesis([]*account{newAccount("governor")})
			c.populate(state, deals)
			c.start(state)
			at := genesisTime
			// The first blocks bond the validator and write the genesis state to the database.
			for range 5 {
				at = at.Add(time.Millisecond)
				c.block(at, nil)
			}
			b.ReportAllocs()
			for b.Loop() {
				at = at.Add(time.Microsecond)
				c.block(at, nil)
			}
		})
	}
}

// populate adds active deals, their providers and their units, whose windows and ends are hours ahead.
func (c *chain) populate(state app.GenesisState, deals int) {
	c.Helper()
	const perProvider, sizeBytes = 10, 1 << 20
	next := genesisTime.Add(time.Hour)
	ends := genesisTime.Add(1_000 * time.Hour)
	price, client := sdkmath.NewInt(1_000), benchAddress(0, 0)
	budget := markettypes.CostUp(price, sizeBytes, ends.Sub(genesisTime))
	market, porep := markettypes.DefaultGenesis(), poreptypes.DefaultGenesis()
	pledge := params.OneIPDM().MulRaw(10)
	rate, committed := markettypes.Rate(price, sizeBytes), sdkmath.OneInt()
	for i := range deals {
		provider := benchAddress(1, i/perProvider)
		id, slot := uint64(i+1), uint64(i%perProvider)
		if slot == 0 {
			units := uint64(min(perProvider, deals-i))
			market.Providers = append(market.Providers, markettypes.Provider{
				Address: provider, Ask: markettypes.Ask{PricePerGibHour: price, CapacityBytes: 1 << 30}, Endpoint: testEndpoint(),
				Accepting: true, Pledge: pledge, ReservedBytes: units * sizeBytes, Slot: uint64(i / perProvider),
				Earned: sdkmath.ZeroInt(), Slashed: sdkmath.ZeroInt(), ReplicasHeld: units, RegisteredAt: genesisTime,
				CommittedPledge: committed.MulRaw(int64(units)), AccruingOpen: rate.MulRaw(int64(units)), AccruingSealed: sdkmath.ZeroInt(),
			})
			porep.Providers = append(porep.Providers, poreptypes.ProviderState{
				Provider: provider, NextOpenAt: next, ActiveBytes: units * sizeBytes, ActiveUnits: units, UnitCount: units,
				TotalBytes: units * sizeBytes, Scheduled: true, Class: poreptypes.CLASS_OPEN,
			})
			porep.Due = append(porep.Due, poreptypes.Due{At: next, Kind: poreptypes.DUE_KIND_OPEN, Provider: provider, Class: poreptypes.CLASS_OPEN})
		}
		commD := sha256.Sum256(binary.BigEndian.AppendUint64(nil, id))
		began, end := genesisTime, ends
		market.Deals = append(market.Deals, markettypes.Deal{
			Id: id, Client: client, Root: format.NodeCID(commD).String(), Manifest: format.CBORCID(commD).String(),
			Layout: format.CBORCID(commD).String(), CommD: commD[:], SizeBytes: sizeBytes, Replicas: markettypes.Replicas{Open: 1},
			Duration: ends.Sub(genesisTime), MaxPricePerGibHour: price, Source: testEndpoint(), Status: markettypes.DEAL_STATUS_ACTIVE,
			CreatedAt: began, ActivatedAt: &began, EndsAt: &end,
			Deposited: budget, Paid: sdkmath.ZeroInt(), Refunded: sdkmath.ZeroInt(),
		})
		market.Replicas = append(market.Replicas, markettypes.Replica{
			DealId: id, Class: poreptypes.CLASS_OPEN, Status: markettypes.REPLICA_STATUS_ACTIVE, Provider: provider,
			PricePerGibHour: price, UnitId: id, ActivatedAt: &began, Accruing: true, Budget: budget, Pledge: committed,
		})
		market.Due = append(market.Due, markettypes.Due{At: ends, Kind: markettypes.DUE_KIND_END, DealId: id})
		porep.Units = append(porep.Units, poreptypes.Unit{
			Id: id, Provider: provider, Class: poreptypes.CLASS_OPEN, DealId: id, CommD: commD[:], SizeBytes: sizeBytes,
			Status: poreptypes.UNIT_STATUS_ACTIVE, Slot: slot,
		})
	}
	market.NextDealId, porep.NextUnitId = uint64(deals+1), uint64(deals+1)
	require.NoError(c, market.Validate())
	require.NoError(c, porep.Validate())
	state[markettypes.ModuleName] = c.app.Encoding.Codec.MustMarshalJSON(market)
	state[poreptypes.ModuleName] = c.app.Encoding.Codec.MustMarshalJSON(porep)
	genesis.Edit(c.app.Encoding.Codec, state, banktypes.ModuleName, &banktypes.GenesisState{}, func(gs *banktypes.GenesisState) {
		for name, amount := range map[string]sdkmath.Int{
			markettypes.EscrowAccount: budget.MulRaw(int64(deals)),
			markettypes.PledgeAccount: pledge.MulRaw(int64(len(market.Providers))),
		} {
			gs.Balances = append(gs.Balances, banktypes.Balance{
				Address: authtypes.NewModuleAddress(name).String(), Coins: sdk.NewCoins(sdk.NewCoin(params.BaseDenom, amount)),
			})
		}
	})
}

func benchAddress(kind byte, n int) string {
	address := make([]byte, 20)
	address[0] = kind
	binary.BigEndian.PutUint64(address[12:], uint64(n))
	return sdk.AccAddress(address).String()
}
