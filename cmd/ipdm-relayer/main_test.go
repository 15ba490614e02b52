package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/big"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/ethereum/go-ethereum/common"
	solanago "github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"

	"github.com/ipdm-network/ipdm/bridge/chain/ethereum"
	"github.com/ipdm-network/ipdm/x/bridge/wire"
)

const sampleKey = "4c0883a69102937d6231471b5dbb6204fe5129617082792ae468d01a3f362318"

// call runs the program.
func call(t *testing.T, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	var out, errs bytes.Buffer
	code = run(t.Context(), args, &out, &errs)
	return code, out.String(), errs.String()
}

// home gives the program a home of its own, and no variables.
func home(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	t.Setenv("HOME", dir)
	for _, name := range []string{"CONFIG", "CHAIN_GRPC", "ETHEREUM_RPC", "ETHEREUM_LIGHT_CLIENT", "ETHEREUM_KEY_FILE", "LOG_LEVEL", "LOG_FORMAT", "METRICS_LISTEN"} {
		t.Setenv(envPrefix+name, "")
	}
	return dir
}

func TestTheExampleIsAConfiguration(t *testing.T) {
	dir := home(t)
	code, out, _ := call(t, "init")
	require.Zero(t, code)
	path := filepath.Join(dir, ".ipdm-relayer", "config.toml")
	require.Contains(t, out, path)
	cfg, err := loadConfig(path)
	require.NoError(t, err)
	require.Equal(t, []string{"127.0.0.1:9090"}, cfg.Chain.GRPC)
	require.Len(t, cfg.Ethereum, 1)
	require.Equal(t, duration(10*time.Minute), cfg.Ethereum[0].MinInterval)
	require.Equal(t, filepath.Join(filepath.Dir(path), "relayer.key"), cfg.Ethereum[0].KeyFile)
	code, _, errs := call(t, "init")
	require.Equal(t, exitFailed, code)
	require.Contains(t, errs, "is there already")
	info, err := os.Stat(path)
	require.NoError(t, err)
	require.Equal(t, os.FileMode(0o600), info.Mode().Perm())
}

func TestFlagsComeBeforeVariablesBeforeTheFile(t *testing.T) {
	dir := home(t)
	path := filepath.Join(dir, "relayer.toml")
	require.NoError(t, os.WriteFile(path, []byte("[chain]\ngrpc = [\"file:1\"]\n[[ethereum]]\nrpc = [\"http://file\"]\nkey_file = \"k\"\n[log]\nlevel = \"error\"\n"), 0o600))
	f := flags{config: path}
	cfg, err := f.load()
	require.NoError(t, err)
	require.Equal(t, []string{"file:1"}, cfg.Chain.GRPC)
	require.Equal(t, "error", cfg.Log.Level)
	t.Setenv(envPrefix+"CHAIN_GRPC", "one:1, two:2")
	t.Setenv(envPrefix+"ETHEREUM_RPC", "http://variable")
	cfg, err = f.load()
	require.NoError(t, err)
	require.Equal(t, []string{"one:1", "two:2"}, cfg.Chain.GRPC)
	require.Equal(t, []string{"http://variable"}, cfg.Ethereum[0].RPC)
	require.Equal(t, filepath.Join(dir, "k"), cfg.Ethereum[0].KeyFile)
	f.chainGRPC, f.rpc, f.logLevel = []string{"flag:1"}, []string{"http://flag"}, "debug"
	cfg, err = f.load()
	require.NoError(t, err)
	require.Equal(t, []string{"flag:1"}, cfg.Chain.GRPC)
	require.Equal(t, []string{"http://flag"}, cfg.Ethereum[0].RPC)
	require.Equal(t, "debug", cfg.Log.Level)

	cfg, err = (&flags{chainGRPC: []string{"a:1"}, rpc: []string{"http://x"}}).load() // without a file
	require.NoError(t, err)
	require.Len(t, cfg.Ethereum, 1)
}

