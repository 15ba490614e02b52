package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/ipdm-network/ipdm/cmd/internal/cli"
	"github.com/ipdm-network/ipdm/sidecar/consensus/chain"
	"github.com/ipdm-network/ipdm/sidecar/node"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	// The second signal ends the process at once.
	context.AfterFunc(ctx, stop)
	code := run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

// run is the whole program but for the process around it.
func run(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) (code int) {
	c := &program{&cli.Call{Stdin: stdin, Stdout: stdout, Stderr: stderr}}
	c.OpenAccount = c.openPutAccount
	c.Failures = []cli.Failure{
		{Err: chain.ErrUnreachable, Code: cli.ExitNoChain},
		{Err: chain.ErrRejected, Code: cli.ExitRefused},
		{Err: chain.ErrConfig, Code: cli.ExitUsage},
		{Err: chain.ErrNoAccount, Code: cli.ExitRefused},
		{Err: chain.ErrNoKey, Code: cli.ExitNotFound, Hint: c.keyHint},
		{Err: chain.ErrNotFound, Code: cli.ExitNotFound},
		{Err: node.ErrNoHome, Code: cli.ExitNotFound},
	}
	root := c.Root()
	root.AddCommand(c.initCommand(), c.daemonCommand())
	root.AddCommand(c.Commands()...)
	root.AddCommand(c.dealCommand(), c.proofCommand(), c.benchCommand(), c.fsckCommand())
	code, err := c.Run(ctx, root, args)
	if err != nil {
		fmt.Fprintln(stderr, "Error:", err)
	}
	return code
}

// program is one call of the complete program.
type program struct{ *cli.Call }
