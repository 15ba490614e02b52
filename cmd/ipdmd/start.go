package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"

	dbm "github.com/cosmos/cosmos-db"
	"github.com/spf13/cast"
	"github.com/spf13/cobra"

	"cosmossdk.io/log/v2"

	"github.com/cosmos/cosmos-sdk/client/flags"
	"github.com/cosmos/cosmos-sdk/server"
	servertypes "github.com/cosmos/cosmos-sdk/server/types"

	"github.com/ipdm-network/ipdm/app"
	"github.com/ipdm-network/ipdm/app/beaconkey"
)

const flagBlockProfile = "block-profile"

// newApplication makes the application that a node runs. The server gives no
// way to return an error, so a node that cannot start says why and exits.
func newApplication(logger log.Logger, db dbm.DB, opts servertypes.AppOptions) servertypes.Application {
	chain, err := openApplication(logger, db, opts)
	if err != nil {
		logger.Error("failed to make the application", "err", err)
		fmt.Fprintln(os.Stderr, "failed to make the application:", err)
		os.Exit(1)
	}
	return chain
}

// openApplication makes the application with the VRF keys in the home directory, if there are any.
func openApplication(logger log.Logger, db dbm.DB, opts servertypes.AppOptions) (*app.App, error) {
	keys, err := beaconkey.Load(beaconkey.Path(cast.ToString(opts.Get(flags.FlagHome))))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	return app.New(logger, db, opts, app.Options{BeaconKeys: keys}, server.DefaultBaseappOptions(opts)...)
}

// newStartCmd makes the command that runs a node.
func newStartCmd() *cobra.Command {
	cmd := server.StartCmdWithOptions(newApplication, defaultHome(), server.StartCmdOptions{
		AddFlags: func(cmd *cobra.Command) {
			cmd.Flags().String(flagBlockProfile, "", "use the timing of this block-time profile (localnet|production) instead of that in config.toml")
		},
	})

	cmd.PreRunE = func(cmd *cobra.Command, _ []string) error {
		cfg := server.GetServerContextFromCmd(cmd).Config
		if _, err := os.Stat(cfg.GenesisFile()); err != nil {
			return fmt.Errorf("no genesis file in %s: make a chain with `ipdmd init` or `ipdmd testnet init-files`, or copy that of the network you join: %w", cfg.RootDir, err)
		}
		if err := ensureBeaconKey(cfg.RootDir, cmd.ErrOrStderr()); err != nil {
			return err
		}
		name, err := cmd.Flags().GetString(flagBlockProfile)
		if err != nil || name == "" {
			return err
		}
		profile, err := profileByName(name)
		if err != nil {
			return err
		}
		profile.applyConsensus(cfg)
		return nil
	}
	return cmd
}
