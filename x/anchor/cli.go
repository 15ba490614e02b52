package anchor

import (
	"encoding/json"

	"github.com/cosmos/cosmos-sdk/client"
	"github.com/cosmos/cosmos-sdk/client/flags"
	"github.com/cosmos/cosmos-sdk/version"
	"github.com/spf13/cobra"

	"github.com/ipdm-network/ipdm/x/anchor/proof"
	"github.com/ipdm-network/ipdm/x/anchor/types"
)

// GetQueryCmd returns the queries that AutoCLI cannot make; it adds the others.
func (AppModule) GetQueryCmd() *cobra.Command {
	cmd := &cobra.Command{
		Use:                        types.ModuleName,
		Short:                      "Query the anchored manifests",
		SuggestionsMinimumDistance: 2,
		RunE:                       client.ValidateCmd,
	}
	cmd.AddCommand(proofCommand())
	return cmd
}

func proofCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "proof <manifest>",
		Short: "Prove that a manifest is anchored, to this chain's clients and to other chains",
		Long: `Prints a proof as JSON: what the chain says of the manifest, the path to it in the Merkle-Patricia trie of anchored
manifests, whose root is in every bridge checkpoint, and the proof that this root is part of the chain's state. A file of it is
checked anywhere, without a node, by ` + "`ipdm proof verify`" + `.

It proves the state behind the last block whose app hash is known; --height takes an earlier one, as far as the node keeps it.`,
		Example: version.AppName + " query anchor proof bafyr4i... > proof.json",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			ctx, err := client.GetClientQueryContext(cmd)
			if err != nil {
				return err
			}
			if err := types.ValidateManifest(args[0]); err != nil {
				return err
			}
			node, err := ctx.GetNode()
			if err != nil {
				return err
			}
			file, err := proof.Fetch(cmd.Context(), node, ctx, args[0], ctx.Height)
			if err != nil {
				return err
			}
			raw, err := json.MarshalIndent(file, "", "  ")
			if err != nil {
				return err
			}
			return ctx.PrintRaw(raw)
		},
	}
	flags.AddQueryFlagsToCmd(cmd)
	_ = cmd.Flags().MarkHidden(flags.FlagOutput) // it is JSON in any case
	return cmd
}
