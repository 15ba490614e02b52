package main

import (
	"context"
	"errors"

	"github.com/spf13/cobra"

	"github.com/ipdm-network/ipdm/cmd/internal/cli"
	"github.com/ipdm-network/ipdm/sidecar/node"
	"github.com/ipdm-network/ipdm/sidecar/node/hugepages"
)

func (c *program) daemonCommand() *cobra.Command {
	var (
		level        string
		logJSON      bool
		pauseHealing bool
		apiListen    string
	)
	cmd := &cobra.Command{
		Use:   "daemon",
		Short: "Run the node until it is interrupted",
		Long: `Runs the node in the foreground until SIGINT or SIGTERM; then calls in progress get a moment to finish. The log goes to
standard error. One daemon at a time uses a home.`,
		Example: `  ipdm daemon
  ipdm daemon --home ./n1 --log-level debug`,
		Args: cli.NoArgs,
	}
	f := cmd.Flags()
	f.StringVar(&level, "log-level", "", "debug, info, warn or error, instead of the setting")
	f.BoolVar(&logJSON, "log-json", false, "log JSON")
	f.StringVar(&apiListen, "api-listen", "", "loopback address of the API, instead of the setting")
	f.BoolVar(&pauseHealing, "pause-healing", false, "as a provider, do not fetch back what is missing until 'ipdm provider heal --resume'")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		cfg, err := node.LoadConfig(c.NodeHome())
		if err != nil {
			return err
		}
		if level != "" {
			cfg.Log.Level = level
		}
		if apiListen != "" {
			cfg.API.Listen = apiListen
		}
		cfg.Log.JSON = cfg.Log.JSON || logJSON
		if err := cfg.ValidateBasic(); err != nil {
			return cli.Usage(err)
		}
		return c.runDaemon(cmd.Context(), cfg, pauseHealing)
	}
	return cmd
}

func (c *program) runDaemon(ctx context.Context, cfg node.Config, pauseHealing bool) (err error) {
	log, err := node.NewLogger(c.Stderr, cfg.Log)
	if err != nil {
		return cli.Usage(err)
	}
	if cfg.Store.HugePages {
		if err := hugepages.Advise(cfg.Store.HeapBytes()); err != nil {
			log.Debug("the heap lies in small pages", "error", err)
		}
	}
	n, err := node.Start(ctx, node.Options{
		Home: c.NodeHome(), Config: cfg, Version: cli.Version, PauseHealing: pauseHealing, Passphrase: c.Stdin, Logger: log,
	})
	if err != nil {
		return err
	}
	defer func() {
		err = errors.Join(err, n.Close())
		log.Info("stopped")
	}()
	info := n.Network().AddrInfo()
	log.Info("running", "peer_id", info.ID, "addresses", info.Addrs, "api", n.APIAddress(), "metrics", n.MetricsAddress(), "version", cli.Version)
	if c.JSON {
		addresses := make([]string, len(info.Addrs))
		for i, a := range n.Network().Addrs() {
			addresses[i] = a.String()
		}
		c.PrintJSON(struct {
			PeerID     string   `json:"peer_id"`
			Multiaddrs []string `json:"multiaddrs"`
			API        string   `json:"api"`
			Metrics    string   `json:"metrics,omitempty"`
		}{info.ID.String(), addresses, n.APIAddress(), n.MetricsAddress()})
	}
	select {
	case <-ctx.Done():
		log.Info("stopping")
		return nil
	case err := <-n.Failed():
		return err
	}
}
