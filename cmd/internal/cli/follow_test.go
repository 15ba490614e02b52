package cli

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/require"

	sidecarv1 "github.com/ipdm-network/ipdm/sdk/go/sidecar/v1"
)

func TestFollowsForPeopleAndPrograms(t *testing.T) {
	list := &sidecarv1.ListFollowsResponse{Follows: []*sidecarv1.Follow{
		{Name: "tokens", Kind: "ethereum-logs", Position: 120, Finalized: 123, Lag: 3, Changes: 7, Batches: 2, LastRoot: "bafkroot"},
		{Name: "mine", Kind: "solana-program", Trouble: "rpc: no answer\x1b"},
		{Name: "old", Kind: "ethereum-blocks", Trouble: "contradiction", Stopped: true},
	}}
	var out bytes.Buffer
	c := &Call{Stdout: &out}
	c.printFollows(list)
	for _, part := range []string{
		"tokens", "at 120, 3 behind", "7 changes in 2 batches  bafkroot\n", `  trouble: "rpc: no answer\x1b"`, "  stopped: contradiction\n",
	} {
		require.Contains(t, out.String(), part)
	}

	out.Reset()
	c.JSON = true
	c.printFollows(&sidecarv1.ListFollowsResponse{Follows: list.Follows[:1]})
	require.JSONEq(t, `{"follows":[{"name":"tokens","kind":"ethereum-logs","position":120,"finalized":123,"lag":3,"changes":7,"batches":2,`+
		`"last_root":"bafkroot","stopped":false}]}`, out.String())

	out.Reset()
	c.printFollows(&sidecarv1.ListFollowsResponse{})
	require.Equal(t, "{\"follows\":[]}\n", out.String())
}
