package cli

import (
	"errors"
	"io"

	"github.com/spf13/cobra"

	sidecarv1 "github.com/ipdm-network/ipdm/sdk/go/sidecar/v1"
	"github.com/ipdm-network/ipdm/sidecar/api/client"
)

func (c *Call) pushCommand() *cobra.Command {
	request := &sidecarv1.PushRequest{}
	cmd := &cobra.Command{
		Use:   "push ROOT PEER",
		Short: "Have another node keep a root",
		Long: `Has another node keep a root that is pinned here. The node gets what it lacks from this one; a push that was broken
off goes on where it was when it is made again. PEER is the peer id of a connected node, or a multiaddr that ends in /p2p/
and the peer id, as ` + "`ipdm id`" + ` prints it there.

A node takes nothing from others unless its operator lists their peer ids in [network] accept_puts_from.`,
		Example: `  ipdm push bafk... /ip4/192.0.2.7/udp/4001/quic-v1/p2p/12D3Koo...
  ipdm push bafk... 12D3Koo... --replaces bafk...   the node gives the other root up for this one
  ipdm push bafk... 12D3Koo... --delete             the node gives the root up`,
		Args: func(cmd *cobra.Command, args []string) error { return Usage(cobra.ExactArgs(2)(cmd, args)) },
		RunE: func(cmd *cobra.Command, args []string) error {
			for _, root := range []string{args[0], request.ReplacedRoot} {
				if root == "" {
					continue
				}
				if err := CheckRoot(root); err != nil {
					return err
				}
			}
			if request.Delete && request.ReplacedRoot != "" {
				return Usagef("--delete and --replaces do not go together")
			}
			request.Root, request.Peer = args[0], args[1]
			return c.WithDaemon(cmd.Context(), func(d *client.Client) error { return c.push(cmd, d, request) })
		},
	}
	cmd.Flags().StringVar(&request.ReplacedRoot, "replaces", "", "root that the node gives up for this one")
	cmd.Flags().BoolVar(&request.Delete, "delete", false, "have the node give the root up")
	return cmd
}

func (c *Call) push(cmd *cobra.Command, d *client.Client, request *sidecarv1.PushRequest) error {
	stream, err := d.Data.Push(cmd.Context(), request)
	if err != nil {
		return err
	}
	bar := c.NewBar("push", 0)
	defer bar.End()
	shown := uint64(0)
	for {
		answer, err := stream.Recv()
		if errors.Is(err, io.EOF) {
			return errors.New("the daemon ended the push without a result")
		}
		if err != nil {
			return err
		}
		bar.Add(int(answer.ReceivedBytes - shown))
		shown = answer.ReceivedBytes
		if answer.Done {
			bar.End()
			c.printPush(request, answer)
			return nil
		}
	}
}

func (c *Call) printPush(request *sidecarv1.PushRequest, answer *sidecarv1.PushResponse) {
	switch {
	case c.JSON:
		c.PrintJSON(struct {
			Root     string `json:"root"`
			Peer     string `json:"peer"`
			Received uint64 `json:"received"`
			Existing bool   `json:"existing"`
			Removed  uint32 `json:"removed"`
		}{request.Root, request.Peer, answer.ReceivedBytes, answer.Existing, answer.Removed})
	case request.Delete:
		c.Printf("%s gave up %s (%d manifests)\n", request.Peer, request.Root, answer.Removed)
	case answer.Existing:
		c.Printf("%s kept %s already\n", request.Peer, request.Root)
	default:
		c.Printf("%s keeps %s (%s were sent)\n", request.Peer, request.Root, SizeText(answer.ReceivedBytes))
	}
}
