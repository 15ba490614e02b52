package node

import (
	"errors"
	"fmt"
	"log/slog"
	"math/big"
	"net"
	"slices"
	"strings"
	"time"

	"github.com/ipdm-network/ipdm/sidecar/consensus/chain"
	"github.com/ipdm-network/ipdm/sidecar/consensus/follow"
	"github.com/ipdm-network/ipdm/sidecar/data"
	"github.com/ipdm-network/ipdm/sidecar/data/compress"
	"github.com/ipdm-network/ipdm/sidecar/data/store/s3store"
	"github.com/ipdm-network/ipdm/sidecar/network"
)

// Config holds the settings of a node. Start from DefaultConfig.
type Config struct {
	Network  NetworkConfig  `toml:"network"`
	API      APIConfig      `toml:"api"`
	Metrics  MetricsConfig  `toml:"metrics"`
	Store    StoreConfig    `toml:"store"`
	Log      LogConfig      `toml:"log"`
	Chain    ChainConfig    `toml:"chain"`
	Provider ProviderConfig `toml:"provider"`
	Bridge   BridgeConfig   `toml:"bridge"`
	Follow   []FollowConfig `toml:"follow"`
}

// NetworkConfig says how the node takes part in the peer-to-peer network.
type NetworkConfig struct {
	Name         string   `toml:"name"`
	Listen       []string `toml:"listen"`
	Announce     []string `toml:"announce"`
	Bootstrap    []string `toml:"bootstrap"`
	MDNS         bool     `toml:"mdns"`
	PublicDHT    bool     `toml:"public_dht"`
	NATPortMap   bool     `toml:"nat_port_map"`
	AutoNAT      bool     `toml:"autonat"`
	Relay        bool     `toml:"relay"`
	RelayService bool     `toml:"relay_service"`
	HolePunching bool     `toml:"hole_punching"`
	MaxConns     int      `toml:"max_conns"`

	AcceptPutsFrom []string `toml:"accept_puts_from"`
	CacheGroup     []string `toml:"cache_group"`
}

// APIConfig says where the gRPC API listens.
type APIConfig struct {
	Listen string `toml:"listen"`
}

// MetricsConfig says where metrics and health are served.
type MetricsConfig struct {
	Listen string `toml:"listen"`
}

// The places that a store can be in.
const (
	backendLocal = "local"
	backendS3    = "s3"
)

// StoreConfig says where the block store is, and tunes it.
type StoreConfig struct {
	Backend         string   `toml:"backend"`
	IndexCacheMiB   int64    `toml:"index_cache_mib"`
	DecodedCacheMiB int64    `toml:"decoded_cache_mib"`
	MemoryCacheMiB  int64    `toml:"memory_cache_mib"`
	Prefetch        bool     `toml:"prefetch"`
	WarmUp          bool     `toml:"warm_up"`
	ReserveMiB      int64    `toml:"reserve_mib"`
	DirectIO        bool     `toml:"direct_io"`
	HugePages       bool     `toml:"huge_pages"`
	Quota           string   `toml:"quota"`
	ColdDir         string   `toml:"cold_dir"`
	HotMax          string   `toml:"hot_max"`
	Encode          string   `toml:"encode"`
	GCInterval      Duration `toml:"gc_interval"`
	CacheMax        string   `toml:"cache_max"`
	KeepSuperseded  Duration `toml:"keep_superseded"`
	ScrubInterval   Duration `toml:"scrub_interval"`
	ScrubRateMiB    int64    `toml:"scrub_rate_mib"`

	Reencode         bool     `toml:"reencode"`
	ReencodeInterval Duration `toml:"reencode_interval"`

	S3 S3Config `toml:"s3"`
}

// S3Config names a part of a bucket.
type S3Config struct {
	Endpoint        string `toml:"endpoint"`
	Bucket          string `toml:"bucket"`
	Prefix          string `toml:"prefix"`
	Region          string `toml:"region"`
	PathStyle       bool   `toml:"path_style"`
	CredentialsFile string `toml:"credentials_file"`
	Profile         string `toml:"profile"`
}

// Set names the bucket and the prefix that a URL such as s3://bucket/prefix does, and makes them the node's store;
// "local" makes the node's own disk that.
func (c *StoreConfig) Set(url string) error {
	if url == backendLocal {
		c.Backend = backendLocal
		return nil
	}
	var err error
	c.S3.Bucket, c.S3.Prefix, err = s3store.ParseURL(url)
	if err == nil {
		c.Backend = backendS3
	}
	return err
}

