package keyrange

import (
	"context"
	"errors"

	"github.com/cockroachdb/pebble/v2"
)

// After returns the first key behind all that begin with prefix, nil if there is none.
func After(prefix []byte) []byte {
	end := append([]byte(nil), prefix...)
	for i := len(end) - 1; i >= 0; i-- {
		if end[i]++; end[i] != 0 {
			return end[:i+1]
		}
	}
	return nil
}

// Each calls yield for every key from first on and before end, until it fails or ctx is done. The slices are valid during the call. Errors of
// the index go through explain, which is told what was being done.
func Each(
	ctx context.Context, r pebble.Reader, first, end []byte, explain func(doing string, err error) error, yield func(key, value []byte) error,
) error {
	it, err := r.NewIterWithContext(ctx, &pebble.IterOptions{LowerBound: first, UpperBound: end})
	if err != nil {
		return explain("iterate over the index", err)
	}
	for ok := it.First(); ok; ok = it.Next() {
		err := ctx.Err()
		if err == nil {
			err = yield(it.Key(), it.Value())
		}
		if err != nil {
			return errors.Join(err, it.Close())
		}
	}
	if err := it.Close(); err != nil {
		return explain("iterate over the index", err)
	}
	return nil
}
