package main

import (
	"strings"

	"github.com/spf13/cobra"

	"github.com/ipdm-network/ipdm/cmd/internal/cli"
	"github.com/ipdm-network/ipdm/sidecar/node"
)

func (c *program) initCommand() *cobra.Command {
	cfg := node.DefaultConfig()
	cmd := &cobra.Command{
		Use:   "init",
		Short: "Make the home of a node: its settings and its peer key",
		Long: `Makes the home of a node: config.toml, the peer key and, for a provider, an account key. It never overwrites one.

A provider stores for others for money: it needs a chain and, before it can register, funds for its pledge.

Content is kept in the home, or with --store s3://BUCKET/PREFIX in an S3-compatible object store. Its keys come from the environment
(AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY), ~/.aws/credentials or a file that is named, and never from the command line.`,
		Example: `  ipdm init
  ipdm init --home ./n1 --network test --listen /ip4/127.0.0.1/udp/4101/quic-v1 --mdns=false
  ipdm init --provider --chain-grpc 127.0.0.1:9090 --ask-price 1000000000000000 --ask-capacity 50GiB
  ipdm init --store s3://ipdm/node1 --s3-endpoint https://s3.example.org --s3-credentials-file /etc/ipdm/s3-keys`,
		Args: cli.NoArgs,
	}
	f := cmd.Flags()
	f.StringVar(&cfg.Network.Name, "network", cfg.Network.Name, "name of the network; nodes of other networks are not found")
	f.StringArrayVar(&cfg.Network.Listen, "listen", cfg.Network.Listen, "multiaddr to listen on (repeatable)")
	f.StringArrayVar(&cfg.Network.Bootstrap, "bootstrap", nil, "multiaddr with /p2p of a peer to stay connected to (repeatable)")
	f.BoolVar(&cfg.Network.MDNS, "mdns", cfg.Network.MDNS, "find nodes on the local network")
	f.StringVar(&cfg.API.Listen, "api-listen", cfg.API.Listen, "loopback address of the API; port 0 takes a free one")
	f.StringVar(&cfg.Metrics.Listen, "metrics-listen", cfg.Metrics.Listen, "loopback address of metrics and health; empty for none")
	f.Var(&cfg.Store, "store", "where content is kept: local, or s3://BUCKET/PREFIX")
	f.StringVar(&cfg.Store.S3.Endpoint, "s3-endpoint", "", "URL of the object store; empty for AWS")
	f.StringVar(&cfg.Store.S3.Region, "s3-region", cfg.Store.S3.Region, "region that requests to the object store are signed for")
	f.BoolVar(&cfg.Store.S3.PathStyle, "s3-path-style", cfg.Store.S3.PathStyle, "name the bucket in the path of URLs, not in the host name")
	f.StringVar(&cfg.Store.S3.CredentialsFile, "s3-credentials-file", "", "file of keys, in the format of ~/.aws/credentials")
	f.StringVar(&cfg.Store.S3.Profile, "s3-profile", "", "section of that file (default: \"default\")")
	f.StringArrayVar(&cfg.Chain.GRPC, "chain-grpc", nil, "gRPC address of a chain node, HOST:PORT (repeatable, preferred first)")
	f.StringVar(&cfg.Chain.ID, "chain-id", "", "id of the chain to follow; empty accepts the first node's")
	f.StringVar(&cfg.Chain.KeyringBackend, "keyring-backend", cfg.Chain.KeyringBackend, "where keys are kept: os, file or test (not encrypted)")
	f.BoolVar(&cfg.Provider.Enabled, "provider", false, "be a storage provider")
	f.StringVar(&cfg.Provider.AskPrice, "ask-price", cfg.Provider.AskPrice, "price of a GiB-hour in aipdm")
	f.StringVar(&cfg.Provider.AskCapacity, "ask-capacity", cfg.Provider.AskCapacity, "space offered")
	f.StringVar(&cfg.Provider.Pledge, "pledge", cfg.Provider.Pledge, "pledge in aipdm")
	f.BoolVar(&cfg.Provider.TopUpPledge, "top-up-pledge", cfg.Provider.TopUpPledge, "add to the pledge whenever it is less than that, after a slash for instance")
	f.Int64Var(&cfg.Provider.SettleEvery, "settle-every", cfg.Provider.SettleEvery, "collect earnings every so many windows")
	f.BoolVar(&cfg.Provider.Seal, "seal", cfg.Provider.Seal, "take sealed replicas, which earn the storage emission; without it the offer is for open ones only")
	f.Int64Var(&cfg.Provider.Sealers, "sealers", cfg.Provider.Sealers, "sectors sealed at a time; two share a core")
	f.StringVar(&cfg.Provider.SealMemory, "seal-memory", cfg.Provider.SealMemory, "how much of its files one sealer holds in memory")
	f.Var(&cfg.Provider.SealBatchWait, "seal-batch-wait", "how long a small replica waits for others to fill its sector")
	f.StringVar(&cfg.Provider.MaxSealingBytes, "max-sealing-bytes", cfg.Provider.MaxSealingBytes, "replicas waiting or being sealed, above which new ones are refused")
	f.StringVar(&cfg.Provider.SectorDir, "sector-dir", "", "where sectors are kept (default: sectors/ in the home)")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		for _, name := range []string{"s3-endpoint", "s3-region", "s3-path-style", "s3-credentials-file", "s3-profile"} {
			if cmd.Flags().Changed(name) && !cmd.Flags().Changed("store") {
				return cli.Usagef("--%s is for an object store: name it too, with --store s3://BUCKET/PREFIX", name)
			}
		}
		return c.initHome(cfg)
	}
	return cmd
}

func (c *program) initHome(cfg node.Config) error {
	if err := cfg.ValidateBasic(); err != nil {
		return cli.Usage(err)
	}
	id, err := node.Init(c.NodeHome(), cfg, c.Stdin)
	if err != nil {
		return err
	}
	if c.JSON {
		c.PrintJSON(struct {
			PeerID          string `json:"peer_id"`
			ProviderAddress string `json:"provider_address,omitempty"`
			Home            string `json:"home"`
		}{id.PeerID.String(), id.ProviderAddress, c.Home})
		return nil
	}
	c.Printf("Made a node in %s\npeer id: %s\n", c.Home, id.PeerID)
	if id.ProviderAddress != "" {
		c.Printf("provider account: %s (send it at least its pledge, %s aipdm)\n", id.ProviderAddress, cfg.Provider.Pledge)
	}
	if id.Mnemonic != "" {
		c.Printf("Write these words down; they restore the account and are kept nowhere:\n  %s\n", strings.TrimSpace(id.Mnemonic))
	}
	c.Printf("Run it with: ipdm daemon --home %s\n", c.Home)
	return nil
}
