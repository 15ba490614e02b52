package keeper

import (
	"context"
	"errors"
	"fmt"

	"cosmossdk.io/collections"
	"cosmossdk.io/core/address"
	corestore "cosmossdk.io/core/store"
	"github.com/cosmos/cosmos-sdk/codec"
	sdk "github.com/cosmos/cosmos-sdk/types"
	"github.com/cosmos/gogoproto/proto"

	"github.com/ipdm-network/ipdm/x/bridge/types"
)

var (
	paramsPrefix      = collections.NewPrefix(0)
	keysPrefix        = collections.NewPrefix(1)
	keyOwnersPrefix   = collections.NewPrefix(2)
	epochsPrefix      = collections.NewPrefix(3)
	checkpointsPrefix = collections.NewPrefix(4)
	epochPrefix       = collections.NewPrefix(5)
	newestPrefix      = collections.NewPrefix(6)
	completePrefix    = collections.NewPrefix(7)
	pendingPrefix     = collections.NewPrefix(8)
	oldestPrefix      = collections.NewPrefix(9)
	digestsPrefix     = collections.NewPrefix(10)
)

// Keeper keeps keys, signer epochs and checkpoints.
type Keeper struct {
	schema    collections.Schema
	deps      Deps
	operators address.Codec
	consensus address.Codec
	authority string

	params    collections.Item[types.Params]
	keys      collections.Map[[]byte, types.SignerKey] // by consensus address
	keyOwners collections.Map[[]byte, []byte]          // consensus address by key
	epochs    collections.Map[uint64, types.SignerEpoch]
	// checkpoints are by sequence. Those from oldest on are there, and those that end an epoch.
	checkpoints collections.Map[uint64, types.Checkpoint]
	digests     collections.Map[uint64, types.Digest] // by height
	// The rest is 0 or absent while there is none.
	epoch    collections.Item[uint64] // the newest
	newest   collections.Item[uint64] // checkpoint
	complete collections.Item[uint64] // newest complete checkpoint
	pending  collections.Item[uint64] // checkpoint that waits for signatures
	oldest   collections.Item[uint64]
}

// Deps are the other modules that the bridge needs.
type Deps struct {
	Staking    types.Staking
	Validators types.Validators
	Anchors    types.Anchors
}

// New returns the keeper of the store behind service. operators and consensus are the codecs of the two addresses of a validator.
func New(
	cdc codec.BinaryCodec, service corestore.KVStoreService, deps Deps, operators, consensus address.Codec, authority string,
) (*Keeper, error) {
	sb := collections.NewSchemaBuilder(service)
	k := &Keeper{
		deps: deps, operators: operators, consensus: consensus, authority: authority,
		params:      collections.NewItem(sb, paramsPrefix, "params", codec.CollValue[types.Params](cdc)),
		keys:        collections.NewMap(sb, keysPrefix, "keys", collections.BytesKey, codec.CollValue[types.SignerKey](cdc)),
		keyOwners:   collections.NewMap(sb, keyOwnersPrefix, "key_owners", collections.BytesKey, collections.BytesValue),
		epochs:      collections.NewMap(sb, epochsPrefix, "epochs", collections.Uint64Key, codec.CollValue[types.SignerEpoch](cdc)),
		checkpoints: collections.NewMap(sb, checkpointsPrefix, "checkpoints", collections.Uint64Key, codec.CollValue[types.Checkpoint](cdc)),
		digests:     collections.NewMap(sb, digestsPrefix, "digests", collections.Uint64Key, codec.CollValue[types.Digest](cdc)),
		epoch:       collections.NewItem(sb, epochPrefix, "epoch", collections.Uint64Value),
		newest:      collections.NewItem(sb, newestPrefix, "newest", collections.Uint64Value),
		complete:    collections.NewItem(sb, completePrefix, "complete", collections.Uint64Value),
		pending:     collections.NewItem(sb, pendingPrefix, "pending", collections.Uint64Value),
		oldest:      collections.NewItem(sb, oldestPrefix, "oldest", collections.Uint64Value),
	}
	var err error
	if k.schema, err = sb.Build(); err != nil {
		return nil, fmt.Errorf("failed to build the schema of x/%s: %w", types.ModuleName, err)
	}
	return k, nil
}

// Params returns the parameters.
func (k *Keeper) Params(ctx context.Context) (types.Params, error) {
	params, err := k.params.Get(ctx)
	if err != nil {
		return types.Params{}, fmt.Errorf("failed to read the parameters: %w", err)
	}
	return params, nil
}

// SetParams replaces the parameters.
func (k *Keeper) SetParams(ctx context.Context, params types.Params) error {
	if err := params.Validate(); err != nil {
		return err
	}
	if err := k.params.Set(ctx, params); err != nil {
		return fmt.Errorf("failed to write the parameters: %w", err)
	}
	return nil
}

// number reads a counter, 0 if it was never written.
func number(ctx context.Context, item collections.Item[uint64]) (uint64, error) {
	n, err := item.Get(ctx)
	if err != nil && !errors.Is(err, collections.ErrNotFound) {
		return 0, fmt.Errorf("failed to read a counter: %w", err)
	}
	return n, nil
}

func setNumber(ctx context.Context, item collections.Item[uint64], n uint64) error {
	if err := item.Set(ctx, n); err != nil {
		return fmt.Errorf("failed to write a counter: %w", err)
	}
	return nil
}

func emit(ctx context.Context, event proto.Message) error {
	if err := sdk.UnwrapSDKContext(ctx).EventManager().EmitTypedEvent(event); err != nil {
		return fmt.Errorf("failed to emit an event: %w", err)
	}
	return nil
}
