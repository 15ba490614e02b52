//go:build !unix

package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
)

// handOver runs the complete program and ends with its code. It returns only if it cannot be run.
func handOver(args []string) error {
	path, err := completeProgram()
	if err != nil {
		return err
	}
	cmd := exec.Command(path, args...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	err = cmd.Run()
	if ended := new(exec.ExitError); errors.As(err, &ended) {
		os.Exit(ended.ExitCode())
	}
	if err != nil {
		return fmt.Errorf("failed to run %s: %w", path, err)
	}
	os.Exit(0)
	return nil
}
