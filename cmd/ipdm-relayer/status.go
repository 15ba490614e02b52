package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"
)

func (p *program) statusCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "status",
		Short: "Show where the light clients are, and what to do",
		Long: `Shows of every light client which checkpoint it has, of which height of how much, until when it takes the next one, and what
somebody has to do, if anything. It sends nothing. Ends with code 1 if one does not answer.`,
		Example: "  ipdm-relayer status\n  ipdm-relayer status --json",
		Args:    noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if p.flags.logLevel == "" {
				p.flags.logLevel = "warn" // what it is going to do with nothing is no news
			}
			o, err := p.open(cmd.Context())
			if err != nil {
				return err
			}
			defer o.close()
			all, err := o.Status(cmd.Context())
			if err != nil {
				return err
			}
			var failures error
			for _, s := range all {
				if s.Error != "" {
					failures = errors.Join(failures, fmt.Errorf("%s: %s", s.Destination, s.Error))
				}
			}
			if p.flags.json {
				p.printJSON(struct {
					Destinations any `json:"destinations"`
				}{all})
				return failures
			}
			for _, s := range all {
				fmt.Fprintf(p.stdout, "%s\n  state    %s\n", s.Destination, s.State)
				if s.Error == "" {
					fmt.Fprintf(p.stdout, "  height   %d of %d\n  epoch    %d of %d\n  stale    %s (in %s)\n",
						s.Height, s.ChainHeight, s.Epoch, s.ChainEpoch, s.StaleAt.Format(time.RFC3339), time.Until(s.StaleAt).Round(time.Second))
				}
			}
			return failures
		},
	}
}

func (p *program) printJSON(v any) {
	_ = json.NewEncoder(p.stdout).Encode(v) // there is nobody else to tell
}
