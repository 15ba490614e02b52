package network

import (
	"errors"
	"fmt"
	"time"

	"github.com/libp2p/go-libp2p/core/peer"
	ma "github.com/multiformats/go-multiaddr"
)

// maxBootstrapPeers bounds the goroutines that keep bootstrap peers connected.
const maxBootstrapPeers = 64

// Config says how a node takes part in a network. Start from DefaultConfig.
type Config struct {
	// NetworkName separates networks: it is part of the DHT protocol id and of
	// the mDNS service name.
	NetworkName string
	// UserAgent is told to peers by the identify protocol.
	UserAgent string

	// Listen are the multiaddrs to listen on; port 0 picks a free one.
	Listen []string
	// Announce replaces the addresses told to others when not empty.
	Announce []string
	// Bootstrap are multiaddrs with a /p2p part of peers to stay connected to.
	Bootstrap []string
	// BootstrapInterval is the time between checks of a connected bootstrap
	// peer, and the longest wait between attempts to reach a lost one.
	BootstrapInterval time.Duration

	// MDNS turns discovery on the local network on.
	MDNS bool
	// PublicDHT also joins the public IPFS DHT, with its well-known bootstrap
	// peers. What is provided becomes findable by everyone.
	PublicDHT bool

	// NATPortMap asks a router to forward the listening ports.
	NATPortMap bool
	// AutoNAT answers and asks for reachability checks.
	AutoNAT bool
	// Relay allows connections through relays and keeps a reservation with one
	// of the Bootstrap peers while this node is not reachable itself.
	Relay bool
	// RelayService lets others be reached through this node.
	RelayService bool
	// HolePunching upgrades relayed connections to direct ones; needs Relay.
	HolePunching bool

	// ConnsLow and ConnsHigh steer the connection manager: beyond ConnsHigh it
	// closes the least useful connections until ConnsLow are left.
	ConnsLow, ConnsHigh int
	// MaxConns is the hard limit of connections in each direction together.
	MaxConns int
	// MaxMemoryBytes limits what the network stack may buffer; 0 takes an eighth
	// of the machine's memory, at most 1 GiB.
	MaxMemoryBytes int64
	// DialTimeout bounds one attempt to reach a peer.
	DialTimeout time.Duration

	// FetchTimeout ends a fetch during which no block arrived for so long.
	FetchTimeout time.Duration
	// FetchRetry is how long a fetch waits in vain before it cancels what it asked
	// for and asks again, for Bitswap can lose a request; it doubles each time.
	FetchRetry time.Duration
	// FetchWindowBytes is the amount of data a single fetch asks for ahead.
	FetchWindowBytes int
	// ProviderSearchDelay is how long a fetch waits for connected peers before
	// it asks the DHT who has a block.
	ProviderSearchDelay time.Duration
	// Exchange tunes Bitswap.
	Exchange ExchangeConfig

	// ProvideQueueLen bounds the announcements waiting to be made.
	ProvideQueueLen int
	// ProvideWorkers is the number of announcements made at a time.
	ProvideWorkers int
	// ProvideTimeout bounds one announcement.
	ProvideTimeout time.Duration
	// ReprovideInterval is the time between full announcement rounds. Provider
	// records live 48 hours.
	ReprovideInterval time.Duration

	// PingInterval is the time between latency measurements of connected peers.
	PingInterval time.Duration

	// BanThreshold is the number of invalid blocks within BanDuration that gets
	// a peer banned for BanDuration.
	BanThreshold int
	// BanDuration is how long a ban lasts.
	BanDuration time.Duration
}

// ExchangeConfig tunes the Bitswap server and client.
type ExchangeConfig struct {
	// TaskWorkers is the number of messages being sent at a time.
	TaskWorkers int
	// EngineTaskWorkers is the number of messages being assembled at a time.
	EngineTaskWorkers int
	// BlockstoreWorkers is the number of concurrent reads of the blockstore.
	BlockstoreWorkers int
	// MaxOutstandingBytesPerPeer is what may be on its way to one peer.
	MaxOutstandingBytesPerPeer int
	// TargetMessageBytes is the size a message is filled up to before it is sent;
	// together with one block it has to stay below the 4 MiB message limit.
	TargetMessageBytes int
	// MaxWantsPerPeer bounds the wants remembered for one peer.
	MaxWantsPerPeer uint
}

// DefaultConfig is a node that listens on loopback only, on free ports, finds
// others by mDNS and keeps to the private DHT of the named network.
func DefaultConfig(networkName string) Config {
	return Config{
		NetworkName:         networkName,
		UserAgent:           "ipdm",
		Listen:              []string{"/ip4/127.0.0.1/udp/0/quic-v1", "/ip4/127.0.0.1/tcp/0"},
		BootstrapInterval:   30 * time.Second,
		MDNS:                true,
		ConnsLow:            160,
		ConnsHigh:           256,
		MaxConns:            512,
		DialTimeout:         10 * time.Second,
		FetchTimeout:        30 * time.Second,
		FetchRetry:          3 * time.Second,
		FetchWindowBytes:    32 << 20,
		ProviderSearchDelay: 250 * time.Millisecond,
		Exchange: ExchangeConfig{
			TaskWorkers:                8,
			EngineTaskWorkers:          8,
			BlockstoreWorkers:          32,
			MaxOutstandingBytesPerPeer: 16 << 20,
			TargetMessageBytes:         1 << 20,
			MaxWantsPerPeer:            4096,
		},
		ProvideQueueLen:   1 << 16,
		ProvideWorkers:    4,
		ProvideTimeout:    time.Minute,
		ReprovideInterval: 22 * time.Hour,
		PingInterval:      30 * time.Second,
		BanThreshold:      3,
		BanDuration:       time.Hour,
	}
}

