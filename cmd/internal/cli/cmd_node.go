package cli

import (
	"fmt"
	"runtime"
	"time"

	"github.com/spf13/cobra"

	sidecarv1 "github.com/ipdm-network/ipdm/sdk/go/sidecar/v1"
	"github.com/ipdm-network/ipdm/sidecar/api/client"
)

func (c *Call) idCommand() *cobra.Command {
	return &cobra.Command{
		Use:     "id",
		Short:   "Show who the node is and where it is reached",
		Example: "  ipdm id --json",
		Args:    NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return c.WithDaemon(cmd.Context(), func(d *client.Client) error {
				id, err := d.Node.ID(cmd.Context(), &sidecarv1.IDRequest{})
				if err != nil {
					return err
				}
				if c.JSON {
					c.PrintJSON(struct {
						PeerID     string   `json:"peer_id"`
						Multiaddrs []string `json:"multiaddrs"`
						Version    string   `json:"version"`
						Network    string   `json:"network"`
					}{id.PeerId, NonNil(id.Multiaddrs), id.Version, id.Network})
					return nil
				}
				c.Printf("peer id  %s\nnetwork  %s\nversion  %s\n", id.PeerId, id.Network, id.Version)
				for _, a := range id.Multiaddrs {
					c.Printf("address  %s\n", a)
				}
				return nil
			})
		},
	}
}

// peerJSON is a connected peer as it is printed.
type peerJSON struct {
	PeerID    string  `json:"peer_id"`
	Multiaddr string  `json:"multiaddr"`
	LatencyUS int64   `json:"latency_us"`
	Inbound   bool    `json:"inbound"`
	Agent     string  `json:"agent"`
	Score     float64 `json:"score"`
}

func (c *Call) peersCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "peers",
		Short: "List the connected peers",
		Args:  NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return c.WithDaemon(cmd.Context(), func(d *client.Client) error {
				answer, err := d.Node.Peers(cmd.Context(), &sidecarv1.PeersRequest{})
				if err != nil {
					return err
				}
				peers := make([]peerJSON, 0, len(answer.Peers))
				for _, p := range answer.Peers {
					peers = append(peers, peerJSON{p.PeerId, p.Multiaddr, p.LatencyUs, p.Inbound, p.Agent, p.Score})
				}
				if c.JSON {
					c.PrintJSON(map[string]any{"peers": peers})
					return nil
				}
				for _, p := range peers {
					direction := "out"
					if p.Inbound {
						direction = "in"
					}
					latency := time.Duration(p.LatencyUS) * time.Microsecond
					c.Printf("%s  %-3s  %8s  %6.1f  %s  %s\n", p.PeerID, direction, latency.Round(10*time.Microsecond), p.Score, p.Multiaddr, p.Agent)
				}
				return nil
			})
		},
	}
}

func (c *Call) connectCommand() *cobra.Command {
	return &cobra.Command{
		Use:     "connect MULTIADDR",
		Short:   "Connect to a peer",
		Example: "  ipdm connect /ip4/127.0.0.1/udp/4001/quic-v1/p2p/12D3Koo...",
		Args:    OneArg,
		RunE: func(cmd *cobra.Command, args []string) error {
			return c.WithDaemon(cmd.Context(), func(d *client.Client) error {
				if _, err := d.Node.Connect(cmd.Context(), &sidecarv1.ConnectRequest{Multiaddr: args[0]}); err != nil {
					return err
				}
				if c.JSON {
					c.PrintJSON(map[string]string{"connected": args[0]})
					return nil
				}
				c.Printf("connected to %s\n", args[0])
				return nil
			})
		},
	}
}

func (c *Call) versionCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "Show the version of this program",
		Args:  NoArgs,
		RunE: func(*cobra.Command, []string) error {
			if c.JSON {
				c.PrintJSON(struct {
					Version string `json:"version"`
					Commit  string `json:"commit"`
					Go      string `json:"go"`
				}{Version, Commit, runtime.Version()})
				return nil
			}
			c.Printf("ipdm %s\n", fmt.Sprintf("%s (%s, %s/%s)", Version, runtime.Version(), runtime.GOOS, runtime.GOARCH))
			return nil
		},
	}
}

// NonNil makes an empty list print as [].
func NonNil[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}
