//go:build e2e

package e2e

import (
	"bytes"
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/ipdm-network/ipdm/testutil/localnet"
)

// binDir returns the folder with the binaries; IPDM_BIN overrides build/.
func binDir(t *testing.T) string {
	t.Helper()
	dir := os.Getenv("IPDM_BIN")
	if dir == "" {
		dir = filepath.Join("..", "..", "build")
	}
	dir, err := filepath.Abs(dir)
	require.NoError(t, err)
	for _, name := range []string{"ipdmd", "ipdm", "ipdm-node", "ipdm-relayer", "ipdm-localnet"} {
		require.FileExists(t, filepath.Join(dir, name), "run make build first")
	}
	return dir
}

// outcome is how a program ended.
type outcome struct {
	stdout, stderr string
	code           int
}

// runProgram runs a program to its end; any exit code is an outcome.
func runProgram(t *testing.T, path string, args ...string) outcome {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 3*time.Minute) // also in a cleanup, where t.Context() is done
	defer cancel()
	cmd := exec.CommandContext(ctx, path, args...)
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	err := cmd.Run()
	var exit *exec.ExitError
	if !errors.As(err, &exit) {
		require.NoError(t, err)
	}
	require.NoError(t, ctx.Err(), "%s %v did not end", path, args)
	return outcome{stdout: stdout.String(), stderr: stderr.String(), code: cmd.ProcessState.ExitCode()}
}

// startNetwork runs a network for the length of the test.
func startNetwork(t *testing.T, validators int) *localnet.Network {
	t.Helper()
	network, err := localnet.Start(t.Context(), localnet.Options{
		Dir: filepath.Join(t.TempDir(), "net"), BinDir: binDir(t), Validators: validators, Log: t.Output(),
	})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, network.Close()) })
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	require.NoError(t, network.WaitReady(ctx))
	return network
}

// eventually polls a condition until it holds; its last error explains a timeout.
func eventually(t *testing.T, limit time.Duration, condition func() error) {
	t.Helper()
	deadline := time.NewTimer(limit)
	defer deadline.Stop()
	ticker := time.NewTicker(100 * time.Millisecond)
	defer ticker.Stop()
	for {
		err := condition()
		if err == nil {
			return
		}
		select {
		case <-deadline.C:
			require.NoError(t, err, "gave up after %s", limit)
		case <-ticker.C:
		}
	}
}
