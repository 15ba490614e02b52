package localnet

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

const (
	pidFile     = "supervisor.pid"
	readyFile   = "ready"
	controlFile = "control.sock"
	// readyTimeout is how long a network may take from its start until it is ready.
	readyTimeout = 3 * time.Minute
)

// Supervise runs a network until the context ends, then stops it. While it runs, Control can stop, kill and start
// single processes of it.
func Supervise(ctx context.Context, o Options) (err error) {
	if err := o.validate(); err != nil {
		return err
	}
	if pid, alive := supervisor(o.Dir); alive {
		return fmt.Errorf("a network runs in %s already (pid %d); stop it with: scripts/localnet down --dir %s", o.Dir, pid, o.Dir)
	}
	if err := claimDir(o.Dir); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, removeState(o.Dir)) }()
	if err := os.WriteFile(filepath.Join(o.Dir, pidFile), []byte(strconv.Itoa(os.Getpid())), 0o600); err != nil {
		return fmt.Errorf("failed to write the pid file: %w", err)
	}
	network, err := start(ctx, o)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, network.Close()) }()
	stopControl, err := network.serveControl()
	if err != nil {
		return err
	}
	defer stopControl()
	waitCtx, cancel := context.WithTimeout(ctx, readyTimeout)
	defer cancel()
	if err := network.WaitReady(waitCtx); err != nil {
		if ctx.Err() != nil {
			return nil // stopped on purpose before it was ready
		}
		return err
	}
	if err := network.WriteEndpoints(); err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(o.Dir, readyFile), nil, 0o600); err != nil {
		return fmt.Errorf("failed to write the ready file: %w", err)
	}
	fmt.Fprintf(o.Log, "ready: %s\n", filepath.Join(o.Dir, EndpointsFile))
	<-ctx.Done()
	fmt.Fprintln(o.Log, "stopping")
	return nil
}

func removeState(dir string) error {
	var errs []error
	for _, name := range []string{readyFile, pidFile, controlFile} {
		if err := os.Remove(filepath.Join(dir, name)); err != nil && !errors.Is(err, os.ErrNotExist) {
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}

// supervisor returns the process id of the supervisor of a folder and whether it lives.
func supervisor(dir string) (int, bool) {
	raw, err := os.ReadFile(filepath.Join(dir, pidFile))
	if err != nil {
		return 0, false
	}
	pid, err := strconv.Atoi(strings.TrimSpace(string(raw)))
	if err != nil || pid <= 0 {
		return 0, false
	}
	return pid, syscall.Kill(pid, 0) == nil
}

// Ready tells whether the network in a folder runs and is ready.
func Ready(dir string) bool {
	_, alive := supervisor(dir)
	_, err := os.Stat(filepath.Join(dir, readyFile))
	return alive && err == nil
}

// Down stops the network of a folder and waits until its supervisor has ended. A network that does not run is no error.
func Down(ctx context.Context, dir string) error {
	pid, alive := supervisor(dir)
	if !alive {
		return nil
	}
	if err := syscall.Kill(pid, syscall.SIGTERM); err != nil && !errors.Is(err, syscall.ESRCH) {
		return fmt.Errorf("failed to stop the network: %w", err)
	}
	ticker := time.NewTicker(pollInterval)
	defer ticker.Stop()
	for syscall.Kill(pid, 0) == nil {
		select {
		case <-ctx.Done():
			return fmt.Errorf("the network's supervisor (pid %d) did not end: %w", pid, ctx.Err())
		case <-ticker.C:
		}
	}
	return nil
}

// Control asks the supervisor of a folder to start, stop or kill one process.
func Control(dir, action, process string, extra ...string) error {
	conn, err := net.DialTimeout("unix", controlPath(dir), 5*time.Second)
	if err != nil {
		return fmt.Errorf("no network runs in %s: %w", dir, err)
	}
	defer conn.Close()
	if err := conn.SetDeadline(time.Now().Add(2 * stopGrace)); err != nil {
		return fmt.Errorf("failed to talk to the supervisor: %w", err)
	}
	if _, err := fmt.Fprintln(conn, strings.Join(append([]string{action, process}, extra...), " ")); err != nil {
		return fmt.Errorf("failed to talk to the supervisor: %w", err)
	}
	answer, err := bufio.NewReader(conn).ReadString('\n')
	if err != nil {
		return fmt.Errorf("failed to hear from the supervisor: %w", err)
	}
	if answer = strings.TrimSpace(answer); answer != "ok" {
		return errors.New(answer)
	}
	return nil
}

// controlPath is a short path: a Unix socket's name is bounded at about 100 bytes, a folder's is not.
func controlPath(dir string) string {
	path := filepath.Join(dir, controlFile)
	if wd, err := os.Getwd(); err == nil {
		if rel, err := filepath.Rel(wd, path); err == nil && len(rel) < len(path) {
			return rel
		}
	}
	return path
}

// serveControl answers Control until the returned function is called, which waits for the last answer.
func (n *Network) serveControl() (stop func(), err error) {
	listener, err := net.Listen("unix", controlPath(n.opts.Dir))
	if err != nil {
		return nil, fmt.Errorf("failed to open the control socket: %w", err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			n.answer(conn)
		}
	}()
	return func() {
		_ = listener.Close()
		<-done
	}, nil
}

// answer obeys one control line: "start|stop|kill PROCESS [ARG...]".
func (n *Network) answer(conn net.Conn) {
	defer conn.Close()
	_ = conn.SetDeadline(time.Now().Add(2 * stopGrace))
	line, err := bufio.NewReader(conn).ReadString('\n')
	if err != nil {
		return
	}
	if err := n.obey(strings.Fields(line)); err != nil {
		fmt.Fprintln(conn, strings.ReplaceAll(err.Error(), "\n", " "))
		return
	}
	fmt.Fprintln(conn, "ok")
}

func (n *Network) obey(words []string) error {
	if len(words) < 2 {
		return errors.New("expected: start|stop|kill PROCESS")
	}
	process, err := n.Process(words[1])
	if err != nil {
		return err
	}
	switch words[0] {
	case "start":
		err = process.Start(words[2:]...)
	case "stop":
		err = process.Stop()
	case "kill":
		err = process.Kill()
	default:
		err = fmt.Errorf("unknown action %q: expected start, stop or kill", words[0])
	}
	return errors.Join(err, n.WriteEndpoints())
}
