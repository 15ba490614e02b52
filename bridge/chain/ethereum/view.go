package ethereum

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/ethereum/go-ethereum/common/hexutil"

	"github.com/ipdm-network/ipdm/x/bridge/wire"
)

// errDisagree tells that endpoints contradict each other.
var errDisagree = errors.New("endpoints disagree")

// view is what an endpoint shows: the events of blocks up to one that is final for it, or as many as were asked for.
type view struct {
	of      *source
	final   block // the newest, unless there are too many blocks to look at now, or too little time
	records []located
}

func (v view) name() string { return v.of.host }

// until returns the events of blocks up to a number.
func (v view) until(number uint64) []wire.EventRecord {
	var out []wire.EventRecord
	for _, r := range v.records {
		if r.block <= number {
			out = append(out, r.EventRecord)
		}
	}
	return out
}

// block returns the endpoint's block with a number.
func (v view) block(ctx context.Context, number uint64) (block, error) {
	if number == v.final.number {
		return v.final, nil
	}
	b, err := v.of.getBlock(ctx, hexutil.EncodeUint64(number))
	if err != nil {
		return block{}, fmt.Errorf("failed to read block %d: %w", number, err)
	}
	return b, nil
}

// agree fails with errDisagree if two views contradict each other up to where both have come.
func agree(ctx context.Context, a, b view) error {
	number := min(a.final.number, b.final.number)
	if !slices.EqualFunc(a.until(number), b.until(number), sameEvent) {
		return fmt.Errorf("%w on the events of blocks up to %d: %s and %s", errDisagree, number, a.of.host, b.of.host)
	}
	one, err := a.block(ctx, number)
	if err != nil {
		return fmt.Errorf("to be compared with %s: %w", a.of.host, err)
	}
	other, err := b.block(ctx, number)
	if err != nil {
		return err
	}
	if one != other {
		return fmt.Errorf("%w on block %d: %s and %s", errDisagree, number, a.of.host, b.of.host)
	}
	return nil
}

// sameEvent compares records by their events, which have the hashes of the payloads.
func sameEvent(a, b wire.EventRecord) bool { return a.Event == b.Event }
