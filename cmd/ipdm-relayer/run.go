package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"github.com/spf13/cobra"

	"github.com/ipdm-network/ipdm/bridge/chain/ethereum"
	"github.com/ipdm-network/ipdm/bridge/chain/ipdm"
	"github.com/ipdm-network/ipdm/bridge/chain/solana"
	"github.com/ipdm-network/ipdm/bridge/relayer"
)

func (p *program) initCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "init",
		Short: "Write an example configuration",
		Long:  "Writes a configuration with every setting explained to ~/.ipdm-relayer/config.toml, or to --config. It does not replace one.",
		Args:  noArgs,
		RunE: func(*cobra.Command, []string) error {
			path, _ := p.flags.path()
			if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
				return fmt.Errorf("failed to make the folder: %w", err)
			}
			f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
			if errors.Is(err, fs.ErrExist) {
				return fmt.Errorf("%s is there already: edit it, or remove it first", path)
			}
			if err != nil {
				return fmt.Errorf("failed to write the configuration: %w", err)
			}
			_, err = f.WriteString(exampleConfig)
			if err = errors.Join(err, f.Close()); err != nil {
				return fmt.Errorf("failed to write the configuration: %w", err)
			}
			_, err = fmt.Fprintf(p.stdout, "wrote %s: set [chain] grpc, and rpc, light_client and key_file of a destination\n", path)
			return err
		},
	}
}

// opened is the relayer of the settings.
type opened struct {
	*relayer.Relayer
	cfg      config
	registry *prometheus.Registry
	closers  []func()
}

// close ends all connections.
func (o *opened) close() {
	for _, end := range slices.Backward(o.closers) {
		end()
	}
}

// open makes the relayer of the settings. Close it after use.
func (p *program) open(ctx context.Context) (*opened, error) {
	cfg, err := p.flags.load()
	if err != nil {
		return nil, err
	}
	destinations, err := cfg.clients()
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errUsage, err)
	}
	log, err := p.logger(cfg.Log)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errUsage, err)
	}
	source, err := ipdm.New(cfg.Chain.GRPC)
	if err != nil {
		return nil, err
	}
	o := &opened{Relayer: relayer.New(source), cfg: cfg, registry: prometheus.NewRegistry()}
	o.closers = append(o.closers, func() { _ = source.Close() }) // nothing is lost
	if err := o.addDestinations(ctx, destinations, source, log); err != nil {
		o.close()
		return nil, err
	}
	return o, nil
}

// addDestinations adds what the settings name.
func (o *opened) addDestinations(ctx context.Context, destinations clients, source *ipdm.Client, log *slog.Logger) error {
	var events relayer.Inbox
	if o.cfg.Chain.Key != "" {
		in, err := openInbox(o.cfg.Chain, source, log)
		if err != nil {
			return err
		}
		o.closers = append(o.closers, func() { _ = in.Close() }) // nothing is lost
		log.Info("handing in events", "account", in.signer.Address())
		events = in
	}
	metrics := relayer.NewMetrics(o.registry)
	for i, settings := range destinations.ethereum {
		client, err := ethereum.New(ctx, settings)
		if err != nil {
			return err
		}
		o.closers = append(o.closers, client.Close)
		log.Info("carrying checkpoints", "destination", settings.Name, "light_client", settings.Contract, "account", client.Account())
		o.Add(client, routeOptions(o.cfg.Ethereum[i].MinInterval, o.cfg.Ethereum[i].Domain, source, events), log, metrics)
	}
	for i, settings := range destinations.solana {
		client, err := solana.New(settings)
		if err != nil {
			return err
		}
		log.Info("carrying checkpoints", "destination", settings.Name, "program", settings.Program, "account", settings.Payer.PublicKey())
		o.Add(client, routeOptions(o.cfg.Solana[i].MinInterval, o.cfg.Solana[i].Domain, source, events), log, metrics)
	}
	return nil
}

func (p *program) startCommand() *cobra.Command {
	return &cobra.Command{
		Use:     "start",
		Short:   "Carry checkpoints, messages and events until interrupted",
		Example: "  ipdm-relayer start\n  ipdm-relayer start --chain-grpc 127.0.0.1:9090 --ethereum-rpc http://127.0.0.1:8545 --ethereum-light-client 0x... --ethereum-key-file key",
		Args:    noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			o, err := p.open(cmd.Context())
			if err != nil {
				return err
			}
			defer o.close()
			stop, err := p.serveMetrics(o.cfg.Metrics.Listen, o.registry)
			if err != nil {
				return err
			}
			defer stop()
			o.Run(cmd.Context())
			return nil
		},
	}
}

// serveMetrics serves metrics until stop is called, which waits.
func (p *program) serveMetrics(address string, registry *prometheus.Registry) (stop func(), err error) {
	if address == "" {
		return func() {}, nil
	}
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return nil, fmt.Errorf("failed to listen for metrics: %w", err)
	}
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", promhttp.HandlerFor(registry, promhttp.HandlerOpts{}))
	server := &http.Server{Handler: mux, ReadHeaderTimeout: 5 * time.Second, MaxHeaderBytes: 1 << 14}
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = server.Serve(listener) // it ends by Close
	}()
	return func() { _ = server.Close(); <-done }, nil
}

func (p *program) onceCommand() *cobra.Command {
	return &cobra.Command{
		Use:     "once",
		Short:   "Carry what there is now, and end",
		Example: "  ipdm-relayer once --config relayer.toml",
		Args:    noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			o, err := p.open(cmd.Context())
			if err != nil {
				return err
			}
			defer o.close()
			carried, err := o.Once(cmd.Context())
			if p.flags.json {
				p.printJSON(carried)
			} else {
				fmt.Fprintf(p.stdout, "%d checkpoints and %d messages handed over, %d events handed in\n", carried.Checkpoints, carried.Messages, carried.Events)
			}
			return err
		},
	}
}
