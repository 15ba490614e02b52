package main

import (
	"encoding/json"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/cosmos/cosmos-sdk/crypto/keyring"

	"github.com/ipdm-network/ipdm/app"
	"github.com/ipdm-network/ipdm/app/params"
	"github.com/ipdm-network/ipdm/app/sidecar"
)

// newTestnetCmd makes the commands for networks on one machine.
func newTestnetCmd(lender *app.App) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "testnet",
		Short: "Networks on one machine",
	}
	cmd.AddCommand(newInitFilesCmd(lender))
	return cmd
}

// newInitFilesCmd makes the command that prepares the home directories of all
// validators of a network at once.
func newInitFilesCmd(lender *app.App) *cobra.Command {
	var (
		plan      networkPlan
		profile   string
		portsFile string
		basePort  uint16
		funds     []string
		patchFile string
	)

	cmd := &cobra.Command{
		Use:   "init-files",
		Short: "Prepare the home directories of all validators of a network on one machine",
		Long: `Prepare the home directories of all validators of a network on one machine:
keys, genesis and configuration, with every service on the loopback address. A
summary in JSON goes to standard output.

Ports are counted up from --starting-port, ten to a node, or taken from a file:
a JSON list with one object for each node,
  [{"p2p":1,"rpc":2,"grpc":3,"rest":4,"prometheus":5,"pprof":6}, ...]`,
		Example: `  ipdmd testnet init-files --v 4 --output-dir ./net --block-profile localnet --faucet
  ipdmd start --home ./net/node0`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) (err error) {
			if plan.profile, err = profileByName(profile); err != nil {
				return err
			}
			if portsFile != "" {
				plan.ports, err = readPorts(portsFile, plan.validators)
			} else {
				plan.ports, err = countPorts(basePort, plan.validators)
			}
			if err != nil {
				return err
			}
			if plan.funded, err = parseFunds(funds); err != nil {
				return err
			}
			if plan.genesisPatch, err = readPatch(patchFile); err != nil {
				return err
			}

			summary, err := writeNetwork(lender, plan)
			if err != nil {
				return err
			}
			out := json.NewEncoder(cmd.OutOrStdout())
			out.SetIndent("", "  ")
			return out.Encode(summary)
		},
	}

	f := cmd.Flags()
	f.IntVar(&plan.validators, "v", 4, "number of validators")
	f.StringVarP(&plan.outputDir, "output-dir", "o", "./testnet", "directory for the home directories; it must not hold any of them yet")
	f.StringVar(&plan.nodePrefix, "node-dir-prefix", "node", "name of a node without its number")
	f.StringVar(&plan.chainID, "chain-id", "ipdm-localnet-1", "chain id")
	f.StringVar(&plan.host, "ip", "127.0.0.1", "address that all services listen on")
	f.Uint16Var(&basePort, "starting-port", 26600, "first port")
	f.StringVar(&portsFile, "ports-file", "", "file with the ports of each node")
	f.StringArrayVar(&plan.sidecars, "sidecar-address", nil, "API of the data node that judges seal proofs for a validator, HOST:PORT; once for each validator, in their order, or never")
	f.StringVar(&profile, flagBlockProfile, localnet.name, "block-time profile (localnet|production)")
	f.StringVar(&profile, "profile", localnet.name, "same as --"+flagBlockProfile)
	f.StringVar(&plan.keyringBackend, "keyring-backend", keyring.BackendTest, "keyring backend of the nodes (test|file|os)")
	f.Int64Var(&plan.validatorIPDM, "validator-balance", 1_000_000, "IPDM that each validator has at genesis")
	f.Int64Var(&plan.stakeIPDM, "validator-stake", 100_000, "IPDM of these that it stakes")
	f.StringArrayVar(&funds, "fund", nil, "fund an account at genesis: address=amount, as in ipdm1...=5000IPDM or =1"+params.BaseDenom+" (repeatable)")
	f.BoolVar(&plan.faucet, "faucet", false, "make a funded key named faucet in DIR/faucet")
	f.Int64Var(&plan.faucetIPDM, "faucet-balance", 100_000_000, "IPDM of the faucet")
	f.StringVar(&patchFile, "genesis-patch", "", "JSON merge patch (RFC 7386) for the app_state of the genesis file")
	cmd.MarkFlagsMutuallyExclusive(flagBlockProfile, "profile")
	cmd.MarkFlagsMutuallyExclusive("ports-file", "starting-port")

	// The command writes its own files: it needs no home directory.
	cmd.PersistentPreRunE = func(*cobra.Command, []string) error { return nil }
	return cmd
}

// summary describes a network to scripts.
type summary struct {
	ChainID string        `json:"chain_id"`
	Nodes   []nodeSummary `json:"nodes"`
	Faucet  *keySummary   `json:"faucet,omitempty"`
}

type nodeSummary struct {
	Name             string    `json:"name"`
	Home             string    `json:"home"`
	NodeID           string    `json:"node_id"`
	ValidatorAddress string    `json:"validator_address"`
	ConsensusAddress string    `json:"consensus_address"`
	AccountAddress   string    `json:"account_address"`
	KeyName          string    `json:"key_name"`
	Ports            nodePorts `json:"ports"`
}

type keySummary struct {
	Name    string `json:"name"`
	Home    string `json:"home"`
	Address string `json:"address"`
}

// validate checks what the flags cannot.
func (p networkPlan) validate() error {
	if p.validators < 1 || p.validators > maxValidators {
		return fmt.Errorf("%d validators: must be 1 to %d", p.validators, maxValidators)
	}
	if p.stakeIPDM < 1 || p.stakeIPDM > p.validatorIPDM {
		return fmt.Errorf("a stake of %d IPDM: must be 1 to the balance of %d", p.stakeIPDM, p.validatorIPDM)
	}
	if n := len(p.sidecars); n > 0 && n != p.validators {
		return fmt.Errorf("%d sidecar addresses for %d validators: name one for each, or none", n, p.validators)
	}
	for _, address := range p.sidecars {
		if err := sidecar.CheckAddress(address); err != nil {
			return err
		}
	}
	if p.faucet && p.faucetIPDM < 1 {
		return fmt.Errorf("a faucet of %d IPDM: must be positive", p.faucetIPDM)
	}
	return nil
}
