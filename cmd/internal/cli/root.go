package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	sidecarv1 "github.com/ipdm-network/ipdm/sdk/go/sidecar/v1"
	"github.com/ipdm-network/ipdm/sidecar/api/client"
	"github.com/ipdm-network/ipdm/sidecar/node/home"
)

// Call is one call of a program.
type Call struct {
	Stdin          io.Reader
	Stdout, Stderr io.Writer

	// Home, API, JSON and Chain are set by flags.
	Home, API string
	JSON      bool
	Chain     ChainFlags

	// OpenAccount opens the key of the caller's keyring that a put names, after checking what is ordered; nil in a program that has no keyring.
	OpenAccount func(ctx context.Context, d *client.Client, p *PutFlags) (Account, error)
	// Failures are errors of the program's own.
	Failures []Failure
}

// Account is a key of the caller's, and what can be done with it on the chain.
type Account interface {
	// Creator and Sign are those of the manifests it signs.
	Creator() (*sidecarv1.Creator, error)
	Sign(message []byte) ([]byte, error)
	// Pay anchors and orders what a put stored, as its flags say, and adds to the result what came of it.
	Pay(ctx context.Context, d *client.Client, p *PutFlags, result *PutResult) error
	Close() error
}

const rootHelp = `ipdm stores files and directories by content in a peer-to-peer network that proves it keeps them.

A first session:
  ipdm init                         make a home, in ~/.ipdm
  ipdm daemon &                     run the node
  ipdm put ./photos                 store a directory: prints its root CID
  ipdm ls                           what is pinned here
  ipdm query 'tag:year=2024'        what is tagged so, newest first
  ipdm get ROOT -o ./photos-again   read it back, verified block by block

With a chain, others keep copies and prove it in every window:
  ipdm put ./photos --from me --anchor --deal open:3 --duration 24h

Exit codes: 0 done, 1 failed, 2 wrong usage, 3 not found, 4 no daemon, 5 damaged data, 6 refused by chain or market,
7 chain does not answer, 8 damage found and repaired. Variables: IPDM_HOME, IPDM_API, and IPDM_<SECTION>_<NAME> for any setting in config.toml.`

// Root returns the command without a name, to which the others are added.
func (c *Call) Root() *cobra.Command {
	root := &cobra.Command{
		Use:               "ipdm",
		Short:             "Data node and command line of IPDM",
		Long:              rootHelp,
		SilenceUsage:      true,
		SilenceErrors:     true,
		Args:              NoArgs,
		RunE:              func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
		CompletionOptions: cobra.CompletionOptions{HiddenDefaultCmd: false},
	}
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		return Usagef("%w (see: %s --help)", err, cmd.CommandPath())
	})
	flags := root.PersistentFlags()
	flags.StringVar(&c.Home, "home", envOr("IPDM_HOME", defaultHome()), "home of the node (IPDM_HOME)")
	flags.StringVar(&c.API, "api", os.Getenv("IPDM_API"), "address of the daemon's API instead of the one in the home (IPDM_API)")
	flags.BoolVar(&c.JSON, "json", false, "print JSON")
	return root
}

// Commands returns the commands that do with a daemon.
func (c *Call) Commands() []*cobra.Command {
	return []*cobra.Command{
		c.idCommand(), c.peersCommand(), c.connectCommand(), c.versionCommand(),
		c.putCommand(), c.getCommand(), c.lsCommand(), c.queryCommand(), c.statCommand(), c.rmCommand(), c.pushCommand(), c.gcCommand(), c.verifyCommand(), c.storeCommand(),
		c.updateCommand(), c.historyCommand(), c.statsCommand(),
		c.providerCommand(), c.sectorCommand(), c.followCommand(),
	}
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

// The version and the commit of the programs, set by the linker.
var (
	Version = "dev"
	Commit  string
)

// NodeHome is where the files of the node are.
func (c *Call) NodeHome() home.Dir { return home.Dir(c.Home) }

// Dial connects to the daemon. It fails with client.ErrNoDaemon.
func (c *Call) Dial(ctx context.Context) (*client.Client, error) {
	address := c.API
	if address == "" {
		var err error
		address, err = c.NodeHome().APIAddress()
		if errors.Is(err, fs.ErrNotExist) {
			if _, err := os.Stat(c.NodeHome().ConfigPath()); errors.Is(err, fs.ErrNotExist) {
				return nil, fmt.Errorf("%w: there is no node in %s yet", client.ErrNoDaemon, c.Home)
			}
			return nil, fmt.Errorf("%w in %s", client.ErrNoDaemon, c.Home)
		}
		if err != nil {
			return nil, err
		}
	}
	return client.Dial(ctx, address)
}

// WithDaemon runs f with a connection to the daemon.
func (c *Call) WithDaemon(ctx context.Context, f func(*client.Client) error) (err error) {
	d, err := c.Dial(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, d.Close()) }()
	if err := f(d); err != nil {
		return d.Explain(err)
	}
	return nil
}

// PrintJSON prints one object on one line.
func (c *Call) PrintJSON(v any) { c.printJSONTo(c.Stdout, v) }

// printJSONTo prints one object on one line. Standard output that does not take it is nothing to report to.
func (c *Call) printJSONTo(w io.Writer, v any) {
	raw, err := json.Marshal(v)
	if err != nil {
		raw = []byte(fmt.Sprintf(`{"error":%q}`, err.Error()))
	}
	fmt.Fprintf(w, "%s\n", raw)
}

// Printf prints to standard output.
func (c *Call) Printf(format string, args ...any) { fmt.Fprintf(c.Stdout, format, args...) }

// Terminal tells whether a person looks at a stream.
func Terminal(stream any) bool {
	f, ok := stream.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

// NoArgs, OneArg, twoArgs and maxOneArg check arguments as usage.
func NoArgs(cmd *cobra.Command, args []string) error { return Usage(cobra.NoArgs(cmd, args)) }

func OneArg(cmd *cobra.Command, args []string) error {
	if len(args) != 1 {
		return Usagef("one argument is needed, %d were given: %s", len(args), cmd.UseLine())
	}
	return nil
}

func twoArgs(cmd *cobra.Command, args []string) error {
	if len(args) != 2 {
		return Usagef("two arguments are needed, %d were given: %s", len(args), cmd.UseLine())
	}
	return nil
}

func maxOneArg(cmd *cobra.Command, args []string) error {
	return Usage(cobra.MaximumNArgs(1)(cmd, args))
}

// Usage marks an error as one of how the command was called; nil stays nil.
func Usage(err error) error {
	if err == nil {
		return nil
	}
	return &usageError{err}
}
