//go:build e2e

package e2e

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/ipdm-network/ipdm/testutil/localnet"
)

// TestTwoNetworksSideBySide brings two networks up with the command that users have, and takes one down without
// touching the other.
func TestTwoNetworksSideBySide(t *testing.T) {
	bin := binDir(t)
	runner := filepath.Join(bin, "ipdm-localnet")
	first, second := filepath.Join(t.TempDir(), "first"), filepath.Join(t.TempDir(), "second")
	for _, dir := range []string{first, second} {
		up := runProgram(t, runner, "up", "-n", "1", "--dir", dir, "--bin", bin)
		require.Zero(t, up.code, up.stderr)
		t.Cleanup(func() { runProgram(t, runner, "down", "--dir", dir) })
	}
	firstPids, secondPids := pids(t, first), pids(t, second)

	again := runProgram(t, runner, "up", "-n", "1", "--dir", first, "--bin", bin)
	require.NotZero(t, again.code)
	require.Contains(t, again.stderr, "runs in")

	require.Zero(t, runProgram(t, runner, "down", "--dir", first).code)
	requireGone(t, firstPids)
	for name, pid := range secondPids {
		require.NoError(t, syscall.Kill(pid, 0), "%s of the second network was stopped with the first", name)
	}
	status := runProgram(t, runner, "status", "--json", "--dir", second)
	require.Contains(t, status.stdout, `"running":true`)
	require.Contains(t, status.stdout, `"signing":true`)
	require.Contains(t, runProgram(t, runner, "status", "--json", "--dir", first).stdout, `"running":false`)
}

// TestScriptTakesItsDefaults runs scripts/localnet with no folder named, from elsewhere, as a user would.
func TestScriptTakesItsDefaults(t *testing.T) {
	binDir(t)
	root, err := filepath.Abs(filepath.Join("..", ".."))
	require.NoError(t, err)
	script := filepath.Join(root, "scripts", "localnet")
	if status := runProgram(t, script, "status", "--json"); strings.Contains(status.stdout, `"running":true`) {
		t.Skip("the developer's own network runs in the default folder")
	}
	t.Cleanup(func() { runProgram(t, script, "down") })
	up := runProgram(t, script, "up", "-n", "1")
	require.Zero(t, up.code, up.stderr)
	require.FileExists(t, filepath.Join(root, "build", "localnet", localnet.EndpointsFile))
	require.Zero(t, runProgram(t, script, "down").code)
	require.Contains(t, runProgram(t, script, "status", "--json").stdout, `"running":false`)
}

// TestNothingOutlivesItsSupervisor kills the supervisor the hard way.
func TestNothingOutlivesItsSupervisor(t *testing.T) {
	bin := binDir(t)
	dir := filepath.Join(t.TempDir(), "net")
	up := runProgram(t, filepath.Join(bin, "ipdm-localnet"), "up", "-n", "1", "--dir", dir, "--bin", bin)
	require.Zero(t, up.code, up.stderr)
	started := pids(t, dir)
	raw, err := os.ReadFile(filepath.Join(dir, "supervisor.pid"))
	require.NoError(t, err)
	var supervisor int
	_, err = fmt.Sscan(string(raw), &supervisor)
	require.NoError(t, err)
	require.NoError(t, syscall.Kill(supervisor, syscall.SIGKILL))
	requireGone(t, started)
}

// TestUpFailsCleanly gives the network a data node that cannot start.
func TestUpFailsCleanly(t *testing.T) {
	broken := t.TempDir()
	bin := binDir(t)
	for _, name := range []string{"ipdmd", "ipdm-node"} {
		require.NoError(t, os.Symlink(filepath.Join(bin, name), filepath.Join(broken, name)))
	}
	script := "#!/bin/sh\n[ \"$1\" = daemon ] && exit 7\nexec " + filepath.Join(bin, "ipdm") + " \"$@\"\n"
	require.NoError(t, os.WriteFile(filepath.Join(broken, "ipdm"), []byte(script), 0o700))
	dir := filepath.Join(t.TempDir(), "net")
	up := runProgram(t, filepath.Join(bin, "ipdm-localnet"), "up", "-n", "1", "--dir", dir, "--bin", broken)
	require.NotZero(t, up.code)
	require.Contains(t, up.stderr, "ended while waiting")
	eventually(t, 10*time.Second, func() error { return noneMentions(dir) })
}

// pids returns the processes of a network by name.
func pids(t *testing.T, dir string) map[string]int {
	t.Helper()
	endpoints, err := localnet.ReadEndpoints(dir)
	require.NoError(t, err)
	all := map[string]int{}
	for _, node := range endpoints.Nodes {
		for name, pid := range node.Pids {
			all[node.Name+"/"+name] = pid
		}
	}
	for name, pid := range endpoints.Client.Pids {
		all["client/"+name] = pid
	}
	require.NotEmpty(t, all)
	for name, pid := range all {
		require.Positive(t, pid, name)
	}
	return all
}

func requireGone(t *testing.T, pids map[string]int) {
	t.Helper()
	for name, pid := range pids {
		eventually(t, 30*time.Second, func() error {
			if syscall.Kill(pid, 0) == nil {
				return fmt.Errorf("%s (pid %d) still runs", name, pid)
			}
			return nil
		})
	}
}

// noneMentions fails while a process has the text in its command line.
func noneMentions(text string) error {
	lines, err := filepath.Glob("/proc/[0-9]*/cmdline")
	if err != nil {
		return err
	}
	for _, path := range lines {
		raw, err := os.ReadFile(path)
		if err == nil && strings.Contains(string(raw), text) {
			return fmt.Errorf("still running: %s", strings.ReplaceAll(string(raw), "\x00", " "))
		}
	}
	return nil
}
