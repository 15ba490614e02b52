package prefetch

import (
	"context"
	"errors"
	"fmt"

	"github.com/ipdm-network/ipdm/sdk/go/format"
	"github.com/ipdm-network/ipdm/sidecar/data/store"
)

// Filler is a memory that is filled; *cache.Store is one.
type Filler interface {
	// Fill reads a block into memory, and returns how many bytes of memory are used then.
	Fill(ctx context.Context, block format.Digest) (usedBytes uint64, err error)
}

// WarmUp reads blocks into memory, one after the other, until maxBytes of it are used or there are no more. Before each it
// waits until idle returns, which fails to end it. It returns how many were read; those that are not there, or damaged,
// are passed over.
func WarmUp(ctx context.Context, memory Filler, blocks []format.Digest, maxBytes uint64, idle func(context.Context) error) (int, error) {
	filled := 0
	for _, d := range blocks {
		if err := idle(ctx); err != nil {
			return filled, err
		}
		used, err := memory.Fill(ctx, d)
		switch {
		case errors.Is(err, store.ErrNotFound), errors.Is(err, store.ErrCorrupt):
			continue
		case err != nil:
			return filled, fmt.Errorf("failed to warm up: %w", err)
		}
		if filled++; used >= maxBytes {
			break
		}
	}
	return filled, nil
}
