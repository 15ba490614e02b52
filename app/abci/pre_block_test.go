package abci

import (
	"context"
	"errors"
	"testing"

	abci "github.com/cometbft/cometbft/abci/types"
	"github.com/stretchr/testify/require"

	"github.com/cosmos/cosmos-sdk/runtime"
	storetypes "github.com/cosmos/cosmos-sdk/store/v2/types"
	"github.com/cosmos/cosmos-sdk/testutil"
	sdk "github.com/cosmos/cosmos-sdk/types"
)

// noteHandler writes each vote it gets into a store and notes it.
type noteHandler struct {
	kind  SectionKind
	key   storetypes.StoreKey
	votes []Vote
	apply func(v Vote) error
}

func (h *noteHandler) Kind() SectionKind { return h.kind }

func (h *noteHandler) ApplyVote(ctx sdk.Context, v Vote) error {
	ctx.KVStore(h.key).Set(append([]byte{0xee}, v.Data...), v.Validator)
	h.votes = append(h.votes, v)
	if h.apply == nil {
		return nil
	}
	return h.apply(v)
}

// preBlockFixture is a pre-blocker over a real store.
func preBlockFixture(t *testing.T, beacon Beacon, handlers ...*noteHandler) (sdk.Context, *Record, *PreBlocker) {
	t.Helper()
	key := storetypes.NewKVStoreKey(StoreKey)
	stored := testutil.DefaultContextWithDB(t, key, storetypes.NewTransientStoreKey("transient"))
	ctx := proposalContext().WithMultiStore(stored.Ctx.MultiStore()).WithEventManager(sdk.NewEventManager())
	record, err := NewRecord(runtime.NewKVStoreService(key))
	require.NoError(t, err)

	list := make([]SectionHandler, 0, len(handlers))
	for _, h := range handlers {
		h.key = key
		list = append(list, h)
	}
	p, err := NewPreBlocker(record, beacon, list...)
	require.NoError(t, err)
	return ctx, record, p
}

func TestPreBlockAppliesSections(t *testing.T) {
	n := newTestNetwork(t, 4)
	said := func(i int, sections ...Section) Entry {
		payload, err := EncodePayload(sections)
		require.NoError(t, err)
		return n.entry(t, i, testChainID, testHeight-1, testRound, payload)
	}
	fine := &noteHandler{kind: 1}
	fussy := &noteHandler{kind: 2, apply: func(v Vote) error {
		switch string(v.Data) {
		case "bad":
			return errors.New("not like this")
		case "worse":
			panic("bug")
		}
		return nil
	}}
	ctx, record, p := preBlockFixture(t, n, fine, fussy)

	last, err := record.Last(ctx)
	require.NoError(t, err)
	require.Zero(t, last)

	injected := n.injection(t,
		said(0, Section{1, []byte("a")}, Section{2, []byte("bad")}, Section{77, []byte("from the future")}),
		said(1, Section{2, []byte("worse")}),
		said(2, Section{1, []byte("b")}, Section{2, []byte("good")}),
	)
	require.NoError(t, p.PreBlock(ctx, &abci.RequestFinalizeBlock{
		Height: testHeight, Txs: [][]byte{injected, tx(1)}, DecidedLastCommit: n.commit(3),
	}))

	require.Equal(t, []int64{testHeight}, n.advanced)
	require.Equal(t, []Vote{
		{Validator: n.address(0), Power: 10, Height: testHeight - 1, Data: []byte("a")},
		{Validator: n.address(2), Power: 10, Height: testHeight - 1, Data: []byte("b")},
	}, fine.votes)
	store := ctx.KVStore(fussy.key)
	require.False(t, store.Has([]byte("\xeebad")), "what a failed handler wrote is dropped")
	require.False(t, store.Has([]byte("\xeeworse")), "what a panicked handler wrote is dropped")
	require.True(t, store.Has([]byte("\xeegood")))

	last, err = record.Last(ctx)
	require.NoError(t, err)
	require.Equal(t, Applied{Height: testHeight - 1, Entries: 3}, last)
}

