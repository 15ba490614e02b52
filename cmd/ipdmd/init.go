package main

import (
	"fmt"
	"path/filepath"

	cmtcfg "github.com/cometbft/cometbft/config"
	"github.com/spf13/cobra"

	"github.com/cosmos/cosmos-sdk/client/flags"
	"github.com/cosmos/cosmos-sdk/server"
	banktypes "github.com/cosmos/cosmos-sdk/x/bank/types"
	"github.com/cosmos/cosmos-sdk/x/genutil"
	genutilcli "github.com/cosmos/cosmos-sdk/x/genutil/client/cli"
	genutiltypes "github.com/cosmos/cosmos-sdk/x/genutil/types"

	"github.com/ipdm-network/ipdm/app"
)

// newInitCmd makes the command that prepares the home directory of one node. It
// is the SDK's with the consensus parameters and the settings of this chain.
func newInitCmd(lender *app.App) *cobra.Command {
	cmd := genutilcli.InitCmd(lender.Basics(), defaultHome())
	cmd.Flags().String(flagBlockProfile, production.name, "block-time profile of the node (localnet|production)")

	inner := cmd.RunE
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		name, err := cmd.Flags().GetString(flagBlockProfile)
		if err != nil {
			return err
		}
		profile, err := profileByName(name)
		if err != nil {
			return err
		}
		cfg := server.GetServerContextFromCmd(cmd).Config
		profile.applyConsensus(cfg)
		if err := inner(cmd, args); err != nil {
			return err
		}

		home, err := cmd.Flags().GetString(flags.FlagHome)
		if err != nil {
			return err
		}
		cfg.Moniker = args[0]
		cmtcfg.WriteConfigFile(filepath.Join(home, "config", "config.toml"), cfg)
		application, err := profile.appConfig()
		if err != nil {
			return err
		}
		application.write(filepath.Join(home, "config", "app.toml"))
		if err := ensureKeys(home, cmd.ErrOrStderr()); err != nil {
			return err
		}
		return setConsensusParams(cfg.GenesisFile())
	}
	return cmd
}

// setConsensusParams puts the consensus parameters of this chain into a genesis file.
func setConsensusParams(genesisFile string) error {
	genesis, err := genutiltypes.AppGenesisFromFile(genesisFile)
	if err != nil {
		return fmt.Errorf("failed to read the genesis file: %w", err)
	}
	genesis.Consensus.Params = app.DefaultConsensusParams()
	if err := genutil.ExportGenesisFile(genesis, genesisFile); err != nil {
		return fmt.Errorf("failed to write the genesis file: %w", err)
	}
	return nil
}

// newGenesisCmd makes the commands that edit and check a genesis file.
func newGenesisCmd(lender *app.App) *cobra.Command {
	basics := lender.Basics()
	balances := banktypes.GenesisBalancesIterator{}
	validate := genutiltypes.DefaultMessageValidator
	cmd := &cobra.Command{
		Use:   "genesis",
		Short: "Edit and check the genesis file",
	}
	cmd.AddCommand(
		genutilcli.AddGenesisAccountCmd(defaultHome(), app.AccountAddressCodec()),
		genutilcli.AddBulkGenesisAccountCmd(defaultHome(), app.AccountAddressCodec()),
		genutilcli.GenTxCmd(basics, lender.Encoding.TxConfig, balances, defaultHome(), app.ValidatorAddressCodec()),
		genutilcli.CollectGenTxsCmd(balances, defaultHome(), validate, app.ValidatorAddressCodec()),
		genutilcli.ValidateGenesisCmd(basics),
	)
	return cmd
}
