package follow

import (
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"time"

	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/common/hexutil"
	solanago "github.com/gagliardetto/solana-go"

	"github.com/ipdm-network/ipdm/sidecar/consensus/follow/ethereum"
	"github.com/ipdm-network/ipdm/sidecar/consensus/follow/feed"
)

// The kinds of follows.
const (
	SolanaAccount  = "solana-account"
	SolanaProgram  = "solana-program"
	EthereumLogs   = "ethereum-logs"
	EthereumBlocks = "ethereum-blocks"
)

// Kinds lists them.
var Kinds = []string{SolanaAccount, SolanaProgram, EthereumLogs, EthereumBlocks}

const (
	// maxAddresses is how many addresses a follow has at most: each is a tag.
	maxAddresses = 32
	maxTopics    = 4
	// maxBatchChanges is how many changes a batch may be told to have.
	maxBatchChanges = 1_000_000
	maxAccounts     = 100_000
	// maxAccountBytes is Solana's own limit.
	maxAccountBytes = 10 << 20
)

// Config says what to follow. Start from DefaultConfig.
type Config struct {
	// Name is the follow's, of [a-z0-9-]{1,32}.
	Name string
	// Kind is one of Kinds.
	Kind string
	// RPC are URLs of JSON-RPC endpoints, the preferred one first.
	RPC []string
	// Socket is a URL of Solana's PubSub interface; may be empty.
	Socket string
	// Addresses are accounts of Solana, or contracts of Ethereum.
	Addresses []string
	// Program is that of a SolanaProgram.
	Program string
	// Topics are what a log has at each place, empty for anything.
	Topics []string
	// From is the first block of Ethereum; nil is the next one to become final.
	From *uint64
	// A batch is stored when it has BatchChanges changes, or BatchInterval after its first one.
	BatchChanges  int
	BatchInterval time.Duration
	// PollInterval is how often endpoints are asked.
	PollInterval time.Duration
	// MaxAccounts and MaxAccountBytes bound what a program may have.
	MaxAccounts, MaxAccountBytes int
}

// DefaultConfig is a follow of nothing yet.
func DefaultConfig() Config {
	return Config{BatchChanges: 1000, BatchInterval: 10 * time.Second, PollInterval: 5 * time.Second, MaxAccounts: 10_000, MaxAccountBytes: 1 << 20}
}

var validName = regexp.MustCompile(`^[a-z0-9-]{1,32}$`)

// Validate reports everything that cannot work, each with the name of its follow and its setting.
func Validate(follows []Config) error {
	var errs []error
	seen := map[string]bool{}
	for i, c := range follows {
		if !validName.MatchString(c.Name) {
			errs = append(errs, fmt.Errorf("[[follow]] number %d: name must be 1 to 32 of a-z, 0-9 and -, not %.40q", i+1, c.Name))
			continue
		}
		if seen[c.Name] {
			errs = append(errs, fmt.Errorf("[[follow]] %s: another one has this name", c.Name))
		}
		seen[c.Name] = true
		for _, err := range c.validate() {
			errs = append(errs, fmt.Errorf("[[follow]] %s: %w", c.Name, err))
		}
	}
	return errors.Join(errs...)
}

