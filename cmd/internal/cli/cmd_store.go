package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"

	"github.com/spf13/cobra"

	"github.com/ipdm-network/ipdm/sdk/go/format"
	sidecarv1 "github.com/ipdm-network/ipdm/sdk/go/sidecar/v1"
	"github.com/ipdm-network/ipdm/sidecar/api/client"
)

// CheckRoot reads a root CID.
func CheckRoot(text string) error {
	if _, err := format.ParseCID(text); err != nil {
		return Usagef("%q is not a root CID: %w", text, err)
	}
	return nil
}

func (c *Call) statCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "stat ROOT",
		Short: "Describe what is stored of a root",
		Args:  OneArg,
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := CheckRoot(args[0]); err != nil {
				return err
			}
			return c.WithDaemon(cmd.Context(), func(d *client.Client) error {
				st, err := d.Data.Stat(cmd.Context(), &sidecarv1.StatRequest{Root: args[0]})
				if err != nil {
					return err
				}
				c.printStat(st)
				return nil
			})
		},
	}
}

func (c *Call) printStat(st *sidecarv1.StatResponse) {
	pins := make([]pinJSON, 0, len(st.Pins))
	for _, p := range st.Pins {
		pins = append(pins, pinOf(p))
	}
	if c.JSON {
		algorithms := st.Algorithms
		if algorithms == nil {
			algorithms = map[string]uint64{}
		}
		c.PrintJSON(struct {
			Root       string            `json:"root"`
			Kind       string            `json:"kind"`
			Size       uint64            `json:"size"`
			StoredSize uint64            `json:"stored_size"`
			Blocks     uint64            `json:"blocks"`
			Nodes      uint64            `json:"nodes"`
			Missing    uint64            `json:"missing"`
			Algorithms map[string]uint64 `json:"algorithms"`
			Pins       []pinJSON         `json:"pins"`
		}{st.Root, kindText(st.Kind), st.SizeBytes, st.StoredBytes, st.Blocks, st.Nodes, st.Missing, algorithms, pins})
		return
	}
	c.Printf("root     %s (%s)\nsize     %s in %d blocks and %d nodes\nstored   %s\nmissing  %d\n",
		st.Root, kindText(st.Kind), SizeText(st.SizeBytes), st.Blocks, st.Nodes, SizeText(st.StoredBytes), st.Missing)
	for _, name := range slices.Sorted(maps.Keys(st.Algorithms)) {
		c.Printf("%-8s %d encodings\n", name, st.Algorithms[name])
	}
	for _, p := range pins {
		c.Printf("manifest %s by %s, %s\n", p.Manifest, p.Creator, p.Created)
	}
}

func (c *Call) rmCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "rm ROOT",
		Short: "Unpin a root; `ipdm gc` then frees what nothing else keeps",
		Args:  OneArg,
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := CheckRoot(args[0]); err != nil {
				return err
			}
			return c.WithDaemon(cmd.Context(), func(d *client.Client) error {
				answer, err := d.Data.Unpin(cmd.Context(), &sidecarv1.UnpinRequest{Root: args[0]})
				if err != nil {
					return err
				}
				if c.JSON {
					c.PrintJSON(map[string]any{"root": args[0], "manifests": answer.Manifests})
					return nil
				}
				c.Printf("unpinned %s (%d manifests); free the space with: ipdm gc\n", args[0], answer.Manifests)
				return nil
			})
		},
	}
}

func (c *Call) gcCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "gc",
		Short: "Delete what no pin, deal or running put keeps",
		Args:  NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return c.WithDaemon(cmd.Context(), func(d *client.Client) error {
				r, err := d.Data.CollectGarbage(cmd.Context(), &sidecarv1.CollectGarbageRequest{})
				if err != nil {
					return err
				}
				if c.JSON {
					c.PrintJSON(struct {
						DeletedEncodings uint64 `json:"deleted_encodings"`
						FreedBytes       uint64 `json:"freed_bytes"`
						KeptEncodings    uint64 `json:"kept_encodings"`
						KeptBytes        uint64 `json:"kept_bytes"`
					}{r.DeletedEncodings, r.FreedBytes, r.KeptEncodings, r.KeptBytes})
					return nil
				}
				c.Printf("freed %s (%d encodings), kept %s (%d)\n", SizeText(r.FreedBytes), r.DeletedEncodings, SizeText(r.KeptBytes), r.KeptEncodings)
				return nil
			})
		},
	}
}

func (c *Call) verifyCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "verify [ROOT]",
		Short: "Read again and re-hash what is stored; ends with code 5 if anything is damaged",
		Args:  maxOneArg,
		RunE: func(cmd *cobra.Command, args []string) error {
			request := &sidecarv1.VerifyRequest{}
			if len(args) == 1 {
				if err := CheckRoot(args[0]); err != nil {
					return err
				}
				request.Root = args[0]
			}
			return c.WithDaemon(cmd.Context(), func(d *client.Client) error { return c.verify(cmd.Context(), d, request) })
		},
	}
}

func (c *Call) verify(ctx context.Context, d *client.Client, request *sidecarv1.VerifyRequest) error {
	stream, err := d.Data.Verify(ctx, request)
	if err != nil {
		return err
	}
	bar := c.NewBar("verify", 0)
	defer bar.End()
	damage := []string{}
	last := &sidecarv1.VerifyResponse{}
	for !last.Done {
		message, err := stream.Recv()
		if errors.Is(err, io.EOF) {
			return fmt.Errorf("%w: the verification has no end", client.ErrStream)
		}
		if err != nil {
			return err
		}
		bar.Add(int(message.CheckedBytes - last.CheckedBytes))
		if last = message; message.Problem != "" {
			damage = append(damage, message.Problem)
			if !c.JSON {
				c.Printf("%s\n", message.Problem)
			}
		}
	}
	bar.End()
	if c.JSON {
		c.PrintJSON(struct {
			CheckedEncodings uint64   `json:"checked_encodings"`
			CheckedBytes     uint64   `json:"checked_bytes"`
			Problems         uint64   `json:"problems"`
			Damage           []string `json:"damage"`
		}{last.CheckedEncodings, last.CheckedBytes, last.Problems, damage})
	} else {
		c.Printf("checked %d encodings, %s: %d problems\n", last.CheckedEncodings, SizeText(last.CheckedBytes), last.Problems)
	}
	if last.Problems > 0 {
		return fmt.Errorf("%w: %d problems (get the content again, or put it again, to replace what is damaged)", ErrDamaged, last.Problems)
	}
	return nil
}
