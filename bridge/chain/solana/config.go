package solana

import (
	"bytes"
	"cmp"
	"crypto/ed25519"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"time"

	"github.com/gagliardetto/solana-go"

	"github.com/ipdm-network/ipdm/bridge/chain/solana/program"
	"github.com/ipdm-network/ipdm/bridge/relayer"
)

// Config says where the program is and who pays.
type Config struct {
	// Name names the destination in logs and metrics; "solana" if empty.
	Name string
	// URLs are those of the JSON-RPC of one or more nodes. Three of different operators are assured what the package says.
	URLs []string
	// Program is the program's address.
	Program solana.PublicKey
	// Payer pays for transactions and rent.
	Payer solana.PrivateKey
	// PriorityFee is in micro-lamports for a compute unit.
	PriorityFee uint64
	// RequestTimeout is how long a node may take for an answer; 0 is 5 s.
	RequestTimeout time.Duration
	// SubmitTimeout is how long a checkpoint may take until it is finalized; 0 is 5 minutes.
	SubmitTimeout time.Duration
	// Poll is how often nodes are asked while something is awaited; 0 is 1 s.
	Poll time.Duration
	// Transport carries the requests; nil is one like http.DefaultTransport.
	Transport http.RoundTripper
}

// Client hands checkpoints to the program. It is safe for concurrent use, and no goroutine outlives a call but for those of
// connections, which end with it.
type Client struct {
	config  Config
	program program.Program
	nodes   []*node
}

var _ relayer.Destination = (*Client)(nil)

// New returns a client. It does not connect yet.
func New(config Config) (*Client, error) {
	if len(config.URLs) == 0 {
		return nil, errors.New("no node of Solana is named")
	}
	if config.Program.IsZero() {
		return nil, errors.New("the address of the program on Solana is not set")
	}
	if _, err := solana.ValidatePrivateKey(config.Payer); err != nil {
		return nil, errors.New("the payer on Solana has no valid key")
	}
	config.Name = cmp.Or(config.Name, "solana")
	config.RequestTimeout = cmp.Or(config.RequestTimeout, 5*time.Second)
	config.SubmitTimeout = cmp.Or(config.SubmitTimeout, 5*time.Minute)
	config.Poll = cmp.Or(config.Poll, time.Second)
	if config.Transport == nil {
		config.Transport = http.DefaultTransport.(*http.Transport).Clone()
	}
	c := &Client{config: config, program: program.Program{ID: config.Program}}
	for i, text := range config.URLs {
		at, err := url.Parse(text)
		if err != nil || at.Host == "" || (at.Scheme != "http" && at.Scheme != "https") {
			return nil, fmt.Errorf("node %d of Solana: not a URL of http or https", i) // it may hold an access key
		}
		c.nodes = append(c.nodes, newNode(at.String(), at.Host, config))
	}
	return c, nil
}

// Name implements relayer.Destination.
func (c *Client) Name() string { return c.config.Name }

// Payer returns the address that pays.
func (c *Client) Payer() solana.PublicKey { return c.config.Payer.PublicKey() }

// maxKeyFile bounds a keypair file: 64 numbers of three digits.
const maxKeyFile = 1024

// LoadKey reads a keypair file as solana-keygen writes it, a JSON array of 64 bytes. It fails if others may read the file. No error
// has bytes of the key.
func LoadKey(path string) (solana.PrivateKey, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("failed to open the keypair file: %w", err)
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return nil, fmt.Errorf("failed to check the keypair file: %w", err)
	}
	if mode := info.Mode().Perm(); mode&0o077 != 0 {
		return nil, fmt.Errorf("keypair file %s may be used by others (mode %#o): chmod 600 it", path, mode)
	}
	raw, err := io.ReadAll(io.LimitReader(file, maxKeyFile))
	if err != nil {
		return nil, fmt.Errorf("failed to read the keypair file: %w", err)
	}
	key, err := solana.PrivateKeyFromSolanaKeygenFileBytes(raw)
	if err != nil {
		return nil, fmt.Errorf("keypair file %s: expected a JSON array of 64 bytes, a secret and its public key", path)
	}
	if !bytes.Equal(key, ed25519.NewKeyFromSeed(key[:ed25519.SeedSize])) {
		return nil, fmt.Errorf("keypair file %s: the public key is not that of the secret", path)
	}
	return key, nil
}