func (c *Config) validate() []error {
	if !slices.Contains(Kinds, c.Kind) {
		return []error{fmt.Errorf("kind must be one of %q, not %.40q", Kinds, c.Kind)}
	}
	var errs []error
	check := func(ok bool, format string, args ...any) {
		if !ok {
			errs = append(errs, fmt.Errorf(format, args...))
		}
	}
	check(len(c.RPC) > 0, "rpc must have the URL of an endpoint")
	for _, text := range c.RPC {
		check(isURL(text, "http", "https"), "rpc must have URLs of http or https")
	}
	check(c.Socket == "" || c.chain() == chainSolana, "ws is of Solana only: Ethereum's finalized blocks are asked for")
	check(c.Socket == "" || isURL(c.Socket, "ws", "wss"), "ws must be a URL of ws or wss")
	check(c.From == nil || c.chain() == chainEthereum, "from is of Ethereum only: Solana's endpoints tell no past state")
	check(c.From == nil || *c.From < feed.MaxPosition, "from is no block")
	check(c.Program == "" || c.Kind == SolanaProgram, "program is of %s only", SolanaProgram)
	check(len(c.Topics) == 0 || c.Kind == EthereumLogs, "topics are of %s only", EthereumLogs)
	check(c.BatchChanges >= 1 && c.BatchChanges <= maxBatchChanges, "batch_changes must be between 1 and %d", maxBatchChanges)
	check(c.BatchInterval >= time.Millisecond && c.BatchInterval <= 24*time.Hour, "batch_interval must be between 1ms and 24h")
	check(c.PollInterval >= time.Millisecond && c.PollInterval <= 24*time.Hour, "poll_interval must be between 1ms and 24h")
	check(c.MaxAccounts >= 1 && c.MaxAccounts <= maxAccounts, "max_accounts must be between 1 and %d", maxAccounts)
	check(c.MaxAccountBytes >= 1 && c.MaxAccountBytes <= maxAccountBytes, "max_account_bytes must be between 1 and %d", maxAccountBytes)
	return append(errs, c.validateTarget()...)
}

// validateTarget checks what is followed.
func (c *Config) validateTarget() []error {
	var errs []error
	switch takes := c.Kind == SolanaAccount || c.Kind == EthereumLogs; {
	case !takes && len(c.Addresses) > 0:
		errs = append(errs, fmt.Errorf("address is not of %s", c.Kind))
	case takes && (len(c.Addresses) == 0 || len(c.Addresses) > maxAddresses):
		errs = append(errs, fmt.Errorf("address must have between 1 and %d addresses", maxAddresses))
	}
	var err error
	switch c.Kind {
	case SolanaAccount:
		_, err = c.accounts()
	case SolanaProgram:
		_, err = c.program()
	case EthereumLogs:
		_, err = c.filter()
	}
	if err != nil {
		errs = append(errs, err)
	}
	return errs
}

func isURL(text string, schemes ...string) bool {
	u, err := url.Parse(text)
	return err == nil && u.Host != "" && slices.Contains(schemes, u.Scheme)
}

// The chains, as tags name them.
const (
	chainSolana   = "solana"
	chainEthereum = "ethereum"
)

func (c *Config) chain() string {
	if c.Kind == SolanaAccount || c.Kind == SolanaProgram {
		return chainSolana
	}
	return chainEthereum
}

// accounts returns the addresses of accounts of Solana, in order and each once.
func (c *Config) accounts() ([]solanago.PublicKey, error) {
	var out []solanago.PublicKey
	for _, text := range c.Addresses {
		key, err := solanago.PublicKeyFromBase58(text)
		if err != nil {
			return nil, fmt.Errorf("address: %.60q is no address of Solana", text)
		}
		if !slices.Contains(out, key) {
			out = append(out, key)
		}
	}
	return out, nil
}

func (c *Config) program() (solanago.PublicKey, error) {
	key, err := solanago.PublicKeyFromBase58(c.Program)
	if err != nil {
		return key, fmt.Errorf("program: %.60q is no address of Solana", c.Program)
	}
	return key, nil
}

// filter returns which logs are followed.
func (c *Config) filter() (*ethereum.Filter, error) {
	var f ethereum.Filter
	for _, text := range c.Addresses {
		if !common.IsHexAddress(text) {
			return nil, fmt.Errorf("address: %.60q is no address of Ethereum", text)
		}
		if address := common.HexToAddress(text); !slices.Contains(f.Addresses, address) {
			f.Addresses = append(f.Addresses, address)
		}
	}
	if len(c.Topics) > maxTopics {
		return nil, fmt.Errorf("topics: a log has at most %d", maxTopics)
	}
	for _, text := range c.Topics {
		if text == "" {
			f.Topics = append(f.Topics, nil)
			continue
		}
		raw, err := hexutil.Decode(text)
		if err != nil || len(raw) != common.HashLength {
			return nil, fmt.Errorf("topics: %.80q is neither empty nor 0x and 64 hex digits", text)
		}
		topic := common.BytesToHash(raw)
		f.Topics = append(f.Topics, &topic)
	}
	return &f, nil
}
