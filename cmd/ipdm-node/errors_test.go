package main

import (
	"context"
	"encoding/json"
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/ipdm-network/ipdm/cmd/internal/cli"
	"github.com/ipdm-network/ipdm/sidecar/node"
)

const unknownRoot = "bafyb4iase46ozvklwuk4qsnnwbjnvbdcnxrplkzydncjqlz5wfmskrtky4"

func TestBadInput(t *testing.T) {
	s := newSession(t)
	dir := t.TempDir()
	unreadable := filepath.Join(dir, "tree", "secret")
	write(t, unreadable, "x")
	require.NoError(t, os.Chmod(unreadable, 0))
	pipe := filepath.Join(dir, "pipes", "fifo")
	require.NoError(t, os.Mkdir(filepath.Dir(pipe), 0o755))
	require.NoError(t, syscall.Mkfifo(pipe, 0o600))

	clean := t.TempDir()

	tests := []struct {
		name string
		args []string
		code int
		says string
	}{
		{"unknown command", []string{"frobnicate"}, cli.ExitUsage, "unknown command"},
		{"unknown flag", []string{"put", "--frob", "x"}, cli.ExitUsage, "--help"},
		{"no argument", []string{"put"}, cli.ExitUsage, "one argument"},
		{"missing path", []string{"put", filepath.Join(dir, "nope")}, cli.ExitNotFound, "nope"},
		{"named pipe", []string{"put", filepath.Dir(pipe)}, cli.ExitFailed, "named pipe"},
		{"bad tag", []string{"put", clean, "--tag", "novalue"}, cli.ExitUsage, "key=value"},
		{"bad encode", []string{"put", clean, "--encode", "tiny"}, cli.ExitUsage, "fast, balanced or dense"},
		{"anchor without key", []string{"put", clean, "--anchor"}, cli.ExitUsage, "--from"},
		{"duration without deal", []string{"put", clean, "--duration", "1h"}, cli.ExitUsage, "--deal"},
		{"deal without duration", []string{"put", clean, "--deal", "open:3", "--from", "me"}, cli.ExitUsage, "--duration"},
		{"unknown key", []string{"put", clean, "--from", "me", "--keyring-backend", "test"}, cli.ExitNotFound, "no such key"},
		{"unknown backend", []string{"put", clean, "--from", "me", "--keyring-backend", "cloud"}, cli.ExitUsage, "choose one of"},
		{"invalid CID", []string{"get", "bafynotacid"}, cli.ExitUsage, "root CID"},
		{"invalid CID of stat", []string{"stat", "x"}, cli.ExitUsage, "root CID"},
		{"local only", []string{"get", unknownRoot, "--local"}, cli.ExitNotFound, ""},
		{"unknown root of stat", []string{"stat", unknownRoot}, cli.ExitNotFound, ""},
		{"unpinned root", []string{"rm", unknownRoot}, cli.ExitNotFound, "ipdm ls"},
		{"bad range", []string{"get", unknownRoot, "--range", "x"}, cli.ExitUsage, "--range"},
		{"bad multiaddr", []string{"connect", "localhost:1"}, cli.ExitUsage, "ipdm id"},
		{"no chain", []string{"deal", "ls"}, cli.ExitUsage, "--chain-grpc"},
		{"dead chain", []string{"deal", "status", "1", "--chain-grpc", closedPort(t)}, cli.ExitNoChain, "unreachable"},
		{"deal given twice", []string{"deal", "create", unknownRoot, "--from", "me", "--duration", "1h", "--deal", "open:1", "--replicas", "open:2"}, cli.ExitUsage, "one of them"},
		{"unknown class", []string{"deal", "create", unknownRoot, "--from", "me", "--duration", "1h", "--deal", "hot:1"}, cli.ExitUsage, "open or sealed"},
		{"bad deal", []string{"deal", "status", "zero"}, cli.ExitUsage, "number of a deal"},
		{"not a provider", []string{"provider", "heal", "--pause"}, cli.ExitFailed, "[provider]"},
		{"heal both ways", []string{"provider", "heal", "--pause", "--resume"}, cli.ExitUsage, "one of"},
		{"home exists", []string{"init"}, cli.ExitFailed, "exists"},
	}
	if os.Geteuid() != 0 {
		tests = append(tests, struct {
			name string
			args []string
			code int
			says string
		}{"unreadable file", []string{"put", filepath.Join(dir, "tree")}, cli.ExitFailed, "secret"})
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			a := s.run(tt.args...)
			require.Equal(t, tt.code, a.code, a.stderr)
			require.Contains(t, a.stderr, tt.says)
			require.NotContains(t, a.stderr, "rpc error")
			require.Empty(t, a.stdout)
		})
	}
	var pins struct {
		Pins []pinJSON `json:"pins"`
	}
	s.json(&pins, "ls")
	require.Empty(t, pins.Pins, "nothing of a failed put is acknowledged")
}

// closedPort is an address that nobody listens at.
func closedPort(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer listener.Close()
	return listener.Addr().String()
}

