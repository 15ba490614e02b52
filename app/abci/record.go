package abci

import (
	"context"
	"errors"
	"fmt"

	"cosmossdk.io/collections"
	"cosmossdk.io/collections/codec"
	"cosmossdk.io/core/store"
)

// StoreKey is the name of the store that the pipeline owns.
const StoreKey = "voteext"

// Applied says which injection was applied last.
type Applied struct {
	// Height is the height of the votes; 0 if none has been applied.
	Height int64
	// Entries is the number of extensions that the injection carried.
	Entries uint64
}

// Record is the state of the pipeline: what was applied last. It starts empty
// on every chain, so it is no part of genesis.
type Record struct {
	last collections.Item[collections.Pair[int64, uint64]]
}

var lastPrefix = collections.NewPrefix(0)

// NewRecord opens the record in its store.
func NewRecord(service store.KVStoreService) (*Record, error) {
	sb := collections.NewSchemaBuilder(service)
	r := &Record{
		last: collections.NewItem(sb, lastPrefix, "last_applied",
			codec.KeyToValueCodec(collections.PairKeyCodec(collections.Int64Key, collections.Uint64Key))),
	}
	if _, err := sb.Build(); err != nil {
		return nil, fmt.Errorf("failed to build the schema of the vote extension record: %w", err)
	}
	return r, nil
}

// Last returns what was applied last.
func (r *Record) Last(ctx context.Context) (Applied, error) {
	pair, err := r.last.Get(ctx)
	if errors.Is(err, collections.ErrNotFound) {
		return Applied{}, nil
	}
	if err != nil {
		return Applied{}, fmt.Errorf("failed to read the vote extension record: %w", err)
	}
	return Applied{Height: pair.K1(), Entries: pair.K2()}, nil
}

func (r *Record) set(ctx context.Context, a Applied) error {
	if err := r.last.Set(ctx, collections.Join(a.Height, a.Entries)); err != nil {
		return fmt.Errorf("failed to write the vote extension record: %w", err)
	}
	return nil
}
