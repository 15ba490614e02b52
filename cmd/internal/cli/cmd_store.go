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
	request := &sidecarv1.StatRequest{}
	cmd := &cobra.Command{
		Use:   "stat ROOT",
		Short: "Describe what is stored of a root",
		Long: `Describes what is stored of a root, and how far it is compressed. --shared also counts, exactly, the blocks that other stored roots
have as well; it reads the manifests of all of them.`,
		Example: `  ipdm stat ROOT
  ipdm stat ROOT --shared --json`,
		Args: OneArg,
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := CheckRoot(args[0]); err != nil {
				return err
			}
			return c.WithDaemon(cmd.Context(), func(d *client.Client) error {
				request.Root = args[0]
				st, err := d.Data.Stat(cmd.Context(), request)
				if err != nil {
					return err
				}
				c.printStat(st, request.Shared)
				return nil
			})
		},
	}
	cmd.Flags().BoolVar(&request.Shared, "shared", false, "count what other roots have as well")
	return cmd
}

func (c *Call) printStat(st *sidecarv1.StatResponse, shared bool) {
	pins := make([]pinJSON, 0, len(st.Pins))
	for _, p := range st.Pins {
		pins = append(pins, pinOf(p))
	}
	if c.JSON {
		algorithms := st.Algorithms
		if algorithms == nil {
			algorithms = map[string]uint64{}
		}
		var sharedJSON map[string]uint64
		if shared {
			sharedJSON = map[string]uint64{"blocks": st.SharedBlocks, "size": st.SharedBytes}
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

			DistinctSize     uint64            `json:"distinct_size"`
			DedupRatio       float64           `json:"dedup_ratio"`
			CompressionRatio float64           `json:"compression_ratio"`
			Shared           map[string]uint64 `json:"shared,omitempty"`
		}{
			st.Root, kindText(st.Kind), st.SizeBytes, st.StoredBytes, st.Blocks, st.Nodes, st.Missing, algorithms, pins,
			st.PlainBytes, ratio(st.SizeBytes, st.PlainBytes), ratio(st.PlainBytes, st.StoredBytes), sharedJSON,
		})
		return
	}
	c.Printf("root     %s (%s)\nsize     %s in %d blocks and %d nodes\nstored   %s\nmissing  %d\n",
		st.Root, kindText(st.Kind), SizeText(st.SizeBytes), st.Blocks, st.Nodes, SizeText(st.StoredBytes), st.Missing)
	if shared {
		c.Printf("shared   %s in %d blocks\n", SizeText(st.SharedBytes), st.SharedBlocks)
	}
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
		Short: "Delete a root; `ipdm gc` then frees what nothing else keeps",
		Long: `Deletes a root: it is not read or served by this node any more, and the next collection frees its blocks but for those that
other roots share. A record of the deletion, the tombstone, stays for 30 days: see ` + "`ipdm ls --deleted`" + `. Putting the content again
brings it back. A root that another stored root contains is unpinned, and still read as a part of that one. A root that a
deal of this node needs is not deleted before the deal has ended. Other nodes keep their copies.`,
		Example: `  ipdm rm ROOT && ipdm gc`,
		Args:    OneArg,
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := CheckRoot(args[0]); err != nil {
				return err
			}
			return c.WithDaemon(cmd.Context(), func(d *client.Client) error {
				answer, err := d.Data.Delete(cmd.Context(), &sidecarv1.DeleteRequest{Root: args[0]})
				if err != nil {
					return err
				}
				if c.JSON {
					c.PrintJSON(map[string]any{"root": args[0], "manifests": answer.Manifests, "tombstone": tombstoneOf(answer.Tombstone)})
					return nil
				}
				c.Printf("deleted %s (%d manifests); free the space with: ipdm gc\n", args[0], answer.Manifests)
				if answer.Tombstone.GetContained() {
					c.Printf("another root contains it, and it is still read as a part of that one\n")
				}
				return nil
			})
		},
	}
}

func (c *Call) gcCommand() *cobra.Command {
	request := &sidecarv1.CollectGarbageRequest{}
	cmd := &cobra.Command{
		Use:   "gc",
		Short: "Delete what was deleted, and the cache that is too much",
		Long: `Frees the space of deleted roots, and of cache, which is what no pin, deal or running put keeps: what was fetched for a get, old
versions whose time is over, and what is left of puts that failed. Of the cache as much stays as [store] cache_max says; what is
read least goes first. The daemon does this by itself from time to time.`,
		Example: `  ipdm gc
  ipdm gc --all`,
		Args: NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return c.WithDaemon(cmd.Context(), func(d *client.Client) error {
				r, err := d.Data.CollectGarbage(cmd.Context(), request)
				if err != nil {
					return err
				}
				if c.JSON {
					c.PrintJSON(struct {
						DeletedEncodings uint64 `json:"deleted_encodings"`
						FreedBytes       uint64 `json:"freed_bytes"`
						KeptEncodings    uint64 `json:"kept_encodings"`
						KeptBytes        uint64 `json:"kept_bytes"`
						CachedBytes      uint64 `json:"cached_bytes"`
					}{r.DeletedEncodings, r.FreedBytes, r.KeptEncodings, r.KeptBytes, r.CachedBytes})
					return nil
				}
				c.Printf("freed %s (%d encodings), kept %s (%d), of it %s as cache\n",
					SizeText(r.FreedBytes), r.DeletedEncodings, SizeText(r.KeptBytes), r.KeptEncodings, SizeText(r.CachedBytes))
				return nil
			})
		},
	}
	cmd.Flags().BoolVar(&request.All, "all", false, "empty the cache")
	return cmd
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
