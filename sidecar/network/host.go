package network

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/libp2p/go-libp2p"
	"github.com/libp2p/go-libp2p/core/crypto"
	"github.com/libp2p/go-libp2p/core/host"
	"github.com/libp2p/go-libp2p/core/metrics"
	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/libp2p/go-libp2p/p2p/net/connmgr"
	"github.com/libp2p/go-libp2p/p2p/net/swarm"
	"github.com/libp2p/go-libp2p/p2p/security/noise"
	tls "github.com/libp2p/go-libp2p/p2p/security/tls"
	quic "github.com/libp2p/go-libp2p/p2p/transport/quic"
	"github.com/libp2p/go-libp2p/p2p/transport/tcp"
	ma "github.com/multiformats/go-multiaddr"
	"github.com/prometheus/client_golang/prometheus"
)

// connGrace protects new connections from being trimmed before they are useful.
const connGrace = 30 * time.Second

// newHost builds the libp2p host. It listens when this returns.
func newHost(cfg Config, key crypto.PrivKey, gater banGater, bandwidth metrics.Reporter, registry prometheus.Registerer) (host.Host, error) {
	resources, err := newResourceManager(cfg)
	if err != nil {
		return nil, err
	}
	conns, err := connmgr.NewConnManager(cfg.ConnsLow, cfg.ConnsHigh, connmgr.WithGracePeriod(connGrace))
	if err != nil {
		return nil, fmt.Errorf("failed to create connection manager: %w", err)
	}
	opts := []libp2p.Option{
		libp2p.Identity(key),
		libp2p.UserAgent(cfg.UserAgent),
		libp2p.NoListenAddrs,
		libp2p.Transport(quic.NewTransport),
		libp2p.Transport(tcp.NewTCPTransport, tcpOptions(cfg)...),
		libp2p.Security(tls.ID, tls.New),
		libp2p.Security(noise.ID, noise.New),
		libp2p.DefaultMuxers,
		libp2p.ResourceManager(resources),
		libp2p.ConnectionManager(conns),
		libp2p.ConnectionGater(gater),
		libp2p.BandwidthReporter(bandwidth),
		libp2p.SwarmOpts(swarm.WithDialRanker(rankDials)),
		libp2p.WithDialTimeout(cfg.DialTimeout),
		libp2p.Ping(true),
	}
	if registry != nil {
		opts = append(opts, libp2p.PrometheusRegisterer(registry))
	} else {
		opts = append(opts, libp2p.DisableMetrics())
	}
	reach, err := reachabilityOptions(cfg)
	if err != nil {
		return nil, err
	}
	h, err := libp2p.New(append(opts, reach...)...)
	if err != nil {
		return nil, fmt.Errorf("failed to start libp2p host: %w", err)
	}
	if err := listen(cfg, h); err != nil {
		return nil, errors.Join(err, h.Close())
	}
	return h, nil
}

// listen opens every configured address. libp2p itself is content with one of
// them, which would hide a port that another program holds.
func listen(cfg Config, h host.Host) error {
	addrs, err := parseAddrs(cfg.Listen)
	if err != nil {
		return err
	}
	for _, a := range addrs {
		if err := h.Network().Listen(a); err != nil {
			return fmt.Errorf("failed to listen on %s: %w", a, err)
		}
	}
	return nil
}

// tcpOptions turns the sharing of listening ports off, with which two nodes on
// one port would each get some of the connections. Only hole punching needs it.
func tcpOptions(cfg Config) []any {
	if cfg.HolePunching {
		return nil
	}
	return []any{tcp.DisableReuseport()}
}

// reachabilityOptions are those by which a node behind a NAT is reached.
func reachabilityOptions(cfg Config) ([]libp2p.Option, error) {
	var opts []libp2p.Option
	if len(cfg.Announce) > 0 {
		announce, err := parseAddrs(cfg.Announce)
		if err != nil {
			return nil, err
		}
		opts = append(opts, libp2p.AddrsFactory(func([]ma.Multiaddr) []ma.Multiaddr { return announce }))
	}
	if cfg.NATPortMap {
		opts = append(opts, libp2p.NATPortMap())
	}
	if cfg.AutoNAT {
		opts = append(opts, libp2p.EnableNATService(), libp2p.EnableAutoNATv2())
	}
	if cfg.Relay {
		opts = append(opts, libp2p.EnableRelay())
		relays, err := ParsePeers(cfg.Bootstrap)
		if err != nil {
			return nil, err
		}
		if len(relays) > 0 {
			opts = append(opts, libp2p.EnableAutoRelayWithStaticRelays(relays))
		}
	} else {
		opts = append(opts, libp2p.DisableRelay())
	}
	if cfg.RelayService {
		opts = append(opts, libp2p.EnableRelayService())
	}
	if cfg.HolePunching {
		opts = append(opts, libp2p.EnableHolePunching())
	}
	return opts, nil
}

// dialNow connects to a peer at once, even while libp2p would rather wait after
// a failed attempt: it serves requests made on purpose, which pace themselves.
func dialNow(ctx context.Context, h host.Host, info peer.AddrInfo) error {
	if s, ok := h.Network().(interface{ Backoff() *swarm.DialBackoff }); ok {
		s.Backoff().Clear(info.ID)
	}
	return h.Connect(ctx, info)
}
