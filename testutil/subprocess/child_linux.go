package subprocess

import (
	"os/exec"
	"runtime"
	"syscall"
)

// childAttributes puts a child into a process group of its own, so that a terminal's Ctrl-C reaches only us, and lets the
// kernel kill it when the thread that started it ends.
func childAttributes() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}

// startAndWait starts the command and waits for it on one locked thread, which has to outlive the child because the death
// signal is tied to it.
func startAndWait(cmd *exec.Cmd, started chan<- error) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	err := cmd.Start()
	started <- err
	if err == nil {
		_ = cmd.Wait() // how it ended is in ProcessState
	}
}