func TestNoDaemon(t *testing.T) {
	s := &session{t: t, home: filepath.Join(t.TempDir(), "home")}
	a := s.run("id")
	require.Equal(t, cli.ExitNoDaemon, a.code)
	require.Contains(t, a.stderr, "ipdm init --home "+s.home)
	a = s.run("daemon")
	require.Equal(t, cli.ExitNotFound, a.code)
	require.Contains(t, a.stderr, "ipdm init")
	require.Zero(t, s.run("init").code)
	a = s.run("id", "--json")
	require.Equal(t, cli.ExitNoDaemon, a.code)
	var failure struct {
		Error    string `json:"error"`
		ExitCode int    `json:"exit_code"`
	}
	require.NoError(t, json.Unmarshal([]byte(a.stderr), &failure))
	require.Equal(t, cli.ExitNoDaemon, failure.ExitCode)
	require.Contains(t, failure.Error, "ipdm daemon --home "+s.home)

	// A daemon that was killed leaves its address behind.
	require.NoError(t, os.WriteFile(node.Home(s.home).APIPath(), []byte(closedPort(t)), 0o600))
	require.Equal(t, cli.ExitNoDaemon, s.run("id").code)
}

func TestDaemonRunsAloneInItsHome(t *testing.T) {
	s := &session{t: t, home: filepath.Join(t.TempDir(), "home")}
	require.Zero(t, s.run("init", "--mdns=false", "--listen", "/ip4/127.0.0.1/tcp/0", "--metrics-listen", "127.0.0.1:0").code)
	ctx, stop := context.WithCancel(t.Context())
	var out, errs buffer
	done := make(chan int, 1)
	go func() {
		done <- run(ctx, []string{"daemon", "--json", "--home", s.home}, strings.NewReader(""), &out, &errs)
	}()
	eventually(t, func() bool { return strings.Contains(out.String(), "peer_id") }, "the daemon is up")
	second := s.run("daemon")
	require.Equal(t, cli.ExitFailed, second.code)
	require.Contains(t, second.stderr, "another daemon uses this home")
	require.Contains(t, second.stderr, "pid ")
	var id struct {
		PeerID     string   `json:"peer_id"`
		Multiaddrs []string `json:"multiaddrs"`
	}
	s.json(&id, "id")
	require.Contains(t, id.Multiaddrs[0], "/p2p/"+id.PeerID)
	stop()
	require.Zero(t, <-done, errs.String())
	require.NoFileExists(t, node.Home(s.home).APIPath())
	require.Equal(t, cli.ExitNoDaemon, s.run("id").code)
}

func TestBadConfiguration(t *testing.T) {
	s := &session{t: t, home: filepath.Join(t.TempDir(), "home")}
	for _, args := range [][]string{
		{"--api-listen", "0.0.0.0:5001"},
		{"--network", "no spaces"},
		{"--listen", "nonsense"},
		{"--provider"},
		{"--provider", "--chain-grpc", "127.0.0.1:9090", "--ask-price", "-1"},
		{"--provider", "--chain-grpc", "127.0.0.1:9090", "--ask-capacity", "lots"},
		{"--keyring-backend", "cloud"},
		{"--provider", "--chain-grpc", "127.0.0.1:9090", "--sealers", "0"},
		{"--provider", "--chain-grpc", "127.0.0.1:9090", "--seal-memory", "plenty"},
		{"--provider", "--chain-grpc", "127.0.0.1:9090", "--max-sealing-bytes", "0"},
		{"--provider", "--chain-grpc", "127.0.0.1:9090", "--seal-batch-wait", "-1s"},
	} {
		a := s.run(append([]string{"init"}, args...)...)
		require.Equal(t, cli.ExitUsage, a.code, args)
		require.NoFileExists(t, node.Home(s.home).ConfigPath())
	}
	require.Zero(t, s.run("init").code)
	t.Setenv("IPDM_LOG_LEVEL", "shout")
	require.Contains(t, s.run("daemon").stderr, "[log] level")
	t.Setenv("IPDM_LOG_LEVEL", "info")
	raw, err := os.ReadFile(node.Home(s.home).ConfigPath())
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(node.Home(s.home).ConfigPath(), append(raw, "\n[store2]\nx = 1\n"...), 0o600))
	a := s.run("daemon")
	require.Equal(t, cli.ExitFailed, a.code)
	require.Contains(t, a.stderr, "unknown setting")
}

func TestProviderHome(t *testing.T) {
	s := &session{t: t, home: filepath.Join(t.TempDir(), "home")}
	a := s.run("init", "--provider", "--chain-grpc", "127.0.0.1:9090", "--keyring-backend", "test", "--json")
	require.Zero(t, a.code, a.stderr)
	var made struct {
		PeerID          string `json:"peer_id"`
		ProviderAddress string `json:"provider_address"`
	}
	require.NoError(t, json.Unmarshal([]byte(a.stdout), &made))
	require.True(t, strings.HasPrefix(made.ProviderAddress, "ipdm1"))
	require.NotEmpty(t, made.PeerID)
	cfg, err := node.LoadConfig(node.Home(s.home))
	require.NoError(t, err)
	require.True(t, cfg.Provider.Enabled)
	info, err := os.Stat(node.Home(s.home).PeerKeyPath())
	require.NoError(t, err)
	require.Equal(t, os.FileMode(0o600), info.Mode().Perm())
}

func TestHelpTeaches(t *testing.T) {
	s := &session{t: t, home: t.TempDir()}
	for _, command := range []string{"put", "get", "ls", "init", "daemon", "connect"} {
		a := s.run(command, "--help")
		require.Zero(t, a.code)
		require.Contains(t, a.stdout, "Examples:", command)
	}
	a := s.run("version", "--json")
	require.Zero(t, a.code)
	require.Contains(t, a.stdout, `"version"`)
	require.Contains(t, s.run("completion", "bash").stdout, "ipdm")
}
