// Command localnet runs a whole IPDM network on this machine: see testutil/localnet. scripts/localnet is its front.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"github.com/ipdm-network/ipdm/testutil/adversary"
	"github.com/ipdm-network/ipdm/testutil/demo"
	"github.com/ipdm-network/ipdm/testutil/localnet"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP)
	defer stop()
	if err := rootCommand().ExecuteContext(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "error:", err)
		stop()
		os.Exit(1) //nolint:gocritic // the deferred stop was called
	}
}

func rootCommand() *cobra.Command {
	root := &cobra.Command{
		Use:           "localnet",
		Short:         "Run a whole IPDM network on this machine",
		SilenceUsage:  true,
		SilenceErrors: true,
	}
	dir := root.PersistentFlags().String("dir", filepath.Join("build", "localnet"), "the network's folder")
	root.AddCommand(upCommand(dir), downCommand(dir), statusCommand(dir), nodeCommand(dir), demoCommand(), adversaryCommand())
	return root
}

func upCommand(dir *string) *cobra.Command {
	var o localnet.Options
	var foreground bool
	cmd := &cobra.Command{
		Use:   "up",
		Short: "Start a network; returns when every validator signs and every node answers",
		Example: `  scripts/localnet up -n 4
  scripts/localnet up -n 4 --dir /tmp/second      # beside the first
  scripts/localnet up --foreground                # Ctrl-C stops all of it
  scripts/localnet up --bridge                    # with an Ethereum and a Solana, and a relayer to them`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			o.Dir = *dir
			if foreground {
				o.Log = cmd.OutOrStdout()
				return localnet.Supervise(cmd.Context(), o)
			}
			self, err := os.Executable()
			if err != nil {
				return fmt.Errorf("failed to find this program: %w", err)
			}
			began := time.Now()
			endpoints, err := localnet.Up(cmd.Context(), self, o)
			if err != nil {
				return err
			}
			fmt.Fprintf(cmd.OutOrStdout(), "%s: %d validators sign and all nodes answer after %.1fs\n%s\n",
				endpoints.ChainID, len(endpoints.Nodes), time.Since(began).Seconds(), filepath.Join(o.Dir, localnet.EndpointsFile))
			return nil
		},
	}
	cmd.Flags().IntVarP(&o.Validators, "validators", "n", 4, "validators, each with its data node")
	cmd.Flags().StringVar(&o.BinDir, "bin", "build", "folder with ipdmd and ipdm")
	cmd.Flags().StringVar(&o.ChainID, "chain-id", "", "the chain's id (default: made anew)")
	cmd.Flags().BoolVar(&o.Bridge, "bridge", false, "start an Ethereum and a Solana as well, with light clients and a relayer (needs Node.js 20)")
	cmd.Flags().StringVar(&o.Geth, "geth", "", "geth program whose development chain is the Ethereum of --bridge (default: anvil)")
	cmd.Flags().DurationVar(&o.CommitTimeout, "commit-timeout", 0, "how long validators wait after each commit (default: 40ms, which leaves the machine to others)")
	cmd.Flags().BoolVar(&foreground, "foreground", false, "stay in the foreground until Ctrl-C")
	return cmd
}

func downCommand(dir *string) *cobra.Command {
	return &cobra.Command{
		Use:   "down",
		Short: "Stop the network; no process is left",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return localnet.Down(cmd.Context(), *dir)
		},
	}
}

func statusCommand(dir *string) *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "status",
		Short: "Show whether the network runs, its heights and who signs",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			status, err := localnet.GetStatus(cmd.Context(), *dir)
			if err != nil {
				return err
			}
			if asJSON {
				return json.NewEncoder(cmd.OutOrStdout()).Encode(status)
			}
			if !status.Running {
				fmt.Fprintf(cmd.OutOrStdout(), "no network runs in %s; start one with: scripts/localnet up --dir %s\n", *dir, *dir)
				return nil
			}
			fmt.Fprintf(cmd.OutOrStdout(), "%s, ready: %t\n", status.ChainID, status.Ready)
			for _, node := range status.Nodes {
				fmt.Fprintf(cmd.OutOrStdout(), "%-8s height %-8d signing %-5t %s\n", node.Name, node.Height, node.Signing, node.Error)
			}
			return nil
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

func nodeCommand(dir *string) *cobra.Command {
	return &cobra.Command{
		Use:   "node start|stop|kill PROCESS [ARG...]",
		Short: "Start, stop or kill one process: validator-N, sidecar-N, client or relayer",
		Example: `  scripts/localnet node kill validator-2
  scripts/localnet node start validator-2`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) < 2 || !strings.Contains(" start stop kill ", " "+args[0]+" ") {
				return errors.New("expected: node start|stop|kill PROCESS")
			}
			return nil
		},
		RunE: func(_ *cobra.Command, args []string) error {
			return localnet.Control(*dir, args[0], args[1], args[2:]...)
		},
	}
}

func adversaryCommand() *cobra.Command {
	var home, behaviour string
	cmd := &cobra.Command{
		Use:   "adversary",
		Short: "Run a dishonest storage provider, to see it caught",
		Long: `Runs a dishonest storage provider on a home that "ipdm init --provider" made, until Ctrl-C.

With --behaviour forge it commits to labels that it never computed, in seals whose records are consistent otherwise; with withhold it
shows its seal records to nobody; with late it answers each window after it has closed.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return adversary.Run(cmd.Context(), home, adversary.Behaviour(behaviour), cmd.ErrOrStderr())
		},
	}
	cmd.Flags().StringVar(&home, "home", "", "home of the provider")
	cmd.Flags().StringVar(&behaviour, "behaviour", string(adversary.Forge), "what it does")
	_ = cmd.MarkFlagRequired("home") // it exists
	return cmd
}

func demoCommand() *cobra.Command {
	var o demo.Options
	cmd := &cobra.Command{
		Use:   "demo",
		Short: "Run the whole story unattended, from an empty folder to the last process stopped",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			o.Out = cmd.OutOrStdout()
			return demo.Run(cmd.Context(), o)
		},
	}
	cmd.Flags().StringVar(&o.BinDir, "bin", "build", "folder with ipdmd and ipdm")
	cmd.Flags().StringVar(&o.Report, "report", filepath.Join("build", "demo", "report.json"), "the report's file")
	cmd.Flags().StringVar(&o.Tree, "tree", "", "the directory to store (default: the Go toolchain's own source)")
	return cmd
}
