package node

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestConfigRoundTrip(t *testing.T) {
	home := Home(t.TempDir())
	cfg := DefaultConfig()
	cfg.Network.Name = "round-trip"
	cfg.Network.Bootstrap = []string{"/ip4/127.0.0.1/udp/4001/quic-v1/p2p/12D3KooWNQQbARki1u5p4ttVwceAJ7UUia3uJAfWrDtzAQaBQ595"}
	cfg.Network.CacheGroup = []string{"/ip4/127.0.0.1/tcp/4002/p2p/12D3KooWNQQbARki1u5p4ttVwceAJ7UUia3uJAfWrDtzAQaBQ595"}
	cfg.Network.MDNS = false
	cfg.Network.MaxConns = 99
	cfg.Metrics.Listen = "[::1]:0"
	cfg.Store.ReserveMiB = 7
	cfg.Store.MemoryCacheMiB = 3
	cfg.Store.Encode = "dense"
	cfg.Store.Backend = "s3"
	cfg.Store.S3 = S3Config{
		Endpoint: "https://s3.example.org", Bucket: "bucket", Prefix: "a/b", Region: "eu-1", CredentialsFile: "/keys", Profile: "p",
	}
	cfg.Store.GCInterval = Duration(90 * time.Second)
	cfg.Log.JSON = true
	cfg.Chain.GRPC = []string{"127.0.0.1:1", "127.0.0.1:2"}
	cfg.Bridge = BridgeConfig{
		Poll: Duration(3 * time.Second),
		Ethereum: []EthereumGateway{
			{Domain: 1, RPC: []string{"https://a.example.org/key?a=\"b\"", "http://127.0.0.1:8545"}, Gateway: "0x52908400098527886E0F7030069857D2E4169EE7", FirstBlock: 7},
			{Domain: 3, RPC: []string{"https://c.example.org"}, Gateway: "0x8617e340b3d01fa5f11f306f4090fd50e238070d"},
		},
		Solana: []SolanaGateway{{Domain: 2, RPC: []string{"https://d.example.org"}, Program: "Vote111111111111111111111111111111111111111"}},
	}
	cfg.Provider.Enabled = true
	cfg.Provider.Region = "quote \" back \\ control \x01 ü"
	from, changes, interval := uint64(0), 5, Duration(90*time.Second)
	cfg.Follow = []FollowConfig{
		{
			Name: "mine", Kind: "solana-program", RPC: []string{"https://a.example.org", "https://b.example.org"}, WS: "wss://a.example.org",
			Program: "SysvarC1ock11111111111111111111111111111111", MaxAccounts: &changes, MaxAccountBytes: &changes,
		},
		{
			Name: "logs", Kind: "ethereum-logs", RPC: []string{"http://127.0.0.1:1"}, Address: []string{"0x00000000000000000000000000000000000000aa"},
			Topics: []string{""}, From: &from, BatchChanges: &changes, BatchInterval: &interval, PollInterval: &interval,
		},
	}
	_, err := Init(home, func() Config { c := cfg; c.Chain.KeyringBackend = "test"; return c }(), nil)
	require.NoError(t, err)
	got, err := LoadConfig(home)
	require.NoError(t, err)
	cfg.Chain.KeyringBackend = "test"
	cfg.Network.Announce = got.Network.Announce // nil and empty mean the same
	cfg.Network.AcceptPutsFrom = got.Network.AcceptPutsFrom
	require.Empty(t, got.Network.AcceptPutsFrom)
	require.Empty(t, got.Network.Announce)
	require.Equal(t, cfg, got)

	_, err = Init(home, cfg, nil)
	require.ErrorIs(t, err, ErrHomeExists)
}

func TestEverySettingIsInTheFile(t *testing.T) {
	cfg := DefaultConfig()
	seen := map[string]bool{}
	for _, s := range cfg.settings() {
		require.NotEmpty(t, s.help, s.name)
		require.False(t, seen[s.envName()], s.envName())
		seen[s.envName()] = true
		require.Contains(t, string(cfg.render()), "\n"+s.name+" = ")
	}
	require.True(t, seen["IPDM_API_LISTEN"])
}

