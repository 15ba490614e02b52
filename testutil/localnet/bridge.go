package localnet

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"time"

	"github.com/ethereum/go-ethereum/crypto"
	solanago "github.com/gagliardetto/solana-go"

	"github.com/ipdm-network/ipdm/bridge/solana/program/image"
	"github.com/ipdm-network/ipdm/testutil/ethereum"
	"github.com/ipdm-network/ipdm/testutil/solana"
)

const (
	// ethereumBlockTime is the time between blocks of a localnet's Ethereum.
	ethereumBlockTime = time.Second
	// SolanaSlotTime is the time between slots of a localnet's Solana, a quarter of the real one: 32 slots are finality.
	SolanaSlotTime = 100 * time.Millisecond
	// payerLamports is what the relayer's account on Solana has.
	payerLamports = 100_000_000_000
	relayerName   = "relayer"
	// relayerFunds are for the relayer's account on the chain, where a localnet asks no fees.
	relayerFunds = "1000000000000000000aipdm" // 1 IPDM
)

// The numbers of the other chains, and what the network's governance says about them.
const (
	EthereumDomain = 1
	SolanaDomain   = 2

	// solanaFinality is about what 32 slots of a tenth of a second take.
	solanaFinality = 4 * time.Second
	interval       = "1s"
	// pausePeriod is what a guardian's pause takes, and the cool-down after it.
	pausePeriod = "1m"
	// WindowSeconds is the window of limits.
	WindowSeconds = 5
)

// limitAIPDM is what either side of a lane releases of the chain's own in a window.
const limitAIPDM = "1000000000000000000000" // 1,000 IPDM

// Bridge is an Ethereum and a Solana beside the network, with a light client on each and a relayer between them.
type Bridge struct {
	Ethereum *ethereum.Network
	Solana   *solana.Network
	Relayer  *Process
}

// EthereumEndpoint is the Ethereum beside a network.
type EthereumEndpoint struct {
	RPC         string `json:"rpc"`
	WS          string `json:"ws"`
	ChainID     string `json:"chain_id"`
	LightClient string `json:"light_client"`
	Anchor      string `json:"anchor"`
	Gateway     string `json:"gateway"`
	Domain      uint32 `json:"domain"`   // its number on the chain
	KeyFile     string `json:"key_file"` // of a funded account
	// UserKeyFile is of another one, which is the gateway's guardian.
	UserKeyFile string `json:"user_key_file"`

	block uint64 // in which the gateway was made
}

// SolanaEndpoint is the Solana beside a network.
type SolanaEndpoint struct {
	RPC     string `json:"rpc"`
	WS      string `json:"ws"`
	Program string `json:"program"`
	Domain  uint32 `json:"domain"`   // its number on the chain
	KeyFile string `json:"key_file"` // of a funded account
	// UserKeyFile is of another one, which is the gateway's guardian.
	UserKeyFile string `json:"user_key_file"`

	user solanago.PublicKey
}

// RelayerEndpoint is the relayer between them.
type RelayerEndpoint struct {
	Config string         `json:"config"`
	Pids   map[string]int `json:"pids"`
}

// Bridge returns what StartBridge started, nil if it did not.
func (n *Network) Bridge() *Bridge { return n.bridge }

// StartBridge starts both chains, makes a light client and a gateway on each that trust the network's signers, has the validators read
// the gateways and make them known, and starts a relayer. The network has to be ready; its data nodes are restarted. WaitReady does it
// with Options.Bridge. It fails with npm.ErrNoNode where Node.js is missing.
func (n *Network) StartBridge(ctx context.Context) error {
	fmt.Fprintln(n.opts.Log, "starting an Ethereum and a Solana, and a relayer to them")
	b := &Bridge{}
	n.bridge = b
	dir := filepath.Join(n.opts.Dir, "bridge")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("failed to make the bridge's folder: %w", err)
	}
	var err error
	if b.Ethereum, err = n.startEthereum(ctx); err != nil {
		return err
	}
	endpoint := &EthereumEndpoint{
		RPC: b.Ethereum.URL(), WS: b.Ethereum.WebSocketURL(), ChainID: b.Ethereum.ChainID().String(),
		KeyFile: filepath.Join(dir, "ethereum.key"), UserKeyFile: filepath.Join(dir, "ethereum-user.key"),
	}
	for i, path := range []string{endpoint.KeyFile, endpoint.UserKeyFile} {
		if err := os.WriteFile(path, []byte(hex.EncodeToString(crypto.FromECDSA(b.Ethereum.Account(i).Key))), 0o600); err != nil {
			return fmt.Errorf("failed to write a key of Ethereum: %w", err)
		}
	}
	n.tell(func(e *Endpoints) { e.Ethereum = endpoint })
	if err := n.startSolana(ctx, dir); err != nil {
		return err
	}
	return n.startRelayer(ctx, dir)
}

