package main

import (
	cmtcmd "github.com/cometbft/cometbft/cmd/cometbft/commands"
	"github.com/spf13/cobra"

	"github.com/cosmos/cosmos-sdk/client"
	"github.com/cosmos/cosmos-sdk/client/debug"
	"github.com/cosmos/cosmos-sdk/client/flags"
	"github.com/cosmos/cosmos-sdk/client/keys"
	"github.com/cosmos/cosmos-sdk/client/pruning"
	"github.com/cosmos/cosmos-sdk/client/rpc"
	"github.com/cosmos/cosmos-sdk/client/snapshot"
	"github.com/cosmos/cosmos-sdk/server"
	authcli "github.com/cosmos/cosmos-sdk/x/auth/client/cli"

	"github.com/ipdm-network/ipdm/app/params"
)

// newKeysCmd makes the keyring commands. New keys are eth_secp256k1 unless the
// user says otherwise.
func newKeysCmd() *cobra.Command {
	cmd := keys.Commands()
	for _, sub := range cmd.Commands() {
		if flag := sub.Flags().Lookup(flags.FlagKeyType); flag != nil {
			flag.DefValue = params.DefaultKeyType
			flag.Usage = "key algorithm (" + params.DefaultKeyType + "|" + params.LegacyKeyType + ")"
			_ = flag.Value.Set(params.DefaultKeyType) // a string flag takes any value
		}
	}
	return cmd
}

func newSnapshotsCmd() *cobra.Command { return snapshot.Cmd(newApplication) }

func newPruneCmd() *cobra.Command { return pruning.Cmd(newApplication, defaultHome()) }

func newDebugCmd() *cobra.Command { return debug.Cmd() }

// newQueryCmd makes the queries that belong to no module; the others are added
// by the modules.
func newQueryCmd() *cobra.Command {
	cmd := &cobra.Command{
		Use:                        "query",
		Aliases:                    []string{"q"},
		Short:                      "Query the chain",
		SuggestionsMinimumDistance: 2,
		RunE:                       client.ValidateCmd,
	}
	cmd.AddCommand(
		rpc.WaitTxCmd(),
		server.QueryBlockCmd(),
		server.QueryBlocksCmd(),
		server.QueryBlockResultsCmd(),
		authcli.QueryTxCmd(),
		authcli.QueryTxsByEventsCmd(),
	)
	return cmd
}

// newTxCmd makes the transaction commands that belong to no module.
func newTxCmd() *cobra.Command {
	cmd := &cobra.Command{
		Use:                        "tx",
		Short:                      "Make, sign and send transactions",
		SuggestionsMinimumDistance: 2,
		RunE:                       client.ValidateCmd,
	}
	cmd.AddCommand(
		authcli.GetSignCommand(),
		authcli.GetSignBatchCommand(),
		authcli.GetMultiSignCommand(),
		authcli.GetMultiSignBatchCmd(),
		authcli.GetValidateSignaturesCommand(),
		authcli.GetBroadcastCommand(),
		authcli.GetEncodeCommand(),
		authcli.GetDecodeCommand(),
		authcli.GetSimulateCmd(),
	)
	return cmd
}

// newCometCmd makes the commands about the consensus engine of the node.
func newCometCmd() *cobra.Command {
	cmd := &cobra.Command{
		Use:     "comet",
		Aliases: []string{"cometbft"},
		Short:   "Consensus engine of the node",
	}
	cmd.AddCommand(
		server.ShowNodeIDCmd(),
		server.ShowValidatorCmd(),
		server.ShowAddressCmd(),
		server.VersionCmd(),
		cmtcmd.ResetAllCmd,
		cmtcmd.ResetStateCmd,
		server.BootstrapStateCmd(newApplication),
	)
	return cmd
}
