package keeper

import (
	"context"
	"fmt"
	"time"

	"cosmossdk.io/collections"
	"cosmossdk.io/core/address"
	corestore "cosmossdk.io/core/store"
	"github.com/cosmos/cosmos-sdk/codec"

	"github.com/ipdm-network/ipdm/x/internal/sumtree"
	"github.com/ipdm-network/ipdm/x/porep/types"
)

// Keeper keeps what providers prove.
type Keeper struct {
	schema    collections.Schema
	addresses address.Codec
	beacon    types.Beacon
	hooks     types.UnitHooks
	authority string

	params    collections.Item[types.Params]
	units     collections.Map[uint64, types.Unit]
	providers collections.Map[string, types.ProviderState]
	// unitsByProvider and faulty list units as (provider, unit).
	unitsByProvider collections.KeySet[collections.Pair[string, uint64]]
	faulty          collections.KeySet[collections.Pair[string, uint64]]
	// changes holds what waits for a window to close, as (provider, sequence).
	changes collections.Map[collections.Pair[string, uint64], types.Change]
	// queued tells what is among the changes, as (unit, kind).
	queued collections.KeySet[collections.Pair[uint64, int32]]
	due    collections.KeySet[dueKey]
	nextID collections.Sequence
	// slots names the unit in a slot of a provider's tree of weights, as (provider, slot).
	slots   collections.Map[collections.Pair[string, uint64], uint64]
	weights *sumtree.Tree
}

// New returns the keeper of the store behind service. Only authority, an address in text, may change the parameters.
func New(
	cdc codec.BinaryCodec, service corestore.KVStoreService, addresses address.Codec, beacon types.Beacon, authority string,
) (*Keeper, error) {
	if _, err := addresses.StringToBytes(authority); err != nil {
		return nil, fmt.Errorf("failed to read the authority of x/%s: %w", types.ModuleName, err)
	}
	sb := collections.NewSchemaBuilder(service)
	providerUnit := collections.PairKeyCodec(collections.StringKey, collections.Uint64Key)
	k := &Keeper{
		addresses:       addresses,
		beacon:          beacon,
		authority:       authority,
		params:          collections.NewItem(sb, types.ParamsPrefix, "params", codec.CollValue[types.Params](cdc)),
		units:           collections.NewMap(sb, types.UnitsPrefix, "units", collections.Uint64Key, codec.CollValue[types.Unit](cdc)),
		providers:       collections.NewMap(sb, types.ProvidersPrefix, "providers", collections.StringKey, codec.CollValue[types.ProviderState](cdc)),
		unitsByProvider: collections.NewKeySet(sb, types.UnitsByProviderPrefix, "units_by_provider", providerUnit),
		faulty:          collections.NewKeySet(sb, types.FaultyPrefix, "faulty", providerUnit),
		changes:         collections.NewMap(sb, types.ChangesPrefix, "changes", providerUnit, codec.CollValue[types.Change](cdc)),
		queued: collections.NewKeySet(sb, types.QueuedPrefix, "queued",
			collections.PairKeyCodec(collections.Uint64Key, collections.Int32Key)),
		due: collections.NewKeySet(sb, types.DuePrefix, "due",
			collections.QuadKeyCodec(collections.Int64Key, collections.Int32Key, collections.StringKey, collections.Uint64Key)),
		nextID:  collections.NewSequence(sb, types.NextUnitIDPrefix, "next_unit_id"),
		slots:   collections.NewMap(sb, types.SlotsPrefix, "slots", providerUnit, collections.Uint64Value),
		weights: sumtree.New(sb, types.WeightsPrefix, "weights"),
	}
	var err error
	if k.schema, err = sb.Build(); err != nil {
		return nil, fmt.Errorf("failed to build the schema of x/%s: %w", types.ModuleName, err)
	}
	return k, nil
}

// SetHooks says who is told of changes. It is called once, while the application is wired.
func (k *Keeper) SetHooks(hooks types.UnitHooks) { k.hooks = hooks }

// Schema returns the collections of the store, for decoding it.
func (k *Keeper) Schema() collections.Schema { return k.schema }

// Authority returns the address that may change the parameters.
func (k *Keeper) Authority() string { return k.authority }

// Params returns the parameters.
func (k *Keeper) Params(ctx context.Context) (types.Params, error) {
	params, err := k.params.Get(ctx)
	if err != nil {
		return types.Params{}, fmt.Errorf("failed to read the parameters: %w", err)
	}
	return params, nil
}

// SetParams checks and stores the parameters. It fails with ErrInvalidParams.
func (k *Keeper) SetParams(ctx context.Context, params types.Params) error {
	if err := params.Validate(); err != nil {
		return err
	}
	if err := k.params.Set(ctx, params); err != nil {
		return fmt.Errorf("failed to write the parameters: %w", err)
	}
	return nil
}

// ProvenTime returns how much time the provider's cleanly proven windows cover, in all its life; none for an account that never
// proved. It only grows, when a window closes.
func (k *Keeper) ProvenTime(ctx context.Context, provider string) (time.Duration, error) {
	state, _, err := k.findProvider(ctx, provider)
	return state.ProvenTime, err
}
