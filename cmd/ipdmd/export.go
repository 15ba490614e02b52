package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"

	cmttypes "github.com/cometbft/cometbft/types"
	dbm "github.com/cosmos/cosmos-db"
	"github.com/rs/zerolog"
	"github.com/spf13/cobra"

	"cosmossdk.io/log/v2"

	"github.com/cosmos/cosmos-sdk/client/flags"
	"github.com/cosmos/cosmos-sdk/server"
	"github.com/cosmos/cosmos-sdk/version"
	genutiltypes "github.com/cosmos/cosmos-sdk/x/genutil/types"

	"github.com/ipdm-network/ipdm/app"
)

const (
	flagHeight  = "height"
	flagModules = "modules-to-export"
)

// newExportCmd makes the command that writes the state as a genesis file. It
// keeps all consensus parameters; the SDK's own command loses the height from
// which vote extensions are enabled.
func newExportCmd() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "export",
		Short: "Export the state as the genesis of a chain that goes on from the next height",
		Long: `Export the state as the genesis of a chain that goes on from the next height.
The node must not be running.`,
		Args: cobra.NoArgs,
		RunE: runExport,
	}
	cmd.Flags().String(flags.FlagHome, defaultHome(), "home directory of the node")
	cmd.Flags().Int64(flagHeight, -1, "height to export (-1 for the newest)")
	cmd.Flags().StringSlice(flagModules, nil, "modules to export (default: all)")
	cmd.Flags().String(flags.FlagOutputDocument, "", "file to write instead of standard output")
	return cmd
}

func runExport(cmd *cobra.Command, _ []string) (err error) {
	srv := server.GetServerContextFromCmd(cmd)
	height, err := cmd.Flags().GetInt64(flagHeight)
	if err != nil {
		return err
	}
	modules, err := cmd.Flags().GetStringSlice(flagModules)
	if err != nil {
		return err
	}
	output, err := cmd.Flags().GetString(flags.FlagOutputDocument)
	if err != nil {
		return err
	}

	genesis, err := genutiltypes.AppGenesisFromFile(srv.Config.GenesisFile())
	if err != nil {
		return fmt.Errorf("failed to read the genesis file: %w", err)
	}
	db, err := dbm.NewDB("application", server.GetAppDBBackend(srv.Viper), srv.Config.DBDir())
	if err != nil {
		return fmt.Errorf("failed to open the state (is the node running?): %w", err)
	}
	// The document may go to standard output, so the log must not.
	logger := log.NewLogger(cmd.ErrOrStderr(), log.LevelOption(zerolog.WarnLevel))
	chain, err := app.New(logger, db, srv.Viper, app.Options{SkipLoading: height != -1}, server.DefaultBaseappOptions(srv.Viper)...)
	if err != nil {
		return errors.Join(err, db.Close())
	}
	defer func() { err = errors.Join(err, chain.Close()) }()
	if height != -1 {
		if err := chain.LoadHeight(height); err != nil {
			return err
		}
	}

	exported, err := chain.Export(modules)
	if err != nil {
		return err
	}
	consensusParams := cmttypes.ConsensusParamsFromProto(exported.ConsensusParams)
	genesis.AppName, genesis.AppVersion = version.AppName, version.Version
	genesis.AppState = exported.AppState
	genesis.InitialHeight = exported.Height
	genesis.Consensus = &genutiltypes.ConsensusGenesis{Validators: exported.Validators, Params: &consensusParams}
	return writeGenesis(cmd.OutOrStdout(), output, genesis)
}

// writeGenesis writes a genesis file, or prints it if there is no file name.
func writeGenesis(out io.Writer, file string, genesis *genutiltypes.AppGenesis) error {
	raw, err := json.MarshalIndent(genesis, "", "  ")
	if err != nil {
		return fmt.Errorf("failed to encode the genesis: %w", err)
	}
	raw = append(raw, '\n')
	if file == "" {
		_, err = out.Write(raw)
	} else {
		err = os.WriteFile(file, raw, 0o600)
	}
	if err != nil {
		return fmt.Errorf("failed to write the genesis: %w", err)
	}
	return nil
}