// StopBridge ends what StartBridge started. Close does it as well.
func (n *Network) StopBridge() error {
	b := n.bridge
	if b == nil {
		return nil
	}
	n.bridge = nil
	n.tell(func(e *Endpoints) { e.Ethereum, e.Solana, e.Relayer = nil, nil, nil })
	return b.close()
}

// startEthereum starts anvil, or geth where one is given.
func (n *Network) startEthereum(ctx context.Context) (*ethereum.Network, error) {
	options := ethereum.Options{BlockTime: ethereumBlockTime}
	if n.opts.Geth != "" {
		return ethereum.StartGeth(ctx, n.opts.Geth, options)
	}
	return ethereum.Start(ctx, options)
}

// startSolana starts a Solana that has the program's image.
func (n *Network) startSolana(ctx context.Context, dir string) error {
	program, err := writeKeypair(filepath.Join(dir, "program.json"))
	if err != nil {
		return err
	}
	key := filepath.Join(dir, "solana.json")
	payer, err := writeKeypair(key)
	if err != nil {
		return err
	}
	userKey := filepath.Join(dir, "solana-user.json")
	user, err := writeKeypair(userKey)
	if err != nil {
		return err
	}
	file := filepath.Join(dir, "program.so")
	if err := os.WriteFile(file, image.V3, 0o600); err != nil {
		return fmt.Errorf("failed to write the program's image: %w", err)
	}
	n.bridge.Solana, err = solana.Start(ctx, solana.Options{
		SlotTime: SolanaSlotTime,
		Programs: map[solanago.PublicKey]string{program: file}, Balances: map[solanago.PublicKey]uint64{payer: payerLamports, user: payerLamports},
	})
	if err != nil {
		return err
	}
	node := n.bridge.Solana.Node(0)
	n.tell(func(e *Endpoints) {
		e.Solana = &SolanaEndpoint{RPC: node.URL(), WS: node.WebSocketURL(), Program: program.String(), KeyFile: key, UserKeyFile: userKey, user: user}
	})
	return nil
}

// tell changes the endpoints, which may be written by a control command at the same time.
func (n *Network) tell(change func(*Endpoints)) {
	n.writeMu.Lock()
	defer n.writeMu.Unlock()
	change(n.endpoints)
}

// writeKeypair makes a key of Solana's in a file as solana-keygen writes it, and returns its address.
func writeKeypair(path string) (solanago.PublicKey, error) {
	key, err := solanago.NewRandomPrivateKey()
	if err != nil {
		return solanago.PublicKey{}, fmt.Errorf("failed to make a key: %w", err)
	}
	numbers := make([]int, len(key))
	for i, b := range key {
		numbers[i] = int(b)
	}
	raw, err := json.Marshal(numbers)
	if err != nil {
		return solanago.PublicKey{}, fmt.Errorf("failed to encode a key: %w", err)
	}
	if err := os.WriteFile(path, raw, 0o600); err != nil {
		return solanago.PublicKey{}, fmt.Errorf("failed to write a key: %w", err)
	}
	return key.PublicKey(), nil
}

// startRelayer makes light clients and gateways, once a checkpoint is complete, and starts the relayer.
func (n *Network) startRelayer(ctx context.Context, dir string) error {
	config := filepath.Join(dir, "relayer.toml")
	key, err := n.NewAccount(ctx, relayerName, relayerFunds)
	if err != nil {
		return err
	}
	if err := n.configureRelayer(config, key); err != nil {
		return err
	}
	var contracts struct {
		LightClient string `json:"light_client"`
		Anchor      string `json:"anchor"`
		Gateway     string `json:"gateway"`
		Block       uint64 `json:"block"`
	}
	err = n.waitFor(ctx, "the first checkpoint", func(ctx context.Context) error {
		return runJSON(ctx, &contracts, n.Binary("ipdm-relayer"), "deploy", "ethereum", "--json", "--config", config,
			"--domain", strconv.Itoa(EthereumDomain), "--pause-period", pausePeriod, "--pause-cooldown", pausePeriod)
	})
	if err != nil {
		return err
	}
	n.tell(func(e *Endpoints) {
		e.Ethereum.LightClient, e.Ethereum.Anchor, e.Ethereum.Gateway = contracts.LightClient, contracts.Anchor, contracts.Gateway
		e.Ethereum.Domain, e.Ethereum.block, e.Solana.Domain = EthereumDomain, contracts.Block, SolanaDomain
	})
	if _, err := run(ctx, n.Binary("ipdm-relayer"), "deploy", "solana", "--config", config, "--domain", strconv.Itoa(SolanaDomain),
		"--program-key-file", filepath.Join(dir, "program.json"), "--pause-period", pausePeriod, "--pause-cooldown", pausePeriod); err != nil {
		return err
	}
	known := make(chan error, 1)
	go func() { known <- n.knowGateways(ctx) }()
	if err := errors.Join(n.readGateways(ctx), <-known); err != nil {
		return err
	}
	if err := n.configureRelayer(config, key); err != nil {
		return err
	}
	if n.bridge.Relayer, err = n.StartExtra(relayerName, "ipdm-relayer", "start", "--config", config); err != nil {
		return err
	}
	n.tell(func(e *Endpoints) { e.Relayer = &RelayerEndpoint{Config: config} })
	return nil
}

