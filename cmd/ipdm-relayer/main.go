package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/ipdm-network/ipdm/cmd/internal/cli"
)

const (
	exitFailed = 1
	exitUsage  = 2
)

// errUsage marks errors of how the program was called.
var errUsage = errors.New("wrong usage")

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	// The second signal ends the process at once.
	context.AfterFunc(ctx, stop)
	code := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

// run is the whole program but for the process around it.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	p := &program{stdout: stdout, stderr: stderr}
	root := p.command()
	root.SetArgs(args)
	root.SetOut(stdout)
	root.SetErr(stderr)
	err := root.ExecuteContext(ctx)
	switch {
	case err == nil:
		return 0
	case errors.Is(err, errUsage):
		fmt.Fprintln(stderr, "Error:", err)
		return exitUsage
	}
	fmt.Fprintln(stderr, "Error:", err)
	return exitFailed
}

// noArgs refuses arguments, among them unknown commands.
func noArgs(cmd *cobra.Command, args []string) error {
	if err := cobra.NoArgs(cmd, args); err != nil {
		return fmt.Errorf("%w: %w; `%s --help` lists what there is", errUsage, err, cmd.CommandPath())
	}
	return nil
}

// program is one call.
type program struct {
	stdout, stderr io.Writer
	flags          flags
}

func (p *program) command() *cobra.Command {
	root := &cobra.Command{
		Use:   "ipdm-relayer",
		Short: "Carry signed checkpoints of IPDM to other chains",
		Long: `Carries checkpoints, which IPDM's validators have signed, to light clients on other chains, so that what is anchored on IPDM
can be proven there. Anybody may run one, as many as like: it has no authority, keeps no state, and what another has done
already is success. It needs a node of IPDM, an endpoint of the other chain, and an account there that pays.

A first one:
  ipdm-relayer init                 write an example configuration
  ipdm-relayer deploy ethereum      make the contracts, if nobody has yet
  ipdm-relayer status               where the light clients are, and what to do
  ipdm-relayer start                carry checkpoints until interrupted
  ipdm-relayer reclaim              get rent on Solana back, now and then

Settings come from flags, then variables (IPDM_RELAYER_...), then the file.
Exit codes: 0 done, 1 failed, 2 wrong usage.`,
		Version:       cli.Version,
		SilenceErrors: true,
		SilenceUsage:  true,
		Args:          noArgs,
		RunE:          func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return fmt.Errorf("%w: %w", errUsage, err) })
	p.flags.add(root)
	root.AddCommand(p.initCommand(), p.startCommand(), p.onceCommand(), p.statusCommand(), p.reclaimCommand(), p.deployCommand())
	return root
}