// String returns what Set takes.
func (c *StoreConfig) String() string {
	if c.Backend == backendS3 {
		return c.S3.location().String()
	}
	return backendLocal
}

// Type implements pflag.Value.
func (c *StoreConfig) Type() string { return "place" }

func (c S3Config) location() s3store.Location {
	return s3store.Location{
		Endpoint:        c.Endpoint,
		Bucket:          c.Bucket,
		Prefix:          c.Prefix,
		Region:          c.Region,
		PathStyle:       c.PathStyle,
		CredentialsFile: c.CredentialsFile,
		Profile:         c.Profile,
	}
}

// LogConfig says what is logged.
type LogConfig struct {
	Level string `toml:"level"`
	JSON  bool   `toml:"json"`
}

// ChainConfig names the chain that the node follows.
type ChainConfig struct {
	GRPC           []string `toml:"grpc"`
	ID             string   `toml:"id"`
	GasPrice       string   `toml:"gas_price"`
	KeyringBackend string   `toml:"keyring_backend"`
}

// ProviderConfig is the offer of a storage provider.
type ProviderConfig struct {
	Enabled     bool   `toml:"enabled"`
	Key         string `toml:"key"`
	AskPrice    string `toml:"ask_price"`
	AskCapacity string `toml:"ask_capacity"`
	Pledge      string `toml:"pledge"`
	TopUpPledge bool   `toml:"top_up_pledge"`
	Region      string `toml:"region"`
	SettleEvery int64  `toml:"settle_every"`
	MaxFetches  int64  `toml:"max_fetches"`

	Seal            bool     `toml:"seal"`
	Sealers         int64    `toml:"sealers"`
	SealMemory      string   `toml:"seal_memory"`
	SealBatchWait   Duration `toml:"seal_batch_wait"`
	MaxSealingBytes string   `toml:"max_sealing_bytes"`
	ScrubInterval   Duration `toml:"scrub_interval"`
	SectorDir       string   `toml:"sector_dir"`
}

// noQuota lets the store grow until the disk is full.
const noQuota = "0"

// quotaBytes returns what the store may occupy, 0 if that is not limited.
func (c StoreConfig) quotaBytes() (uint64, error) {
	if c.Quota == noQuota || c.Quota == "" {
		return 0, nil
	}
	return ParseBytes(c.Quota)
}

// minGCInterval keeps the node from doing nothing but collecting.
const minGCInterval = Duration(10 * time.Millisecond)

// minReencodeInterval keeps the node from doing nothing but encoding.
const minReencodeInterval = Duration(time.Second)

// DefaultConfig is a node that listens on loopback only and follows no chain.
func DefaultConfig() Config {
	net := network.DefaultConfig("ipdm")
	return Config{
		Network: NetworkConfig{
			Name:     net.NetworkName,
			Listen:   []string{"/ip4/127.0.0.1/udp/4001/quic-v1", "/ip4/127.0.0.1/tcp/4001"},
			MDNS:     net.MDNS,
			MaxConns: net.MaxConns,
		},
		API: APIConfig{Listen: "127.0.0.1:0"},
		Store: StoreConfig{
			Backend:         backendLocal,
			IndexCacheMiB:   32,
			DecodedCacheMiB: 32,
			MemoryCacheMiB:  128,
			Prefetch:        true,
			WarmUp:          true,
			ReserveMiB:      64,
			DirectIO:        true,
			HugePages:       true,
			Encode:          compress.Balanced.String(),
			GCInterval:      Duration(24 * time.Hour),
			S3:              S3Config{Region: s3store.DefaultRegion, PathStyle: true},
			CacheMax:        "10GiB",
			KeepSuperseded:  Duration(30 * 24 * time.Hour),
			Quota:           noQuota,
			ScrubInterval:   Duration(7 * 24 * time.Hour),
			ScrubRateMiB:    16,

			Reencode:         true,
			ReencodeInterval: Duration(6 * time.Hour),
		},
		Log:   LogConfig{Level: "info"},
		Chain: ChainConfig{GasPrice: "0" + chain.BaseDenom, KeyringBackend: "file"},
		Provider: ProviderConfig{
			Key:         "provider",
			AskPrice:    "1000000000000000",
			AskCapacity: "10GiB",
			Pledge:      "20000000000000000000",
			SettleEvery: 6,
			MaxFetches:  2,

			Seal:            true,
			Sealers:         2,
			SealMemory:      "4GiB",
			SealBatchWait:   Duration(10 * time.Minute),
			MaxSealingBytes: "8GiB",
			ScrubInterval:   Duration(7 * 24 * time.Hour),
		},
		Bridge: BridgeConfig{Poll: Duration(time.Second)},
	}
}

