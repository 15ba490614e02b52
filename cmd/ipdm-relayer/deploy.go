package main

import (
	"context"
	"fmt"
	"time"

	"github.com/ethereum/go-ethereum/common"
	"github.com/spf13/cobra"

	"github.com/ipdm-network/ipdm/bridge/chain/ethereum"
	"github.com/ipdm-network/ipdm/bridge/chain/ipdm"
	"github.com/ipdm-network/ipdm/x/bridge/wire"
)

func (p *program) deployCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "deploy",
		Short: "Make a light client on another chain",
		Args:  noArgs,
		RunE:  func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(p.deployEthereumCommand(), p.deploySolanaCommand())
	return cmd
}

// checkTrust refuses times with which a client cannot work.
func checkTrust(trust, delay time.Duration) error {
	if trust < time.Minute || delay < 0 {
		return fmt.Errorf("%w: --trust-period has to be at least a minute, --recovery-delay not negative", errUsage)
	}
	return nil
}

// pauseFlags adds those of the pause of a gateway.
func pauseFlags(cmd *cobra.Command, pause, cooldown *time.Duration) {
	cmd.Flags().DurationVar(pause, "pause-period", 24*time.Hour, "for how long the guardian may stop the release of value, 1m to 720h")
	cmd.Flags().DurationVar(cooldown, "pause-cooldown", 24*time.Hour, "time after that until the guardian may again, no shorter than the pause")
}

// signersOf returns whom a new client is to trust.
func signersOf(ctx context.Context, cfg config) (ipdm.Signers, error) {
	source, err := ipdm.New(cfg.Chain.GRPC)
	if err != nil {
		return ipdm.Signers{}, err
	}
	defer func() { _ = source.Close() }() // nothing is lost
	return source.Signers(ctx)
}

func (p *program) deployEthereumCommand() *cobra.Command {
	var trust, delay, pause, cooldown time.Duration
	var recovery string
	var domain uint32
	cmd := &cobra.Command{
		Use:   "ethereum",
		Short: "Make the light client, the contract for anchors and the gateway on Ethereum",
		Long: `Makes IpdmLightClient, which trusts the signers of the chain's newest complete checkpoint, IpdmAnchor, which checks proofs of anchored
manifests against it, and IpdmGateway, which takes messages and value. Nobody owns them. The node named by --chain-grpc decides whom they
trust: name one that you run.

--trust-period has to be shorter than the chain's unbonding time: signers who have their stake back have nothing to lose. A light client
that has heard of no checkpoint for so long takes none any more. Then --recovery, if it is given, may propose a signer set, which
counts after --recovery-delay.

--domain is the number that the chain's bridge parameters give to this Ethereum. The chain's governance may name a guardian, who can stop
the release of value for --pause-period, and again --pause-cooldown after that. None of them can be changed later.`,
		Example: "  ipdm-relayer deploy ethereum --chain-grpc 127.0.0.1:9090 --ethereum-rpc http://127.0.0.1:8545 --ethereum-key-file key",
		Args:    noArgs,
	}
	cmd.Flags().DurationVar(&trust, "trust-period", 14*24*time.Hour, "for how long signers are trusted without news")
	cmd.Flags().StringVar(&recovery, "recovery", "", "address that may recover a stale light client; nobody if empty")
	cmd.Flags().DurationVar(&delay, "recovery-delay", 7*24*time.Hour, "time between the proposal of a recovery and its effect")
	cmd.Flags().Uint32Var(&domain, "domain", 1, "number of this Ethereum among the chain's bridge domains")
	pauseFlags(cmd, &pause, &cooldown)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		cfg, err := p.flags.load()
		if err != nil {
			return err
		}
		if len(cfg.Chain.GRPC) == 0 || len(cfg.Ethereum) == 0 || cfg.Ethereum[0].KeyFile == "" {
			return fmt.Errorf("%w: --chain-grpc, --ethereum-rpc and --ethereum-key-file are needed", errUsage)
		}
		if recovery != "" && !common.IsHexAddress(recovery) {
			return fmt.Errorf("%w: --recovery %q is no address", errUsage, recovery)
		}
		if err := checkTrust(trust, delay); err != nil {
			return err
		}
		genesis := ethereum.Genesis{
			TrustPeriod: trust, Recovery: common.HexToAddress(recovery), RecoveryDelay: delay,
			Domain: wire.Domain(domain), PausePeriod: pause, PauseCooldown: cooldown,
		}
		if err := genesis.Validate(); err != nil {
			return fmt.Errorf("%w: %w", errUsage, err)
		}
		key, err := ethereum.LoadKey(cfg.Ethereum[0].KeyFile)
		if err != nil {
			return err
		}
		signers, err := signersOf(cmd.Context(), cfg)
		if err != nil {
			return err
		}
		genesis.Chain, genesis.Epoch, genesis.Set = signers.Chain, signers.Epoch, signers.Set
		settings := ethereum.Config{URLs: cfg.Ethereum[0].RPC, Key: key, MaxFee: cfg.Ethereum[0].maxFee()}
		made, err := ethereum.Deploy(cmd.Context(), settings, genesis)
		if err != nil {
			p.printPart(made)
			return err
		}
		if p.flags.json {
			p.printJSON(made)
			return nil
		}
		_, err = fmt.Fprintf(p.stdout, `light client  %s
anchors       %s
gateway       %s
block         %d
chain id      %s
trusts        %d signers of epoch %d
put into the configuration, below [[ethereum]]:
light_client = %q
gateway = %q
first_block = %d
domain = %d
`, made.LightClient, made.Anchor, made.Gateway, made.Block, made.ChainID, len(signers.Set), signers.Epoch,
			made.LightClient, made.Gateway, made.Block, domain)
		return err
	}
	return cmd
}

// printPart tells which contracts have been made, if any, by a deployment that failed.
func (p *program) printPart(made ethereum.Deployment) {
	switch {
	case made.LightClient == (common.Address{}):
	case p.flags.json:
		p.printJSON(made)
	default:
		fmt.Fprintf(p.stdout, "light client  %s\n", made.LightClient)
		if made.Anchor != (common.Address{}) {
			fmt.Fprintf(p.stdout, "anchors       %s\n", made.Anchor)
		}
		fmt.Fprintln(p.stdout, "the rest has not been made, and another `deploy` makes all of them anew")
	}
}
