//go:build !linux

package subprocess

import (
	"os/exec"
	"syscall"
)

// childAttributes puts a child into a process group of its own, so that a terminal's Ctrl-C reaches only us.
func childAttributes() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true}
}

// startAndWait starts the command and waits for it.
func startAndWait(cmd *exec.Cmd, started chan<- error) {
	err := cmd.Start()
	started <- err
	if err == nil {
		_ = cmd.Wait() // how it ended is in ProcessState
	}
}