// configureRelayer writes the relayer's configuration.
func (n *Network) configureRelayer(path string, key KeyEndpoint) error {
	ethereum, solana := n.endpoints.Ethereum, n.endpoints.Solana
	text := fmt.Sprintf(`[chain]
grpc = [%q]
key = %q
keyring_dir = %q

[[ethereum]]
rpc = [%q]
light_client = %q
gateway = %q
first_block = %d
domain = %d
key_file = %q

[[solana]]
rpc = [%q]
program = %q
domain = %d
key_file = %q
`, n.endpoints.Nodes[0].GRPC, key.Name, key.KeyringDir,
		ethereum.RPC, ethereum.LightClient, ethereum.Gateway, ethereum.block, ethereum.Domain, ethereum.KeyFile,
		solana.RPC, solana.Program, solana.Domain, solana.KeyFile)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		return fmt.Errorf("failed to write the relayer's configuration: %w", err)
	}
	return nil
}

// readGateways has the validators' data nodes read the gateways, and restarts them for it.
func (n *Network) readGateways(ctx context.Context) error {
	ethereum, solana := n.endpoints.Ethereum, n.endpoints.Solana
	text := fmt.Sprintf("\n[[bridge.ethereum]]\ndomain = %d\nrpc = [%q]\ngateway = %q\nfirst_block = %d\n\n[[bridge.solana]]\ndomain = %d\nrpc = [%q]\nprogram = %q\n",
		ethereum.Domain, ethereum.RPC, ethereum.Gateway, ethereum.block, solana.Domain, solana.RPC, solana.Program)
	errs := make([]error, len(n.endpoints.Nodes))
	var restarting sync.WaitGroup
	for i, node := range n.endpoints.Nodes {
		restarting.Go(func() {
			errs[i] = appendAndRestart(filepath.Join(node.Sidecar.Home, "config.toml"), text, n.Sidecars[i])
		})
	}
	restarting.Wait()
	if err := errors.Join(errs...); err != nil {
		return err
	}
	return n.waitFor(ctx, "every data node to answer again", n.allAnswer)
}

func appendAndRestart(path, text string, daemon *Process) error {
	config, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		return fmt.Errorf("failed to open a data node's configuration: %w", err)
	}
	_, err = config.WriteString(text)
	if err = errors.Join(err, config.Close()); err != nil {
		return fmt.Errorf("failed to write a data node's configuration: %w", err)
	}
	if err := daemon.Stop(); err != nil {
		return err
	}
	return daemon.Start()
}

// knowGateways has governance make the chains known, let the network's own be sent there, and name the users as guardians.
func (n *Network) knowGateways(ctx context.Context) error {
	ethereum, solana := n.endpoints.Ethereum, n.endpoints.Solana
	domain := func(number int, name, form, gateway string, finality time.Duration) map[string]any {
		return map[string]any{"@type": "/ipdm.bridge.v1.MsgSetDomain", "config": map[string]any{
			"domain": number, "name": name, "form": form, "gateway": gateway, "finality": fmt.Sprintf("%.0fs", finality.Seconds()), "interval": interval,
		}}
	}
	ethereumFinality := time.Duration(n.bridge.Ethereum.FinalityDepth()) * ethereumBlockTime
	guardian := func(number int, address string) map[string]any {
		return map[string]any{"@type": "/ipdm.bridge.v1.MsgSetGuardian", "domain": number, "guardian": address}
	}
	messages := []map[string]any{
		domain(EthereumDomain, "ethereum", "ADDRESS_FORM_ETHEREUM", ethereum.Gateway, ethereumFinality),
		domain(SolanaDomain, "solana", "ADDRESS_FORM_SOLANA", solana.Program, solanaFinality),
	}
	for _, number := range []int{EthereumDomain, SolanaDomain} {
		messages = append(messages, map[string]any{
			"@type": "/ipdm.bridge.v1.MsgRegisterAsset", "domain": number, "denom": "aipdm", "symbol": "IPDM", "decimals": 18,
		}, map[string]any{
			"@type": "/ipdm.bridge.v1.MsgSetLimits", "domain": number, "denom": "aipdm", "there": limitAIPDM, "here": limitAIPDM, "window_seconds": WindowSeconds,
		})
	}
	messages = append(messages, guardian(EthereumDomain, n.bridge.Ethereum.Account(1).Address.Hex()), guardian(SolanaDomain, solana.user.String()))
	return n.Govern(ctx, "Make Ethereum and Solana known", messages...)
}

// close ends the relayer and both chains.
func (b *Bridge) close() error {
	var err error
	if b.Relayer != nil {
		err = b.Relayer.Stop()
	}
	if b.Ethereum != nil {
		err = errors.Join(err, b.Ethereum.Close())
	}
	if b.Solana != nil {
		err = errors.Join(err, b.Solana.Close())
	}
	return err
}
