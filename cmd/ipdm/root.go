package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/cosmos/cosmos-sdk/version"
	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/ipdm-network/ipdm/sidecar/api/client"
	"github.com/ipdm-network/ipdm/sidecar/node"
)

// cli is one call of the program.
type cli struct {
	stdin          io.Reader
	stdout, stderr io.Writer

	home, api string
	json      bool
	chain     chainFlags
}

const rootHelp = `ipdm stores files and directories by content in a peer-to-peer network that proves it keeps them.

A first session:
  ipdm init                         make a home, in ~/.ipdm
  ipdm daemon &                     run the node
  ipdm put ./photos                 store a directory: prints its root CID
  ipdm ls                           what is pinned here
  ipdm get ROOT -o ./photos-again   read it back, verified block by block

With a chain, others keep copies and prove it in every window:
  ipdm put ./photos --from me --anchor --deal open:3 --duration 24h

Exit codes: 0 done, 1 failed, 2 wrong usage, 3 not found, 4 no daemon, 5 damaged data, 6 refused by chain or market,
7 chain does not answer. Variables: IPDM_HOME, IPDM_API, and IPDM_<SECTION>_<NAME> for any setting in config.toml.`

func (c *cli) rootCommand() *cobra.Command {
	root := &cobra.Command{
		Use:               "ipdm",
		Short:             "Data node and command line of IPDM",
		Long:              rootHelp,
		SilenceUsage:      true,
		SilenceErrors:     true,
		Args:              noArgs,
		RunE:              func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
		CompletionOptions: cobra.CompletionOptions{HiddenDefaultCmd: false},
	}
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		return usagef("%w (see: %s --help)", err, cmd.CommandPath())
	})
	flags := root.PersistentFlags()
	flags.StringVar(&c.home, "home", envOr("IPDM_HOME", defaultHome()), "home of the node (IPDM_HOME)")
	flags.StringVar(&c.api, "api", os.Getenv("IPDM_API"), "address of the daemon's API instead of the one in the home (IPDM_API)")
	flags.BoolVar(&c.json, "json", false, "print JSON")
	root.AddCommand(
		c.initCommand(), c.daemonCommand(), c.idCommand(), c.peersCommand(), c.connectCommand(), c.versionCommand(),
		c.putCommand(), c.getCommand(), c.lsCommand(), c.statCommand(), c.rmCommand(), c.gcCommand(), c.verifyCommand(),
		c.dealCommand(), c.providerCommand(), c.sectorCommand(), c.benchCommand(),
	)
	return root
}

func envOr(name, fallback string) string {
	if value := os.Getenv(name); value != "" {
		return value
	}
	return fallback
}

func defaultHome() string {
	user, err := os.UserHomeDir()
	if err != nil {
		return ".ipdm"
	}
	return filepath.Join(user, ".ipdm")
}

// programVersion is the version that the build gave, or dev.
func programVersion() string {
	if version.Version == "" {
		return "dev"
	}
	return version.Version
}

func (c *cli) nodeHome() node.Home { return node.Home(c.home) }

// dial connects to the daemon. It fails with client.ErrNoDaemon.
func (c *cli) dial(ctx context.Context) (*client.Client, error) {
	address := c.api
	if address == "" {
		var err error
		address, err = c.nodeHome().APIAddress()
		if errors.Is(err, fs.ErrNotExist) {
			if _, err := os.Stat(c.nodeHome().ConfigPath()); errors.Is(err, fs.ErrNotExist) {
				return nil, fmt.Errorf("%w: there is no node in %s yet", client.ErrNoDaemon, c.home)
			}
			return nil, fmt.Errorf("%w in %s", client.ErrNoDaemon, c.home)
		}
		if err != nil {
			return nil, err
		}
	}
	return client.Dial(ctx, address)
}

// withDaemon runs f with a connection to the daemon.
func (c *cli) withDaemon(ctx context.Context, f func(*client.Client) error) (err error) {
	d, err := c.dial(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, d.Close()) }()
	if err := f(d); err != nil {
		return d.Explain(err)
	}
	return nil
}

func (c *cli) printJSON(v any) { c.printJSONTo(c.stdout, v) }

// printJSONTo prints one object on one line. Standard output that does not take it is nothing to report to.
func (c *cli) printJSONTo(w io.Writer, v any) {
	raw, err := json.Marshal(v)
	if err != nil {
		raw = []byte(fmt.Sprintf(`{"error":%q}`, err.Error()))
	}
	fmt.Fprintf(w, "%s\n", raw)
}

func (c *cli) printf(format string, args ...any) { fmt.Fprintf(c.stdout, format, args...) }

// terminal tells whether a person looks at a stream.
func terminal(stream any) bool {
	f, ok := stream.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

// noArgs, oneArg and maxOneArg check arguments as usage.
func noArgs(cmd *cobra.Command, args []string) error { return usage(cobra.NoArgs(cmd, args)) }

func oneArg(cmd *cobra.Command, args []string) error {
	if len(args) != 1 {
		return usagef("one argument is needed, %d were given: %s", len(args), cmd.UseLine())
	}
	return nil
}

func maxOneArg(cmd *cobra.Command, args []string) error {
	return usage(cobra.MaximumNArgs(1)(cmd, args))
}

func usage(err error) error {
	if err == nil {
		return nil
	}
	return &usageError{err}
}