// Validate reports every setting that cannot work.
func (c Config) Validate() error {
	var errs []error
	check := func(ok bool, format string, args ...any) {
		if !ok {
			errs = append(errs, fmt.Errorf(format, args...))
		}
	}
	if err := validateNetworkName(c.NetworkName); err != nil {
		errs = append(errs, err)
	}
	check(len(c.Listen) > 0, "at least one listen address is needed")
	if _, err := parseAddrs(c.Listen); err != nil {
		errs = append(errs, fmt.Errorf("failed to read listen addresses: %w", err))
	}
	if _, err := parseAddrs(c.Announce); err != nil {
		errs = append(errs, fmt.Errorf("failed to read announce addresses: %w", err))
	}
	if _, err := ParsePeers(c.Bootstrap); err != nil {
		errs = append(errs, fmt.Errorf("failed to read bootstrap peers: %w", err))
	}
	check(len(c.Bootstrap) <= maxBootstrapPeers, "at most %d bootstrap peers are allowed, not %d", maxBootstrapPeers, len(c.Bootstrap))
	check(!c.HolePunching || c.Relay, "hole punching needs relay")
	check(c.ConnsLow >= 0 && c.ConnsLow <= c.ConnsHigh, "conns low %d must not be above conns high %d", c.ConnsLow, c.ConnsHigh)
	check(c.MaxConns > 0 && c.ConnsHigh <= c.MaxConns, "max conns %d must be positive and not below conns high %d", c.MaxConns, c.ConnsHigh)
	check(c.MaxMemoryBytes == 0 || c.MaxMemoryBytes >= 64<<20, "max memory must be 0 or at least 64 MiB, not %d bytes", c.MaxMemoryBytes)
	for name, d := range map[string]time.Duration{
		"bootstrap interval": c.BootstrapInterval, "dial timeout": c.DialTimeout, "fetch timeout": c.FetchTimeout, "fetch retry": c.FetchRetry,
		"provider search delay": c.ProviderSearchDelay, "provide timeout": c.ProvideTimeout,
		"reprovide interval": c.ReprovideInterval, "ping interval": c.PingInterval, "ban duration": c.BanDuration,
	} {
		check(d > 0, "%s must be positive", name)
	}
	for name, n := range map[string]int{
		"fetch window bytes": c.FetchWindowBytes, "provide queue length": c.ProvideQueueLen,
		"provide workers": c.ProvideWorkers, "ban threshold": c.BanThreshold,
		"exchange task workers": c.Exchange.TaskWorkers, "exchange engine task workers": c.Exchange.EngineTaskWorkers,
		"exchange blockstore workers": c.Exchange.BlockstoreWorkers, "exchange max wants per peer": int(c.Exchange.MaxWantsPerPeer),
		"exchange max outstanding bytes per peer": c.Exchange.MaxOutstandingBytesPerPeer,
	} {
		check(n > 0, "%s must be positive", name)
	}
	check(c.Exchange.TargetMessageBytes > 0 && c.Exchange.TargetMessageBytes <= 1<<20,
		"exchange target message bytes must be between 1 and 1 MiB, not %d", c.Exchange.TargetMessageBytes)
	return errors.Join(errs...)
}

// ParsePeers reads multiaddrs that end in /p2p/<peer id> and merges those of one
// peer.
func ParsePeers(addrs []string) ([]peer.AddrInfo, error) {
	parsed, err := parseAddrs(addrs)
	if err != nil {
		return nil, err
	}
	var infos []peer.AddrInfo
	index := make(map[peer.ID]int)
	for _, a := range parsed {
		info, err := peer.AddrInfoFromP2pAddr(a)
		if err != nil {
			return nil, fmt.Errorf("failed to read peer address %q: %w", a, err)
		}
		i, seen := index[info.ID]
		if !seen {
			index[info.ID] = len(infos)
			infos = append(infos, *info)
			continue
		}
		infos[i].Addrs = append(infos[i].Addrs, info.Addrs...)
	}
	return infos, nil
}

func parseAddrs(addrs []string) ([]ma.Multiaddr, error) {
	parsed := make([]ma.Multiaddr, 0, len(addrs))
	for _, s := range addrs {
		a, err := ma.NewMultiaddr(s)
		if err != nil {
			return nil, fmt.Errorf("failed to parse multiaddr %q: %w", s, err)
		}
		parsed = append(parsed, a)
	}
	return parsed, nil
}
