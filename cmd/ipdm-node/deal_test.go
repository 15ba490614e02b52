package main

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/ipdm-network/ipdm/cmd/internal/cli"
	markettypes "github.com/ipdm-network/ipdm/x/market/types"
)

func TestDeadDealSaysWhy(t *testing.T) {
	cancelled := deadDeal(markettypes.Deal{Id: 2, Status: markettypes.DEAL_STATUS_CLOSING, FinalStatus: markettypes.DEAL_STATUS_CANCELLED})
	require.ErrorContains(t, cancelled, "deal 2 has been cancelled")
	require.NotContains(t, cancelled.Error(), "--max-price")
	failed := deadDeal(markettypes.Deal{Id: 3, Status: markettypes.DEAL_STATUS_FAILED})
	require.ErrorContains(t, failed, "--max-price")
	require.ErrorIs(t, failed, cli.ErrRefused)
}
