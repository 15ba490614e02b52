package main

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	cmtcfg "github.com/cometbft/cometbft/config"
	"github.com/spf13/viper"
	"github.com/stretchr/testify/require"

	servercmd "github.com/cosmos/cosmos-sdk/server/cmd"
	serverconfig "github.com/cosmos/cosmos-sdk/server/config"
	sdk "github.com/cosmos/cosmos-sdk/types"
	genutiltypes "github.com/cosmos/cosmos-sdk/x/genutil/types"

	"github.com/ipdm-network/ipdm/app/beaconkey"
	"github.com/ipdm-network/ipdm/app/bridgesign"
	"github.com/ipdm-network/ipdm/x/beacon/vrf"
	"github.com/ipdm-network/ipdm/x/bridge/wire"
)

// run executes the program with arguments and returns its standard output.
func run(t *testing.T, args ...string) (string, error) {
	t.Helper()
	root, err := newRootCmd()
	require.NoError(t, err)
	var out bytes.Buffer
	root.SetOut(&out)
	root.SetErr(io.Discard)
	root.SetArgs(args)
	err = servercmd.Execute(root, envPrefix, t.TempDir())
	return out.String(), err
}

// readToml reads a configuration file into a structure.
func readToml(t *testing.T, file string, into any) {
	t.Helper()
	v := viper.New()
	v.SetConfigFile(file)
	require.NoError(t, v.ReadInConfig())
	require.NoError(t, v.Unmarshal(into))
}

