package main

import (
	"encoding/hex"
	"errors"
	"fmt"
	"os"

	cmtcfg "github.com/cometbft/cometbft/config"
	cmtjson "github.com/cometbft/cometbft/libs/json"
	"github.com/cometbft/cometbft/privval"
	"github.com/spf13/cobra"

	"github.com/cosmos/cosmos-sdk/client/flags"
	"github.com/cosmos/cosmos-sdk/server"
	sdk "github.com/cosmos/cosmos-sdk/types"
	genutiltypes "github.com/cosmos/cosmos-sdk/x/genutil/types"

	"github.com/ipdm-network/ipdm/app/beaconkey"
	"github.com/ipdm-network/ipdm/x/beacon/vrf"
)

// newBeaconCmd makes the commands about the VRF key of a validator.
func newBeaconCmd() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "beacon",
		Short: "VRF key of the validator, with which its proposals prove the chain's randomness",
	}
	cmd.PersistentFlags().String(flags.FlagHome, defaultHome(), "home directory of the node")
	cmd.AddCommand(newGenBeaconKeyCmd(), newShowBeaconKeyCmd(), newRegisterCommandCmd())
	return cmd
}

func newGenBeaconKeyCmd() *cobra.Command {
	return beaconKind.genKeyCommand("Make a new VRF key", `Make a new VRF key and add it to config/beacon_key.json. Older keys stay in the
file: the node proves with the one that the chain asks for. Restart the node, then
register the key with the command that "ipdmd beacon register-command" prints.`)
}

// beaconKeyText is the newest key of a node in text.
type beaconKeyText struct {
	PublicKey        string `json:"public_key"`
	Possession       string `json:"possession"`
	ConsensusAddress string `json:"consensus_address"`
}

// newestBeaconKey reads the newest VRF key of a node and proves the possession of it for the node's validator and chain.
func newestBeaconKey(cfg *cmtcfg.Config) (text beaconKeyText, chainID string, err error) {
	ring, err := beaconkey.Load(beaconkey.Path(cfg.RootDir))
	if err != nil {
		return beaconKeyText{}, "", err
	}
	validator, chainID, err := validatorOf(cfg)
	if err != nil {
		return beaconKeyText{}, "", err
	}
	possession, err := ring.Newest().Prove(vrf.PossessionAlpha(chainID, validator))
	if err != nil {
		return beaconKeyText{}, "", fmt.Errorf("failed to prove the possession of the key: %w", err)
	}
	return beaconKeyText{
		PublicKey:        hex.EncodeToString(ring.Newest().Public()),
		Possession:       hex.EncodeToString(possession),
		ConsensusAddress: validator.String(),
	}, chainID, nil
}

// validatorOf reads the consensus address of a node's validator and the id of its chain.
func validatorOf(cfg *cmtcfg.Config) (sdk.ConsAddress, string, error) {
	raw, err := os.ReadFile(cfg.PrivValidatorKeyFile())
	if err != nil {
		return nil, "", fmt.Errorf("failed to read the validator key: %w", err)
	}
	validator, err := parseConsensusKey(raw)
	if err != nil {
		return nil, "", err
	}
	genesis, err := genutiltypes.AppGenesisFromFile(cfg.GenesisFile())
	if err != nil {
		return nil, "", fmt.Errorf("failed to read the genesis file: %w", err)
	}
	return validator, genesis.ChainID, nil
}

// parseConsensusKey returns the address of the key in a validator key file. CometBFT's own loader exits when it cannot read one.
func parseConsensusKey(raw []byte) (sdk.ConsAddress, error) {
	var key privval.FilePVKey
	if err := cmtjson.Unmarshal(raw, &key); err != nil {
		return nil, fmt.Errorf("failed to parse the validator key: %w", err)
	}
	if key.PubKey == nil {
		return nil, errors.New("failed to parse the validator key: no public key")
	}
	return sdk.ConsAddress(key.PubKey.Address()), nil
}

func newShowBeaconKeyCmd() *cobra.Command {
	return &cobra.Command{
		Use:     "show-key",
		Short:   "Show the newest VRF key with the proof of possession that registers it",
		Example: "ipdmd beacon show-key",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			text, _, err := newestBeaconKey(server.GetServerContextFromCmd(cmd).Config)
			if err != nil {
				return err
			}
			return printJSON(cmd, text)
		},
	}
}

func newRegisterCommandCmd() *cobra.Command {
	return &cobra.Command{
		Use:     "register-command",
		Short:   "Print the command that registers the newest VRF key; put your operator key in it",
		Example: "ipdmd beacon register-command",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			text, chainID, err := newestBeaconKey(server.GetServerContextFromCmd(cmd).Config)
			if err != nil {
				return err
			}
			_, err = fmt.Fprintf(cmd.OutOrStdout(), "ipdmd tx beacon set-beacon-key %s %s --chain-id %s --from OPERATOR_KEY\n",
				text.PublicKey, text.Possession, chainID)
			return err
		},
	}
}
