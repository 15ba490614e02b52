package main

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/ipdm-network/ipdm/cmd/internal/cli"
)

func TestSectorCommandsOfANodeThatIsNoProvider(t *testing.T) {
	s := newSession(t)
	for _, args := range [][]string{{"sector", "ls"}, {"sector", "watch", "--once"}} {
		a := s.run(args...)
		require.Equal(t, cli.ExitFailed, a.code)
		require.Contains(t, a.stderr, "[provider]")
		require.NotContains(t, a.stderr, "rpc error")
		require.Empty(t, a.stdout)
	}
	require.Equal(t, cli.ExitUsage, s.run("sector", "ls", "x").code)
	require.Contains(t, s.run("sector", "watch", "--help").stdout, "Examples:")
}

func TestSectorCommandsOfAProvider(t *testing.T) {
	s := newSession(t, "--provider", "--chain-grpc", closedPort(t), "--keyring-backend", "test", "--seal-batch-wait", "0s", "--sealers", "2")
	var got struct {
		Sectors []any `json:"sectors"`
	}
	s.json(&got, "sector", "ls")
	require.Empty(t, got.Sectors)
	s.json(&got, "sector", "watch", "--once")
	require.Empty(t, got.Sectors)
	require.Contains(t, s.run("sector", "ls").stdout, "0 replicas wait")

	var status struct {
		Sealed struct {
			RewardsEarned string `json:"rewards_earned"`
			SealingBytes  *int   `json:"sealing_bytes"`
		} `json:"sealed"`
	}
	s.json(&status, "provider", "status")
	require.Equal(t, "0", status.Sealed.RewardsEarned)
	require.NotNil(t, status.Sealed.SealingBytes)
	text := s.run("provider", "status").stdout
	require.Contains(t, text, "sealed    0 held")
	require.Contains(t, text, "rewards   0 IPDM earned")
}
