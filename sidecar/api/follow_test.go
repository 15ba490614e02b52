package api_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	sidecarv1 "github.com/ipdm-network/ipdm/sdk/go/sidecar/v1"
	"github.com/ipdm-network/ipdm/sidecar/api"
	"github.com/ipdm-network/ipdm/sidecar/consensus/follow"
)

// follows are follows that stand still.
type follows []follow.Status

func (f follows) List() []follow.Status { return f }

func TestFollowsAreListed(t *testing.T) {
	f := follows{{Name: "a", Kind: follow.EthereumLogs, Position: 1, Finalized: 3, Lag: 2, Changes: 4, Batches: 5, LastRoot: "r", Trouble: "t", Stopped: true}}
	client := sidecarv1.NewFollowServiceClient(serve(t, func(o *api.Options) { o.Follows = f }))
	list, err := client.List(t.Context(), &sidecarv1.ListFollowsRequest{})
	require.NoError(t, err)
	require.Len(t, list.Follows, 1)
	got := list.Follows[0]
	require.Equal(t, f[0], follow.Status{
		Name: got.Name, Kind: got.Kind, Position: got.Position, Finalized: got.Finalized, Lag: got.Lag, Changes: got.Changes, Batches: got.Batches,
		LastRoot: got.LastRoot, Trouble: got.Trouble, Stopped: got.Stopped,
	})
}

func TestANodeThatFollowsNothingListsNothing(t *testing.T) {
	list, err := sidecarv1.NewFollowServiceClient(serve(t, nil)).List(t.Context(), &sidecarv1.ListFollowsRequest{})
	require.NoError(t, err)
	require.Empty(t, list.Follows)
}
