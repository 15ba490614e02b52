package abci

import (
	"context"

	abci "github.com/cometbft/cometbft/abci/types"

	storetypes "github.com/cosmos/cosmos-sdk/store/v2/types"
	sdk "github.com/cosmos/cosmos-sdk/types"
)

// TxRunner runs the transactions of a block. It keeps the injection away from
// the runner that it wraps, and reports it as a success that used no gas and
// emitted no events: PreBlock has applied it.
type TxRunner struct {
	inner sdk.TxRunner
}

var _ sdk.TxRunner = (*TxRunner)(nil)

// NewTxRunner wraps the runner that runs the other transactions.
func NewTxRunner(inner sdk.TxRunner) *TxRunner { return &TxRunner{inner: inner} }

// Run implements sdk.TxRunner. There is one result for each transaction.
func (r *TxRunner) Run(
	ctx context.Context, ms storetypes.MultiStore, txs [][]byte, deliver sdk.DeliverTxFunc,
) ([]*abci.ExecTxResult, error) {
	if len(txs) == 0 || !IsInjection(txs[0]) {
		return r.inner.Run(ctx, ms, txs, deliver)
	}

	shifted := func(tx []byte, decoded sdk.Tx, txStore storetypes.MultiStore, index int, cache map[string]any) *abci.ExecTxResult {
		return deliver(tx, decoded, txStore, index+1, cache)
	}
	results, err := r.inner.Run(ctx, ms, txs[1:], shifted)
	if err != nil {
		return nil, err
	}
	return append([]*abci.ExecTxResult{{}}, results...), nil
}
