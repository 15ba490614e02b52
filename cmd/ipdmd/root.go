package main

import (
	"fmt"
	"os"
	"path/filepath"

	dbm "github.com/cosmos/cosmos-db"
	"github.com/spf13/cobra"

	evmhd "github.com/cosmos/evm/crypto/hd"

	"cosmossdk.io/client/v2/autocli"
	"cosmossdk.io/core/appmodule"
	"cosmossdk.io/log/v2"

	"github.com/cosmos/cosmos-sdk/client"
	"github.com/cosmos/cosmos-sdk/client/config"
	"github.com/cosmos/cosmos-sdk/server"
	"github.com/cosmos/cosmos-sdk/version"
	authtypes "github.com/cosmos/cosmos-sdk/x/auth/types"

	"github.com/ipdm-network/ipdm/app"
)

const (
	binaryName = "ipdmd"

	// envPrefix begins the names of environment variables: IPDMD_HOME and so on.
	envPrefix = "IPDMD"
)

func defaultHome() string {
	if home := os.Getenv(envPrefix + "_HOME"); home != "" {
		return home
	}
	user, err := os.UserHomeDir()
	if err != nil {
		return "." + binaryName
	}
	return filepath.Join(user, "."+binaryName)
}

// newRootCmd assembles all commands.
func newRootCmd() (*cobra.Command, error) {
	version.Name, version.AppName = binaryName, binaryName

	// This application lends its codecs and modules to the commands; it is never run.
	lender, err := app.New(log.NewNopLogger(), dbm.NewMemDB(), noOptions{}, app.Options{SkipLoading: true})
	if err != nil {
		return nil, fmt.Errorf("failed to make the application: %w", err)
	}

	initial := client.Context{}.
		WithCodec(lender.Encoding.Codec).
		WithInterfaceRegistry(lender.Encoding.InterfaceRegistry).
		WithTxConfig(app.ReadableTxConfig(lender.Encoding.TxConfig)).
		WithLegacyAmino(lender.Encoding.Amino).
		WithInput(os.Stdin).
		WithAccountRetriever(authtypes.AccountRetriever{}).
		WithHomeDir(defaultHome()).
		WithKeyringOptions(evmhd.EthSecp256k1Option()).
		WithViper(envPrefix)

	root := &cobra.Command{
		Use:           binaryName,
		Short:         "Validator, full node and command line of the IPDM chain",
		SilenceErrors: false,
		SilenceUsage:  true,
		PersistentPreRunE: func(cmd *cobra.Command, _ []string) error {
			return prepare(cmd, initial)
		},
	}
	root.AddCommand(
		newInitCmd(lender),
		newGenesisCmd(lender),
		newTestnetCmd(lender),
		newConfigCmd(),
		newExportCmd(),
		newSnapshotsCmd(),
		newPruneCmd(),
		newDebugCmd(),
		newKeysCmd(),
		newQueryCmd(),
		newTxCmd(),
		server.StatusCommand(),
		newStartCmd(),
		newCometCmd(),
		newBeaconCmd(),
		newBridgeCmd(),
		server.NewRollbackCmd(newApplication, defaultHome()),
		version.NewVersionCommand(),
	)

	if err := addModuleCommands(root, lender, initial); err != nil {
		return nil, err
	}
	return root, nil
}

// prepare reads the configuration files of the home directory, making those
// that are missing, and puts the result into the context of the command.
func prepare(cmd *cobra.Command, initial client.Context) error {
	cmd.SetOut(cmd.OutOrStdout())
	cmd.SetErr(cmd.ErrOrStderr())

	ctx, err := client.ReadPersistentCommandFlags(initial.WithCmdContext(cmd.Context()), cmd.Flags())
	if err != nil {
		return fmt.Errorf("failed to read the flags: %w", err)
	}
	if ctx, err = config.ReadFromClientConfig(ctx); err != nil {
		return fmt.Errorf("failed to read client.toml: %w", err)
	}
	if err := client.SetCmdClientContextHandler(ctx, cmd); err != nil {
		return fmt.Errorf("failed to set the client context: %w", err)
	}
	application, err := production.appConfig()
	if err != nil {
		return err
	}
	return server.InterceptConfigsPreRunHandler(cmd, appConfigTemplate, application, defaultCometConfig())
}

// addModuleCommands adds the query and tx commands of all modules.
func addModuleCommands(root *cobra.Command, lender *app.App, initial client.Context) error {
	modules := make(map[string]appmodule.AppModule, len(lender.Modules().Modules))
	for name, m := range lender.Modules().Modules {
		if m, ok := m.(appmodule.AppModule); ok {
			modules[name] = m
		}
	}

	opts := autocli.AppOptions{
		Modules:               modules,
		AddressCodec:          app.AccountAddressCodec(),
		ValidatorAddressCodec: app.ValidatorAddressCodec(),
		ConsensusAddressCodec: app.ConsensusAddressCodec(),
		ClientCtx:             initial,
	}
	if err := opts.EnhanceRootCommand(root); err != nil {
		return fmt.Errorf("failed to add the commands of the modules: %w", err)
	}
	return nil
}

// noOptions are application options of which none is set.
type noOptions struct{}

func (noOptions) Get(string) any { return nil }
