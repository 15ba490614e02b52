package localnet

import (
	"os/exec"
	"runtime"
	"syscall"
)

// childAttributes puts a child into its own process group, so that a terminal's Ctrl-C reaches only us, and lets the
// kernel kill it when the thread that started it ends.
func childAttributes() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}

// startAndWait starts the command and waits for it on one locked thread: the death signal is tied to the thread that
// forked, which therefore has to outlive the child.
func startAndWait(cmd *exec.Cmd, started chan<- error) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	err := cmd.Start()
	started <- err
	if err == nil {
		_ = cmd.Wait() // the exit status of a child that is killed on purpose says nothing
	}
}
