package main

import (
	"encoding/hex"
	"errors"
	"fmt"
	"net"
	"net/url"

	cmtcfg "github.com/cometbft/cometbft/config"
	"github.com/spf13/cobra"

	"github.com/cosmos/cosmos-sdk/client"
	"github.com/cosmos/cosmos-sdk/client/flags"
	"github.com/cosmos/cosmos-sdk/server"
	genutiltypes "github.com/cosmos/cosmos-sdk/x/genutil/types"

	"github.com/ipdm-network/ipdm/app/bridgesign"
	bridgetypes "github.com/ipdm-network/ipdm/x/bridge/types"
	"github.com/ipdm-network/ipdm/x/bridge/wire"
)

// newBridgeCmd makes the commands about the key with which a validator signs bridge checkpoints.
func newBridgeCmd() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "bridge",
		Short: "Key of the validator with which it signs the checkpoints that other chains accept",
	}
	cmd.PersistentFlags().String(flags.FlagHome, defaultHome(), "home directory of the node")
	cmd.AddCommand(newGenBridgeKeyCmd(), newShowBridgeKeyCmd(), newRegisterBridgeKeyCmd(), newSignCheckpointCmd())
	return cmd
}

func newGenBridgeKeyCmd() *cobra.Command {
	return bridgeKind.genKeyCommand("Make a new key", `Make a new secp256k1 key and add it to config/bridge_key.json. Older keys stay in
the file: the node signs with the one that is in the signer set. Restart the node, then
register the key with the command that "ipdmd bridge register-command" prints.`)
}

// bridgeKeyText is the newest key of a node in text.
type bridgeKeyText struct {
	Address          string `json:"address"` // as Ethereum has it
	Possession       string `json:"possession"`
	ConsensusAddress string `json:"consensus_address"`
}

// newestBridgeKey reads the newest key of a node and proves the possession of it for the node's validator and chain.
func newestBridgeKey(cfg *cmtcfg.Config) (text bridgeKeyText, chainID string, err error) {
	ring, err := bridgesign.Load(bridgesign.Path(cfg.RootDir))
	if err != nil {
		return bridgeKeyText{}, "", err
	}
	validator, chainID, err := validatorOf(cfg)
	if err != nil {
		return bridgeKeyText{}, "", err
	}
	possession, err := wire.Sign(wire.PossessionDigest(chainID, validator), ring.Newest())
	if err != nil {
		return bridgeKeyText{}, "", fmt.Errorf("failed to prove the possession of the key: %w", err)
	}
	address := wire.AddressOf(&ring.Newest().PublicKey)
	return bridgeKeyText{
		Address:          hex.EncodeToString(address[:]),
		Possession:       hex.EncodeToString(possession[:]),
		ConsensusAddress: validator.String(),
	}, chainID, nil
}

func newShowBridgeKeyCmd() *cobra.Command {
	return &cobra.Command{
		Use:     "show-key",
		Short:   "Show the newest key with the proof of possession that registers it",
		Example: "ipdmd bridge show-key",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			text, _, err := newestBridgeKey(server.GetServerContextFromCmd(cmd).Config)
			if err != nil {
				return err
			}
			return printJSON(cmd, text)
		},
	}
}

func newRegisterBridgeKeyCmd() *cobra.Command {
	return &cobra.Command{
		Use:     "register-command",
		Short:   "Print the command that registers the newest key; put your operator key in it",
		Example: "ipdmd bridge register-command",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			text, chainID, err := newestBridgeKey(server.GetServerContextFromCmd(cmd).Config)
			if err != nil {
				return err
			}
			_, err = fmt.Fprintf(cmd.OutOrStdout(), "ipdmd tx bridge set-signer-key %s %s --chain-id %s --from OPERATOR_KEY\n",
				text.Address, text.Possession, chainID)
			return err
		},
	}
}

func newSignCheckpointCmd() *cobra.Command {
	var trust bool
	cmd := &cobra.Command{
		Use:   "sign-command",
		Short: "Print the command that hands in this node's signature of the pending checkpoint",
		Long: `Sign the checkpoint that waits on the chain with a key of this node, and print the
command that hands the signature in. A validator votes its signatures and does not
need this; a signer that is no validator any more may be asked for it. The checkpoint
is read from --node and believed: whoever signs a false one loses stake. So the node has
to be on this machine, unless --trust-node says that you would stake yours on it.`,
		Example: "ipdmd bridge sign-command --node tcp://127.0.0.1:26657",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			ctx, err := client.GetClientQueryContext(cmd)
			if err != nil {
				return err
			}
			if !trust && !onThisMachine(ctx.NodeURI) {
				return fmt.Errorf("the node %s is not on this machine: signing what it says could cost the stake; --trust-node signs all the same", ctx.NodeURI)
			}
			cfg := server.GetServerContextFromCmd(cmd).Config
			genesis, err := genutiltypes.AppGenesisFromFile(cfg.GenesisFile())
			if err != nil {
				return fmt.Errorf("failed to read the genesis file: %w", err)
			}
			ring, err := bridgesign.Load(bridgesign.Path(cfg.RootDir))
			if err != nil {
				return err
			}
			pending, err := bridgetypes.NewQueryClient(ctx).Pending(cmd.Context(), &bridgetypes.QueryPendingRequest{})
			if err != nil {
				return fmt.Errorf("failed to ask for the pending checkpoint: %w", err)
			}
			if pending.Checkpoint == nil {
				return errors.New(pending.State)
			}
			content, err := pending.Checkpoint.Decode()
			if err != nil {
				return err
			}
			if content.Chain != wire.ChainHash(genesis.ChainID) {
				return fmt.Errorf("the node's checkpoint is not of the chain %s", genesis.ChainID)
			}
			vote, signs, err := bridgesign.Sign(ring, pending)
			if err != nil {
				return err
			}
			if !signs {
				return errors.New("no key of this node is a signer of the checkpoint that has not signed it yet")
			}
			_, err = fmt.Fprintf(cmd.OutOrStdout(), "ipdmd tx bridge sign-checkpoint %d %x --from KEY\n", vote.Sequence, vote.Signature[:])
			return err
		},
	}
	flags.AddQueryFlagsToCmd(cmd)
	cmd.Flags().BoolVar(&trust, "trust-node", false, "sign what a node on another machine says")
	return cmd
}

// onThisMachine tells whether a node's RPC address, tcp://HOST:PORT, is a loopback one.
func onThisMachine(address string) bool {
	u, err := url.Parse(address)
	if err != nil {
		return false
	}
	ip := net.ParseIP(u.Hostname())
	return u.Hostname() == "localhost" || ip != nil && ip.IsLoopback()
}
