package kubo

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/multiformats/go-multiaddr"
	manet "github.com/multiformats/go-multiaddr/net"

	"github.com/ipdm-network/ipdm/sidecar/api/client"
	nodehome "github.com/ipdm-network/ipdm/sidecar/node/home"
)

const (
	readyTimeout = time.Minute
	endTimeout   = time.Minute
	pollInterval = 20 * time.Millisecond
)

// Node is a daemon of one of the two kinds, with a store of its own.
type Node struct {
	tool   tool
	home   string
	daemon *exec.Cmd
	ended  chan error
}

// tool is how to use one of the two programs.
type tool interface {
	// init makes a home whose daemon finds no other.
	init(ctx context.Context, home string) error
	command(ctx context.Context, home string, args ...string) *exec.Cmd
	// addresses are those that a peer can connect to; it fails while the daemon is not ready.
	addresses(ctx context.Context, home string) ([]string, error)
	connect(ctx context.Context, home, address string) error
	// put stores a file or a folder and returns its root.
	put(ctx context.Context, home, path string, dense bool) (root string, err error)
	// putStream stores a stream as one file.
	putStream(ctx context.Context, home string, r io.Reader) error
	// dial connects to the daemon's API.
	dial(ctx context.Context, home string) (reader, error)
	// get is the command that writes a file to standard output.
	get(ctx context.Context, home, root string) *exec.Cmd
}

// StartIPDM makes an ipdm node in an empty folder with the program at a path, and returns once it answers.
func StartIPDM(ctx context.Context, path, home string) (*Node, error) {
	return start(ctx, ipdm{path}, home)
}

// StartIPFS makes a Kubo node in an empty folder with the program at a path, and returns once it answers.
func StartIPFS(ctx context.Context, path, home string) (*Node, error) {
	return start(ctx, ipfs{path}, home)
}

// start makes a node in an empty folder and returns once it answers.
func start(ctx context.Context, t tool, home string) (n *Node, err error) {
	if err := t.init(ctx, home); err != nil {
		return nil, err
	}
	n = &Node{tool: t, home: home, ended: make(chan error, 1)}
	log, err := os.Create(home + ".log")
	if err != nil {
		return nil, fmt.Errorf("failed to make a log: %w", err)
	}
	defer log.Close()
	n.daemon = t.command(context.WithoutCancel(ctx), home, "daemon")
	n.daemon.Stdout, n.daemon.Stderr = log, log
	if err := n.daemon.Start(); err != nil {
		return nil, fmt.Errorf("failed to start %s: %w", n.daemon.Path, err)
	}
	go func() { n.ended <- n.daemon.Wait() }()
	ready, cancel := context.WithTimeout(ctx, readyTimeout)
	defer cancel()
	for {
		if _, err = t.addresses(ready, home); err == nil {
			return n, nil
		}
		select {
		case <-time.After(pollInterval):
		case failed := <-n.ended:
			n.ended <- failed
			return nil, fmt.Errorf("the daemon ended, see %s: %w", log.Name(), errors.Join(err, failed))
		case <-ready.Done():
			return nil, fmt.Errorf("the daemon is not ready, see %s: %w", log.Name(), errors.Join(err, n.Stop()))
		}
	}
}

// Command is one of the program that uses the daemon.
func (n *Node) Command(ctx context.Context, args ...string) *exec.Cmd {
	return n.tool.command(ctx, n.home, args...)
}

// Connect connects the node to another one.
func (n *Node) Connect(ctx context.Context, to *Node) error {
	addresses, err := to.tool.addresses(ctx, to.home)
	if err != nil {
		return err
	}
	return n.tool.connect(ctx, n.home, addresses[0])
}

// Stop ends the daemon, which then has written all that it keeps.
func (n *Node) Stop() error {
	if err := n.daemon.Process.Signal(syscall.SIGTERM); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return fmt.Errorf("failed to stop a daemon: %w", err)
	}
	select {
	case err := <-n.ended:
		if exit := new(exec.ExitError); err != nil && !errors.As(err, &exit) { // its exit code says only that it was stopped
			return fmt.Errorf("failed to wait for a daemon: %w", err)
		}
		return nil
	case <-time.After(endTimeout):
		return errors.Join(fmt.Errorf("%s did not end within %s", n.daemon.Path, endTimeout), n.daemon.Process.Kill())
	}
}

// storedBytes is the disk use of all that is below a folder.
func storedBytes(dir string) (total uint64, err error) {
	err = filepath.WalkDir(dir, func(_ string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := entry.Info()
		if err != nil {
			return err
		}
		if stat, ok := info.Sys().(*syscall.Stat_t); ok {
			total += uint64(stat.Blocks) * 512
		}
		return nil
	})
	return total, err
}

// output runs a command and returns what it prints.
func output(cmd *exec.Cmd) (string, error) {
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := cmd.Run(); err != nil {
		return "", fmt.Errorf("failed to run %s: %w: %s", strings.Join(cmd.Args, " "), err, bytes.TrimSpace(stderr.Bytes()))
	}
	return strings.TrimSpace(stdout.String()), nil
}

