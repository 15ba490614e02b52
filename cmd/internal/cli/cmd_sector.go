package cli

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	sidecarv1 "github.com/ipdm-network/ipdm/sdk/go/sidecar/v1"
	"github.com/ipdm-network/ipdm/sidecar/api/client"
)

// sectorJSON is a sector as it is printed.
type sectorJSON struct {
	Number     uint64 `json:"number"`
	ID         uint64 `json:"id,omitempty"`
	Class      string `json:"class"`
	State      string `json:"state"`
	Done       uint64 `json:"done"`
	Total      uint64 `json:"total"`
	Pieces     uint32 `json:"pieces"`
	PieceBytes uint64 `json:"piece_bytes"`
	SizeBytes  uint64 `json:"size_bytes"`
	DiskBytes  uint64 `json:"disk_bytes"`
	Deadline   string `json:"deadline,omitempty"`
	AtRisk     bool   `json:"at_risk"`
	LastError  string `json:"last_error,omitempty"`
	Started    string `json:"started,omitempty"`
}

// sectorsJSON is what `ipdm sector ls --json` prints.
type sectorsJSON struct {
	Sectors         []sectorJSON `json:"sectors"`
	WaitingReplicas uint32       `json:"waiting_replicas"`
	WaitingBytes    uint64       `json:"waiting_bytes"`
	Paused          bool         `json:"paused"`
	Backlogged      bool         `json:"backlogged"`
}

func (c *Call) sectorCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "sector",
		Short: "See what a storage provider seals",
		Args:  NoArgs,
		RunE:  func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(c.sectorListCommand(), c.sectorWatchCommand())
	return cmd
}

func (c *Call) sectorListCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "ls",
		Short: "List the sectors of this node, and what waits for one",
		Long: `Lists the sectors of this node.

A sector is packing, labelling, encoding and committing while its replica is made here; precommitted and proving while the chain waits for its
seal; verifying while validators judge it; active while it is proven and its seal can still be disputed; final after that. A damaged one
is resealing. "failed" needs a look at its last error.`,
		Example: `  ipdm sector ls
  ipdm sector ls --json`,
		Args: NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return c.WithDaemon(cmd.Context(), func(d *client.Client) error {
				list, err := d.Sector.List(cmd.Context(), &sidecarv1.ListSectorsRequest{})
				if err != nil {
					return err
				}
				c.printSectors(list)
				return nil
			})
		},
	}
}

func (c *Call) sectorWatchCommand() *cobra.Command {
	var once bool
	cmd := &cobra.Command{
		Use:   "watch",
		Short: "Follow the sectors of this node until Ctrl-C",
		Example: `  ipdm sector watch              # bars on a Terminal, a line for each change elsewhere
  ipdm sector watch --json       # an object for each change`,
		Args: NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return c.WithDaemon(cmd.Context(), func(d *client.Client) error {
				stream, err := d.Sector.Watch(cmd.Context(), &sidecarv1.WatchSectorsRequest{})
				if err != nil {
					return err
				}
				view := &sectorView{call: c, live: !c.JSON && !once && Terminal(c.Stdout)}
				for {
					list, err := stream.Recv()
					if errors.Is(err, io.EOF) || cmd.Context().Err() != nil {
						return nil // stopped on purpose
					}
					if err != nil {
						return err
					}
					view.show(list)
					if once {
						return nil
					}
				}
			})
		},
	}
	cmd.Flags().BoolVar(&once, "once", false, "show the present state and end")
	return cmd
}

// sectorView shows lists of sectors one after another.
type sectorView struct {
	call  *Call
	live  bool           // redraw in place
	lines int            // drawn last, when live
	last  map[uint64]int // state and tenths shown last, by number, when not live
	wait  string         // what was said last of replicas that wait, when not live
}

// barCells is the width of a bar in characters.
const barCells = 30

func (v *sectorView) show(list *sidecarv1.ListSectorsResponse) {
	c := v.call
	switch {
	case c.JSON:
		c.printSectors(list)
	case v.live:
		if v.lines > 0 {
			c.Printf("\x1b[%dA\x1b[J", v.lines)
		}
		v.lines = len(list.Sectors) + 1
		for _, s := range list.Sectors {
			c.Printf("%s\n", sectorBar(s))
		}
		c.Printf("%s\n", waitingText(list))
	default:
		v.showChanges(list)
	}
}

