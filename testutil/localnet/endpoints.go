package localnet

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
)

// EndpointsFile is the name of the file that says what runs where.
const EndpointsFile = "endpoints.json"

// Endpoints is the content of endpoints.json.
type Endpoints struct {
	ChainID string         `json:"chain_id"`
	Nodes   []NodeEndpoint `json:"nodes"`
	Client  ClientEndpoint `json:"client"`
	// FaucetKey names a funded key in a test keyring.
	FaucetKey KeyEndpoint `json:"faucet_key"`
	// The rest is there if the network has a bridge.
	Ethereum *EthereumEndpoint `json:"ethereum,omitempty"`
	Solana   *SolanaEndpoint   `json:"solana,omitempty"`
	Relayer  *RelayerEndpoint  `json:"relayer,omitempty"`
}

// NodeEndpoint is a validator with its data node. Addresses are host:port or URLs of 127.0.0.1.
type NodeEndpoint struct {
	Name             string          `json:"name"`
	Home             string          `json:"home"`
	RPC              string          `json:"rpc"`
	GRPC             string          `json:"grpc"`
	REST             string          `json:"rest"`
	P2P              string          `json:"p2p"`
	Sidecar          SidecarEndpoint `json:"sidecar"`
	ValidatorAddress string          `json:"validator_address"`
	ProviderAddress  string          `json:"provider_address"`
	Pids             map[string]int  `json:"pids"`
}

// SidecarEndpoint is a data node.
type SidecarEndpoint struct {
	Home       string   `json:"home"`
	API        string   `json:"api"`
	Metrics    string   `json:"metrics"`
	PeerID     string   `json:"peer_id"`
	Multiaddrs []string `json:"multiaddrs"`
}

// ClientEndpoint is the client's data node and its funded key.
type ClientEndpoint struct {
	SidecarEndpoint
	Key  KeyEndpoint    `json:"key"`
	Pids map[string]int `json:"pids"`
}

// KeyEndpoint names a key in a keyring; the key itself stays there.
type KeyEndpoint struct {
	Name           string `json:"name"`
	Address        string `json:"address"`
	KeyringDir     string `json:"keyring_dir"`
	KeyringBackend string `json:"keyring_backend"`
}

// ReadEndpoints reads a network's endpoints.json.
func ReadEndpoints(dir string) (*Endpoints, error) {
	raw, err := os.ReadFile(filepath.Join(dir, EndpointsFile))
	if err != nil {
		return nil, fmt.Errorf("failed to read the endpoints of the network in %s: %w", dir, err)
	}
	var endpoints Endpoints
	if err := json.Unmarshal(raw, &endpoints); err != nil {
		return nil, fmt.Errorf("failed to decode %s: %w", filepath.Join(dir, EndpointsFile), err)
	}
	return &endpoints, nil
}

// write replaces endpoints.json atomically.
func (e *Endpoints) write(dir string) error {
	raw, err := json.MarshalIndent(e, "", "  ")
	if err != nil {
		return fmt.Errorf("failed to encode the endpoints: %w", err)
	}
	path := filepath.Join(dir, EndpointsFile)
	if err := os.WriteFile(path+".new", append(raw, '\n'), 0o600); err != nil {
		return fmt.Errorf("failed to write the endpoints: %w", err)
	}
	if err := os.Rename(path+".new", path); err != nil {
		return fmt.Errorf("failed to write the endpoints: %w", err)
	}
	return nil
}