func TestInitFiles(t *testing.T) {
	dir := t.TempDir()
	ports := filepath.Join(dir, "ports.json")
	require.NoError(t, os.WriteFile(ports, []byte(`[
		{"p2p":1001,"rpc":1002,"grpc":1003,"rest":1004,"prometheus":1005,"pprof":1006},
		{"p2p":2001,"rpc":2002,"grpc":2003,"rest":2004,"prometheus":2005,"pprof":2006}]`), 0o600))
	patch := filepath.Join(dir, "patch.json")
	require.NoError(t, os.WriteFile(patch, []byte(`{"staking":{"params":{"max_validators":7}}}`), 0o600))
	net := filepath.Join(dir, "net")

	out, err := run(t, "testnet", "init-files", "--v", "2", "--output-dir", net, "--chain-id", "net-1",
		"--profile", "localnet", "--keyring-backend", "test", "--ports-file", ports, "--genesis-patch", patch,
		"--fund", "ipdm1pjvdgmcu85kkpus0xsujgum52e2up0yruz0p2f=1.5IPDM", "--faucet")
	require.NoError(t, err)
	var made summary
	require.NoError(t, json.Unmarshal([]byte(out), &made))
	require.Equal(t, "net-1", made.ChainID)
	require.Len(t, made.Nodes, 2)
	require.NotNil(t, made.Faucet)
	require.Equal(t, uint16(2003), made.Nodes[1].Ports.GRPC)

	comet := cmtcfg.DefaultConfig()
	readToml(t, filepath.Join(net, "node1", "config", "config.toml"), comet)
	require.Equal(t, localnet.timeoutCommit, comet.Consensus.TimeoutCommit)
	require.False(t, comet.Consensus.SkipTimeoutCommit, "the localnet waits even when every vote is there")
	require.Equal(t, localnet.gossipSleep, comet.Consensus.PeerGossipSleepDuration)
	require.Equal(t, "tcp://127.0.0.1:2001", comet.P2P.ListenAddress)
	require.Equal(t, "tcp://127.0.0.1:2002", comet.RPC.ListenAddress)
	require.Equal(t, "127.0.0.1:2005", comet.Instrumentation.PrometheusListenAddr)
	require.Equal(t, "127.0.0.1:2006", comet.RPC.PprofListenAddress)
	require.Equal(t, made.Nodes[0].NodeID+"@127.0.0.1:1001", comet.P2P.PersistentPeers)

	var application serverconfig.Config
	readToml(t, filepath.Join(net, "node1", "config", "app.toml"), &application)
	require.True(t, application.API.Enable)
	require.Equal(t, "tcp://127.0.0.1:2004", application.API.Address)
	require.Equal(t, "127.0.0.1:2003", application.GRPC.Address)
	require.Equal(t, "0aipdm", application.MinGasPrices)

	first, err := os.ReadFile(filepath.Join(net, "node0", "config", "genesis.json"))
	require.NoError(t, err)
	second, err := os.ReadFile(filepath.Join(net, "node1", "config", "genesis.json"))
	require.NoError(t, err)
	require.Equal(t, string(first), string(second), "all nodes have one genesis")
	genesis, err := genutiltypes.AppGenesisFromReader(bytes.NewReader(first))
	require.NoError(t, err)
	require.Equal(t, int64(1), genesis.Consensus.Params.ABCI.VoteExtensionsEnableHeight)
	require.Contains(t, string(genesis.AppState), "1500000000000000000")
	require.Contains(t, string(genesis.AppState), made.Faucet.Address)
	var state map[string]struct {
		Params struct {
			MaxValidators int `json:"max_validators"`
		} `json:"params"`
	}
	require.NoError(t, json.Unmarshal(genesis.AppState, &state))
	require.Equal(t, 7, state["staking"].Params.MaxValidators)

	// Every validator proves the randomness from the first block on.
	var beacon struct {
		Beacon struct {
			Params struct {
				KeyEpochBlocks string `json:"key_epoch_blocks"`
			} `json:"params"`
			Keys []struct {
				ConsensusAddress string `json:"consensus_address"`
				PublicKey        []byte `json:"public_key"`
			} `json:"keys"`
		} `json:"beacon"`
	}
	require.NoError(t, json.Unmarshal(genesis.AppState, &beacon))
	require.Equal(t, "10", beacon.Beacon.Params.KeyEpochBlocks)
	inGenesis := map[string][]byte{}
	for _, key := range beacon.Beacon.Keys {
		inGenesis[key.ConsensusAddress] = key.PublicKey
	}
	for _, node := range made.Nodes {
		ring, err := beaconkey.Load(beaconkey.Path(node.Home))
		require.NoError(t, err)
		require.Equal(t, inGenesis[node.ConsensusAddress], ring.Newest().Public())
	}

	// Every validator signs checkpoints from the first one on.
	var bridge struct {
		Bridge struct {
			Params struct {
				CheckpointBlocks string `json:"checkpoint_blocks"`
			} `json:"params"`
			Keys []struct {
				ConsensusAddress string `json:"consensus_address"`
				Address          string `json:"address"`
			} `json:"keys"`
		} `json:"bridge"`
	}
	require.NoError(t, json.Unmarshal(genesis.AppState, &bridge))
	require.Equal(t, "5", bridge.Bridge.Params.CheckpointBlocks)
	signers := map[string]string{}
	for _, key := range bridge.Bridge.Keys {
		signers[key.ConsensusAddress] = key.Address
	}
	for _, node := range made.Nodes {
		ring, err := bridgesign.Load(bridgesign.Path(node.Home))
		require.NoError(t, err)
		require.Equal(t, signers[node.ConsensusAddress], wire.AddressOf(&ring.Newest().PublicKey).String())
	}

	_, err = run(t, "genesis", "validate", "--home", filepath.Join(net, "node0"))
	require.NoError(t, err)

	_, err = run(t, "testnet", "init-files", "--v", "2", "--output-dir", net)
	require.ErrorContains(t, err, "exists already")
}

func TestInitFilesRefusals(t *testing.T) {
	bad := filepath.Join(t.TempDir(), "bad.json")
	require.NoError(t, os.WriteFile(bad, []byte(`[{"p2p":1,"rpc":1,"grpc":3,"rest":4,"prometheus":5,"pprof":6}]`), 0o600))
	patch := filepath.Join(t.TempDir(), "patch.json")
	require.NoError(t, os.WriteFile(patch, []byte(`{"nosuchmodule":{}}`), 0o600))

	for name, args := range map[string][]string{
		"no validators":       {"--v", "0"},
		"unknown profile":     {"--profile", "fast"},
		"port twice":          {"--v", "1", "--ports-file", bad},
		"ports of few nodes":  {"--v", "2", "--ports-file", bad},
		"ports run out":       {"--starting-port", "65530"},
		"no ports file":       {"--ports-file", "/does/not/exist"},
		"no amount":           {"--fund", "ipdm1pjvdgmcu85kkpus0xsujgum52e2up0yruz0p2f"},
		"bad address":         {"--fund", "cosmos1=1IPDM"},
		"bad amount":          {"--fund", "ipdm1pjvdgmcu85kkpus0xsujgum52e2up0yruz0p2f=-1IPDM"},
		"funded twice":        {"--v", "1", "--fund", "ipdm1pjvdgmcu85kkpus0xsujgum52e2up0yruz0p2f=1IPDM", "--fund", "ipdm1pjvdgmcu85kkpus0xsujgum52e2up0yruz0p2f=1IPDM"},
		"stake above balance": {"--validator-balance", "5", "--validator-stake", "6"},
		"patch of no module":  {"--v", "1", "--genesis-patch", patch},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := run(t, append([]string{"testnet", "init-files", "--output-dir", filepath.Join(t.TempDir(), "net")}, args...)...)
			require.Error(t, err)
		})
	}
}

