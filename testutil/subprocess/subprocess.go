package subprocess

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"syscall"
	"time"
)

const (
	stopGrace = 10 * time.Second // for a program to end after SIGTERM
	waitDelay = time.Second      // for output that a child of the program still holds open
)

// A Process is a program that runs. Its methods may be called concurrently.
type Process struct {
	cmd    *exec.Cmd
	stdin  io.Closer
	output *output
	done   chan struct{} // closed when the program has ended and been waited for
}

// Start runs a program and returns once ready accepts a line of its standard output. If the program ends before, or ctx
// does, the error has the end of the output. The program's standard input stays open until Stop; ctx is for the start only.
func Start(ctx context.Context, cmd *exec.Cmd, ready func(line string) bool) (*Process, error) {
	p := &Process{cmd: cmd, output: newOutput(ready), done: make(chan struct{})}
	cmd.Stdout, cmd.Stderr = p.output, &p.output.tail
	cmd.WaitDelay = waitDelay
	cmd.SysProcAttr = childAttributes()
	stdin, err := cmd.StdinPipe()
	if err != nil {
		return nil, fmt.Errorf("failed to start %s: %w", cmd.Path, err)
	}
	p.stdin = stdin
	started := make(chan error, 1)
	go func() {
		defer close(p.done)
		startAndWait(cmd, started)
	}()
	if err := <-started; err != nil {
		<-p.done
		return nil, fmt.Errorf("failed to start %s: %w", cmd.Path, err)
	}
	select {
	case <-p.output.ready:
		return p, nil
	case <-p.done:
		return nil, fmt.Errorf("%s ended before it was ready (%s):\n%s", cmd.Path, cmd.ProcessState, p.Output())
	case <-ctx.Done():
		err := fmt.Errorf("%s was not ready in time: %w", cmd.Path, ctx.Err())
		return nil, errors.Join(fmt.Errorf("%w:\n%s", err, p.Output()), p.Stop())
	}
}

// Stop closes the program's input, asks it to end, waits, and kills it if it does not. A program that has ended is fine.
func (p *Process) Stop() error {
	p.stdin.Close()
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return fmt.Errorf("failed to stop %s: %w", p.cmd.Path, err)
	}
	select {
	case <-p.done:
		return nil
	case <-time.After(stopGrace):
	}
	if err := p.cmd.Process.Kill(); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return fmt.Errorf("failed to kill %s: %w", p.cmd.Path, err)
	}
	<-p.done
	return fmt.Errorf("%s did not end within %s and was killed", p.cmd.Path, stopGrace)
}

// Done returns a channel that is closed when the program has ended.
func (p *Process) Done() <-chan struct{} { return p.done }

// Pid returns the process id.
func (p *Process) Pid() int { return p.cmd.Process.Pid }

// Output returns the end of what the program has printed.
func (p *Process) Output() string { return p.output.tail.String() }