// ValidateBasic reports every setting that cannot work, each by its name in the file.
func (c *Config) ValidateBasic() error {
	var errs []error
	check := func(ok bool, format string, args ...any) {
		if !ok {
			errs = append(errs, fmt.Errorf(format, args...))
		}
	}
	connected := *c
	if _, err := c.Network.group(""); err != nil {
		errs = append(errs, err)
		connected.Network.CacheGroup = nil // its fault is told
	}
	if err := connected.networkConfig("").Validate(); err != nil {
		errs = append(errs, fmt.Errorf("[network] %w", err))
	}
	if _, err := c.Network.pushers(); err != nil {
		errs = append(errs, err)
	}
	if err := checkLoopback(c.API.Listen); err != nil {
		errs = append(errs, fmt.Errorf("[api] listen: %w", err))
	}
	if c.Metrics.Listen != "" {
		if err := checkLoopback(c.Metrics.Listen); err != nil {
			errs = append(errs, fmt.Errorf("[metrics] listen: %w", err))
		}
	}
	check(c.Store.Backend == backendLocal || c.Store.Backend == backendS3, "[store] backend must be %q or %q", backendLocal, backendS3)
	if c.Store.Backend == backendS3 {
		if err := c.Store.S3.location().Validate(); err != nil {
			errs = append(errs, fmt.Errorf("[store.s3] %w", err))
		}
	}
	check(c.Store.IndexCacheMiB > 0 && c.Store.IndexCacheMiB <= 1<<20, "[store] index_cache_mib must be between 1 and 1048576")
	check(c.Store.DecodedCacheMiB > 0 && c.Store.DecodedCacheMiB <= 1<<20, "[store] decoded_cache_mib must be between 1 and 1048576")
	check(c.Store.MemoryCacheMiB >= 0 && c.Store.MemoryCacheMiB <= 1<<20, "[store] memory_cache_mib must be between 1 and 1048576, or 0 for none")
	check(c.Store.ReserveMiB > 0 && c.Store.ReserveMiB <= 1<<40, "[store] reserve_mib must be at least 1")
	_, err := c.Store.quotaBytes()
	check(err == nil, "[store] quota must be a size such as 500GiB, or %q for none", noQuota)
	errs = append(errs, c.Store.validateTiers()...)
	check(c.Store.ScrubInterval >= 0, "[store] scrub_interval must be a time such as \"168h\", or \"0s\" for never")
	check(c.Store.ScrubRateMiB > 0 && c.Store.ScrubRateMiB <= 1<<20, "[store] scrub_rate_mib must be between 1 and 1048576")
	_, err = compress.ParseEffort(c.Store.Encode)
	check(err == nil, "[store] encode must be %q, %q or %q", compress.Fast, compress.Balanced, compress.Dense)
	check(c.Store.GCInterval == 0 || c.Store.GCInterval >= minGCInterval, "[store] gc_interval must be at least %s, or \"0s\" for never", minGCInterval)
	if _, err := c.Store.cacheMaxBytes(); err != nil {
		errs = append(errs, err)
	}
	check(!c.Store.Reencode || c.Store.ReencodeInterval >= minReencodeInterval, "[store] reencode_interval must be at least %s", minReencodeInterval)
	check(c.Store.KeepSuperseded >= 0, "[store] keep_superseded must not be below zero")
	if _, err := c.Log.level(); err != nil {
		errs = append(errs, err)
	}
	check(slices.Contains(chain.Backends, c.Chain.KeyringBackend), "[chain] keyring_backend must be one of %q", chain.Backends)
	if c.Chain.follows() {
		if err := c.Chain.Client().Validate(); err != nil {
			errs = append(errs, fmt.Errorf("[chain] %w", err))
		}
	}
	errs = append(errs, c.validateProvider()...)
	errs = append(errs, c.Bridge.validate()...)
	if err := follow.Validate(c.follows()); err != nil {
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}

func (c *Config) validateProvider() []error {
	if !c.Provider.Enabled {
		return nil
	}
	var errs []error
	p := c.Provider
	if !c.Chain.follows() {
		errs = append(errs, errors.New("[provider] a provider needs a chain: set [chain] grpc, or init with --chain-grpc HOST:PORT"))
	}
	if p.Key == "" {
		errs = append(errs, errors.New("[provider] key must name a key of the keyring"))
	}
	for name, text := range map[string]string{"ask_price": p.AskPrice, "pledge": p.Pledge} {
		if n, ok := new(big.Int).SetString(text, 10); !ok || n.Sign() <= 0 || n.BitLen() > 255 {
			errs = append(errs, fmt.Errorf("[provider] %s must be a whole number of %s above zero, not %q", name, chain.BaseDenom, text))
		}
	}
	if _, err := ParseBytes(p.AskCapacity); err != nil {
		errs = append(errs, fmt.Errorf("[provider] ask_capacity: %w", err))
	}
	if p.Sealers < 1 || p.Sealers > 64 {
		errs = append(errs, errors.New("[provider] sealers must be between 1 and 64"))
	} else if _, _, err := c.sealing(); err != nil {
		errs = append(errs, err)
	}
	if p.SettleEvery < 1 || p.MaxFetches < 1 || p.MaxFetches > 64 {
		errs = append(errs, errors.New("[provider] settle_every must be at least 1, max_fetches between 1 and 64"))
	}
	slices.SortFunc(errs, func(a, b error) int { return strings.Compare(a.Error(), b.Error()) })
	return errs
}

// checkLoopback accepts host:port of this machine only: the API has no authentication.
func checkLoopback(address string) error {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return fmt.Errorf("%q is not HOST:PORT", address)
	}
	if ip := net.ParseIP(host); host != "localhost" && (ip == nil || !ip.IsLoopback()) {
		return fmt.Errorf("%q is not a loopback address such as 127.0.0.1:0; others would have your node and, of a provider, its money", address)
	}
	return nil
}

