package cli

import (
	"context"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/ipdm-network/ipdm/sdk/go/format"
	sidecarv1 "github.com/ipdm-network/ipdm/sdk/go/sidecar/v1"
	"github.com/ipdm-network/ipdm/sidecar/api/client"
)

func (c *Call) getCommand() *cobra.Command {
	var (
		output, byteRange string
		force, local      bool
	)
	cmd := &cobra.Command{
		Use:   "get ROOT[/path]",
		Short: "Read a file or directory back, verified block by block",
		Long: `Reads a file or directory. What is not stored here comes from connected peers, from those whom the chain's deals for the
root name, and from those whom the DHT finds; every block is verified before a byte of it is written.

A file goes to standard output unless -o is given; a directory needs -o. With -o the content is written beside the target
and renamed when it is complete; nothing is overwritten without --force.`,
		Example: `  ipdm get ROOT -o ./photos
  ipdm get ROOT/2024/cat.jpg > cat.jpg
  ipdm get ROOT --range 0-1023         the first KiB of a file, as in HTTP
  ipdm get ROOT --range 1024-          all but that`,
		Args: OneArg,
	}
	f := cmd.Flags()
	f.StringVarP(&output, "output", "o", "", "write to this path")
	f.BoolVar(&force, "force", false, "replace what is at the target")
	f.StringVar(&byteRange, "range", "", "bytes A-B of a file, both included; A- to the end")
	f.BoolVar(&local, "local", false, "use only what is stored here")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		request, err := getRequest(args[0], byteRange)
		if err != nil {
			return err
		}
		request.LocalOnly = local
		if output == "-" {
			output = ""
		}
		if c.JSON && output == "" {
			return Usagef("--json needs -o PATH: without it the bytes go to standard output")
		}
		return c.get(cmd.Context(), request, output, force)
	}
	return cmd
}

// getRequest reads ROOT[/path] and a range.
func getRequest(target, byteRange string) (*sidecarv1.GetRequest, error) {
	root, path, err := splitTarget(target)
	if err != nil {
		return nil, err
	}
	request := &sidecarv1.GetRequest{Root: root, Path: []byte(path)}
	if byteRange == "" {
		return request, nil
	}
	first, last, ok := strings.Cut(byteRange, "-")
	request.HasRange, request.Last = true, -1
	if request.First, err = strconv.ParseInt(first, 10, 64); err != nil || !ok {
		return nil, Usagef("--range %q is not of the form A-B or A-, such as 0-1023", byteRange)
	}
	if last != "" {
		if request.Last, err = strconv.ParseInt(last, 10, 64); err != nil || request.Last < request.First {
			return nil, Usagef("--range %q is not of the form A-B or A-, such as 0-1023", byteRange)
		}
	}
	return request, nil
}

// splitTarget reads ROOT[/path]; /ipfs/ROOT is fine as well.
func splitTarget(target string) (root, path string, err error) {
	root, path, _ = strings.Cut(strings.TrimPrefix(target, "/ipfs/"), "/")
	if _, err := format.ParseCID(root); err != nil {
		return "", "", Usagef("%q does not begin with a root CID: %w", target, err)
	}
	return root, strings.Trim(path, "/"), nil
}

func (c *Call) get(ctx context.Context, request *sidecarv1.GetRequest, output string, force bool) error {
	return c.WithDaemon(ctx, func(d *client.Client) error {
		bar := c.NewBar("get", 0)
		defer bar.End()
		if output == "" {
			widen(c.Stdout)
			_, err := d.GetTo(ctx, request, c.Stdout, bar.progress())
			return err
		}
		began := time.Now()
		got, err := d.Restore(ctx, request, output, force, bar.progress())
		if err != nil {
			return err
		}
		bar.End()
		seconds := time.Since(began).Seconds()
		if c.JSON {
			c.PrintJSON(struct {
				Root        string  `json:"root"`
				Output      string  `json:"output"`
				Size        uint64  `json:"size"`
				Files       uint64  `json:"files"`
				Directories uint64  `json:"directories"`
				Symlinks    uint64  `json:"symlinks"`
				Seconds     float64 `json:"seconds"`
			}{request.Root, output, got.SizeBytes, got.Files, got.Directories, got.Symlinks, seconds})
			return nil
		}
		c.Printf("wrote %s: %d files, %s in %.1fs (%s/s)\n", output, got.Files, SizeText(got.SizeBytes), seconds, SizeText(uint64(float64(got.SizeBytes)/max(seconds, 1e-9))))
		return nil
	})
}
