package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/ipdm-network/ipdm/cmd/internal/cli"
	"github.com/ipdm-network/ipdm/sidecar/node"
)

func (c *program) fsckCommand() *cobra.Command {
	var repair bool
	cmd := &cobra.Command{
		Use:   "fsck",
		Short: "Check the files of a store that no daemon uses, and repair them",
		Long: `Reads everything in store/ and compares it: that the index and the segments agree, that every encoding verifies, that
what pins and held layouts need is there, and that no file is there that should not be. The daemon must be stopped.

With --repair, an index that is lost or damaged is made anew from the segments, which describe themselves. Pins that went
with it are found again: every manifest with a valid signature is pinned whose blocks are all there, and those of this node's
own key also if some are missing; what you do not want any more is removed by ` + "`ipdm rm`" + `. What does not verify counts as absent
afterwards, so that putting the content again, or getting it, replaces it. Nothing that verifies is deleted; what does not, and
what does not belong there, is moved to store/lost+found.

Ends with code 0 if nothing is wrong, 8 if all that was wrong is repaired, 5 if something remains.`,
		Example: `  ipdm fsck
  ipdm fsck --repair
  ipdm fsck --json --home ./n1`,
		Args: cli.NoArgs,
	}
	cmd.Flags().BoolVar(&repair, "repair", false, "make right what can be made right")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		cfg, err := node.LoadConfig(c.NodeHome())
		if err != nil {
			return err
		}
		bar := c.NewBar("fsck", 0)
		defer bar.End()
		shown, of := uint64(0), uint64(0)
		report, err := node.Fsck(cmd.Context(), c.NodeHome(), cfg, node.FsckOptions{
			Repair: repair,
			Progress: func(checked, total uint64) {
				if total != of {
					bar.Total(total)
					of = total
				}
				bar.Add(int(checked) - int(shown))
				shown = checked
			},
		})
		bar.End()
		if err != nil {
			return err
		}
		c.printFsck(report)
		switch {
		case len(report.Remaining) > 0:
			advice := "repair what can be repaired with: ipdm fsck --repair"
			if repair {
				advice = "get or put what is incomplete again, with the daemon running, to have it complete"
			}
			return fmt.Errorf("%w: %d problems (%s)", cli.ErrDamaged, len(report.Remaining), advice)
		case len(report.Problems) > 0:
			return fmt.Errorf("%w: all of %d problems", cli.ErrRepaired, len(report.Problems))
		}
		return nil
	}
	return cmd
}

// foundJSON is a manifest that nothing pinned, as it is printed.
type foundJSON struct {
	Root     string `json:"root"`
	Manifest string `json:"manifest"`
	Size     uint64 `json:"size"`
	Missing  uint64 `json:"missing"`
	Pinned   bool   `json:"pinned"`
}

// fsckJSON is what a check found, as it is printed. What was found of content is absent while the index cannot be used.
type fsckJSON struct {
	Clean       bool   `json:"clean"`
	Segments    int    `json:"segments"`
	Size        uint64 `json:"size"`
	Encodings   uint64 `json:"encodings"`
	Unindexed   uint64 `json:"unindexed_encodings"`
	UnindexedSz uint64 `json:"unindexed_size"`
	Unreadable  uint64 `json:"unreadable_size"`
	Rebuilt     bool   `json:"index_rebuilt"`

	Pins              *uint64 `json:"pins,omitempty"`
	IncompletePins    *uint64 `json:"incomplete_pins,omitempty"`
	Layouts           *uint64 `json:"layouts,omitempty"`
	IncompleteLayouts *uint64 `json:"incomplete_layouts,omitempty"`
	Orphans           *uint64 `json:"orphan_encodings,omitempty"`
	OrphanSize        *uint64 `json:"orphan_size,omitempty"`

	Found     []foundJSON `json:"found"`
	Problems  []string    `json:"problems"`
	Repaired  []string    `json:"repaired"`
	Remaining []string    `json:"remaining"`
}

func (c *program) printFsck(r *node.FsckReport) {
	s := *r.Store
	if cold := r.Cold; cold != nil {
		s.Segments += cold.Segments
		s.SegmentBytes += cold.SegmentBytes
		s.Encodings += cold.Encodings
		s.Unindexed += cold.Unindexed
		s.UnindexedBytes += cold.UnindexedBytes
		s.UnreadableBytes += cold.UnreadableBytes
		s.Rebuilt = s.Rebuilt || cold.Rebuilt
	}
	out := fsckJSON{
		Clean: len(r.Problems) == 0, Segments: s.Segments, Size: s.SegmentBytes, Encodings: s.Encodings,
		Unindexed: s.Unindexed, UnindexedSz: s.UnindexedBytes, Unreadable: s.UnreadableBytes, Rebuilt: s.Rebuilt,
		Found:    make([]foundJSON, 0, len(r.Found)),
		Problems: cli.NonNil(r.Problems), Repaired: cli.NonNil(r.Repaired), Remaining: cli.NonNil(r.Remaining),
	}
	for _, f := range r.Found {
		out.Found = append(out.Found, foundJSON{f.Root.String(), f.Manifest.String(), f.Header.ContentSize, f.Missing, f.Pinned})
	}
	if a := r.Content; a != nil {
		out.Pins, out.IncompletePins, out.Layouts, out.IncompleteLayouts = &a.Pins, &a.IncompletePins, &a.Layouts, &a.IncompleteLayouts
		if !a.OrphansUnknown {
			out.Orphans, out.OrphanSize = &a.Orphans, &a.OrphanBytes
		}
	}
	if c.JSON {
		c.PrintJSON(out)
		return
	}
	c.Printf("store    %d segments, %s: %d encodings\n", out.Segments, cli.SizeText(out.Size), out.Encodings)
	if out.Unindexed > 0 || out.Unreadable > 0 {
		c.Printf("unused   %s in %d encodings that the index does not name, %s of torn ones\n", cli.SizeText(out.UnindexedSz), out.Unindexed, cli.SizeText(out.Unreadable))
	}
	if out.Pins != nil {
		c.Printf("content  %d pins (%d incomplete), %d held layouts (%d incomplete)\n", *out.Pins, *out.IncompletePins, *out.Layouts, *out.IncompleteLayouts)
	}
	if out.Orphans != nil {
		c.Printf("orphans  %d encodings, %s: cache, and garbage until `ipdm gc`\n", *out.Orphans, cli.SizeText(*out.OrphanSize))
	}
	for _, f := range out.Found {
		state := "pinned"
		if !f.Pinned {
			state = "not pinned"
		}
		c.Printf("found    %s, %s, %d blocks missing: %s\n", f.Root, cli.SizeText(f.Size), f.Missing, state)
	}
	for _, list := range []struct {
		name  string
		lines []string
	}{{"problem", out.Problems}, {"repaired", out.Repaired}} {
		for _, line := range list.lines {
			c.Printf("%-8s %s\n", list.name, line)
		}
	}
}
