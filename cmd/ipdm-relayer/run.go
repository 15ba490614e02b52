package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/http"
	"os"
	"path/filepath"
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

// open makes the relayer of the settings. The caller calls closeAll after use.
func (p *program) open(ctx context.Context) (r *relayer.Relayer, cfg config, registry *prometheus.Registry, closeAll func(), err error) {
	if cfg, err = p.flags.load(); err != nil {
		return nil, cfg, nil, nil, err
	}
	if err := cfg.validate(); err != nil {
		return nil, cfg, nil, nil, fmt.Errorf("%w: %w", errUsage, err)
	}
	log, err := p.logger(cfg.Log)
	if err != nil {
		return nil, cfg, nil, nil, fmt.Errorf("%w: %w", errUsage, err)
	}
	source, err := ipdm.New(cfg.Chain.GRPC)
	if err != nil {
		return nil, cfg, nil, nil, err
	}
	var clients []*ethereum.Client
	closeAll = func() {
		for _, c := range clients {
			c.Close()
		}
		_ = source.Close() // nothing is lost
	}
	registry = prometheus.NewRegistry()
	r, metrics := relayer.New(source), relayer.NewMetrics(registry)
	for i, e := range cfg.Ethereum {
		settings, err := e.client(i)
		if err != nil {
			closeAll()
			return nil, cfg, nil, nil, err
		}
		client, err := ethereum.New(ctx, settings)
		if err != nil {
			closeAll()
			return nil, cfg, nil, nil, err
		}
		clients = append(clients, client)
		log.Info("carrying checkpoints", "destination", settings.Name, "light_client", settings.Contract, "account", client.Account())
		r.Add(client, routeOptions(e.MinInterval), log, metrics)
	}
	for i, s := range cfg.Solana {
		settings, err := s.client(i)
		if err != nil {
			closeAll()
			return nil, cfg, nil, nil, err
		}
		client, err := solana.New(settings)
		if err != nil {
			closeAll()
			return nil, cfg, nil, nil, err
		}
		log.Info("carrying checkpoints", "destination", settings.Name, "program", settings.Program, "account", settings.Payer.PublicKey())
		r.Add(client, routeOptions(s.MinInterval), log, metrics)
	}
	return r, cfg, registry, closeAll, nil
}

func (p *program) startCommand() *cobra.Command {
	return &cobra.Command{
		Use:     "start",
		Short:   "Carry checkpoints until interrupted",
		Example: "  ipdm-relayer start\n  ipdm-relayer start --chain-grpc 127.0.0.1:9090 --ethereum-rpc http://127.0.0.1:8545 --ethereum-light-client 0x... --ethereum-key-file key",
		Args:    noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			r, cfg, registry, closeAll, err := p.open(cmd.Context())
			if err != nil {
				return err
			}
			defer closeAll()
			stop, err := p.serveMetrics(cfg.Metrics.Listen, registry)
			if err != nil {
				return err
			}
			defer stop()
			r.Run(cmd.Context())
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
		Short:   "Hand over what the light clients lack now, and end",
		Example: "  ipdm-relayer once --config relayer.toml",
		Args:    noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			r, _, _, closeAll, err := p.open(cmd.Context())
			if err != nil {
				return err
			}
			defer closeAll()
			handed, err := r.Once(cmd.Context())
			if p.flags.json {
				p.printJSON(struct {
					Handed int `json:"checkpoints"`
				}{handed})
			} else {
				fmt.Fprintf(p.stdout, "%d checkpoints handed over\n", handed)
			}
			return err
		},
	}
}
