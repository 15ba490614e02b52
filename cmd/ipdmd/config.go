package main

import (
	"fmt"
	"os"
	"path/filepath"

	cmtcfg "github.com/cometbft/cometbft/config"
	"github.com/spf13/cobra"

	"github.com/cosmos/cosmos-sdk/client/flags"
	"github.com/cosmos/cosmos-sdk/server"
)

// newConfigCmd makes the commands about the configuration files of a node.
func newConfigCmd() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "config",
		Short: "Configuration files of the node",
	}
	cmd.PersistentFlags().String(flags.FlagHome, defaultHome(), "home directory of the node")
	cmd.AddCommand(newConfigViewCmd(), newConfigProfileCmd())
	return cmd
}

func newConfigViewCmd() *cobra.Command {
	return &cobra.Command{
		Use:       "view app|config|client",
		Short:     "Print one of the configuration files",
		Args:      cobra.MatchAll(cobra.ExactArgs(1), cobra.OnlyValidArgs),
		ValidArgs: []string{"app", "config", "client"},
		RunE: func(cmd *cobra.Command, args []string) error {
			file := filepath.Join(server.GetServerContextFromCmd(cmd).Config.RootDir, "config", args[0]+".toml")
			raw, err := os.ReadFile(file)
			if err != nil {
				return fmt.Errorf("failed to read the configuration: %w", err)
			}
			_, err = cmd.OutOrStdout().Write(raw)
			return err
		},
	}
}

func newConfigProfileCmd() *cobra.Command {
	return &cobra.Command{
		Use:       "profile localnet|production",
		Short:     "Set the consensus timing in config.toml to that of a block-time profile",
		Args:      cobra.MatchAll(cobra.ExactArgs(1), cobra.OnlyValidArgs),
		ValidArgs: []string{localnet.name, production.name},
		RunE: func(cmd *cobra.Command, args []string) error {
			profile, err := profileByName(args[0])
			if err != nil {
				return err
			}
			cfg := server.GetServerContextFromCmd(cmd).Config
			profile.applyConsensus(cfg)
			cmtcfg.WriteConfigFile(filepath.Join(cfg.RootDir, "config", "config.toml"), cfg)
			return nil
		},
	}
}
