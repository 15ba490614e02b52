package cli

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/ipdm-network/ipdm/sdk/go/format"
	sidecarv1 "github.com/ipdm-network/ipdm/sdk/go/sidecar/v1"
	"github.com/ipdm-network/ipdm/sidecar/api/client"
)

// versionJSON is a version of a history as it is printed.
type versionJSON struct {
	Manifest     string   `json:"manifest"`
	Stored       bool     `json:"stored"`
	Pin          *pinJSON `json:"pin,omitempty"`
	SupersededBy []string `json:"superseded_by"`
	KeepUntil    string   `json:"keep_until,omitempty"`
}

func versionOf(v *sidecarv1.Version) versionJSON {
	out := versionJSON{Manifest: v.Manifest, SupersededBy: NonNil(v.SupersededBy)}
	if v.Pin != nil {
		pin := pinOf(v.Pin)
		out.Stored, out.Pin = true, &pin
	}
	if v.KeepUntilUnixMs != 0 {
		out.KeepUntil = milliText(v.KeepUntilUnixMs)
	}
	return out
}

// tombstoneJSON is a deletion as it is printed.
type tombstoneJSON struct {
	Root      string   `json:"root"`
	Manifests []string `json:"manifests"`
	Deleted   string   `json:"deleted"`
	Expires   string   `json:"expires"`
	By        string   `json:"by"`
	Contained bool     `json:"contained,omitempty"`
}

func tombstoneOf(t *sidecarv1.Tombstone) tombstoneJSON {
	return tombstoneJSON{t.GetRoot(), NonNil(t.GetManifests()), milliText(t.GetDeletedUnixMs()), milliText(t.GetExpiresUnixMs()), t.GetBy(), t.GetContained()}
}

// milliText is a time of the API as it is printed.
func milliText(unixMilli int64) string { return time.UnixMilli(unixMilli).UTC().Format(time.RFC3339) }

func (c *Call) updateCommand() *cobra.Command {
	var p PutFlags
	cmd := &cobra.Command{
		Use:   "update ROOT|MANIFEST PATH|-",
		Short: "Store a new version of what is stored already",
		Long: `Stores a file, a directory or standard input as the new version of ROOT, or of MANIFEST where a root has several. Only what changed
is stored anew. The old version stays readable for the time that --keep says, otherwise [store] keep_superseded; then it becomes
cache. Tags and content type are those of the old version unless given. Storing the same again is no new version.

Two updates of one version are both kept: ` + "`ipdm history`" + ` shows the fork.`,
		Example: `  ipdm update ROOT ./photos
  ipdm update ROOT ./photos --keep 90d --tag album=2025
  ipdm update MANIFEST ./photos --keep forever`,
		Args: twoArgs,
	}
	p.register(cmd.Flags())
	c.Chain.Register(cmd.Flags())
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if _, err := format.ParseCID(args[0]); err != nil {
			return Usagef("%q is neither a root nor a manifest CID: %w", args[0], err)
		}
		p.Supersedes = args[0]
		if err := c.checkPut(args[1], &p); err != nil {
			return err
		}
		return c.WithDaemon(cmd.Context(), func(d *client.Client) error {
			old, err := c.toUpdate(cmd.Context(), d, args[0])
			if err != nil {
				return err
			}
			p.Supersedes = old.Manifest
			if !cmd.Flags().Changed("tag") {
				p.Tags = old.Pin.Tags
			}
			if !cmd.Flags().Changed("content-type") {
				p.ContentType = old.Pin.ContentType
			}
			return c.putTo(cmd.Context(), d, args[1], p)
		})
	}
	return cmd
}

// toUpdate finds the version that a root or manifest means.
func (c *Call) toUpdate(ctx context.Context, d *client.Client, text string) (*sidecarv1.Version, error) {
	versions, err := history(ctx, d, text)
	if err != nil {
		return nil, err
	}
	var meant []*sidecarv1.Version
	var names []string
	for _, v := range versions {
		if v.Pin != nil && (v.Manifest == text || v.Pin.Root == text) {
			meant = append(meant, v)
			names = append(names, v.Manifest)
		}
	}
	switch len(meant) {
	case 0:
		return nil, fmt.Errorf("%w: the history of %s is without it", client.ErrStream, text)
	case 1:
	default:
		return nil, Usagef("%s has several manifests, name the one to update: %s", text, strings.Join(names, " "))
	}
	if n := len(meant[0].SupersededBy); n > 0 {
		fmt.Fprintf(c.Stderr, "note: this version was updated before (%s): the history forks\n", strings.Join(meant[0].SupersededBy, " "))
	}
	return meant[0], nil
}

// history receives the versions of a root or manifest.
func history(ctx context.Context, d *client.Client, text string) ([]*sidecarv1.Version, error) {
	stream, err := d.Data.History(ctx, &sidecarv1.HistoryRequest{Cid: text})
	if err != nil {
		return nil, err
	}
	var versions []*sidecarv1.Version
	err = receive(stream, func(v *sidecarv1.Version) { versions = append(versions, v) })
	return versions, err
}

func (c *Call) historyCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "history ROOT|MANIFEST",
		Short: "List the versions of a root, newest first",
		Long: `Lists what ` + "`ipdm update`" + ` has made of a root: every version that this node knows of, newest first, how long an old one is kept, and
which are not stored any more.`,
		Example: `  ipdm history ROOT
  ipdm history ROOT --json`,
		Args: OneArg,
		RunE: func(cmd *cobra.Command, args []string) error {
			if _, err := format.ParseCID(args[0]); err != nil {
				return Usagef("%q is neither a root nor a manifest CID: %w", args[0], err)
			}
			return c.WithDaemon(cmd.Context(), func(d *client.Client) error {
				versions, err := history(cmd.Context(), d, args[0])
				if err != nil {
					return err
				}
				c.printHistory(versions)
				return nil
			})
		},
	}
}

func (c *Call) printHistory(versions []*sidecarv1.Version) {
	out := make([]versionJSON, len(versions))
	for i, v := range versions {
		out[i] = versionOf(v)
	}
	if c.JSON {
		c.PrintJSON(map[string]any{"versions": out})
		return
	}
	for _, v := range out {
		state := "current"
		switch {
		case !v.Stored:
			c.Printf("manifest %s is not stored any more\n", v.Manifest)
			continue
		case len(v.SupersededBy) > 0 && v.KeepUntil != "":
			state = "until " + v.KeepUntil
		case len(v.SupersededBy) > 0:
			state = "until deleted"
		}
		c.Printf("%s  %10s  %s  %s\n", v.Pin.Root, SizeText(v.Pin.Size), v.Pin.Created, state)
	}
}

// listDeleted prints the tombstones.
func (c *Call) listDeleted(ctx context.Context, d *client.Client) error {
	stream, err := d.Data.ListDeleted(ctx, &sidecarv1.ListDeletedRequest{})
	if err != nil {
		return err
	}
	deleted := []tombstoneJSON{}
	if err := receive(stream, func(t *sidecarv1.Tombstone) { deleted = append(deleted, tombstoneOf(t)) }); err != nil {
		return err
	}
	if c.JSON {
		c.PrintJSON(map[string]any{"deleted": deleted})
		return nil
	}
	for _, t := range deleted {
		c.Printf("%s  deleted %s by %s, remembered until %s\n", t.Root, t.Deleted, t.By, t.Expires)
	}
	return nil
}
