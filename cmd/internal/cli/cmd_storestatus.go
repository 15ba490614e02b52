package cli

import (
	"fmt"
	"math"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	sidecarv1 "github.com/ipdm-network/ipdm/sdk/go/sidecar/v1"
	"github.com/ipdm-network/ipdm/sidecar/api/client"
)

func (c *Call) storeCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "store",
		Short: "Show how much is stored, how much more may be, where reads find it, and when it was last read and compared",
		Long: `Shows what the store occupies, its quota ([store] quota), what is kept free of the disk ([store] reserve_mib), what can still be
stored, and how far the scrubber is, which reads everything once in [store] scrub_interval, and replaces what is damaged by what
other nodes have.

Then the tiers that a read goes through until it finds its block: memory ([store] memory_cache_mib), and the disk, or the fast and the
slow one ([store] hot_max, cold_dir). Hits and misses count since the daemon started.`,
		Example: "  ipdm store\n  ipdm store --json",
		Args:    NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return c.WithDaemon(cmd.Context(), func(d *client.Client) error {
				s, err := d.Data.StoreStatus(cmd.Context(), &sidecarv1.StoreStatusRequest{})
				if err != nil {
					return err
				}
				c.printStore(s)
				return nil
			})
		},
	}
}

func (c *Call) printStore(s *sidecarv1.StoreStatusResponse) {
	scrub := s.GetScrub()
	if c.JSON {
		type scrubJSON struct {
			Enabled          bool   `json:"enabled"`
			Started          string `json:"started"`
			CheckedEncodings uint64 `json:"checked_encodings"`
			CheckedSize      uint64 `json:"checked_size"`
			Finished         string `json:"finished"`
			Damaged          uint64 `json:"damaged"`
			Healed           uint64 `json:"healed"`
		}
		c.PrintJSON(struct {
			Used       uint64     `json:"used"`
			Quota      uint64     `json:"quota"`
			Reserved   uint64     `json:"reserved"`
			Free       uint64     `json:"free"`
			Encodings  uint64     `json:"encodings"`
			Blocks     uint64     `json:"blocks"`
			StoredSize uint64     `json:"stored_size"`
			Size       uint64     `json:"size"`
			Damaged    uint64     `json:"damaged"`
			Tiers      []tierJSON `json:"tiers"`
			Scrub      scrubJSON  `json:"scrub"`
		}{
			s.DiskBytes, s.QuotaBytes, s.ReserveBytes, s.FreeBytes, s.Encodings, s.Blocks, s.EnvelopeBytes, s.PlainBytes, s.Damaged,
			tiersJSON(s.Tiers),
			scrubJSON{
				scrub.GetEnabled(), unixText(scrub.GetStartedUnix()), scrub.GetCheckedEncodings(), scrub.GetCheckedBytes(),
				unixText(scrub.GetFinishedUnix()), scrub.GetDamaged(), scrub.GetHealed(),
			},
		})
		return
	}
	quota := "none"
	if s.QuotaBytes > 0 {
		quota = SizeText(s.QuotaBytes)
	}
	free := "as much as the bucket takes"
	if s.FreeBytes < math.MaxUint64 {
		free = SizeText(s.FreeBytes)
	}
	c.Printf("used     %s: %d encodings of %d blocks, %s in plain\n", SizeText(s.DiskBytes), s.Encodings, s.Blocks, SizeText(s.PlainBytes))
	c.Printf("quota    %s\nreserve  %s\nfree     %s\ndamaged  %d\n", quota, SizeText(s.ReserveBytes), free, s.Damaged)
	state := "off"
	switch {
	case scrub.GetStartedUnix() > 0:
		state = fmt.Sprintf("%s read since %s", SizeText(scrub.CheckedBytes), unixText(scrub.StartedUnix))
	case scrub.GetFinishedUnix() > 0:
		state = "last pass ended " + unixText(scrub.FinishedUnix)
	case scrub.GetEnabled():
		state = "no pass yet"
	}
	c.Printf("scrub    %s; %d damaged, %d healed\n", state, scrub.GetDamaged(), scrub.GetHealed())
	c.printTiers(s.Tiers)
}

// tierJSON is a tier as it is printed. Without any reads it has no ratio.
type tierJSON struct {
	Name     string   `json:"name"`
	Size     uint64   `json:"size"`
	Limit    uint64   `json:"limit"`
	Hits     uint64   `json:"hits"`
	Misses   uint64   `json:"misses"`
	HitRatio *float64 `json:"hit_ratio"`
}

func tiersJSON(tiers []*sidecarv1.StoreTier) []tierJSON {
	out := make([]tierJSON, len(tiers))
	for i, t := range tiers {
		out[i] = tierJSON{t.Name, t.Bytes, t.LimitBytes, t.Hits, t.Misses, nil}
		if reads := t.Hits + t.Misses; reads > 0 {
			ratio := float64(t.Hits) / float64(reads)
			out[i].HitRatio = &ratio
		}
	}
	return out
}

func (c *Call) printTiers(tiers []*sidecarv1.StoreTier) {
	if len(tiers) == 0 {
		return
	}
	const row = "%-8s %11s %11s %12s %12s %7s\n"
	c.Printf(row, "tier", "size", "limit", "hits", "misses", "ratio")
	for _, t := range tiersJSON(tiers) {
		limit, ratio := "-", "-"
		if t.Limit > 0 {
			limit = SizeText(t.Limit)
		}
		if t.HitRatio != nil {
			ratio = fmt.Sprintf("%.1f%%", 100**t.HitRatio)
		}
		c.Printf(row, t.Name, SizeText(t.Size), limit, strconv.FormatUint(t.Hits, 10), strconv.FormatUint(t.Misses, 10), ratio)
	}
}

// unixText is a time as it is printed, empty for never.
func unixText(unix int64) string {
	if unix == 0 {
		return ""
	}
	return time.Unix(unix, 0).UTC().Format(time.RFC3339)
}
