package cli

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/ipdm-network/ipdm/sidecar/api/client"
)

func TestErrorsAreForPeople(t *testing.T) {
	c := &Call{Home: t.TempDir()}
	require.Equal(t, "transaction was rejected: deal 2 has ended",
		c.explain(errors.New("transaction was rejected: deal 2 has ended [/src/ipdm/x/market/keeper/msg_deal.go:45] with gas used: '53837'")))
	require.Contains(t, c.explain(client.ErrNoDaemon), "ipdm init --home "+c.Home, "without a node it takes two steps")
}