func TestInitWritesTheProfile(t *testing.T) {
	home := t.TempDir()
	_, err := run(t, "init", "me", "--chain-id", "one-1", "--home", home)
	require.NoError(t, err)

	comet := cmtcfg.DefaultConfig()
	readToml(t, filepath.Join(home, "config", "config.toml"), comet)
	require.Equal(t, "me", comet.Moniker)
	require.Equal(t, production.timeoutCommit, comet.Consensus.TimeoutCommit)
	require.True(t, comet.Consensus.SkipTimeoutCommit)
	var application serverconfig.Config
	readToml(t, filepath.Join(home, "config", "app.toml"), &application)
	require.Equal(t, production.minGasPrices, application.MinGasPrices)
	genesis, err := genutiltypes.AppGenesisFromFile(filepath.Join(home, "config", "genesis.json"))
	require.NoError(t, err)
	require.Equal(t, "one-1", genesis.ChainID)
	require.Equal(t, int64(maxBlockBytes), genesis.Consensus.Params.Block.MaxBytes)

	_, err = run(t, "config", "profile", "localnet", "--home", home)
	require.NoError(t, err)
	readToml(t, filepath.Join(home, "config", "config.toml"), comet)
	require.Equal(t, localnet.timeoutCommit, comet.Consensus.TimeoutCommit)
	require.False(t, comet.Consensus.SkipTimeoutCommit)

	text, err := run(t, "config", "view", "app", "--home", home)
	require.NoError(t, err)
	require.Contains(t, text, "minimum-gas-prices")
}

func TestBeaconKeyCommands(t *testing.T) {
	home := t.TempDir()
	_, err := run(t, "beacon", "show-key", "--home", home)
	require.ErrorIs(t, err, fs.ErrNotExist)
	_, err = run(t, "init", "me", "--chain-id", "one-1", "--home", home)
	require.NoError(t, err)
	info, err := os.Stat(beaconkey.Path(home))
	require.NoError(t, err)
	require.Equal(t, fs.FileMode(0o600), info.Mode().Perm())

	show := func() beaconKeyText {
		out, err := run(t, "beacon", "show-key", "--home", home)
		require.NoError(t, err)
		var text beaconKeyText
		require.NoError(t, json.Unmarshal([]byte(out), &text))
		return text
	}
	first := show()
	address, err := run(t, "comet", "show-address", "--home", home)
	require.NoError(t, err)
	require.Equal(t, strings.TrimSpace(address), first.ConsensusAddress)
	require.Equal(t, first, show())

	consensus, err := sdk.ConsAddressFromBech32(first.ConsensusAddress)
	require.NoError(t, err)
	public, err := hex.DecodeString(first.PublicKey)
	require.NoError(t, err)
	possession, err := hex.DecodeString(first.Possession)
	require.NoError(t, err)
	_, err = vrf.Verify(public, possession, vrf.PossessionAlpha("one-1", consensus))
	require.NoError(t, err)

	made, err := run(t, "beacon", "gen-key", "--home", home)
	require.NoError(t, err)
	second := show()
	require.Equal(t, strings.TrimSpace(made), second.PublicKey)
	require.NotEqual(t, first.PublicKey, second.PublicKey)
	ring, err := beaconkey.Load(beaconkey.Path(home))
	require.NoError(t, err)
	_, err = ring.Prove(public, []byte("alpha"))
	require.NoError(t, err, "the older key stays until the change takes effect")

	line, err := run(t, "beacon", "register-command", "--home", home)
	require.NoError(t, err)
	require.Equal(t, "ipdmd tx beacon set-beacon-key "+second.PublicKey+" "+second.Possession+
		" --chain-id one-1 --from OPERATOR_KEY\n", line)

	require.NoError(t, os.WriteFile(beaconkey.Path(home), []byte("{}"), 0o600))
	for _, sub := range []string{"show-key", "gen-key", "register-command"} {
		_, err = run(t, "beacon", sub, "--home", home)
		require.ErrorIs(t, err, beaconkey.ErrFile, sub)
	}
}

