package localnet

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"

	"github.com/ipdm-network/ipdm/sdk/go/format"
	"github.com/ipdm-network/ipdm/sidecar/data/store"
	"github.com/ipdm-network/ipdm/sidecar/data/store/pebblestore"
)

// DeleteStoredBytes deletes encodings of a data node that is down until more than the fraction of the stored bytes is
// gone from its disk, and returns the fraction deleted. What the node owes stays recorded: it is the bytes that are lost.
func DeleteStoredBytes(ctx context.Context, home string, fraction float64) (deleted float64, err error) {
	s, err := pebblestore.Open(filepath.Join(home, "store"), pebblestore.Options{})
	if err != nil {
		return 0, fmt.Errorf("failed to open the store: %w", err)
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	var all []format.Digest
	var sizes []uint64
	var total uint64
	err = s.IterateEncodings(ctx, func(e store.Encoding) error {
		all = append(all, e.Digest)
		sizes = append(sizes, uint64(e.LengthBytes))
		total += uint64(e.LengthBytes)
		return nil
	})
	if err != nil {
		return 0, fmt.Errorf("failed to list the encodings: %w", err)
	}
	if total == 0 {
		return 0, errors.New("the store holds nothing")
	}
	var batch store.Batch
	var gone uint64
	for i := 0; i < len(all) && float64(gone) <= fraction*float64(total); i++ {
		batch.DeleteEncoding(all[i])
		gone += sizes[i]
	}
	if err := s.Apply(ctx, &batch, store.Durable); err != nil {
		return 0, fmt.Errorf("failed to delete encodings: %w", err)
	}
	if _, err := s.Reclaim(ctx); err != nil {
		return 0, fmt.Errorf("failed to give the space back: %w", err)
	}
	return float64(gone) / float64(total), nil
}
