package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"runtime"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/ipdm-network/ipdm/cmd/internal/cli"
)

// The main goroutine stays on the first thread until it is known who carries out the call: what a supervisor has set for this process, such as
// the signal at its own death, is that thread's, and lost when another thread runs the complete program.
func init() { runtime.LockOSThread() }

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	// The second signal ends the process at once.
	context.AfterFunc(ctx, stop)
	code := run(ctx, os.Args[1:])
	stop()
	os.Exit(code)
}

// run carries out the call if it can, and otherwise has the complete program do so.
func run(ctx context.Context, args []string) int {
	call := &cli.Call{Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr}
	root := call.Root()
	root.AddCommand(call.Commands()...)
	err := cli.ErrElsewhere
	if knows(root, args) {
		runtime.UnlockOSThread()
		var code int
		if code, err = call.Run(ctx, root, args); err == nil {
			return code
		}
	}
	if errors.Is(err, cli.ErrElsewhere) {
		err = handOver(args)
	}
	fmt.Fprintln(os.Stderr, "Error:", err)
	return cli.ExitFailed
}

// knows tells whether the call is of one of the commands below root. Help on the whole and completion are not: they name all commands.
func knows(root *cobra.Command, args []string) bool {
	command, _, err := root.Find(args)
	return err == nil && command != root
}
