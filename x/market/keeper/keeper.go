package keeper

import (
	"context"
	"fmt"

	"cosmossdk.io/collections"
	collcodec "cosmossdk.io/collections/codec"
	"cosmossdk.io/core/address"
	"cosmossdk.io/core/store"
	"github.com/cosmos/cosmos-sdk/codec"
	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/ipdm-network/ipdm/x/internal/sumtree"
	"github.com/ipdm-network/ipdm/x/market/types"
)

type (
	// replicaKey is a deal's id and a replica's index.
	replicaKey = collections.Pair[uint64, uint32]
	// dueKey is a time in Unix nanoseconds, a kind, a deal's id and a replica's index.
	dueKey = collections.Quad[uint64, uint32, uint64, uint32]
)

// Keeper reads and writes providers and deals. It is used by one block at a time, like every keeper.
type Keeper struct {
	addresses address.Codec
	accounts  types.AccountKeeper
	bank      types.BankKeeper
	porep     types.PorepKeeper
	incentive types.Incentives
	beacon    types.Beacon
	authority string

	schema    collections.Schema
	params    collections.Item[types.Params]
	providers collections.Map[sdk.AccAddress, types.Provider]
	// slots names the provider in each slot of weights, which weigh by free bytes.
	slots    collections.Map[uint64, sdk.AccAddress]
	weights  *sumtree.Tree
	deals    collections.Map[uint64, types.Deal]
	nextDeal collections.Sequence
	replicas collections.Map[replicaKey, types.Replica]
	byClient collections.KeySet[collections.Pair[sdk.AccAddress, uint64]]
	byRoot   collections.KeySet[collections.Pair[string, uint64]]
	// assignments are the replicas that take up a provider's space.
	assignments collections.KeySet[collections.Pair[sdk.AccAddress, replicaKey]]
	// due holds what falls due at a time, but for the draws of providers, which have a queue of their own.
	due   collections.KeySet[dueKey]
	draws collections.KeySet[dueKey]
}

// New returns a keeper over the given store. Authority is the bech32 address that may change the parameters. The caller
// hands the keeper to x/porep as its hooks and as what assigns sealed replicas. It fails when authority is no address or a module account is not known.
func New(
	cdc codec.BinaryCodec, storeService store.KVStoreService, accounts types.AccountKeeper, bank types.BankKeeper,
	porep types.PorepKeeper, incentive types.Incentives, beacon types.Beacon, authority string,
) (*Keeper, error) {
	addresses := accounts.AddressCodec()
	if _, err := addresses.StringToBytes(authority); err != nil {
		return nil, fmt.Errorf("failed to read authority of x/%s: %w", types.ModuleName, err)
	}
	for _, name := range []string{types.EscrowAccount, types.PledgeAccount} {
		if accounts.GetModuleAddress(name) == nil {
			return nil, fmt.Errorf("failed to find module account %s", name)
		}
	}
	replicaCodec := collections.PairKeyCodec(collections.Uint64Key, collections.Uint32Key)
	dueCodec := collections.QuadKeyCodec(
		collections.Uint64Key, collections.Uint32Key, collections.Uint64Key, collections.Uint32Key,
	)
	sb := collections.NewSchemaBuilder(storeService)
	k := &Keeper{
		addresses: addresses, accounts: accounts, bank: bank, porep: porep, incentive: incentive, beacon: beacon, authority: authority,
		params: collections.NewItem(sb, types.ParamsKey, "params", codec.CollValue[types.Params](cdc)),
		providers: collections.NewMap(
			sb, types.ProvidersKey, "providers", sdk.AccAddressKey, codec.CollValue[types.Provider](cdc),
		),
		slots: collections.NewMap(
			sb, types.SlotsKey, "slots", collections.Uint64Key, collcodec.KeyToValueCodec(sdk.AccAddressKey),
		),
		weights: sumtree.New(sb, types.WeightsPrefix, "weights"),
		deals: collections.NewMap(
			sb, types.DealsKey, "deals", collections.Uint64Key, codec.CollValue[types.Deal](cdc),
		),
		nextDeal: collections.NewSequence(sb, types.NextDealKey, "next_deal"),
		replicas: collections.NewMap(
			sb, types.ReplicasKey, "replicas", replicaCodec, codec.CollValue[types.Replica](cdc),
		),
		byClient: collections.NewKeySet(
			sb, types.ByClientKey, "by_client", collections.PairKeyCodec(sdk.AccAddressKey, collections.Uint64Key),
		),
		byRoot: collections.NewKeySet(
			sb, types.ByRootKey, "by_root", collections.PairKeyCodec(collections.StringKey, collections.Uint64Key),
		),
		assignments: collections.NewKeySet(
			sb, types.AssignmentsKey, "assignments", collections.PairKeyCodec(sdk.AccAddressKey, replicaCodec),
		),
		due:   collections.NewKeySet(sb, types.DueKey, "due", dueCodec),
		draws: collections.NewKeySet(sb, types.DrawsKey, "draws", dueCodec),
	}
	schema, err := sb.Build()
	if err != nil {
		return nil, fmt.Errorf("failed to build schema of x/%s: %w", types.ModuleName, err)
	}
	k.schema = schema
	return k, nil
}

// Schema describes the module's collections.
func (k *Keeper) Schema() collections.Schema { return k.schema }

// Authority is the address that may change the parameters.
func (k *Keeper) Authority() string { return k.authority }

// Params returns the parameters.
func (k *Keeper) Params(ctx context.Context) (types.Params, error) {
	params, err := k.params.Get(ctx)
	if err != nil {
		return types.Params{}, fmt.Errorf("failed to read parameters: %w", err)
	}
	return params, nil
}
