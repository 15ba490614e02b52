package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/ipdm-network/ipdm/bridge/chain/solana"
)

func (p *program) reclaimCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "reclaim",
		Short: "Get back the rent of accounts on Solana that are over",
		Long: `Closes what key_file has paid rent for on each [[solana]] destination and that is over, and says how many lamports came back: events once
IPDM has had their retention to attest them, calls that their recipient has not read for 30 days, and the signatures and buffers that a relayer
left when it was killed. Destinations on Ethereum hold no rent.

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
			return p.reclaim(cmd.Context(), destinations)
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
func (p *program) reclaim(ctx context.Context, destinations clients) (failures error) {
	all := []reclaimed{}
	for _, settings := range destinations.solana {
		client, err := solana.New(settings)
		if err != nil {
			return err
		}
		one := reclaimed{Destination: settings.Name}
		if one.Reclaimed, err = client.Reclaim(ctx); err != nil {
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
