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

// Deps are the modules that the keeper needs.
type Deps struct {
	Beacon     types.Beacon
	Bank       types.BankKeeper
	Rewards    types.Rewards
	Validators types.Validators
	Accounts   types.ModuleAddresses
}

// Keeper keeps what providers prove.
type Keeper struct {
	Deps
	schema      collections.Schema
	addresses   address.Codec
	hooks       types.UnitHooks
	assignments types.Assignments
	authority   string

	params collections.Item[types.Params]
	units  collections.Map[uint64, types.Unit]
	// providers holds a state for each map; here and below a map is named by types.MapKey.
	providers collections.Map[string, types.ProviderState]
	// unitsByProvider and faulty list units as (map, unit).
	unitsByProvider collections.KeySet[collections.Pair[string, uint64]]
	faulty          collections.KeySet[collections.Pair[string, uint64]]
	// changes holds what waits for a window to close, as (map, sequence).
	changes collections.Map[collections.Pair[string, uint64], types.Change]
	// queued gives the sequence of what is among the changes, by (unit, kind).
	queued collections.Map[collections.Pair[uint64, int32], uint64]
	due    collections.KeySet[dueKey]
	nextID collections.Sequence
	// slots names the unit in a slot of a map's tree of weights, as (map, slot).
	slots   collections.Map[collections.Pair[string, uint64], uint64]
	weights *sumtree.Tree

	sectors      collections.Map[uint64, types.Sector]
	nextSectorID collections.Sequence
	// sectorsByProvider lists sectors as (provider, sector), sectorNumbers names them by (provider, number).
	sectorsByProvider collections.KeySet[collections.Pair[string, uint64]]
	sectorNumbers     collections.Map[collections.Pair[string, uint64], uint64]
	nextSealID        collections.Sequence
	// pending names the sectors of the seal proofs that wait for a verdict, tallies has those proofs with the verdicts so far, and
	// pendingCount is how many they are.
	pending      collections.Map[uint64, uint64]
	tallies      collections.Map[uint64, types.SealProof]
	pendingCount collections.Item[uint64]
	// votes holds verdicts as (seal proof, validator).
	votes collections.Map[collections.Pair[uint64, []byte], types.SealVote]
	// demands holds the demands for seal records, as (sector, index).
	demands collections.Map[collections.Pair[uint64, uint32], types.RecordDemand]

	challenges      collections.Map[uint64, types.UnitChallenge]
	nextChallengeID collections.Sequence
	// challengesByProvider lists challenges of single units as (provider, challenge).
	challengesByProvider collections.KeySet[collections.Pair[string, uint64]]
}

// New returns the keeper of the store behind service. Only authority, an address in text, may change the parameters.
func New(
	cdc codec.BinaryCodec, service corestore.KVStoreService, addresses address.Codec, deps Deps, authority string,
) (*Keeper, error) {
	if _, err := addresses.StringToBytes(authority); err != nil {
		return nil, fmt.Errorf("failed to read the authority of x/%s: %w", types.ModuleName, err)
	}
	sb := collections.NewSchemaBuilder(service)
	named := collections.PairKeyCodec(collections.StringKey, collections.Uint64Key)
	k := &Keeper{
		Deps:            deps,
		addresses:       addresses,
		authority:       authority,
		params:          collections.NewItem(sb, types.ParamsPrefix, "params", codec.CollValue[types.Params](cdc)),
		units:           collections.NewMap(sb, types.UnitsPrefix, "units", collections.Uint64Key, codec.CollValue[types.Unit](cdc)),
		providers:       collections.NewMap(sb, types.ProvidersPrefix, "providers", collections.StringKey, codec.CollValue[types.ProviderState](cdc)),
		unitsByProvider: collections.NewKeySet(sb, types.UnitsByProviderPrefix, "units_by_provider", named),
		faulty:          collections.NewKeySet(sb, types.FaultyPrefix, "faulty", named),
		changes:         collections.NewMap(sb, types.ChangesPrefix, "changes", named, codec.CollValue[types.Change](cdc)),
		queued: collections.NewMap(sb, types.QueuedPrefix, "queued",
			collections.PairKeyCodec(collections.Uint64Key, collections.Int32Key), collections.Uint64Value),
		due: collections.NewKeySet(sb, types.DuePrefix, "due",
			collections.QuadKeyCodec(collections.Int64Key, collections.Int32Key, collections.StringKey, collections.Uint64Key)),
		nextID:  collections.NewSequence(sb, types.NextUnitIDPrefix, "next_unit_id"),
		slots:   collections.NewMap(sb, types.SlotsPrefix, "slots", named, collections.Uint64Value),
		weights: sumtree.New(sb, types.WeightsPrefix, "weights"),

		sectors:           collections.NewMap(sb, types.SectorsPrefix, "sectors", collections.Uint64Key, codec.CollValue[types.Sector](cdc)),
		nextSectorID:      collections.NewSequence(sb, types.NextSectorIDPrefix, "next_sector_id"),
		sectorsByProvider: collections.NewKeySet(sb, types.SectorsByProviderPrefix, "sectors_by_provider", named),
		sectorNumbers:     collections.NewMap(sb, types.SectorNumbersPrefix, "sector_numbers", named, collections.Uint64Value),
		nextSealID:        collections.NewSequence(sb, types.NextSealIDPrefix, "next_seal_id"),
		pending:           collections.NewMap(sb, types.PendingPrefix, "pending", collections.Uint64Key, collections.Uint64Value),
		tallies:           collections.NewMap(sb, types.TalliesPrefix, "tallies", collections.Uint64Key, codec.CollValue[types.SealProof](cdc)),
		pendingCount:      collections.NewItem(sb, types.PendingCountPrefix, "pending_count", collections.Uint64Value),
		votes: collections.NewMap(sb, types.VotesPrefix, "votes",
			collections.PairKeyCodec(collections.Uint64Key, collections.BytesKey), codec.CollValue[types.SealVote](cdc)),
		demands: collections.NewMap(sb, types.DemandsPrefix, "demands",
			collections.PairKeyCodec(collections.Uint64Key, collections.Uint32Key), codec.CollValue[types.RecordDemand](cdc)),

		challenges: collections.NewMap(sb, types.ChallengesPrefix, "challenges",
			collections.Uint64Key, codec.CollValue[types.UnitChallenge](cdc)),
		nextChallengeID:      collections.NewSequence(sb, types.NextChallengeIDPrefix, "next_challenge_id"),
		challengesByProvider: collections.NewKeySet(sb, types.ChallengesByProviderPrefix, "challenges_by_provider", named),
	}
	var err error
	if k.schema, err = sb.Build(); err != nil {
		return nil, fmt.Errorf("failed to build the schema of x/%s: %w", types.ModuleName, err)
	}
	return k, nil
}

// SetHooks says who is told of changes and who assigns what is sealed. It is called once, while the application is wired.
func (k *Keeper) SetHooks(hooks types.UnitHooks, assignments types.Assignments) {
	k.hooks, k.assignments = hooks, assignments
}

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

// ProvenTime returns how much time the provider's cleanly proven windows of a class cover, in all its life; none for an account
// that never proved in it. It only grows, when a window closes.
func (k *Keeper) ProvenTime(ctx context.Context, provider string, class types.Class) (time.Duration, error) {
	state, _, err := k.findProvider(ctx, types.MapKey(provider, class))
	return state.ProvenTime, err
}