func TestRefusals(t *testing.T) {
	dir := home(t)
	key := filepath.Join(dir, "key")
	require.NoError(t, os.WriteFile(key, []byte(sampleKey), 0o600))
	good := "[chain]\ngrpc = [\"127.0.0.1:1\"]\n[[ethereum]]\nrpc = [\"http://127.0.0.1:1\"]\nlight_client = \"0x5FbDB2315678afecb367f032d93F642f64180aa3\"\nkey_file = \"key\"\n"
	for name, tt := range map[string]struct {
		text string
		says string
	}{
		"no chain":         {strings.Replace(good, "[\"127.0.0.1:1\"]", "[]", 1), "no node of the chain"},
		"no destination":   {"[chain]\ngrpc = [\"127.0.0.1:1\"]\n", "no destination"},
		"no endpoint":      {strings.Replace(good, "[\"http://127.0.0.1:1\"]", "[]", 1), "no endpoint"},
		"no light client":  {strings.Replace(good, "0x5Fb", "0x", 1), "which is no address"},
		"no key":           {strings.Replace(good, "\"key\"", "\"\"", 1), "no key is named"},
		"no such key":      {strings.Replace(good, "\"key\"", "\"other\"", 1), "failed to read the key"},
		"no gateway":       {good + "gateway = \"0x12\"\n", "gateway is"},
		"gateway of zeros": {good + "gateway = \"0x0000000000000000000000000000000000000000\"\n", "which is no address"},
		"one contract":     {good + "gateway = \"0x5FbDB2315678afecb367f032d93F642f64180aa3\"\n", "they are two contracts"},
		"a domain only":    {good + "domain = 1\n", "but none is named: set gateway"},
		"a gateway only":   {good + "gateway = \"0xe7f1725E7734CE288F8367e1Bb143E90bb3F0512\"\n", "set domain"},
		"one host twice":   {strings.Replace(good, "[\"http://127.0.0.1:1\"]", "[\"http://127.0.0.1:1/a\", \"http://127.0.0.1:1/b\"]", 1), "would count as two"},
		"one on Solana":    {good + "[[solana]]\nrpc = [\"http://x\", \"http://x\"]\nkey_file = \"key\"\n", "would count as two"},
		"a block only":     {good + "first_block = 1\n", "set gateway"},
		"negative block":   {good + "first_block = -1\n", "toml"},
		"unknown setting":  {good + "max_fee = 1\n", "max_fee"},
		"one name twice":   {good + good[strings.Index(good, "[[ethereum]]"):], ""},
		"negative":         {good + "min_interval = \"-1s\"\n", "cannot be negative"},
		"no duration":      {good + "min_interval = \"soon\"\n", "soon"},
		"log level":        {good + "[log]\nlevel = \"loud\"\n", "loud"},
		"log format":       {good + "[log]\nformat = \"xml\"\n", "xml"},
		"no configuration": {"chain", "toml"},
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(dir, "relayer.toml")
			require.NoError(t, os.WriteFile(path, []byte(tt.text), 0o600))
			code, _, errs := call(t, "once", "--config", path)
			require.NotZero(t, code)
			require.Contains(t, errs, tt.says)
			require.NotContains(t, errs, sampleKey)
		})
	}
	for _, args := range [][]string{
		{"start", "--foo"},
		{"foo"},
		{"once", "now"},
		{"deploy", "ethereum"},
		{"deploy", "ethereum", "--chain-grpc", "127.0.0.1:1", "--ethereum-rpc", "http://127.0.0.1:1", "--ethereum-key-file", key, "--pause-period", "1s"},
		{"deploy", "ethereum", "--chain-grpc", "127.0.0.1:1", "--ethereum-rpc", "http://127.0.0.1:1", "--ethereum-key-file", key, "--domain", "0"},
		{"deploy", "solana"},
		{"deploy", "mars"},
	} {
		code, _, errs := call(t, args...)
		require.Equal(t, exitUsage, code, "%v: %s", args, errs)
	}
	code, _, errs := call(t, "status", "--config", filepath.Join(dir, "none"))
	require.Equal(t, exitFailed, code)
	require.Contains(t, errs, "ipdm-relayer init")
}

