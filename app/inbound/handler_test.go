package inbound_test

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	storetypes "github.com/cosmos/cosmos-sdk/store/v2/types"
	"github.com/cosmos/cosmos-sdk/testutil"
	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/ipdm-network/ipdm/app/abci"
	"github.com/ipdm-network/ipdm/app/inbound"
	"github.com/ipdm-network/ipdm/x/bridge/wire"
)

// noted writes each vote into a store and then refuses those on one domain.
type noted struct {
	key     storetypes.StoreKey
	refused wire.Domain
	votes   []wire.RangeVote
	power   int64 // of the last one
}

func (n *noted) VoteRange(ctx sdk.Context, by sdk.ConsAddress, power int64, vote wire.RangeVote) error {
	n.votes = append(n.votes, vote)
	n.power = power
	ctx.KVStore(n.key).Set([]byte{byte(vote.Domain)}, by)
	if vote.Domain == n.refused {
		return errors.New("not the present target")
	}
	return nil
}

func TestHandler(t *testing.T) {
	n := &noted{key: storetypes.NewKVStoreKey("votes"), refused: 2}
	ctx := testutil.DefaultContextWithDB(t, n.key, storetypes.NewTransientStoreKey("transient")).Ctx
	h := inbound.NewHandler(n)
	require.Equal(t, abci.KindInboundRanges, h.Kind())
	votes := votesOn(target(1, 0), target(2, 5), target(3, 9))
	section := wire.EncodeRangeVotes(votes, abci.MaxExtensionBytes)
	require.NoError(t, h.ApplyVote(ctx, abci.Vote{Validator: validator, Power: 70, Data: section}))
	require.Equal(t, votes, n.votes)
	require.Equal(t, int64(70), n.power)
	for domain, want := range map[byte][]byte{1: validator, 2: nil, 3: validator} {
		require.Equal(t, want, ctx.KVStore(n.key).Get([]byte{domain}), "domain %d: a vote that is refused leaves nothing, and the others count", domain)
	}

	double := append(votes[0].Encode(), votes[0].Encode()...)
	for _, bad := range [][]byte{nil, section[1:], append(section, 0), double, make([]byte, wire.RangeVoteBytes)} {
		require.ErrorIs(t, h.ApplyVote(ctx, abci.Vote{Validator: validator, Data: bad}), wire.ErrMalformed)
	}
	require.Len(t, n.votes, 3)
}
