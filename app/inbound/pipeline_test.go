package inbound_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"cosmossdk.io/log/v2"

	storetypes "github.com/cosmos/cosmos-sdk/store/v2/types"
	"github.com/cosmos/cosmos-sdk/testutil"

	"github.com/ipdm-network/ipdm/app/abci"
	"github.com/ipdm-network/ipdm/app/inbound"
)

// What the sidecar knows goes with a vote extension into state.
func TestVotesGoThroughThePipeline(t *testing.T) {
	want := votesOn(target(1, 0), target(2, 5))
	c, s := newChain(target(2, 5), target(1, 0)), &sidecar{answer: answerAll}
	s.run(t)
	source, _ := newSource(t, c, s.address)
	outbox, err := abci.NewOutbox(log.NewNopLogger(), source)
	require.NoError(t, err)
	t.Cleanup(outbox.Close)

	var sections []abci.Section
	await(t, func() bool {
		outbox.Committed(7)
		payload := outbox.Payload()
		if payload == nil {
			return false
		}
		require.LessOrEqual(t, len(payload), abci.MaxExtensionBytes)
		sections, err = abci.DecodePayload(payload)
		require.NoError(t, err)
		return len(sections) == 1
	})
	require.Equal(t, abci.KindInboundRanges, sections[0].Kind)

	n := &noted{key: storetypes.NewKVStoreKey("votes")}
	ctx := testutil.DefaultContextWithDB(t, n.key, storetypes.NewTransientStoreKey("transient")).Ctx
	require.NoError(t, inbound.NewHandler(n).ApplyVote(ctx, abci.Vote{Validator: validator, Data: sections[0].Data}))
	require.Equal(t, want, n.votes)
	require.Equal(t, []byte(validator), ctx.KVStore(n.key).Get([]byte{2}))

	outbox.Close()
	require.NoError(t, source.Close(), "the outbox has closed it")
}
