package keeper

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"

	"cosmossdk.io/collections"
	corestore "cosmossdk.io/core/store"
	"github.com/cosmos/cosmos-sdk/codec"
	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/ipdm-network/ipdm/x/beacon/types"
)

const (
	// domain separates these hashes from all others.
	domain = "ipdm/beacon/block-hash/v1"
	// maxHashSizeBytes bounds a block hash; CometBFT's have 32 bytes.
	maxHashSizeBytes = 64
)

var (
	currentPrefix  = collections.NewPrefix(0)
	previousPrefix = collections.NewPrefix(1)
)

// Keeper keeps the values of the two newest blocks.
type Keeper struct {
	schema   collections.Schema
	current  collections.Item[types.Value]
	previous collections.Item[types.Value]
}

// New returns the keeper of the store behind service.
func New(cdc codec.BinaryCodec, service corestore.KVStoreService) (*Keeper, error) {
	sb := collections.NewSchemaBuilder(service)
	k := &Keeper{
		current:  collections.NewItem(sb, currentPrefix, "current", codec.CollValue[types.Value](cdc)),
		previous: collections.NewItem(sb, previousPrefix, "previous", codec.CollValue[types.Value](cdc)),
	}
	var err error
	if k.schema, err = sb.Build(); err != nil {
		return nil, fmt.Errorf("failed to build the schema of x/%s: %w", types.ModuleName, err)
	}
	return k, nil
}

// SaveBlockHash derives and stores the value of the block at height from its hash. It is to be called once in each block, before
// anything that draws randomness: in PreBlock, with the height and hash of FinalizeBlock's request. It fails with
// ErrBlockHash when there is no hash of a plausible length.
func (k *Keeper) SaveBlockHash(ctx context.Context, height int64, hash []byte) error {
	if height <= 0 || len(hash) == 0 || len(hash) > maxHashSizeBytes {
		return types.ErrBlockHash.Wrapf("%d bytes at height %d", len(hash), height)
	}
	current, err := get(ctx, k.current)
	if err != nil {
		return err
	}
	// Saving one block twice must not make its value usable within the block.
	if current.Height != 0 && current.Height != height {
		if err := k.previous.Set(ctx, current); err != nil {
			return fmt.Errorf("failed to keep the previous value: %w", err)
		}
	}
	value := derive(height, hash)
	if err := k.current.Set(ctx, types.Value{Height: height, Value: value[:]}); err != nil {
		return fmt.Errorf("failed to save the value of block %d: %w", height, err)
	}
	return nil
}

// Latest returns the newest value that may be used in the block being executed: that of the block before it, which was final before
// any transaction of this block could be ordered. It fails with ErrNoValue in the first block of a chain.
func (k *Keeper) Latest(ctx context.Context) ([32]byte, error) {
	value, err := k.latest(ctx)
	if err != nil {
		return [32]byte{}, err
	}
	return [32]byte(value.Value), nil
}

func (k *Keeper) latest(ctx context.Context) (types.Value, error) {
	value, err := get(ctx, k.current)
	if err != nil {
		return types.Value{}, err
	}
	if value.Height == sdk.UnwrapSDKContext(ctx).BlockHeight() {
		if value, err = get(ctx, k.previous); err != nil {
			return types.Value{}, err
		}
	}
	if len(value.Value) != types.ValueSizeBytes {
		return types.Value{}, types.ErrNoValue
	}
	return value, nil
}

// get reads a value; one that was never stored is zero.
func get(ctx context.Context, item collections.Item[types.Value]) (types.Value, error) {
	value, err := item.Get(ctx)
	if err != nil && !errors.Is(err, collections.ErrNotFound) {
		return types.Value{}, fmt.Errorf("failed to read a value: %w", err)
	}
	return value, nil
}

func derive(height int64, hash []byte) [32]byte {
	b := append([]byte(domain), byte(len(hash)))
	b = append(b, hash...)
	return sha256.Sum256(binary.LittleEndian.AppendUint64(b, uint64(height)))
}
