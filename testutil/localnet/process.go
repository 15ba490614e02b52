package localnet

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"sync"
	"syscall"
	"time"
)

// stopGrace is how long a process may take to end after SIGTERM before it is killed.
const stopGrace = 20 * time.Second

// A Process is one child process that can be stopped, killed, paused and started again. Its output is appended to a
// log file. Its methods may be called concurrently.
type Process struct {
	name    string
	path    string
	args    []string
	env     []string
	logPath string

	mu   sync.Mutex // guards cmd and done
	cmd  *exec.Cmd
	done chan struct{} // closed when cmd has ended and been waited for
}

// Name returns the name of the process, such as "validator-0".
func (p *Process) Name() string { return p.name }

// LogPath returns the file that takes the output.
func (p *Process) LogPath() string { return p.logPath }

// Start runs the process with extra arguments after its own. It fails if the process runs already.
func (p *Process) Start(extra ...string) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.running() {
		return fmt.Errorf("%s runs already", p.name)
	}
	log, err := os.OpenFile(p.logPath, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return fmt.Errorf("failed to open the log of %s: %w", p.name, err)
	}
	defer log.Close()
	cmd := exec.Command(p.path, append(append([]string{}, p.args...), extra...)...)
	cmd.Env = append(os.Environ(), p.env...)
	cmd.Stdout, cmd.Stderr = log, log
	cmd.SysProcAttr = childAttributes()
	started := make(chan error, 1)
	done := make(chan struct{})
	go func() {
		defer close(done)
		startAndWait(cmd, started)
	}()
	if err := <-started; err != nil {
		return fmt.Errorf("failed to start %s: %w", p.name, err)
	}
	p.cmd, p.done = cmd, done
	return nil
}

// Pid returns the process id, or 0 when the process does not run.
func (p *Process) Pid() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.running() {
		return 0
	}
	return p.cmd.Process.Pid
}

// Done returns a channel that is closed when the process ends; nil if it was never started.
func (p *Process) Done() <-chan struct{} {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.done
}

// Stop asks the process to end, waits, and kills it if it does not.
func (p *Process) Stop() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.running() {
		return nil
	}
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return fmt.Errorf("failed to stop %s: %w", p.name, err)
	}
	select {
	case <-p.done:
		return nil
	case <-time.After(stopGrace):
	}
	if err := p.kill(); err != nil {
		return err
	}
	return fmt.Errorf("%s did not end within %s and was killed", p.name, stopGrace)
}

// Kill ends the process at once, as a crash would.
func (p *Process) Kill() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.running() {
		return nil
	}
	return p.kill()
}

// Signal sends a signal, such as SIGSTOP and SIGCONT, to the running process.
func (p *Process) Signal(signal syscall.Signal) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.running() {
		return fmt.Errorf("%s does not run", p.name)
	}
	return p.cmd.Process.Signal(signal)
}

func (p *Process) kill() error {
	if err := p.cmd.Process.Kill(); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return fmt.Errorf("failed to kill %s: %w", p.name, err)
	}
	<-p.done
	return nil
}

// Running tells whether the process was started and has not ended.
func (p *Process) Running() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.running()
}

// running tells whether the process runs; mu is held.
func (p *Process) running() bool {
	if p.cmd == nil {
		return false
	}
	select {
	case <-p.done:
		return false
	default:
		return true
	}
}
