package localnet

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"time"
)

// What a data node of a localnet offers, and what its accounts hold at genesis.
const (
	askPriceAIPDM  = "1000000000000000"              // 0.001 IPDM a GiB-hour
	askCapacity    = "10GiB"                         // a node
	pledgeAIPDM    = "20000000000000000000"          // 20 IPDM
	fundProvider   = "1000000000000000000000aipdm"   // 1,000 IPDM
	fundClient     = "100000000000000000000000aipdm" // 100,000 IPDM
	keyringBackend = "test"
	clientKeyName  = "client"
	faucetKeyName  = "faucet"
)

// nodePorts are the ports of one validator; the JSON names are those of `ipdmd testnet init-files --ports-file`.
type nodePorts struct {
	P2P        int `json:"p2p"`
	RPC        int `json:"rpc"`
	GRPC       int `json:"grpc"`
	REST       int `json:"rest"`
	Prometheus int `json:"prometheus"`
	PProf      int `json:"pprof"`
}

// sidecarPorts are the ports of one data node.
type sidecarPorts struct{ swarm, api, metrics int }

const portsPerNode = 9

// plan is what is decided before any process runs.
type plan struct {
	nodes    []nodePorts
	sidecars []sidecarPorts // one for each validator, then the client's
}

func newPlan(validators int) (*plan, error) {
	ports, err := freePorts(portsPerNode*validators + 3)
	if err != nil {
		return nil, err
	}
	next := func() int {
		port := ports[0]
		ports = ports[1:]
		return port
	}
	p := &plan{}
	for range validators {
		p.nodes = append(p.nodes, nodePorts{P2P: next(), RPC: next(), GRPC: next(), REST: next(), Prometheus: next(), PProf: next()})
	}
	for range validators + 1 {
		p.sidecars = append(p.sidecars, sidecarPorts{swarm: next(), api: next(), metrics: next()})
	}
	return p, nil
}

// setup makes every home, key and genesis file of the network.
func setup(ctx context.Context, o Options, p *plan) (*Endpoints, error) {
	endpoints := &Endpoints{ChainID: o.ChainID}
	var bootstrap []string
	for i := range o.Validators {
		name := fmt.Sprintf("node%d", i)
		home := filepath.Join(o.Dir, "sidecars", name)
		args := append(sidecarInitArgs(o, p, i, home, bootstrap), "--provider",
			"--ask-price", askPriceAIPDM, "--ask-capacity", askCapacity, "--pledge", pledgeAIPDM, "--settle-every", "1",
			"--seal-batch-wait", "0s", "--seal-memory", "256MiB")
		var made struct {
			PeerID          string `json:"peer_id"`
			ProviderAddress string `json:"provider_address"`
		}
		if err := runJSON(ctx, &made, filepath.Join(o.BinDir, "ipdm"), args...); err != nil {
			return nil, err
		}
		sidecar := sidecarEndpoint(p.sidecars[i], home, made.PeerID)
		bootstrap = append(bootstrap, sidecar.Multiaddrs[0])
		endpoints.Nodes = append(endpoints.Nodes, NodeEndpoint{
			Name:            name,
			Home:            filepath.Join(o.Dir, "chain", name),
			RPC:             fmt.Sprintf("http://127.0.0.1:%d", p.nodes[i].RPC),
			GRPC:            fmt.Sprintf("127.0.0.1:%d", p.nodes[i].GRPC),
			REST:            fmt.Sprintf("http://127.0.0.1:%d", p.nodes[i].REST),
			P2P:             fmt.Sprintf("127.0.0.1:%d", p.nodes[i].P2P),
			Sidecar:         sidecar,
			ProviderAddress: made.ProviderAddress,
		})
	}
	if err := setupClient(ctx, o, p, endpoints, bootstrap); err != nil {
		return nil, err
	}
	return endpoints, setupChain(ctx, o, p, endpoints)
}

// sidecarInitArgs are the arguments that `ipdm init` takes for every data node; each reaches its own validator first.
func sidecarInitArgs(o Options, p *plan, i int, home string, bootstrap []string) []string {
	ports := p.sidecars[i]
	args := []string{
		"init", "--json", "--home", home, "--network", o.ChainID, "--chain-id", o.ChainID, "--keyring-backend", keyringBackend,
		"--listen", fmt.Sprintf("/ip4/127.0.0.1/udp/%d/quic-v1", ports.swarm), "--listen", fmt.Sprintf("/ip4/127.0.0.1/tcp/%d", ports.swarm),
		"--api-listen", fmt.Sprintf("127.0.0.1:%d", ports.api), "--metrics-listen", fmt.Sprintf("127.0.0.1:%d", ports.metrics),
		"--mdns=false",
	}
	for j := range o.Validators {
		args = append(args, "--chain-grpc", fmt.Sprintf("127.0.0.1:%d", p.nodes[(i+j)%o.Validators].GRPC))
	}
	for _, address := range bootstrap {
		args = append(args, "--bootstrap", address)
	}
	return args
}

func sidecarEndpoint(ports sidecarPorts, home, peerID string) SidecarEndpoint {
	return SidecarEndpoint{
		Home:    home,
		API:     fmt.Sprintf("127.0.0.1:%d", ports.api),
		Metrics: fmt.Sprintf("http://127.0.0.1:%d/metrics", ports.metrics),
		PeerID:  peerID,
		Multiaddrs: []string{
			fmt.Sprintf("/ip4/127.0.0.1/udp/%d/quic-v1/p2p/%s", ports.swarm, peerID),
			fmt.Sprintf("/ip4/127.0.0.1/tcp/%d/p2p/%s", ports.swarm, peerID),
		},
	}
}

