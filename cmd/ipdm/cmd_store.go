package main

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

// checkRoot reads a root CID.
func checkRoot(text string) error {
	if _, err := format.ParseCID(text); err != nil {
		return usagef("%q is not a root CID: %w", text, err)
	}
	return nil
}

func (c *cli) statCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "stat ROOT",
		Short: "Describe what is stored of a root",
		Args:  oneArg,
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := checkRoot(args[0]); err != nil {
				return err
			}
			return c.withDaemon(cmd.Context(), func(d *client.Client) error {
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

func (c *cli) printStat(st *sidecarv1.StatResponse) {
	pins := make([]pinJSON, 0, len(st.Pins))
	for _, p := range st.Pins {
		pins = append(pins, pinOf(p))
	}
	if c.json {
		algorithms := st.Algorithms
		if algorithms == nil {
			algorithms = map[string]uint64{}
		}
		c.printJSON(struct {
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
	c.printf("root     %s (%s)\nsize     %s in %d blocks and %d nodes\nstored   %s\nmissing  %d\n",
		st.Root, kindText(st.Kind), sizeText(st.SizeBytes), st.Blocks, st.Nodes, sizeText(st.StoredBytes), st.Missing)
	for _, name := range slices.Sorted(maps.Keys(st.Algorithms)) {
		c.printf("%-8s %d encodings\n", name, st.Algorithms[name])
	}
	for _, p := range pins {
		c.printf("manifest %s by %s, %s\n", p.Manifest, p.Creator, p.Created)
	}
}

func (c *cli) rmCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "rm ROOT",
		Short: "Unpin a root; `ipdm gc` then frees what nothing else keeps",
		Args:  oneArg,
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := checkRoot(args[0]); err != nil {
				return err
			}
			return c.withDaemon(cmd.Context(), func(d *client.Client) error {
				answer, err := d.Data.Unpin(cmd.Context(), &sidecarv1.UnpinRequest{Root: args[0]})
				if err != nil {
					return err
				}
				if c.json {
					c.printJSON(map[string]any{"root": args[0], "manifests": answer.Manifests})
					return nil
				}
				c.printf("unpinned %s (%d manifests); free the space with: ipdm gc\n", args[0], answer.Manifests)
				return nil
			})
		},
	}
}

func (c *cli) gcCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "gc",
		Short: "Delete what no pin, deal or running put keeps",
		Args:  noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return c.withDaemon(cmd.Context(), func(d *client.Client) error {
				r, err := d.Data.CollectGarbage(cmd.Context(), &sidecarv1.CollectGarbageRequest{})
				if err != nil {
					return err
				}
				if c.json {
					c.printJSON(struct {
						DeletedEncodings uint64 `json:"deleted_encodings"`
						FreedBytes       uint64 `json:"freed_bytes"`
						KeptEncodings    uint64 `json:"kept_encodings"`
						KeptBytes        uint64 `json:"kept_bytes"`
					}{r.DeletedEncodings, r.FreedBytes, r.KeptEncodings, r.KeptBytes})
					return nil
				}
				c.printf("freed %s (%d encodings), kept %s (%d)\n", sizeText(r.FreedBytes), r.DeletedEncodings, sizeText(r.KeptBytes), r.KeptEncodings)
				return nil
			})
		},
	}
}

func (c *cli) verifyCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "verify [ROOT]",
		Short: "Read again and re-hash what is stored; ends with code 5 if anything is damaged",
		Args:  maxOneArg,
		RunE: func(cmd *cobra.Command, args []string) error {
			request := &sidecarv1.VerifyRequest{}
			if len(args) == 1 {
				if err := checkRoot(args[0]); err != nil {
					return err
				}
				request.Root = args[0]
			}
			return c.withDaemon(cmd.Context(), func(d *client.Client) error { return c.verify(cmd.Context(), d, request) })
		},
	}
}

func (c *cli) verify(ctx context.Context, d *client.Client, request *sidecarv1.VerifyRequest) error {
	stream, err := d.Data.Verify(ctx, request)
	if err != nil {
		return err
	}
	bar := c.newBar("verify", 0)
	defer bar.end()
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
		bar.add(int(message.CheckedBytes - last.CheckedBytes))
		if last = message; message.Problem != "" {
			damage = append(damage, message.Problem)
			if !c.json {
				c.printf("%s\n", message.Problem)
			}
		}
	}
	bar.end()
	if c.json {
		c.printJSON(struct {
			CheckedEncodings uint64   `json:"checked_encodings"`
			CheckedBytes     uint64   `json:"checked_bytes"`
			Problems         uint64   `json:"problems"`
			Damage           []string `json:"damage"`
		}{last.CheckedEncodings, last.CheckedBytes, last.Problems, damage})
	} else {
		c.printf("checked %d encodings, %s: %d problems\n", last.CheckedEncodings, sizeText(last.CheckedBytes), last.Problems)
	}
	if last.Problems > 0 {
		return fmt.Errorf("%w: %d problems (get the content again, or put it again, to replace what is damaged)", errDamaged, last.Problems)
	}
	return nil
}