// ipdm is the program of this repository.
type ipdm struct{ path string }

func (t ipdm) command(ctx context.Context, home string, args ...string) *exec.Cmd {
	return exec.CommandContext(ctx, t.path, append(args, "--home", home)...)
}

func (t ipdm) init(ctx context.Context, home string) error {
	_, err := output(t.command(ctx, home, "init", "--network", "bench", "--listen", "/ip4/127.0.0.1/tcp/0", "--mdns=false"))
	return err
}

func (t ipdm) addresses(ctx context.Context, home string) ([]string, error) {
	printed, err := output(t.command(ctx, home, "id", "--json"))
	if err != nil {
		return nil, err
	}
	var id struct {
		Multiaddrs []string `json:"multiaddrs"`
	}
	if err := json.Unmarshal([]byte(printed), &id); err != nil || len(id.Multiaddrs) == 0 {
		return nil, fmt.Errorf("ipdm id printed no address: %q: %w", printed, err)
	}
	return id.Multiaddrs, nil
}

func (t ipdm) connect(ctx context.Context, home, address string) error {
	_, err := output(t.command(ctx, home, "connect", address))
	return err
}

func (t ipdm) put(ctx context.Context, home, path string, dense bool) (string, error) {
	encode := "fast"
	if dense {
		encode = "dense"
	}
	printed, err := output(t.command(ctx, home, "put", path, "--json", "--encode", encode))
	if err != nil {
		return "", err
	}
	var result struct {
		Root string `json:"root"`
	}
	if err := json.Unmarshal([]byte(printed), &result); err != nil {
		return "", fmt.Errorf("ipdm put printed %q: %w", printed, err)
	}
	return result.Root, nil
}

func (t ipdm) putStream(ctx context.Context, home string, r io.Reader) error {
	cmd := t.command(ctx, home, "put", "-", "--json", "--encode", "fast")
	cmd.Stdin = r
	_, err := output(cmd)
	return err
}

func (t ipdm) dial(ctx context.Context, home string) (reader, error) {
	address, err := nodehome.Dir(home).APIAddress()
	if err != nil {
		return nil, err
	}
	c, err := client.Dial(ctx, address)
	return ipdmReader{c}, err
}

func (t ipdm) get(ctx context.Context, home, root string) *exec.Cmd {
	return t.command(ctx, home, "get", root)
}

// ipfs is Kubo.
type ipfs struct{ path string }

func (t ipfs) command(ctx context.Context, home string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, t.path, args...)
	cmd.Env = append(os.Environ(), "IPFS_PATH="+home, "IPFS_TELEMETRY=off")
	return cmd
}

func (t ipfs) init(ctx context.Context, home string) error {
	for _, args := range [][]string{
		{"init", "--profile", "test"}, // loopback addresses with free ports, no bootstrap, no mDNS
		{"config", "--json", "AutoConf.Enabled", "false"},
		{"config", "Routing.Type", "none"},
	} {
		if _, err := output(t.command(ctx, home, args...)); err != nil {
			return err
		}
	}
	return nil
}

func (t ipfs) addresses(ctx context.Context, home string) ([]string, error) {
	if _, err := os.Stat(filepath.Join(home, "api")); err != nil {
		return nil, err // a command would not wait for the daemon, but work on the store itself
	}
	printed, err := output(t.command(ctx, home, "id", "--format=<addrs>"))
	if err != nil {
		return nil, err
	}
	return strings.Fields(printed), nil
}

func (t ipfs) connect(ctx context.Context, home, address string) error {
	_, err := output(t.command(ctx, home, "swarm", "connect", address))
	return err
}

// add is the command that adds as ipdm does.
func (t ipfs) add(ctx context.Context, home string, args ...string) *exec.Cmd {
	return t.command(ctx, home, append([]string{"add", "--quieter", "--cid-version=1", "--hash=blake3"}, args...)...)
}

func (t ipfs) put(ctx context.Context, home, path string, _ bool) (string, error) {
	return output(t.add(ctx, home, "--recursive", "--hidden", path))
}

func (t ipfs) putStream(ctx context.Context, home string, r io.Reader) error {
	cmd := t.add(ctx, home)
	cmd.Stdin = r
	_, err := output(cmd)
	return err
}

func (t ipfs) dial(_ context.Context, home string) (reader, error) {
	raw, err := os.ReadFile(filepath.Join(home, "api"))
	if err != nil {
		return nil, fmt.Errorf("failed to find the API of Kubo: %w", err)
	}
	address, err := multiaddr.NewMultiaddr(strings.TrimSpace(string(raw)))
	if err != nil {
		return nil, fmt.Errorf("failed to find the API of Kubo: %w", err)
	}
	_, host, err := manet.DialArgs(address)
	if err != nil {
		return nil, fmt.Errorf("failed to find the API of Kubo: %w", err)
	}
	return &ipfsReader{url: "http://" + host + "/api/v0/cat?arg="}, nil
}

func (t ipfs) get(ctx context.Context, home, root string) *exec.Cmd {
	return t.command(ctx, home, "cat", root)
}
