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
	domainsPrefix     = collections.NewPrefix(11)
	rangesPrefix      = collections.NewPrefix(12)
	ballotsPrefix     = collections.NewPrefix(13)
	talliesPrefix     = collections.NewPrefix(14)
	assetsPrefix      = collections.NewPrefix(15)
	denomsPrefix      = collections.NewPrefix(16)
	lanesPrefix       = collections.NewPrefix(17)
	messagesPrefix    = collections.NewPrefix(18)
	pendingMsgsPrefix = collections.NewPrefix(19)
	outboxTreePrefix  = collections.NewPrefix(20)
	outboxCountPrefix = collections.NewPrefix(21)
	owedPrefix        = collections.NewPrefix(22)
	callsPrefix       = collections.NewPrefix(23)
	pausePrefix       = collections.NewPrefix(24)
	deadlinesPrefix   = collections.NewPrefix(25)
	callAgesPrefix    = collections.NewPrefix(26)
	owedToPrefix      = collections.NewPrefix(27)
)

// Keeper keeps keys, signer epochs and checkpoints, and what is sent to other chains and comes from there.
type Keeper struct {
	schema    collections.Schema
	deps      Deps
	operators address.Codec
	consensus address.Codec
	accounts  address.Codec
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

	domains collections.Map[uint32, types.Domain]
	ranges  collections.Map[collections.Pair[uint32, uint64], types.Range]       // by domain and first nonce
	ballots collections.Map[collections.Pair[uint32, []byte], types.RangeBallot] // by domain and consensus address
	tallies collections.Map[collections.Pair[uint32, []byte], int64]             // power by domain and digest of the vote
	assets  collections.Map[[]byte, types.Asset]
	denoms  collections.Map[string, []byte] // asset by denomination
	lanes   collections.Map[collections.Pair[[]byte, uint32], types.Lane]

	messages        collections.Map[uint64, types.OutboxMessage]                            // by nonce
	pendingMessages collections.KeySet[collections.Pair[uint32, uint64]]                    // by domain and nonce
	outboxTree      collections.Map[collections.Pair[uint32, uint64], []byte]               // subtrees by level and index
	outboxCount     collections.Item[uint64]                                                // of messages
	deadlines       collections.KeySet[collections.Triple[uint32, uint64, uint64]]          // of those, by domain, timeout and nonce
	owed            *owedMap                                                                // by domain and nonce
	calls           collections.Map[collections.Triple[[]byte, uint32, uint64], types.Call] // by recipient, domain and nonce
	callAges        collections.Map[collections.Triple[uint64, uint32, uint64], []byte]     // recipient by time, domain and nonce
	pause           collections.Item[types.Pause]
}

// Deps are the other modules that the bridge needs.
type Deps struct {
	Staking    types.Staking
	Validators types.Validators
	Anchors    types.Anchors
	Bank       types.Bank
}

// Addresses are the codecs of addresses: of a validator's operator and of its consensus key, and of accounts.
type Addresses struct {
	Operators, Consensus, Accounts address.Codec
}

// New returns the keeper of the store behind service.
func New(cdc codec.BinaryCodec, service corestore.KVStoreService, deps Deps, addresses Addresses, authority string) (*Keeper, error) {
	sb := collections.NewSchemaBuilder(service)
	k := &Keeper{
		deps: deps, operators: addresses.Operators, consensus: addresses.Consensus, accounts: addresses.Accounts, authority: authority,
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
	k.addMessages(sb, cdc)
	var err error
	if k.schema, err = sb.Build(); err != nil {
		return nil, fmt.Errorf("failed to build the schema of x/%s: %w", types.ModuleName, err)
	}
	return k, nil
}

// addMessages adds what there is of messages and events to the schema.
func (k *Keeper) addMessages(sb *collections.SchemaBuilder, cdc codec.BinaryCodec) {
	byNonce := collections.PairKeyCodec(collections.Uint32Key, collections.Uint64Key)
	byDomain := collections.PairKeyCodec(collections.Uint32Key, collections.BytesKey)
	k.domains = collections.NewMap(sb, domainsPrefix, "domains", collections.Uint32Key, codec.CollValue[types.Domain](cdc))
	k.ranges = collections.NewMap(sb, rangesPrefix, "ranges", byNonce, codec.CollValue[types.Range](cdc))
	k.ballots = collections.NewMap(sb, ballotsPrefix, "ballots", byDomain, codec.CollValue[types.RangeBallot](cdc))
	k.tallies = collections.NewMap(sb, talliesPrefix, "tallies", byDomain, collections.Int64Value)
	k.assets = collections.NewMap(sb, assetsPrefix, "assets", collections.BytesKey, codec.CollValue[types.Asset](cdc))
	k.denoms = collections.NewMap(sb, denomsPrefix, "denoms", collections.StringKey, collections.BytesValue)
	k.lanes = collections.NewMap(sb, lanesPrefix, "lanes",
		collections.PairKeyCodec(collections.BytesKey, collections.Uint32Key), codec.CollValue[types.Lane](cdc))
	k.messages = collections.NewMap(sb, messagesPrefix, "messages", collections.Uint64Key, codec.CollValue[types.OutboxMessage](cdc))
	k.pendingMessages = collections.NewKeySet(sb, pendingMsgsPrefix, "pending_messages", byNonce)
	k.deadlines = collections.NewKeySet(sb, deadlinesPrefix, "deadlines",
		collections.TripleKeyCodec(collections.Uint32Key, collections.Uint64Key, collections.Uint64Key))
	k.callAges = collections.NewMap(sb, callAgesPrefix, "call_ages",
		collections.TripleKeyCodec(collections.Uint64Key, collections.Uint32Key, collections.Uint64Key), collections.BytesValue)
	k.outboxTree = collections.NewMap(sb, outboxTreePrefix, "outbox_tree", byNonce, collections.BytesValue)
	k.outboxCount = collections.NewItem(sb, outboxCountPrefix, "outbox_count", collections.Uint64Value)
	k.owed = newOwedMap(sb, codec.CollValue[types.Owed](cdc))
	k.calls = collections.NewMap(sb, callsPrefix, "calls",
		collections.TripleKeyCodec(collections.BytesKey, collections.Uint32Key, collections.Uint64Key), codec.CollValue[types.Call](cdc))
	k.pause = collections.NewItem(sb, pausePrefix, "pause", codec.CollValue[types.Pause](cdc))
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
	if params.Guardian != "" {
		if _, err := k.accounts.StringToBytes(params.Guardian); err != nil {
			return types.ErrInvalidParams.Wrapf("guardian %q: %s", params.Guardian, err)
		}
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
