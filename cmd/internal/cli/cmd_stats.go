package cli

import (
	"github.com/spf13/cobra"

	sidecarv1 "github.com/ipdm-network/ipdm/sdk/go/sidecar/v1"
	"github.com/ipdm-network/ipdm/sidecar/api/client"
)

// ratio is a divided by b, 0 if there is nothing.
func ratio(a, b uint64) float64 {
	if b == 0 {
		return 0
	}
	return float64(a) / float64(b)
}

func (c *Call) statsCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "stats",
		Short: "Show what the store holds and what deduplication and compression save",
		Long: `Shows the figures of the whole store. The compression ratio is exact: plain size by stored size of all encodings. The deduplication
ratio is an estimate: the size of all pinned content, by the plain size of everything stored, cache included. For one root see
` + "`ipdm stat`" + `.`,
		Args: NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return c.WithDaemon(cmd.Context(), func(d *client.Client) error {
				st, err := d.Data.Stats(cmd.Context(), &sidecarv1.StatsRequest{})
				if err != nil {
					return err
				}
				c.printStats(st)
				return nil
			})
		},
	}
}

func (c *Call) printStats(st *sidecarv1.StatsResponse) {
	dedup, compression := ratio(st.ContentBytes, st.PlainBytes), ratio(st.PlainBytes, st.StoredBytes)
	if c.JSON {
		c.PrintJSON(struct {
			Manifests          uint64  `json:"manifests"`
			ContentSize        uint64  `json:"content_size"`
			Encodings          uint64  `json:"encodings"`
			Blocks             uint64  `json:"blocks"`
			PlainSize          uint64  `json:"plain_size"`
			StoredSize         uint64  `json:"stored_size"`
			DiskSize           uint64  `json:"disk_size"`
			Damaged            uint64  `json:"damaged"`
			DedupRatioEstimate float64 `json:"dedup_ratio_estimate"`
			CompressionRatio   float64 `json:"compression_ratio"`
		}{
			st.Manifests, st.ContentBytes, st.Encodings, st.Blocks, st.PlainBytes, st.StoredBytes, st.DiskBytes, st.Damaged, dedup, compression,
		})
		return
	}
	c.Printf("content      %s in %d manifests\nstored       %s of %s plain, in %d encodings of %d blocks\ndisk         %s\n",
		SizeText(st.ContentBytes), st.Manifests, SizeText(st.StoredBytes), SizeText(st.PlainBytes), st.Encodings, st.Blocks, SizeText(st.DiskBytes))
	c.Printf("compression  %.2f\ndedup        %.2f (estimate)\n", compression, dedup)
	if st.Damaged > 0 {
		c.Printf("damaged      %d encodings; see: ipdm verify\n", st.Damaged)
	}
}
