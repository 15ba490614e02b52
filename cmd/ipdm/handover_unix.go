//go:build unix

package main

import (
	"fmt"
	"os"
	"syscall"
)

// handOver makes this process the complete program's. It returns only if that fails.
func handOver(args []string) error {
	path, err := completeProgram()
	if err != nil {
		return err
	}
	if err := syscall.Exec(path, append([]string{os.Args[0]}, args...), os.Environ()); err != nil {
		return fmt.Errorf("failed to run %s: %w", path, err)
	}
	return nil
}
