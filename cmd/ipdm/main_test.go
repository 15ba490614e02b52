package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/ipdm-network/ipdm/cmd/internal/cli"
)

func TestKnowsWhatItCanDo(t *testing.T) {
	for _, test := range []struct {
		args []string
		want bool
	}{
		{[]string{"ls"}, true},
		{[]string{"--home", "deal", "get", "x"}, true},
		{[]string{"--json", "put", "daemon", "--tag", "a=b"}, true},
		{[]string{"get", "--help"}, true},
		{nil, false},
		{[]string{"--help"}, false},
		{[]string{"help", "get"}, false},
		{[]string{"completion", "bash"}, false},
		{[]string{"__complete", "get", ""}, false},
		{[]string{"--home", "ls", "daemon"}, false},
		{[]string{"deal", "ls"}, false},
		{[]string{"nonsense"}, false},
	} {
		call := &cli.Call{}
		root := call.Root()
		root.AddCommand(call.Commands()...)
		require.Equal(t, test.want, knows(root, test.args), "%v", test.args)
	}
}

func TestFindsTheCompleteProgramOnThePath(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("PATH", dir)
	_, err := completeProgram()
	require.ErrorContains(t, err, "ipdm-node, which belongs beside ipdm")
	path := filepath.Join(dir, "ipdm-node")
	require.NoError(t, os.WriteFile(path, nil, 0o700))
	got, err := completeProgram()
	require.NoError(t, err)
	require.Equal(t, path, got)
}