func TestEnvironment(t *testing.T) {
	home := Home(t.TempDir())
	_, err := Init(home, DefaultConfig(), nil)
	require.NoError(t, err)
	t.Setenv("IPDM_NETWORK_MDNS", "false")
	t.Setenv("IPDM_CHAIN_GRPC", "127.0.0.1:1,127.0.0.1:2")
	t.Setenv("IPDM_STORE_RESERVE_MIB", "5")
	t.Setenv("IPDM_STORE_S3_BUCKET", "bucket")
	cfg, err := LoadConfig(home)
	require.NoError(t, err)
	require.False(t, cfg.Network.MDNS)
	require.Equal(t, []string{"127.0.0.1:1", "127.0.0.1:2"}, cfg.Chain.GRPC)
	require.Equal(t, int64(5), cfg.Store.ReserveMiB)
	require.Equal(t, "bucket", cfg.Store.S3.Bucket)

	t.Setenv("IPDM_STORE_RESERVE_MIB", "much")
	_, err = LoadConfig(home)
	require.ErrorIs(t, err, ErrConfig)
	require.ErrorContains(t, err, "IPDM_STORE_RESERVE_MIB")
}

func TestBadConfigFiles(t *testing.T) {
	home := Home(t.TempDir())
	_, err := LoadConfig(home)
	require.ErrorIs(t, err, ErrNoHome)
	for name, text := range map[string]string{
		"no TOML":          "[network\n",
		"unknown setting":  "[network]\nnam = \"x\"\n",
		"wrong type":       "[network]\nmdns = \"yes\"\n",
		"group without id": "[network]\ncache_group = [\"/ip4/127.0.0.1/tcp/1\"]\n",
		"bad value":        "[store]\nencode = \"tiny\"\n",
		"bad time":         "[store]\ngc_interval = \"hourly\"\n",
		"time below zero":  "[store]\ngc_interval = \"-1h\"\n",
		"too often":        "[store]\ngc_interval = \"1ns\"\n",
		"public API":       "[api]\nlisten = \"192.0.2.1:5001\"\n",
		"no host":          "[api]\nlisten = \":5001\"\n",
		"bad price":        "[provider]\nenabled = true\nask_price = \"1.5\"\n[chain]\ngrpc = [\"127.0.0.1:1\"]\n",
		"no sealer":        "[provider]\nenabled = true\nsealers = 0\n[chain]\ngrpc = [\"127.0.0.1:1\"]\n",
		"bad seal memory":  "[provider]\nenabled = true\nseal_memory = \"x\"\n[chain]\ngrpc = [\"127.0.0.1:1\"]\n",
		"negative scrub":   "[provider]\nenabled = true\nscrub_interval = \"-1h\"\n[chain]\ngrpc = [\"127.0.0.1:1\"]\n",
		"no chain":         "[provider]\nenabled = true\n",
		"nothing followed": "[[follow]]\nname = \"a\"\n",
		"unknown follow":   "[[follow]]\nnam = \"a\"\n",
	} {
		require.NoError(t, os.WriteFile(home.ConfigPath(), []byte(text), 0o600))
		_, err := LoadConfig(home)
		require.ErrorIs(t, err, ErrConfig, name)
	}
}

func TestParseBytes(t *testing.T) {
	for text, want := range map[string]uint64{"1": 1, "10GiB": 10 << 30, "5 MB": 5e6, "3KiB": 3 << 10, "7B": 7} {
		got, err := ParseBytes(text)
		require.NoError(t, err, text)
		require.Equal(t, want, got, text)
	}
	for _, text := range []string{"", "0", "-1", "1.5GiB", "GiB", "9999999PiB", "18446744073709551616", "10 G"} {
		_, err := ParseBytes(text)
		require.Error(t, err, text)
	}
}

// FuzzConfig feeds the decoder of the configuration file: it never panics, and what it accepts passes its own check.
func FuzzConfig(f *testing.F) {
	cfg := DefaultConfig()
	f.Add(string(cfg.render()))
	f.Add("[network]\nname = 1\n")
	f.Fuzz(func(t *testing.T, text string) {
		home := Home(t.TempDir())
		require.NoError(t, os.WriteFile(filepath.Join(string(home), "config.toml"), []byte(text), 0o600))
		got, err := LoadConfig(home)
		if err != nil {
			require.ErrorIs(t, err, ErrConfig)
			return
		}
		require.NoError(t, got.ValidateBasic())
	})
}
