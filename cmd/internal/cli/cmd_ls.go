package cli

import (
	"context"
	"encoding/base64"
	"errors"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/spf13/cobra"

	sidecarv1 "github.com/ipdm-network/ipdm/sdk/go/sidecar/v1"
	"github.com/ipdm-network/ipdm/sidecar/api/client"
)

// pinJSON is a pinned root as it is printed.
type pinJSON struct {
	Root        string   `json:"root"`
	Manifest    string   `json:"manifest"`
	Size        uint64   `json:"size"`
	Blocks      uint64   `json:"blocks"`
	Tags        []string `json:"tags"`
	ContentType string   `json:"content_type,omitempty"`
	Created     string   `json:"created"`
	Creator     string   `json:"creator"`
	Supersedes  string   `json:"supersedes,omitempty"`
}

func pinOf(p *sidecarv1.Pin) pinJSON {
	return pinJSON{
		p.Root, p.Manifest, p.SizeBytes, p.Blocks, NonNil(p.Tags), p.ContentType,
		milliText(p.CreatedUnixMs), p.Creator, p.Supersedes,
	}
}

// entryJSON is a directory entry as it is printed. A name that is no UTF-8 comes as name_base64 as well.
type entryJSON struct {
	Name       string `json:"name"`
	NameBase64 string `json:"name_base64,omitempty"`
	Kind       string `json:"kind"`
	Size       uint64 `json:"size"`
	CID        string `json:"cid"`
	Executable bool   `json:"executable,omitempty"`
	Target     string `json:"target,omitempty"`
}

func entryOf(e *sidecarv1.Entry) entryJSON {
	out := entryJSON{Name: string(e.Path), Kind: kindText(e.Kind), Size: e.SizeBytes, CID: e.Cid, Executable: e.Executable, Target: string(e.Target)}
	if !utf8.Valid(e.Path) {
		out.NameBase64 = base64.StdEncoding.EncodeToString(e.Path)
	}
	return out
}

func kindText(k sidecarv1.Kind) string {
	return strings.ToLower(strings.TrimPrefix(k.String(), "KIND_"))
}

func (c *Call) lsCommand() *cobra.Command {
	var deleted bool
	cmd := &cobra.Command{
		Use:   "ls [ROOT[/path]]",
		Short: "List what is pinned here, or a directory",
		Example: `  ipdm ls
  ipdm ls ROOT/2024
  ipdm ls --deleted`,
		Args: maxOneArg,
		RunE: func(cmd *cobra.Command, args []string) error {
			request := &sidecarv1.ListRequest{}
			if len(args) == 1 {
				root, path, err := splitTarget(args[0])
				if err != nil {
					return err
				}
				request.Root, request.Path = root, []byte(path)
			}
			if deleted && len(args) > 0 {
				return Usagef("--deleted lists roots: leave %s out", args[0])
			}
			return c.WithDaemon(cmd.Context(), func(d *client.Client) error {
				if deleted {
					return c.listDeleted(cmd.Context(), d)
				}
				return c.list(cmd.Context(), d, request)
			})
		},
	}
	cmd.Flags().BoolVar(&deleted, "deleted", false, "list the roots that were deleted during the last 30 days")
	return cmd
}

func (c *Call) list(ctx context.Context, d *client.Client, request *sidecarv1.ListRequest) error {
	pins, entries := []pinJSON{}, []entryJSON{}
	err := EachListed(ctx, d, request, func(item *sidecarv1.ListResponse) {
		if pin := item.GetPin(); pin != nil {
			pins = append(pins, pinOf(pin))
		} else if entry := item.GetEntry(); entry != nil {
			entries = append(entries, entryOf(entry))
		}
	})
	if err != nil {
		return err
	}
	switch {
	case c.JSON && request.Root == "":
		c.PrintJSON(map[string]any{"pins": pins})
	case c.JSON:
		c.PrintJSON(map[string]any{"entries": entries})
	default:
		for _, p := range pins {
			c.Printf("%s  %10s  %s  %s\n", p.Root, SizeText(p.Size), p.Created, strings.Join(p.Tags, " "))
		}
		for _, e := range entries {
			c.printEntry(e)
		}
	}
	return nil
}

// printEntry prints a name as it is in a file, quoted if a terminal could take it for commands.
func (c *Call) printEntry(e entryJSON) {
	mark := ""
	switch {
	case e.Kind == "directory":
		mark = "/"
	case e.Kind == "symlink":
		mark = " -> " + printable(e.Target)
	case e.Executable:
		mark = "*"
	}
	c.Printf("%s  %10s  %s%s\n", e.CID, SizeText(e.Size), printable(e.Name), mark)
}

// EachListed receives a listing.
func EachListed(ctx context.Context, d *client.Client, request *sidecarv1.ListRequest, each func(*sidecarv1.ListResponse)) error {
	stream, err := d.Data.List(ctx, request)
	if err != nil {
		return err
	}
	return receive(stream, each)
}

// receive calls each for every message of a stream.
func receive[M any](stream interface{ Recv() (*M, error) }, each func(*M)) error {
	for {
		message, err := stream.Recv()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		each(message)
	}
}
