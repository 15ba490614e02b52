package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/ipdm-network/ipdm/bridge/chain/ipdm"
	"github.com/ipdm-network/ipdm/bridge/chain/solana"
	"github.com/ipdm-network/ipdm/x/bridge/wire"
)

func (p *program) reclaimCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "reclaim",
		Short: "Get back the rent of accounts on Solana that are over",
		Long: `Closes what key_file has paid rent for on each [[solana]] destination and that is over, and says how many lamports came back: events that were
handed to the chain and are older than the gateway's retention, calls that their recipient has not read for 30 days, and the signatures and
buffers that a relayer left when it was killed. The chain says which events were handed in: without --chain-grpc, or a destination's
domain, none is closed. Destinations on Ethereum hold no rent.

One endpoint at least has to answer getProgramAccounts, as those of one's own do, and many public ones do not. Stop a relayer that pays with the
same key before: it would have to write again the buffers that it is filling. It can be repeated at any time, such as once a week.`,
		Example: "  ipdm-relayer reclaim\n  ipdm-relayer reclaim --json",
		Args:    noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			cfg, err := p.flags.load()
			if err != nil {
				return err
			}
			destinations, err := cfg.clients()
			if err != nil {
				return fmt.Errorf("%w: %w", errUsage, err)
			}
			return p.reclaim(cmd.Context(), cfg, destinations)
		},
	}
}

// reclaimed is what came back from a destination.
type reclaimed struct {
	Destination string `json:"destination"`
	solana.Reclaimed
	Error string `json:"error,omitempty"`
}

// reclaim reclaims on each destination on Solana, also where another fails, and tells of all.
func (p *program) reclaim(ctx context.Context, cfg config, destinations clients) (failures error) {
	all := []reclaimed{}
	for _, settings := range destinations.solana {
		one := reclaimed{Destination: settings.Name}
		var err error
		if one.Reclaimed, err = reclaimAt(ctx, cfg, settings); err != nil {
			one.Error = err.Error()
			failures = errors.Join(failures, fmt.Errorf("%s: %w", settings.Name, err))
		}
		all = append(all, one)
	}
	if p.flags.json {
		p.printJSON(struct {
			Destinations []reclaimed `json:"destinations"`
		}{all})
		return failures
	}
	for _, one := range all {
		fmt.Fprintf(p.stdout, "%s\n  closed    %d events, %d calls, %d sessions of signatures, %d buffers\n  lamports  %d came back\n",
			one.Destination, one.Events, one.Calls, one.Sessions, one.Buffers, one.Lamports)
	}
	if len(all) == 0 {
		fmt.Fprintln(p.stdout, "nothing to reclaim: there is no destination on Solana, and those on Ethereum hold no rent")
	}
	return failures
}

func reclaimAt(ctx context.Context, cfg config, settings solana.Config) (solana.Reclaimed, error) {
	handed, err := handedIn(ctx, cfg, settings.Domain)
	if err != nil {
		return solana.Reclaimed{}, err
	}
	client, err := solana.New(settings)
	if err != nil {
		return solana.Reclaimed{}, err
	}
	return client.Reclaim(ctx, handed)
}

// handedIn returns the nonce up to which nobody needs a domain's events any more, 0 if that is not known: one range of them is handed in with all
// of its events.
func handedIn(ctx context.Context, cfg config, domain wire.Domain) (uint64, error) {
	if domain == 0 || len(cfg.Chain.GRPC) == 0 {
		return 0, nil
	}
	source, err := ipdm.New(cfg.Chain.GRPC)
	if err != nil {
		return 0, err
	}
	defer func() { _ = source.Close() }() // nothing is lost
	attested, err := source.Attested(ctx, domain)
	if err != nil {
		return 0, err
	}
	if len(attested.Ranges) > 0 {
		return min(attested.Next, attested.Ranges[0].First), nil
	}
	return attested.Next, nil
}
