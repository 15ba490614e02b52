package main

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/ipdm-network/ipdm/sidecar/api/client"
	markettypes "github.com/ipdm-network/ipdm/x/market/types"
)

func TestErrorsAreForPeople(t *testing.T) {
	c := &cli{home: t.TempDir()}
	require.Equal(t, "transaction was rejected: deal 2 has ended",
		c.explain(errors.New("transaction was rejected: deal 2 has ended [/src/ipdm/x/market/keeper/msg_deal.go:45] with gas used: '53837'")))
	require.Contains(t, c.explain(client.ErrNoDaemon), "ipdm init --home "+c.home, "without a node it takes two steps")
}

func TestDeadDealSaysWhy(t *testing.T) {
	cancelled := deadDeal(markettypes.Deal{Id: 2, Status: markettypes.DEAL_STATUS_CLOSING, FinalStatus: markettypes.DEAL_STATUS_CANCELLED})
	require.ErrorContains(t, cancelled, "deal 2 has been cancelled")
	require.NotContains(t, cancelled.Error(), "--max-price")
	failed := deadDeal(markettypes.Deal{Id: 3, Status: markettypes.DEAL_STATUS_FAILED})
	require.ErrorContains(t, failed, "--max-price")
	require.Equal(t, exitRefused, exitCode(failed))
}
