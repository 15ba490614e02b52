package cli

import (
	"context"
	"encoding/base64"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	sidecarv1 "github.com/ipdm-network/ipdm/sdk/go/sidecar/v1"
	"github.com/ipdm-network/ipdm/sidecar/api/client"
)

const queryHelp = `Finds manifests by what they say. Comparisons are joined by AND, OR, NOT and parentheses:

  tag:KEY      tag:lang=go, tag:year>=2025, tag:name^="My "     ^= is "begins with", quotes hold any text
  owner        who signed: an account address or a peer id
  time         2026-01-31, 2026-01-31T12:00:00Z, or -24h, -7d, -2w before now
  size         plain bytes: 4096, 10MB, 1MiB
  type         content type: type^=image/
  root, manifest   CIDs, by = and !=
  version      current, superseded or any; superseded versions are left out unless asked for

ORDER BY time, size, type or owner, ASC or DESC, and LIMIT, the rows of a page, may follow. Without them the newest come
first, 100 at a time. When there are more, the cursor of the next page is printed.`

// queryFlags are the flags of ipdm query.
type queryFlags struct {
	cursor      string
	network     bool
	allVersions bool
	count       bool
	counts      bool
	explain     bool
}

func (c *Call) queryCommand() *cobra.Command {
	var f queryFlags
	cmd := &cobra.Command{
		Use:   "query [QUERY]",
		Short: "Find content by tags, owner, time, size or type",
		Long:  queryHelp,
		Example: `  ipdm query 'tag:lang=go AND size>1MiB ORDER BY time DESC LIMIT 20'
  ipdm query 'type^=image/ AND time>-7d' --network
  ipdm query 'tag:project=moon OR NOT owner^=ipdm1' --json
  ipdm query 'tag:lang=go' --count
  ipdm query --counts`,
		Args: maxOneArg,
		RunE: func(cmd *cobra.Command, args []string) error {
			if f.counts && (len(args) > 0 || f.cursor != "" || f.network || f.allVersions || f.count || f.explain) {
				return Usagef("--counts takes neither a query nor other flags")
			}
			if f.count && (f.cursor != "" || f.network || f.explain) {
				return Usagef("--count is of this node and the whole query: it does not go with --cursor, --network or --explain")
			}
			cursor, err := base64.RawURLEncoding.DecodeString(f.cursor)
			if err != nil {
				return Usagef("--cursor %q is not a cursor as a query prints it", f.cursor)
			}
			request := &sidecarv1.QueryRequest{Query: strings.Join(args, ""), Cursor: cursor, AllVersions: f.allVersions, Network: f.network, CountOnly: f.count}
			return c.WithDaemon(cmd.Context(), func(d *client.Client) error {
				switch {
				case f.counts:
					return c.counts(cmd.Context(), d)
				case f.count:
					return c.countMatches(cmd.Context(), d, request)
				}
				return c.query(cmd.Context(), d, request, f.explain)
			})
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&f.cursor, "cursor", "", "where the page begins: the cursor that the page before printed")
	flags.BoolVar(&f.network, "network", false, "ask the connected peers as well")
	flags.BoolVar(&f.allVersions, "all-versions", false, "include superseded versions")
	flags.BoolVar(&f.count, "count", false, "print how many manifests of this node match")
	flags.BoolVar(&f.counts, "counts", false, "estimate how many distinct roots, owners and tags this node and the network have")
	flags.BoolVar(&f.explain, "explain", false, "say how the answer was found")
	return cmd
}

// queryRowJSON is a manifest that matches, as it is printed.
type queryRowJSON struct {
	pinJSON
	Superseded bool     `json:"superseded,omitempty"`
	Peers      []string `json:"peers,omitempty"`
}

// queryFailureJSON is a peer that did not answer, as it is printed.
type queryFailureJSON struct {
	PeerID string `json:"peer_id"`
	Reason string `json:"reason"`
}

// queryJSON is a page as it is printed.
type queryJSON struct {
	Rows     []queryRowJSON     `json:"rows"`
	Cursor   string             `json:"cursor,omitempty"`
	Peers    uint32             `json:"peers,omitempty"`
	Failures []queryFailureJSON `json:"failures,omitempty"`
	Examined *uint64            `json:"examined,omitempty"`
	Plan     []string           `json:"plan,omitempty"`
}

func (c *Call) query(ctx context.Context, d *client.Client, request *sidecarv1.QueryRequest, explain bool) error {
	answer, err := d.Data.Query(ctx, request)
	if err != nil {
		return err
	}
	page := queryJSON{Rows: []queryRowJSON{}, Cursor: base64.RawURLEncoding.EncodeToString(answer.NextCursor), Peers: answer.Peers}
	for _, r := range answer.Rows {
		page.Rows = append(page.Rows, queryRowJSON{pinOf(r.Pin), r.Superseded, r.Peers})
	}
	for _, f := range answer.Failures {
		page.Failures = append(page.Failures, queryFailureJSON{f.PeerId, f.Reason})
	}
	if explain {
		page.Plan, page.Examined = answer.Plan, &answer.Examined
	}
	if c.JSON {
		c.PrintJSON(page)
		return nil
	}
	c.printPage(page)
	return nil
}

func (c *Call) printPage(page queryJSON) {
	for _, line := range page.Plan {
		c.Printf("plan      %s\n", printable(line))
	}
	if page.Examined != nil {
		c.Printf("examined  %d\n", *page.Examined)
	}
	for _, r := range page.Rows {
		place := "here"
		if len(r.Peers) > 0 {
			place = strings.Join(r.Peers, ",")
		}
		if r.Superseded {
			place += " (superseded)"
		}
		c.Printf("%s  %10s  %s  %-24s  %s  %s\n", r.Root, SizeText(r.Size), r.Created, printable(r.ContentType), place, printable(strings.Join(r.Tags, " ")))
	}
	for _, f := range page.Failures {
		c.Printf("no answer from %s: %s\n", f.PeerID, printable(f.Reason))
	}
	if page.Cursor != "" {
		c.Printf("more with: --cursor %s\n", page.Cursor)
	}
}

func (c *Call) countMatches(ctx context.Context, d *client.Client, request *sidecarv1.QueryRequest) error {
	answer, err := d.Data.Query(ctx, request)
	if err != nil {
		return err
	}
	if c.JSON {
		c.PrintJSON(map[string]uint64{"matches": answer.Matches})
		return nil
	}
	c.Printf("%d\n", answer.Matches)
	return nil
}

// countsJSON are estimates as they are printed.
type countsJSON struct {
	Roots  uint64 `json:"roots"`
	Owners uint64 `json:"owners"`
	Tags   uint64 `json:"tags"`
}

func countsOf(m *sidecarv1.Counts) countsJSON {
	return countsJSON{m.GetRoots(), m.GetOwners(), m.GetTags()}
}

func (c *Call) counts(ctx context.Context, d *client.Client) error {
	answer, err := d.Data.Counts(ctx, &sidecarv1.CountsRequest{})
	if err != nil {
		return err
	}
	local, network := countsOf(answer.Local), countsOf(answer.Network)
	if c.JSON {
		c.PrintJSON(struct {
			Local   countsJSON `json:"local"`
			Network countsJSON `json:"network"`
			Peers   uint32     `json:"peers"`
		}{local, network, answer.Peers})
		return nil
	}
	c.Printf("%-20s %10s %10s %10s\n", "distinct, about", "roots", "owners", "tags")
	c.Printf("%-20s %10d %10d %10d\n", "this node", local.Roots, local.Owners, local.Tags)
	c.Printf("%-20s %10d %10d %10d\n", fmt.Sprintf("with %d peers", answer.Peers), network.Roots, network.Owners, network.Tags)
	return nil
}