// showChanges prints a line for each sector whose state changed, or whose work went on by a tenth, and one when another number of
// replicas waits.
func (v *sectorView) showChanges(list *sidecarv1.ListSectorsResponse) {
	if v.last == nil {
		v.last = map[uint64]int{}
	}
	for _, s := range list.Sectors {
		now := int(stateNumber(s.State))*100 + int(10*fraction(s))
		if before, seen := v.last[s.Number]; !seen || before != now {
			v.call.Printf("%s\n", sectorLine(s))
		}
		v.last[s.Number] = now
	}
	if text := waitingText(&sidecarv1.ListSectorsResponse{
		WaitingReplicas: list.WaitingReplicas, WaitingBytes: list.WaitingBytes, Backlogged: list.Backlogged,
	}); text != v.wait {
		v.call.Printf("%s\n", text)
		v.wait = text
	}
}

// stateNumber tells states apart.
func stateNumber(state string) uint8 {
	var n uint8
	for _, r := range state {
		n = n*31 + uint8(r)
	}
	return n
}

func fraction(s *sidecarv1.SectorInfo) float64 {
	if s.Total == 0 {
		return 0
	}
	return min(float64(s.Done)/float64(s.Total), 1)
}

func sectorBar(s *sidecarv1.SectorInfo) string {
	if s.Total == 0 {
		return sectorLine(s)
	}
	full := int(barCells * fraction(s))
	return fmt.Sprintf("%-4d %-10s %-12s [%s%s] %3.0f%%  %s of %s", s.Number, s.Class, s.State,
		strings.Repeat("#", full), strings.Repeat(".", barCells-full), 100*fraction(s), SizeText(s.Done), SizeText(s.Total))
}

func sectorLine(s *sidecarv1.SectorInfo) string {
	line := fmt.Sprintf("%-4d %-10s %-12s %d pieces, %s; %s on disk", s.Number, s.Class, s.State, s.Pieces, SizeText(s.PieceBytes), SizeText(s.DiskBytes))
	if s.Total > 0 {
		line += fmt.Sprintf("; %.0f%%", 100*fraction(s))
	}
	if s.DeadlineUnixNano != 0 {
		line += "; due " + time.Unix(0, s.DeadlineUnixNano).UTC().Format(time.RFC3339)
	}
	if s.AtRisk {
		line += "; AT RISK"
	}
	if s.LastError != "" {
		line += "; " + s.LastError
	}
	return line
}

func waitingText(list *sidecarv1.ListSectorsResponse) string {
	text := fmt.Sprintf("%d replicas wait for a sector (%s)", list.WaitingReplicas, SizeText(list.WaitingBytes))
	if list.Paused {
		text += "; standing still for a proof"
	}
	if list.Backlogged {
		text += "; new sealed deals are refused until there is room"
	}
	return text
}

func (c *Call) printSectors(list *sidecarv1.ListSectorsResponse) {
	if !c.JSON {
		for _, s := range list.Sectors {
			c.Printf("%s\n", sectorLine(s))
		}
		c.Printf("%s\n", waitingText(list))
		return
	}
	out := sectorsJSON{
		Sectors: []sectorJSON{}, WaitingReplicas: list.WaitingReplicas, WaitingBytes: list.WaitingBytes,
		Paused: list.Paused, Backlogged: list.Backlogged,
	}
	for _, s := range list.Sectors {
		out.Sectors = append(out.Sectors, sectorJSON{
			s.Number, s.Id, s.Class, s.State, s.Done, s.Total, s.Pieces, s.PieceBytes, s.SizeBytes, s.DiskBytes,
			UnixTimeText(s.DeadlineUnixNano), s.AtRisk, s.LastError, UnixTimeText(s.StartedUnixNano),
		})
	}
	c.PrintJSON(out)
}

// UnixTimeText is empty for no time.
func UnixTimeText(unixNano int64) string {
	if unixNano == 0 {
		return ""
	}
	return time.Unix(0, unixNano).UTC().Format(time.RFC3339Nano)
}