func TestReclaim(t *testing.T) {
	dir := home(t)
	require.NoError(t, os.WriteFile(filepath.Join(dir, "key"), []byte(sampleKey), 0o600))
	payer, err := solanago.NewRandomPrivateKey()
	require.NoError(t, err)
	var keypair []int
	for _, b := range payer {
		keypair = append(keypair, int(b))
	}
	raw, err := json.Marshal(keypair)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(filepath.Join(dir, "solana.json"), raw, 0o600))
	ethereum := "[chain]\ngrpc = [\"127.0.0.1:1\"]\n[[ethereum]]\nrpc = [\"http://127.0.0.1:1\"]\nlight_client = \"0x5FbDB2315678afecb367f032d93F642f64180aa3\"\nkey_file = \"key\"\n"
	path := filepath.Join(dir, "relayer.toml")
	require.NoError(t, os.WriteFile(path, []byte(ethereum), 0o600))
	code, out, errs := call(t, "reclaim", "--config", path)
	require.Zero(t, code, errs)
	require.Contains(t, out, "nothing to reclaim")
	code, out, _ = call(t, "reclaim", "--config", path, "--json")
	require.Zero(t, code)
	require.JSONEq(t, `{"destinations": []}`, out)

	solana := "[[solana]]\nname = \"sol\"\nrpc = [\"http://127.0.0.1:1\"]\nprogram = \"" + payer.PublicKey().String() + "\"\nkey_file = \"solana.json\"\n"
	require.NoError(t, os.WriteFile(path, []byte(ethereum+solana), 0o600))
	code, out, errs = call(t, "reclaim", "--config", path, "--json")
	require.Equal(t, exitFailed, code)
	require.Contains(t, errs, "sol: ")
	require.Contains(t, out, `{"destinations":[{"destination":"sol","events":0,"calls":0,"sessions":0,"buffers":0,"lamports":0,"error":"`)
}

func TestSettingsOfADestination(t *testing.T) {
	dir := home(t)
	key := filepath.Join(dir, "key")
	require.NoError(t, os.WriteFile(key, []byte(sampleKey), 0o600))
	e := ethereumConfig{RPC: []string{"http://x"}, LightClient: "0x5FbDB2315678afecb367f032d93F642f64180aa3", KeyFile: key}
	e.MaxFeeGwei, e.MinInterval = 1.5, duration(time.Minute)
	e.Gateway, e.FirstBlock, e.Domain = "0xe7f1725E7734CE288F8367e1Bb143E90bb3F0512", 42, 7
	settings, err := e.client(0)
	require.NoError(t, err)
	require.Equal(t, big.NewInt(1_500_000_000), settings.MaxFee)
	require.Equal(t, time.Minute, routeOptions(e.MinInterval, 0, nil, nil).MinInterval)
	require.Equal(t, common.HexToAddress(e.Gateway), settings.Gateway)
	require.Equal(t, uint64(42), settings.FirstBlock)
	require.Equal(t, wire.Domain(7), settings.Domain)
	require.Equal(t, "ethereum", e.name(0))
	require.Equal(t, "ethereum-2", e.name(1))
}

func TestAPartOfADeploymentIsTold(t *testing.T) {
	made := ethereum.Deployment{ChainID: big.NewInt(1)}
	told := func(json bool) string {
		var out bytes.Buffer
		p := &program{stdout: &out, flags: flags{json: json}}
		p.printPart(made)
		return out.String()
	}
	require.Empty(t, told(false))
	require.Empty(t, told(true))
	made.LightClient = common.Address{1}
	require.Contains(t, told(false), made.LightClient.String())
	require.NotContains(t, told(false), "anchors")
	made.Anchor = common.Address{2}
	require.Contains(t, told(false), made.Anchor.String())
	require.JSONEq(t, fmt.Sprintf(`{"light_client": %q, "anchor": %q, "chain_id": 1}`,
		strings.ToLower(made.LightClient.String()), strings.ToLower(made.Anchor.String())), told(true))
}
