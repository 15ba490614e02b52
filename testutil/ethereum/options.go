package ethereum

import (
	"math/big"
	"strconv"
	"time"
)

const (
	defaultChainID      = 31337
	defaultSlotsInEpoch = 2
	defaultAccounts     = 4
)

// Options are those of a network; the zero value is one whose blocks come by Mine, with 4 accounts.
type Options struct {
	// Port is where the network listens on 127.0.0.1; 0 is a free one.
	Port int
	// ChainID is 31337 where it is 0.
	ChainID uint64
	// BlockTime is how long a block takes, in whole seconds; 0 has blocks come by Mine only.
	BlockTime time.Duration
	// SlotsInEpoch is half of how many blocks the finalized one is behind the latest; 0 is 2. Ethereum's own is 32.
	SlotsInEpoch int
	// Accounts is how many accounts with a key and a balance there are; 0 is 4.
	Accounts int
	// Balance is what each of them has, in wei; nil is 10000 ether.
	Balance *big.Int
}

func (o Options) withDefaults() Options {
	if o.ChainID == 0 {
		o.ChainID = defaultChainID
	}
	if o.SlotsInEpoch == 0 {
		o.SlotsInEpoch = defaultSlotsInEpoch
	}
	if o.Accounts == 0 {
		o.Accounts = defaultAccounts
	}
	if o.Balance == nil {
		o.Balance = new(big.Int).Mul(big.NewInt(10_000), big.NewInt(1e18))
	}
	return o
}

// args has anvil mine on command; Start turns mining by time on.
func (o Options) args() []string {
	return []string{
		"--host", "127.0.0.1",
		"--port", strconv.Itoa(o.Port),
		"--chain-id", strconv.FormatUint(o.ChainID, 10),
		"--slots-in-an-epoch", strconv.Itoa(o.SlotsInEpoch),
		"--no-mining",
		"--accounts", "0",
		"--color", "never",
	}
}
