package keeper

import (
	"context"
	"fmt"

	"cosmossdk.io/collections"
	"cosmossdk.io/core/address"
	corestore "cosmossdk.io/core/store"
	"github.com/cosmos/cosmos-sdk/codec"
	sdk "github.com/cosmos/cosmos-sdk/types"
	"github.com/cosmos/gogoproto/proto"

	"github.com/ipdm-network/ipdm/x/beacon/types"
)

var (
	paramsPrefix = collections.NewPrefix(0)
	heightPrefix = collections.NewPrefix(1)
	oldestPrefix = collections.NewPrefix(2)
	valuesPrefix = collections.NewPrefix(3)
	keysPrefix   = collections.NewPrefix(4)
)

// Keeper keeps the values of the newest blocks and the validators' keys.
type Keeper struct {
	schema    collections.Schema
	staking   types.Staking
	operators address.Codec
	consensus address.Codec
	authority string

	params collections.Item[types.Params]
	// height is that of the newest value, oldest that of the oldest one in the store. All between are there.
	height collections.Item[int64]
	oldest collections.Item[int64]
	values collections.Map[int64, []byte]
	// keys are by consensus address.
	keys collections.Map[[]byte, types.Key]
}

// New returns the keeper of the store behind service. operators and consensus are the codecs of the two addresses of a validator.
func New(
	cdc codec.BinaryCodec, service corestore.KVStoreService, staking types.Staking, operators, consensus address.Codec, authority string,
) (*Keeper, error) {
	sb := collections.NewSchemaBuilder(service)
	k := &Keeper{
		staking: staking, operators: operators, consensus: consensus, authority: authority,
		params: collections.NewItem(sb, paramsPrefix, "params", codec.CollValue[types.Params](cdc)),
		height: collections.NewItem(sb, heightPrefix, "height", collections.Int64Value),
		oldest: collections.NewItem(sb, oldestPrefix, "oldest", collections.Int64Value),
		values: collections.NewMap(sb, valuesPrefix, "values", collections.Int64Key, collections.BytesValue),
		keys:   collections.NewMap(sb, keysPrefix, "keys", collections.BytesKey, codec.CollValue[types.Key](cdc)),
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

// SetParams replaces the parameters. It does not move the height at which a pending key takes effect.
func (k *Keeper) SetParams(ctx context.Context, params types.Params) error {
	if err := params.Validate(); err != nil {
		return err
	}
	if err := k.params.Set(ctx, params); err != nil {
		return fmt.Errorf("failed to write the parameters: %w", err)
	}
	return nil
}

func emit(ctx context.Context, event proto.Message) error {
	if err := sdk.UnwrapSDKContext(ctx).EventManager().EmitTypedEvent(event); err != nil {
		return fmt.Errorf("failed to emit an event: %w", err)
	}
	return nil
}
