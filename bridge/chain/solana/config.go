package solana

import (
	"bytes"
	"cmp"
	"crypto/ed25519"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"time"

	"github.com/gagliardetto/solana-go"

	"github.com/ipdm-network/ipdm/bridge/relayer"
	"github.com/ipdm-network/ipdm/x/bridge/wire"
)

// Config says where the program is and who pays.
type Config struct {
	// Name names the destination in logs and metrics; "solana" if empty.
	Name string
	// URLs are those of the JSON-RPC of one or more nodes. Three of different operators are assured what the package says.
	URLs []string
	// Program is the program's address.
	Program solana.PublicKey
	// Domain is that of the program's gateway; 0 is not checked.
	Domain wire.Domain
	// Payer pays for transactions and rent.
	Payer solana.PrivateKey
	// PriorityFee is in micro-lamports for a compute unit.
	PriorityFee uint64
	// RequestTimeout is how long a node may take for an answer; 0 is 5 s.
	RequestTimeout time.Duration
	// NoAccounts has the payer make no token accounts. By default it makes that of a transfer's recipient who has none, for a rent of about
	// 0.002 SOL that is the recipient's from then on: without it the transfer waits until somebody makes it, and times out in the end. A
	// payer that is not paid for it should set this where small transfers to many new wallets are cheap on IPDM.
	NoAccounts bool
	// SubmitTimeout is how long a checkpoint or a message may take until it is finalized; 0 is 5 minutes.
	SubmitTimeout time.Duration
	// Poll is how often nodes are asked while something is awaited; 0 is 1 s.
	Poll time.Duration
	// Transport carries the requests; nil is one like http.DefaultTransport.
	Transport http.RoundTripper
}

// Client hands checkpoints and messages to the program, and reads its events. It is safe for concurrent use, and no goroutine outlives a
// call but for those of connections, which end with it.
type Client struct {
	*Reader
	config Config
}

var _ relayer.Gateway = (*Client)(nil)

// New returns a client. It does not connect yet.
func New(config Config) (*Client, error) {
	reader, err := NewReader(ReaderConfig{
		Name: config.Name, URLs: config.URLs, Program: config.Program, Domain: config.Domain,
		RequestTimeout: config.RequestTimeout, Transport: config.Transport,
	})
	if err != nil {
		return nil, err
	}
	if _, err := solana.ValidatePrivateKey(config.Payer); err != nil {
		return nil, errors.New("the payer on Solana has no valid key")
	}
	config.SubmitTimeout = cmp.Or(config.SubmitTimeout, 5*time.Minute)
	config.Poll = cmp.Or(config.Poll, time.Second)
	return &Client{Reader: reader, config: config}, nil
}

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
