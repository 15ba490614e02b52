//go:build !linux

package localnet

import (
	"os/exec"
	"syscall"
)

// childAttributes puts a child into its own process group, so that a terminal's Ctrl-C reaches only us.
func childAttributes() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true}
}

func startAndWait(cmd *exec.Cmd, started chan<- error) {
	err := cmd.Start()
	started <- err
	if err == nil {
		_ = cmd.Wait() // the exit status of a child that is killed on purpose says nothing
	}
}
