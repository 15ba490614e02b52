package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
)

// completeProgram finds ipdm-node: beside this program, or on the path.
func completeProgram() (string, error) {
	name := "ipdm-node"
	if runtime.GOOS == "windows" {
		name += ".exe"
	}
	self, err := os.Executable()
	if err == nil {
		self, err = filepath.EvalSymlinks(self)
	}
	if err == nil {
		beside := filepath.Join(filepath.Dir(self), name)
		if info, serr := os.Stat(beside); serr == nil && info.Mode().IsRegular() {
			return beside, nil
		}
	}
	found, perr := exec.LookPath(name)
	if perr != nil {
		return "", fmt.Errorf("failed to find the program %s, which belongs beside ipdm (install both): %w", name, errors.Join(err, perr))
	}
	return found, nil
}