func TestPreBlockSkipsWhatItCannotApply(t *testing.T) {
	n := newTestNetwork(t, 1)
	handler := &noteHandler{kind: 1}
	ctx, record, p := preBlockFixture(t, n, handler)

	for name, req := range map[string]*abci.RequestFinalizeBlock{
		"first block":     {Height: 1, Txs: [][]byte{tx(1)}},
		"no transactions": {Height: testHeight, DecidedLastCommit: n.commit()},
		"no injection":    {Height: testHeight, Txs: [][]byte{tx(1)}, DecidedLastCommit: n.commit()},
	} {
		require.NoError(t, p.PreBlock(ctx, req), name)
	}
	last, err := record.Last(ctx)
	require.NoError(t, err)
	require.Zero(t, last)
	require.Empty(t, handler.votes)
	require.Len(t, n.advanced, 3, "the randomness goes on")
}

func TestPreBlockStopsWithoutTheProof(t *testing.T) {
	n := newTestNetwork(t, 1)
	n.beacon[string(n.address(0))] = []byte{7}
	ctx, record, p := preBlockFixture(t, n)
	proven := func(proof []byte) *abci.RequestFinalizeBlock {
		raw, err := Injection{Height: testHeight - 1, Round: testRound, BeaconProof: proof}.Encode()
		require.NoError(t, err)
		return &abci.RequestFinalizeBlock{
			Height: testHeight, Txs: [][]byte{raw}, DecidedLastCommit: n.commit(), ProposerAddress: n.address(0),
		}
	}

	require.Error(t, p.PreBlock(ctx, proven(nil)))
	require.Error(t, p.PreBlock(ctx, proven(testProof([]byte{8}, []byte{testHeight}))))
	require.Empty(t, n.advanced)
	require.NoError(t, p.PreBlock(ctx, proven(testProof([]byte{7}, []byte{testHeight}))))
	require.Equal(t, []int64{testHeight}, n.advanced)
	last, err := record.Last(ctx)
	require.NoError(t, err)
	require.Equal(t, Applied{Height: testHeight - 1}, last)
}

func TestNewPreBlockerRefusesTwoHandlersOfOneKind(t *testing.T) {
	_, err := NewPreBlocker(nil, nil, &noteHandler{kind: 1}, &noteHandler{kind: 1})
	require.Error(t, err)
}

// echoRunner answers each transaction with its index.
type echoRunner struct{ seen [][]byte }

func (r *echoRunner) Run(_ context.Context, ms storetypes.MultiStore, txs [][]byte, deliver sdk.DeliverTxFunc) ([]*abci.ExecTxResult, error) {
	r.seen = txs
	results := make([]*abci.ExecTxResult, 0, len(txs))
	for i, tx := range txs {
		results = append(results, deliver(tx, nil, ms, i, nil))
	}
	return results, nil
}

func TestTxRunnerKeepsTheInjectionFromDelivery(t *testing.T) {
	n := newTestNetwork(t, 1)
	deliver := func(tx []byte, _ sdk.Tx, _ storetypes.MultiStore, index int, _ map[string]any) *abci.ExecTxResult {
		return &abci.ExecTxResult{GasUsed: int64(index), Data: tx}
	}

	inner := &echoRunner{}
	results, err := NewTxRunner(inner).Run(t.Context(), nil, [][]byte{n.injection(t), tx(1), tx(2)}, deliver)
	require.NoError(t, err)
	require.Equal(t, [][]byte{tx(1), tx(2)}, inner.seen)
	require.Equal(t, []*abci.ExecTxResult{{}, {GasUsed: 1, Data: tx(1)}, {GasUsed: 2, Data: tx(2)}}, results)

	results, err = NewTxRunner(inner).Run(t.Context(), nil, [][]byte{tx(1)}, deliver)
	require.NoError(t, err)
	require.Equal(t, []*abci.ExecTxResult{{GasUsed: 0, Data: tx(1)}}, results)
}
