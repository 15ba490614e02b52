package main

import (
	"errors"
	"fmt"
	"time"

	solanago "github.com/gagliardetto/solana-go"
	"github.com/spf13/cobra"

	"github.com/ipdm-network/ipdm/bridge/chain/solana"
	bridgeprogram "github.com/ipdm-network/ipdm/bridge/chain/solana/program"
	"github.com/ipdm-network/ipdm/x/bridge/wire"
)

func (p *program) deploySolanaCommand() *cobra.Command {
	var trust, delay, pause, cooldown, retention time.Duration
	var recovery, guardian, programKey string
	var domain uint32
	cmd := &cobra.Command{
		Use:   "solana",
		Short: "Make the light client in the program on Solana",
		Long: `Has the program named by [[solana]] in the configuration trust the signers of the chain's newest complete checkpoint. The program's image
has to be deployed before, as usual (` + "`solana program deploy --program-id KEY bridge/solana/program/image/ipdm_v3.so`" + `); the same key signs
this once, and is of no use afterwards. The node named by --chain-grpc decides whom it trusts: name one that you run.

--trust-period, --recovery and the times of a pause are as for Ethereum. --guardian may pause the release of value. Accounts of events may be
closed, and their rent comes back, --event-retention after the event, by the chain's clock: validators have so long to attest it. Only the
guardian can be changed later, by the chain's governance. It may be repeated with the same values, and fails where the program began with others.`,
		Example: "  ipdm-relayer deploy solana --program-key-file program.json",
		Args:    noArgs,
	}
	cmd.Flags().StringVar(&programKey, "program-key-file", "", "keypair file of the program's own address")
	cmd.Flags().DurationVar(&trust, "trust-period", 14*24*time.Hour, "for how long signers are trusted without news")
	cmd.Flags().StringVar(&recovery, "recovery", "", "address that may recover a stale light client; nobody if empty")
	cmd.Flags().DurationVar(&delay, "recovery-delay", 7*24*time.Hour, "time between the proposal of a recovery and its effect")
	cmd.Flags().StringVar(&guardian, "guardian", "", "address that may pause the release of value; nobody if empty")
	cmd.Flags().Uint32Var(&domain, "domain", 2, "number of this Solana among the chain's bridge domains")
	pauseFlags(cmd, &pause, &cooldown)
	cmd.Flags().DurationVar(&retention, "event-retention", 7*24*time.Hour, "how long an event's account is kept, 168h at least")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		cfg, err := p.flags.load()
		if err != nil {
			return err
		}
		if len(cfg.Chain.GRPC) == 0 || len(cfg.Solana) == 0 || programKey == "" {
			return fmt.Errorf("%w: --chain-grpc, [[solana]] in the configuration and --program-key-file are needed", errUsage)
		}
		if err := checkTrust(trust, delay); err != nil {
			return err
		}
		if pause < time.Minute {
			return fmt.Errorf("%w: --pause-period has to be at least a minute", errUsage)
		}
		recoveryKey, recoveryErr := optionalKey(recovery)
		guardianKey, guardianErr := optionalKey(guardian)
		if err := errors.Join(recoveryErr, guardianErr); err != nil {
			return err
		}
		settings, err := cfg.Solana[0].client(0)
		if err != nil {
			return err
		}
		key, err := solana.LoadKey(programKey)
		if err != nil {
			return err
		}
		client, err := solana.New(settings)
		if err != nil {
			return err
		}
		signers, err := signersOf(cmd.Context(), cfg)
		if err != nil {
			return err
		}
		err = client.Initialize(cmd.Context(), bridgeprogram.Genesis{
			Chain: signers.Chain, Domain: wire.Domain(domain), Epoch: signers.Epoch, Set: signers.Set.Root(), TrustPeriod: uint64(trust.Milliseconds()),
			Guardian: guardianKey, RecoveryKey: recoveryKey, RecoveryDelay: uint64(delay.Milliseconds()),
			Pause: uint64(pause.Milliseconds()), Cooldown: uint64(cooldown.Milliseconds()), Retention: uint64(retention.Milliseconds()),
		}, signers.Set, key)
		if err != nil {
			return err
		}
		if p.flags.json {
			p.printJSON(struct {
				Program solanago.PublicKey `json:"program"`
				Epoch   uint64             `json:"epoch"`
			}{settings.Program, signers.Epoch})
			return nil
		}
		_, err = fmt.Fprintf(p.stdout, "program  %s\ntrusts   %d signers of epoch %d\n", settings.Program, len(signers.Set), signers.Epoch)
		return err
	}
	return cmd
}

// optionalKey reads an address that may be left out.
func optionalKey(text string) (solanago.PublicKey, error) {
	if text == "" {
		return solanago.PublicKey{}, nil
	}
	key, err := solanago.PublicKeyFromBase58(text)
	if err != nil {
		return solanago.PublicKey{}, fmt.Errorf("%w: %q is no address of Solana", errUsage, text)
	}
	return key, nil
}
