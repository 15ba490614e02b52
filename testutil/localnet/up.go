package localnet

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"
	"time"
)

// Up starts a network in the background, supervised by a new process of the program at `self`, and returns once it is
// ready. When the network fails to become ready, nothing is left running and the error carries the log's end.
func Up(ctx context.Context, self string, o Options) (*Endpoints, error) {
	if err := o.validate(); err != nil {
		return nil, err
	}
	if pid, alive := supervisor(o.Dir); alive {
		return nil, fmt.Errorf("a network runs in %s already (pid %d); stop it with: scripts/localnet down --dir %s", o.Dir, pid, o.Dir)
	}
	if err := os.MkdirAll(filepath.Dir(o.Dir), 0o755); err != nil {
		return nil, fmt.Errorf("failed to make the folder of the network's folder: %w", err)
	}
	logPath := filepath.Join(filepath.Dir(o.Dir), filepath.Base(o.Dir)+".log")
	log, err := os.OpenFile(logPath, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
	if err != nil {
		return nil, fmt.Errorf("failed to open the supervisor's log: %w", err)
	}
	defer log.Close()
	cmd := exec.Command(self, "up", "--foreground", "-n", strconv.Itoa(o.Validators), "--dir", o.Dir, "--bin", o.BinDir, "--chain-id", o.ChainID,
		fmt.Sprintf("--bridge=%t", o.Bridge), "--geth", o.Geth, "--commit-timeout", o.CommitTimeout.String())
	cmd.Stdout, cmd.Stderr = log, log
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("failed to start the supervisor: %w", err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	ticker := time.NewTicker(pollInterval)
	defer ticker.Stop()
	for !Ready(o.Dir) {
		select {
		case err := <-ended:
			return nil, fmt.Errorf("the network did not start (%w); the end of %s:\n%s", err, logPath, tail(logPath))
		case <-ctx.Done():
			err := cmd.Process.Signal(syscall.SIGTERM)
			return nil, errors.Join(ctx.Err(), err, <-ended)
		case <-ticker.C:
		}
	}
	return ReadEndpoints(o.Dir)
}
