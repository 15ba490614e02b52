package solana

import (
	"context"
	"embed"
	"io/fs"
	"os/exec"
	"path/filepath"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"

	"github.com/ipdm-network/ipdm/testutil/npm"
)

//go:embed test
var serverTests embed.FS

// TestServer runs the server's own tests, which are in JavaScript.
func TestServer(t *testing.T) {
	SkipWithoutNode(t)
	ctx, cancel := context.WithTimeout(context.Background(), testTimeout)
	defer cancel()
	files := fstest.MapFS{}
	for _, tree := range []fs.FS{server, serverTests} {
		require.NoError(t, fs.WalkDir(tree, ".", func(path string, entry fs.DirEntry, err error) error {
			if err != nil || entry.IsDir() {
				return err
			}
			data, err := fs.ReadFile(tree, path)
			files[path] = &fstest.MapFile{Data: data, Mode: 0o644}
			return err
		}))
	}
	installed, err := npm.Install(ctx, "solana", files)
	require.NoError(t, err)
	tests, err := filepath.Glob(filepath.Join(installed.Dir, "test", "*.test.mjs"))
	require.NoError(t, err)
	require.NotEmpty(t, tests)
	run := exec.CommandContext(ctx, "node", append([]string{"--test"}, tests...)...)
	output, err := run.CombinedOutput()
	require.NoError(t, err, "%s", output)
	require.Contains(t, string(output), "# fail 0")
}
