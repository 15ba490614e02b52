package keeper

import (
	"fmt"

	"cosmossdk.io/collections"
	"cosmossdk.io/core/address"
	"cosmossdk.io/core/store"
	"github.com/cosmos/cosmos-sdk/codec"
	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/ipdm-network/ipdm/x/anchor/types"
)

// Keeper reads and writes the anchored manifests. It is used by one block at a time, like every keeper.
type Keeper struct {
	addresses address.Codec
	authority string

	schema  collections.Schema
	params  collections.Item[types.Params]
	records collections.Map[string, types.Record]
	byRoot  collections.KeySet[collections.Pair[string, string]]
	byOwner collections.KeySet[collections.Pair[sdk.AccAddress, string]]
	byTag   collections.KeySet[collections.Pair[string, string]]
	nodes   collections.Map[[]byte, []byte] // of the trie, by path
	root    collections.Item[[]byte]        // of the trie, absent while it is empty
}

// New returns a keeper over the given store. Authority is the bech32 address that may change the parameters.
// It fails when authority is no address.
func New(cdc codec.BinaryCodec, storeService store.KVStoreService, addresses address.Codec, authority string) (*Keeper, error) {
	if _, err := addresses.StringToBytes(authority); err != nil {
		return nil, fmt.Errorf("failed to read authority of x/%s: %w", types.ModuleName, err)
	}
	sb := collections.NewSchemaBuilder(storeService)
	k := &Keeper{
		addresses: addresses,
		authority: authority,
		params:    collections.NewItem(sb, types.ParamsKey, "params", codec.CollValue[types.Params](cdc)),
		records: collections.NewMap(
			sb, types.RecordsKey, "records", collections.StringKey, codec.CollValue[types.Record](cdc),
		),
		byRoot: collections.NewKeySet(
			sb, types.ByRootKey, "by_root", collections.PairKeyCodec(collections.StringKey, collections.StringKey),
		),
		byOwner: collections.NewKeySet(
			sb, types.ByOwnerKey, "by_owner", collections.PairKeyCodec(sdk.AccAddressKey, collections.StringKey),
		),
		byTag: collections.NewKeySet(
			sb, types.ByTagKey, "by_tag", collections.PairKeyCodec(collections.StringKey, collections.StringKey),
		),
		nodes: collections.NewMap(sb, types.NodesKey, "trie_nodes", collections.BytesKey, collections.BytesValue),
		root:  collections.NewItem(sb, types.RootKey, "trie_root", collections.BytesValue),
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
