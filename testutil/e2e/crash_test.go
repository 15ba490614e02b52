//go:build e2e

package e2e

import (
	"bufio"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// crashKills is how often TestKilledDaemon kills unless IPDM_CRASH_KILLS says otherwise.
const crashKills = 20

// crashes is a data node that is killed again and again while clients use it.
type crashes struct {
	t    *testing.T
	ipdm string
	home string
	work string

	daemon *exec.Cmd

	mu    sync.Mutex
	acked map[string]string // folder of what was put, by root; guarded by mu
}

// start starts the daemon and returns when it answers.
func (c *crashes) start() {
	c.t.Helper()
	c.daemon = exec.Command(c.ipdm, "daemon", "--json", "--home", c.home)
	out, err := c.daemon.StdoutPipe()
	require.NoError(c.t, err)
	log, err := os.OpenFile(filepath.Join(c.work, "daemon.log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	require.NoError(c.t, err)
	defer log.Close()
	c.daemon.Stderr = log
	require.NoError(c.t, c.daemon.Start())
	lines := bufio.NewScanner(out)
	require.True(c.t, lines.Scan(), "the daemon did not start; see %s", log.Name())
}

func (c *crashes) run(args ...string) outcome {
	c.t.Helper()
	return runProgram(c.t, c.ipdm, append(args, "--home", c.home)...)
}

// kill kills the daemon.
func (c *crashes) kill() {
	c.t.Helper()
	require.NoError(c.t, c.daemon.Process.Kill())
	require.Error(c.t, c.daemon.Wait(), "it ends by being killed")
}

// fill writes a folder of random files, or one file if single, and returns its path.
func (c *crashes) fill(rng *rand.Rand, n int) string {
	c.t.Helper()
	path := filepath.Join(c.work, "in", strconv.Itoa(n))
	write := func(path string, size int) {
		body := make([]byte, size)
		for i := range body {
			body[i] = byte(rng.IntN(1 + rng.IntN(256)))
		}
		require.NoError(c.t, os.MkdirAll(filepath.Dir(path), 0o700))
		require.NoError(c.t, os.WriteFile(path, body, 0o600))
	}
	if rng.IntN(3) == 0 {
		write(path, 1+rng.IntN(1<<20))
		return path
	}
	for i := range 1 + rng.IntN(30) {
		write(filepath.Join(path, strconv.Itoa(i%3), strconv.Itoa(i)), rng.IntN(20_000))
	}
	return path
}

// use puts, removes and collects until the daemon is gone.
func (c *crashes) use(rng *rand.Rand, next *int, stop <-chan struct{}) {
	for {
		select {
		case <-stop:
			return
		default:
		}
		switch rng.IntN(6) {
		case 0:
			c.mu.Lock()
			root := ""
			for root = range c.acked {
				break
			}
			delete(c.acked, root) // from here on it may be there or not
			c.mu.Unlock()
			if root != "" {
				c.run("rm", root)
			}
		case 1:
			c.run("gc")
		default:
			*next++
			path := c.fill(rng, *next)
			put := c.run("put", path, "--json")
			if put.code != 0 {
				continue // not acknowledged
			}
			var result struct {
				Root string `json:"root"`
			}
			if json.Unmarshal([]byte(put.stdout), &result) != nil || result.Root == "" {
				c.t.Errorf("a put was acknowledged with %q", put.stdout)
				return
			}
			c.mu.Lock()
			c.acked[result.Root] = path
			c.mu.Unlock()
		}
	}
}

// requireReads checks that acknowledged content reads back byte for byte: some of it, or all.
func (c *crashes) requireReads(limit int) {
	c.t.Helper()
	for root, path := range c.acked {
		if limit--; limit < 0 {
			return
		}
		out := filepath.Join(c.work, "out")
		got := c.run("get", root, "--local", "-o", out)
		require.Zero(c.t, got.code, "an acknowledged put is lost: %s", got.stderr)
		diff := runProgram(c.t, "/usr/bin/diff", "-r", path, out)
		require.Zero(c.t, diff.code, diff.stdout)
		require.NoError(c.t, os.RemoveAll(out))
	}
}

// fsck checks the store of the stopped daemon.
func (c *crashes) fsck() (orphans uint64) {
	c.t.Helper()
	a := c.run("fsck", "--json")
	require.Zero(c.t, a.code, "%s %s", a.stdout, a.stderr)
	var report struct {
		Clean   bool    `json:"clean"`
		Pins    uint64  `json:"pins"`
		Orphans *uint64 `json:"orphan_encodings"`
	}
	require.NoError(c.t, json.Unmarshal([]byte(a.stdout), &report), a.stdout)
	require.True(c.t, report.Clean)
	require.NotNil(c.t, report.Orphans)
	require.GreaterOrEqual(c.t, report.Pins, uint64(len(c.acked)))
	return *report.Orphans
}

// TestKilledDaemon kills a daemon with SIGKILL at random moments of puts, removals and collections of garbage: no
// acknowledged byte is lost, the store is sound after each kill without any repair, and a collection leaves no orphan.
func TestKilledDaemon(t *testing.T) {
	kills := crashKills
	if text := os.Getenv("IPDM_CRASH_KILLS"); text != "" {
		var err error
		kills, err = strconv.Atoi(text)
		require.NoError(t, err)
	}
	work := t.TempDir()
	c := &crashes{t: t, ipdm: filepath.Join(binDir(t), "ipdm"), home: filepath.Join(work, "home"), work: work, acked: map[string]string{}}
	made := c.run("init", "--network", "crash", "--mdns=false", "--listen", "/ip4/127.0.0.1/udp/0/quic-v1")
	require.Zero(t, made.code, made.stderr)
	seed := uint64(1)
	if text := os.Getenv("IPDM_CRASH_SEED"); text != "" {
		var err error
		seed, err = strconv.ParseUint(text, 10, 64)
		require.NoError(t, err)
	}
	moments := rand.New(rand.NewPCG(seed, 1))
	rng := rand.New(rand.NewPCG(seed, 2))
	next, began := 0, time.Now()
	var starting time.Duration
	for kill := range kills {
		start := time.Now()
		c.start()
		starting += time.Since(start)
		c.requireReads(3)
		stop := make(chan struct{})
		var client sync.WaitGroup
		client.Go(func() { c.use(rng, &next, stop) })
		// The moment is what is random here, so the test waits for it and for nothing else.
		<-time.After(time.Duration(moments.IntN(600)) * time.Millisecond)
		close(stop)
		c.kill()
		client.Wait()
		if kill%5 == 4 {
			c.fsck()
		}
	}
	c.start()
	c.requireReads(len(c.acked))
	verified := c.run("verify")
	require.Zero(t, verified.code, verified.stdout)
	require.Zero(t, c.run("gc", "--all").code)
	c.kill()
	require.Zero(t, c.fsck(), "a collection leaves no orphan")
	c.start()
	defer c.kill()
	c.requireReads(len(c.acked))
	require.NotEmpty(t, c.acked)
	fmt.Fprintf(t.Output(), "%d kills in %s, %d puts tried, %d kept and read back whole; a start took %s on average\n",
		kills, time.Since(began).Round(time.Second), next, len(c.acked), (starting / time.Duration(kills)).Round(time.Millisecond))
}
