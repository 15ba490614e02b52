package cli

import (
	"time"

	"github.com/spf13/cobra"

	sidecarv1 "github.com/ipdm-network/ipdm/sdk/go/sidecar/v1"
	"github.com/ipdm-network/ipdm/sidecar/api/client"
)

// providerJSON is the provider agent's state as it is printed; amounts are in aipdm.
type providerJSON struct {
	Enabled       bool   `json:"enabled"`
	Provider      string `json:"provider"`
	Registered    bool   `json:"registered"`
	DealsHeld     uint64 `json:"deals_held"`
	DealsPending  uint64 `json:"deals_pending"`
	ProvenBytes   uint64 `json:"proven_bytes"`
	WindowsProven uint64 `json:"windows_proven"`
	WindowsMissed uint64 `json:"windows_missed"`
	FaultyUnits   uint64 `json:"faulty_units"`
	NextDeadline  string `json:"next_deadline,omitempty"`
	Earned        string `json:"earned"`
	Slashed       string `json:"slashed"`
	Pledge        string `json:"pledge"`
	Healing       bool   `json:"healing"`
	LastError     string `json:"last_error,omitempty"`
	ChainHeight   int64  `json:"chain_height"`

	Sealed sealedJSON `json:"sealed"`
}

// sealedJSON is the agent's state of the sealed class.
type sealedJSON struct {
	Offered            bool   `json:"offered"`
	ReplicasHeld       uint64 `json:"replicas_held"`
	ReplicasPending    uint64 `json:"replicas_pending"`
	SealingBytes       uint64 `json:"sealing_bytes"`
	ProvenBytes        uint64 `json:"proven_bytes"`
	WindowsProven      uint64 `json:"windows_proven"`
	WindowsMissed      uint64 `json:"windows_missed"`
	FaultyUnits        uint64 `json:"faulty_units"`
	NextDeadline       string `json:"next_deadline,omitempty"`
	NextSectorDeadline string `json:"next_sector_deadline,omitempty"`
	RewardsEarned      string `json:"rewards_earned"`
	RewardsClaimable   string `json:"rewards_claimable"`
	RewardsVesting     string `json:"rewards_vesting"`
}

func newSealedJSON(s *sidecarv1.SealedStatus) sealedJSON {
	return sealedJSON{
		s.GetOffered(), s.GetReplicasHeld(), s.GetReplicasPending(), s.GetSealingBytes(), s.GetProvenBytes(), s.GetWindowsProven(),
		s.GetWindowsMissed(), s.GetFaultyUnits(), UnixTimeText(s.GetNextDeadlineUnixMs() * 1e6), UnixTimeText(s.GetNextSectorDeadlineUnixMs() * 1e6),
		amount(s.GetRewardsEarned()), amount(s.GetRewardsClaimable()), amount(s.GetRewardsVesting()),
	}
}

func (c *Call) providerCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "provider",
		Short: "Look after the storage provider of this node",
		Args:  NoArgs,
		RunE:  func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(c.providerStatusCommand(), c.providerHealCommand())
	return cmd
}

func (c *Call) providerStatusCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "status",
		Short: "Show what the provider holds, proves and earns",
		Args:  NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return c.WithDaemon(cmd.Context(), func(d *client.Client) error {
				s, err := d.Node.ProviderStatus(cmd.Context(), &sidecarv1.ProviderStatusRequest{})
				if err != nil {
					return err
				}
				c.printProvider(s)
				return nil
			})
		},
	}
}

func (c *Call) printProvider(s *sidecarv1.ProviderStatusResponse) {
	deadline := ""
	if s.NextDeadlineUnixMs != 0 {
		deadline = time.UnixMilli(s.NextDeadlineUnixMs).UTC().Format(time.RFC3339)
	}
	if c.JSON {
		c.PrintJSON(providerJSON{
			s.Enabled, s.Provider, s.Registered, s.DealsHeld, s.DealsPending, s.ProvenBytes, s.WindowsProven, s.WindowsMissed, s.FaultyUnits,
			deadline, amount(s.Earned), amount(s.Slashed), amount(s.Pledge), s.Healing, s.LastError, s.ChainHeight,
			newSealedJSON(s.Sealed),
		})
		return
	}
	if !s.Enabled {
		c.Printf("this node is no provider (make one with: ipdm init --provider, or enable [provider] in config.toml)\n")
		return
	}
	c.Printf("provider  %s (registered: %t, healing: %t, height %d)\n", s.Provider, s.Registered, s.Healing, s.ChainHeight)
	c.Printf("deals     %d held, %d pending\nproven    %s\nwindows   %d proven, %d missed\nfaulty    %d\n",
		s.DealsHeld, s.DealsPending, SizeText(s.ProvenBytes), s.WindowsProven, s.WindowsMissed, s.FaultyUnits)
	if deadline != "" {
		c.Printf("deadline  %s\n", deadline)
	}
	c.Printf("earned    %s\nslashed   %s\npledge    %s\n", CoinText(amount(s.Earned)), CoinText(amount(s.Slashed)), CoinText(amount(s.Pledge)))
	c.printSealed(s.Sealed)
	if s.LastError != "" {
		c.Printf("last problem: %s\n", s.LastError)
	}
}

func (c *Call) printSealed(s *sidecarv1.SealedStatus) {
	c.Printf("sealed    %d held, %d pending (offered: %t), %s proven; windows %d proven, %d missed; %d faulty\n",
		s.GetReplicasHeld(), s.GetReplicasPending(), s.GetOffered(), SizeText(s.GetProvenBytes()), s.GetWindowsProven(), s.GetWindowsMissed(), s.GetFaultyUnits())
	for _, deadline := range []struct {
		what string
		at   int64
	}{{"proof", s.GetNextDeadlineUnixMs()}, {"sector", s.GetNextSectorDeadlineUnixMs()}} {
		if deadline.at != 0 {
			c.Printf("          next %s due %s\n", deadline.what, time.UnixMilli(deadline.at).UTC().Format(time.RFC3339))
		}
	}
	c.Printf("rewards   %s earned, %s claimable, %s vesting\n",
		CoinText(amount(s.GetRewardsEarned())), CoinText(amount(s.GetRewardsClaimable())), CoinText(amount(s.GetRewardsVesting())))
}

// amount makes an absent amount 0.
func amount(text string) string {
	if text == "" {
		return "0"
	}
	return text
}

func (c *Call) providerHealCommand() *cobra.Command {
	var pause, resume bool
	cmd := &cobra.Command{
		Use:   "heal --pause|--resume",
		Short: "Pause or resume fetching back what is missing",
		Args:  NoArgs,
	}
	cmd.Flags().BoolVar(&pause, "pause", false, "neither fetch what is missing nor prove it again")
	cmd.Flags().BoolVar(&resume, "resume", false, "fetch what is missing and prove it again")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		if pause == resume {
			return Usagef("give one of --pause and --resume")
		}
		return c.WithDaemon(cmd.Context(), func(d *client.Client) error {
			if _, err := d.Node.SetHealing(cmd.Context(), &sidecarv1.SetHealingRequest{Enabled: resume}); err != nil {
				return err
			}
			if c.JSON {
				c.PrintJSON(map[string]bool{"healing": resume})
				return nil
			}
			c.Printf("healing: %t\n", resume)
			return nil
		})
	}
	return cmd
}