// setupClient makes the client's data node and the two funded keys.
func setupClient(ctx context.Context, o Options, p *plan, endpoints *Endpoints, bootstrap []string) error {
	home := filepath.Join(o.Dir, "client")
	var made struct {
		PeerID string `json:"peer_id"`
	}
	if err := runJSON(ctx, &made, filepath.Join(o.BinDir, "ipdm"), sidecarInitArgs(o, p, o.Validators, home, bootstrap)...); err != nil {
		return err
	}
	endpoints.Client.SidecarEndpoint = sidecarEndpoint(p.sidecars[o.Validators], home, made.PeerID)
	var err error
	if endpoints.Client.Key, err = addKey(ctx, o, clientKeyName, filepath.Join(home, "keyring")); err != nil {
		return err
	}
	endpoints.FaucetKey, err = addKey(ctx, o, faucetKeyName, filepath.Join(o.Dir, "faucet"))
	return err
}

func addKey(ctx context.Context, o Options, name, keyringDir string) (KeyEndpoint, error) {
	var made struct {
		Address string `json:"address"`
	}
	err := runJSON(ctx, &made, filepath.Join(o.BinDir, "ipdmd"), "keys", "add", name,
		"--keyring-dir", keyringDir, "--keyring-backend", keyringBackend, "--home", filepath.Join(o.Dir, "chain"), "--output", "json")
	return KeyEndpoint{Name: name, Address: made.Address, KeyringDir: keyringDir, KeyringBackend: keyringBackend}, err
}

// setupChain makes the validators' homes and one genesis with localnet parameters.
func setupChain(ctx context.Context, o Options, p *plan, endpoints *Endpoints) error {
	portsFile := filepath.Join(o.Dir, "ports.json")
	raw, err := json.Marshal(p.nodes)
	if err != nil {
		return fmt.Errorf("failed to encode the ports: %w", err)
	}
	if err := os.WriteFile(portsFile, raw, 0o600); err != nil {
		return fmt.Errorf("failed to write the ports: %w", err)
	}
	patch, err := writeGenesisPatch(o.Dir, endpoints.FaucetKey.Address)
	if err != nil {
		return err
	}
	args := []string{
		"testnet", "init-files", "--v", strconv.Itoa(o.Validators), "--output-dir", filepath.Join(o.Dir, "chain"),
		"--chain-id", o.ChainID, "--profile", "localnet", "--keyring-backend", keyringBackend, "--ports-file", portsFile, "--genesis-patch", patch,
		"--fund", endpoints.Client.Key.Address + "=" + fundClient, "--fund", endpoints.FaucetKey.Address + "=" + fundClient,
	}
	for _, node := range endpoints.Nodes {
		args = append(args, "--fund", node.ProviderAddress+"="+fundProvider, "--sidecar-address", node.Sidecar.API)
	}
	if _, err := run(ctx, filepath.Join(o.BinDir, "ipdmd"), args...); err != nil {
		return err
	}
	for i := range endpoints.Nodes {
		node := &endpoints.Nodes[i]
		if node.ValidatorAddress, err = consensusAddress(node.Home); err != nil {
			return err
		}
		if o.CommitTimeout != 0 {
			if err := setCommitTimeout(node.Home, o.CommitTimeout); err != nil {
				return err
			}
		}
	}
	return nil
}

var commitTimeout = regexp.MustCompile(`(?m)^timeout_commit = .*$`)

// setCommitTimeout changes a validator's configuration.
func setCommitTimeout(home string, timeout time.Duration) error {
	path := filepath.Join(home, "config", "config.toml")
	text, err := os.ReadFile(path)
	if err != nil {
		return fmt.Errorf("failed to read a validator's configuration: %w", err)
	}
	if !commitTimeout.Match(text) {
		return fmt.Errorf("%s has no timeout_commit", path)
	}
	text = commitTimeout.ReplaceAll(text, fmt.Appendf(nil, "timeout_commit = %q", timeout))
	if err := os.WriteFile(path, text, 0o600); err != nil {
		return fmt.Errorf("failed to write a validator's configuration: %w", err)
	}
	return nil
}

// consensusAddress reads a validator's consensus address (upper-case hex) from its home.
func consensusAddress(home string) (string, error) {
	raw, err := os.ReadFile(filepath.Join(home, "config", "priv_validator_key.json"))
	if err != nil {
		return "", fmt.Errorf("failed to read the validator's address: %w", err)
	}
	var key struct {
		Address string `json:"address"`
	}
	if err := json.Unmarshal(raw, &key); err != nil {
		return "", fmt.Errorf("failed to decode the validator's address: %w", err)
	}
	return key.Address, nil
}

// run runs a program to its end and returns its standard output; a failure carries its standard error.
func run(ctx context.Context, path string, args ...string) ([]byte, error) {
	cmd := exec.CommandContext(ctx, path, args...)
	out, err := cmd.Output()
	if err != nil {
		detail := ""
		if exit, ok := err.(*exec.ExitError); ok { //nolint:errorlint // Output returns it unwrapped
			detail = string(exit.Stderr)
		}
		return nil, fmt.Errorf("failed to run %s %s: %w\n%s", filepath.Base(path), args[0], err, detail)
	}
	return out, nil
}

func runJSON(ctx context.Context, into any, path string, args ...string) error {
	out, err := run(ctx, path, args...)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(out, into); err != nil {
		return fmt.Errorf("failed to decode the answer of %s %s: %w\n%s", filepath.Base(path), args[0], err, out)
	}
	return nil
}
