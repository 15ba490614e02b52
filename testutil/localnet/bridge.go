package localnet

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
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
	// solanaSlotTime is the time between slots of a localnet's Solana, a quarter of the real one: 32 slots are finality.
	solanaSlotTime = 100 * time.Millisecond
	// payerLamports is what the relayer's account on Solana has.
	payerLamports = 100_000_000_000
	relayerName   = "relayer"
)

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
	KeyFile     string `json:"key_file"` // of a funded account
}

// SolanaEndpoint is the Solana beside a network.
type SolanaEndpoint struct {
	RPC     string `json:"rpc"`
	WS      string `json:"ws"`
	Program string `json:"program"`
	KeyFile string `json:"key_file"` // of a funded account
}

// RelayerEndpoint is the relayer between them.
type RelayerEndpoint struct {
	Config string         `json:"config"`
	Pids   map[string]int `json:"pids"`
}

// Bridge returns what StartBridge started, nil if it did not.
func (n *Network) Bridge() *Bridge { return n.bridge }

// StartBridge starts both chains, makes a light client on each that trusts the network's signers, and starts a relayer. The network has
// to be ready. WaitReady does it with Options.Bridge. It fails with npm.ErrNoNode where Node.js is missing.
func (n *Network) StartBridge(ctx context.Context) error {
	fmt.Fprintln(n.opts.Log, "starting an Ethereum and a Solana, and a relayer to them")
	b := &Bridge{}
	n.bridge = b
	dir := filepath.Join(n.opts.Dir, "bridge")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("failed to make the bridge's folder: %w", err)
	}
	var err error
	if b.Ethereum, err = ethereum.Start(ctx, ethereum.Options{BlockTime: ethereumBlockTime}); err != nil {
		return err
	}
	key := filepath.Join(dir, "ethereum.key")
	if err := os.WriteFile(key, []byte(hex.EncodeToString(crypto.FromECDSA(b.Ethereum.Account(0).Key))), 0o600); err != nil {
		return fmt.Errorf("failed to write the relayer's key: %w", err)
	}
	n.tell(func(e *Endpoints) {
		e.Ethereum = &EthereumEndpoint{RPC: b.Ethereum.URL(), WS: b.Ethereum.WebSocketURL(), ChainID: b.Ethereum.ChainID().String(), KeyFile: key}
	})
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
	file := filepath.Join(dir, "program.so")
	if err := os.WriteFile(file, image.V3, 0o600); err != nil {
		return fmt.Errorf("failed to write the program's image: %w", err)
	}
	n.bridge.Solana, err = solana.Start(ctx, solana.Options{
		SlotTime: solanaSlotTime,
		Programs: map[solanago.PublicKey]string{program: file}, Balances: map[solanago.PublicKey]uint64{payer: payerLamports},
	})
	if err != nil {
		return err
	}
	node := n.bridge.Solana.Node(0)
	n.tell(func(e *Endpoints) {
		e.Solana = &SolanaEndpoint{RPC: node.URL(), WS: node.WebSocketURL(), Program: program.String(), KeyFile: key}
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

// startRelayer makes the light clients, once a checkpoint is complete, and starts the relayer.
func (n *Network) startRelayer(ctx context.Context, dir string) error {
	ethereum, solana := n.endpoints.Ethereum, n.endpoints.Solana
	config := filepath.Join(dir, "relayer.toml")
	settings := func(lightClient string) error {
		text := fmt.Sprintf("[chain]\ngrpc = [%q]\n\n[[ethereum]]\nrpc = [%q]\nlight_client = %q\nkey_file = %q\n\n[[solana]]\nrpc = [%q]\nprogram = %q\nkey_file = %q\n",
			n.endpoints.Nodes[0].GRPC, ethereum.RPC, lightClient, ethereum.KeyFile, solana.RPC, solana.Program, solana.KeyFile)
		if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
			return fmt.Errorf("failed to write the relayer's configuration: %w", err)
		}
		return nil
	}
	if err := settings(""); err != nil {
		return err
	}
	var contracts struct {
		LightClient string `json:"light_client"`
		Anchor      string `json:"anchor"`
	}
	err := n.waitFor(ctx, "the first checkpoint", func(ctx context.Context) error {
		return runJSON(ctx, &contracts, n.Binary("ipdm-relayer"), "deploy", "ethereum", "--json", "--config", config)
	})
	if err != nil {
		return err
	}
	n.tell(func(e *Endpoints) {
		e.Ethereum.LightClient, e.Ethereum.Anchor = contracts.LightClient, contracts.Anchor
	})
	if _, err := run(ctx, n.Binary("ipdm-relayer"), "deploy", "solana", "--config", config, "--program-key-file", filepath.Join(dir, "program.json")); err != nil {
		return err
	}
	if err := settings(ethereum.LightClient); err != nil {
		return err
	}
	if n.bridge.Relayer, err = n.StartExtra(relayerName, "ipdm-relayer", "start", "--config", config); err != nil {
		return err
	}
	n.tell(func(e *Endpoints) { e.Relayer = &RelayerEndpoint{Config: config} })
	return nil
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
