package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"

	dbm "github.com/cosmos/cosmos-db"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/spf13/cast"
	"github.com/spf13/cobra"

	"cosmossdk.io/log/v2"

	"github.com/cosmos/cosmos-sdk/client/flags"
	"github.com/cosmos/cosmos-sdk/server"
	servertypes "github.com/cosmos/cosmos-sdk/server/types"

	"github.com/ipdm-network/ipdm/app"
	"github.com/ipdm-network/ipdm/app/abci"
	"github.com/ipdm-network/ipdm/app/beaconkey"
	"github.com/ipdm-network/ipdm/app/bridgesign"
	"github.com/ipdm-network/ipdm/app/inbound"
	"github.com/ipdm-network/ipdm/app/sidecar"
	"github.com/ipdm-network/ipdm/app/verdict"
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

// openApplication makes the application with the keys in the home directory and
// with what this node says in its votes.
func openApplication(logger log.Logger, db dbm.DB, opts servertypes.AppOptions) (*app.App, error) {
	home := cast.ToString(opts.Get(flags.FlagHome))
	beaconKeys, err := beaconkey.Load(beaconkey.Path(home))
	if err != nil {
		return nil, err
	}
	bridgeKeys, err := bridgesign.Load(bridgesign.Path(home))
	if err != nil && !errors.Is(err, fs.ErrNotExist) { // the home may be older than the bridge: start makes a key
		return nil, err
	}
	signatures := bridgesign.NewSource(bridgeKeys)
	options := app.Options{BeaconKeys: beaconKeys, Sources: []abci.Source{signatures}}
	verdicts, ranges, err := sidecarSources(logger, opts)
	if err != nil {
		return nil, err
	}
	if verdicts != nil {
		options.Sources = append(options.Sources, verdicts, ranges)
	}
	chain, err := app.New(logger, db, opts, options, server.DefaultBaseappOptions(opts)...)
	if err != nil {
		return nil, err
	}
	signatures.Attach(chain.BridgeChain())
	if verdicts != nil {
		verdicts.Attach(chain.VerdictChain())
		ranges.Attach(chain.InboundChain())
	}
	return chain, nil
}

// sidecarSources makes the sources of what a sidecar finds out, verdicts on seal
// proofs and votes on events of other chains; both are nil without a sidecar.
func sidecarSources(logger log.Logger, opts servertypes.AppOptions) (*verdict.Source, *inbound.Source, error) {
	cfg, err := sidecar.ReadConfig(opts)
	if err != nil || cfg.Address == "" {
		return nil, nil, err
	}
	validator, err := cfg.ValidatorAddress(opts)
	if err != nil {
		return nil, nil, err
	}
	verdicts, err := verdict.NewSource(cfg, validator, logger, prometheus.DefaultRegisterer)
	if err != nil {
		return nil, nil, err
	}
	ranges, err := inbound.NewSource(cfg, validator, logger, prometheus.DefaultRegisterer)
	if err != nil {
		return nil, nil, errors.Join(err, verdicts.Close())
	}
	return verdicts, ranges, nil
}

// newStartCmd makes the command that runs a node.
func newStartCmd() *cobra.Command {
	cmd := server.StartCmdWithOptions(newApplication, defaultHome(), server.StartCmdOptions{
		AddFlags: func(cmd *cobra.Command) {
			cmd.Flags().String(flagBlockProfile, "", "use the timing of this block-time profile (localnet|production) instead of that in config.toml")
			cmd.Flags().String(sidecar.KeyAddress, "", "API of the data node that judges seal proofs and reads the bridge's gateways for this validator, HOST:PORT on loopback")
			cmd.Flags().Duration(sidecar.KeyTimeout, sidecar.DefaultTimeout, "how long it may take for an answer")
			cmd.Flags().String(sidecar.KeyValidator, "", "consensus address of the validator, if its key is with a remote signer")
		},
	})

	cmd.PreRunE = func(cmd *cobra.Command, _ []string) error {
		cfg := server.GetServerContextFromCmd(cmd).Config
		if _, err := os.Stat(cfg.GenesisFile()); err != nil {
			return fmt.Errorf("no genesis file in %s: make a chain with `ipdmd init` or `ipdmd testnet init-files`, or copy that of the network you join: %w", cfg.RootDir, err)
		}
		if err := ensureKeys(cfg.RootDir, cmd.ErrOrStderr()); err != nil {
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