func (c LogConfig) level() (slog.Level, error) {
	var level slog.Level
	if err := level.UnmarshalText([]byte(c.Level)); err != nil {
		return 0, fmt.Errorf("[log] level must be debug, info, warn or error, not %q", c.Level)
	}
	return level, nil
}

// cacheMaxBytes is how much that nothing keeps may stay.
func (c StoreConfig) cacheMaxBytes() (uint64, error) {
	if c.CacheMax == "0" {
		return 0, nil
	}
	n, err := ParseBytes(c.CacheMax)
	if err != nil {
		return 0, fmt.Errorf("[store] cache_max: %w, or \"0\" for no cache", err)
	}
	return n, nil
}

// keepSuperseded is how long a superseded version stays.
func (c StoreConfig) keepSuperseded() time.Duration {
	if c.KeepSuperseded == 0 {
		return data.KeepForever
	}
	return time.Duration(c.KeepSuperseded)
}

// follows tells whether a chain is configured.
func (c ChainConfig) follows() bool { return len(c.GRPC) > 0 }

// Client returns the settings of the chain client.
func (c ChainConfig) Client() chain.Config {
	cfg := chain.DefaultConfig(c.ID, c.GRPC...)
	cfg.GasPrice = c.GasPrice
	return cfg
}

// networkConfig returns the settings of the network layer.
func (c *Config) networkConfig(version string) network.Config {
	n := c.Network
	cfg := network.DefaultConfig(n.Name)
	cfg.UserAgent = "ipdm/" + version
	cfg.Listen, cfg.Announce, cfg.Bootstrap = n.Listen, n.Announce, slices.Concat(n.Bootstrap, n.CacheGroup)
	cfg.MDNS, cfg.PublicDHT = n.MDNS, n.PublicDHT
	cfg.NATPortMap, cfg.AutoNAT, cfg.Relay, cfg.RelayService, cfg.HolePunching = n.NATPortMap, n.AutoNAT, n.Relay, n.RelayService, n.HolePunching
	cfg.MaxConns = n.MaxConns
	cfg.ConnsHigh = min(cfg.ConnsHigh, n.MaxConns)
	cfg.ConnsLow = min(cfg.ConnsLow, cfg.ConnsHigh)
	return cfg
}