func TestEnsureBeaconKeyLeavesAKeyAlone(t *testing.T) {
	home := t.TempDir()
	require.NoError(t, os.Mkdir(filepath.Join(home, "config"), 0o755))
	var out bytes.Buffer
	require.NoError(t, beaconKind.ensure(home, &out))
	require.Contains(t, out.String(), "register-command")
	before, err := os.ReadFile(beaconkey.Path(home))
	require.NoError(t, err)
	out.Reset()
	require.NoError(t, beaconKind.ensure(home, &out))
	after, err := os.ReadFile(beaconkey.Path(home))
	require.NoError(t, err)
	require.Equal(t, before, after)
	require.Empty(t, out.String())
}

const maxBlockBytes = 4 << 20

func TestNewKeysAreEthereumKeys(t *testing.T) {
	home := t.TempDir()
	for _, test := range []struct{ name, flag, want string }{
		{"a", "", "ethsecp256k1"},
		{"b", "eth_secp256k1", "ethsecp256k1"},
		{"c", "secp256k1", "crypto.secp256k1"},
	} {
		args := []string{"keys", "add", test.name, "--home", home, "--keyring-backend", "test", "--output", "json"}
		if test.flag != "" {
			args = append(args, "--key-type", test.flag)
		}
		out, err := run(t, args...)
		require.NoError(t, err)
		var key struct {
			Address string `json:"address"`
			Pubkey  string `json:"pubkey"`
		}
		require.NoError(t, json.Unmarshal([]byte(out), &key))
		require.Contains(t, key.Pubkey, test.want)
		require.Regexp(t, "^ipdm1", key.Address)
	}
}

func TestParseAmount(t *testing.T) {
	for text, want := range map[string]string{
		"1IPDM":                    "1000000000000000000aipdm",
		"0.000000000000000001IPDM": "1aipdm",
		"12aipdm":                  "12aipdm",
	} {
		coins, err := parseAmount(text)
		require.NoError(t, err, text)
		require.Equal(t, want, coins.String())
	}
	for _, text := range []string{"", "IPDM", "x", "-1IPDM", "1.0000000000000000001IPDM", "5"} {
		coins, err := parseAmount(text)
		require.True(t, err != nil || coins.Empty(), text)
	}
}

// The examples of appendix A of RFC 7386 that concern objects.
func TestMergePatch(t *testing.T) {
	for _, test := range []struct{ target, patch, want string }{
		{`{"a":"b"}`, `{"a":"c"}`, `{"a":"c"}`},
		{`{"a":"b"}`, `{"b":"c"}`, `{"a":"b","b":"c"}`},
		{`{"a":"b"}`, `{"a":null}`, `{}`},
		{`{"a":["b"]}`, `{"a":"c"}`, `{"a":"c"}`},
		{`{"a":{"b":"c"}}`, `{"a":{"b":"d","c":null}}`, `{"a":{"b":"d"}}`},
		{`{"a":"foo"}`, `"bar"`, `"bar"`},
		{`[1,2]`, `{"a":"b","c":null}`, `{"a":"b"}`},
		{`{}`, `{"a":{"bb":{"ccc":null}}}`, `{"a":{"bb":{}}}`},
	} {
		var target, patch any
		require.NoError(t, json.Unmarshal([]byte(test.target), &target))
		require.NoError(t, json.Unmarshal([]byte(test.patch), &patch))
		got, err := json.Marshal(mergePatch(target, patch))
		require.NoError(t, err)
		require.JSONEq(t, test.want, string(got))
	}
}
