package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestFollowsAreListed(t *testing.T) {
	s := newSession(t)
	require.NoError(t, s.node.Close())
	path := filepath.Join(s.home, "config.toml")
	config, err := os.ReadFile(path)
	require.NoError(t, err)
	follow := "\n[[follow]]\nname = \"headers\"\nkind = \"ethereum-blocks\"\nrpc = [\"http://127.0.0.1:1/secret\"]\n"
	require.NoError(t, os.WriteFile(path, append(config, follow...), 0o600))
	s.start()
	var list struct {
		Follows []struct {
			Name, Kind, Trouble string
			Position, Lag       uint64
			Stopped             bool
		} `json:"follows"`
	}
	eventually(t, func() bool {
		s.json(&list, "follow", "ls")
		return list.Follows[0].Trouble != ""
	}, "the endpoint does not answer")
	require.Len(t, list.Follows, 1)
	require.Equal(t, "headers", list.Follows[0].Name)
	require.Equal(t, "ethereum-blocks", list.Follows[0].Kind)
	require.False(t, list.Follows[0].Stopped)
	text := s.run("follow", "ls").stdout
	require.Contains(t, text, "trouble: rpc: http://127.0.0.1:1: eth_chainId: dial tcp 127.0.0.1:1")
	require.NotContains(t, text, "secret")
}
