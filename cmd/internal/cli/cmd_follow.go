package cli

import (
	"github.com/spf13/cobra"

	sidecarv1 "github.com/ipdm-network/ipdm/sdk/go/sidecar/v1"
	"github.com/ipdm-network/ipdm/sidecar/api/client"
)

// followJSON is a follow as it is printed.
type followJSON struct {
	Name      string `json:"name"`
	Kind      string `json:"kind"`
	Position  uint64 `json:"position"`
	Finalized uint64 `json:"finalized"`
	Lag       uint64 `json:"lag"`
	Changes   uint64 `json:"changes"`
	Batches   uint64 `json:"batches"`
	LastRoot  string `json:"last_root,omitempty"`
	Trouble   string `json:"trouble,omitempty"`
	Stopped   bool   `json:"stopped"`
}

func (c *Call) followCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "follow",
		Short: "See how far the node is with other chains that it follows",
		Args:  NoArgs,
		RunE:  func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(c.followListCommand())
	return cmd
}

func (c *Call) followListCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "ls",
		Short: "List what the node follows on other chains",
		Long: `Lists the [[follow]] sections of config.toml: the last slot or block up to which all that was seen is stored, by how many that is behind the last
finalized one, the batches stored, the root of the last one, and what is wrong, if anything is. A follow that has stopped does not try again by
itself: see its trouble, and restart the daemon. What was stored is found by its tags.`,
		Example: `  ipdm follow ls
  ipdm query tag:follow=my-program --json`,
		Args: NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return c.WithDaemon(cmd.Context(), func(d *client.Client) error {
				list, err := d.Follow.List(cmd.Context(), &sidecarv1.ListFollowsRequest{})
				if err != nil {
					return err
				}
				c.printFollows(list)
				return nil
			})
		},
	}
}

func (c *Call) printFollows(list *sidecarv1.ListFollowsResponse) {
	follows := make([]followJSON, 0, len(list.Follows))
	for _, f := range list.Follows {
		follows = append(follows, followJSON{
			f.Name, f.Kind, f.Position, f.Finalized, f.Lag, f.Changes, f.Batches, f.LastRoot, f.Trouble, f.Stopped,
		})
	}
	if c.JSON {
		c.PrintJSON(map[string]any{"follows": follows})
		return
	}
	for _, f := range follows {
		c.Printf("%-32s  %-15s  at %d, %d behind  %d changes in %d batches  %s\n", f.Name, f.Kind, f.Position, f.Lag, f.Changes, f.Batches, f.LastRoot)
		switch {
		case f.Stopped:
			c.Printf("  stopped: %s\n", printable(f.Trouble))
		case f.Trouble != "":
			c.Printf("  trouble: %s\n", printable(f.Trouble))
		}
	}
}
