package fakechain

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	abci "github.com/cometbft/cometbft/abci/types"
	"github.com/stretchr/testify/require"

	sdkmath "cosmossdk.io/math"

	"github.com/cosmos/cosmos-sdk/baseapp"
	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/ipdm-network/ipdm/sidecar/consensus/chain"
	markettypes "github.com/ipdm-network/ipdm/x/market/types"
	poreptypes "github.com/ipdm-network/ipdm/x/porep/types"
)

// Genesis is the header time of the first block.
var Genesis = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// Options say how a chain starts.
type Options struct {
	// ChainID defaults to ipdm-fake-1.
	ChainID string
	// Funds are what accounts hold at genesis, in aipdm.
	Funds map[string]sdkmath.Int
	// Market and Porep are the parameters; those of a localnet when not set.
	Market markettypes.Params
	Porep  poreptypes.Params
}

// Chain is a chain with blocks made on demand. All methods may be called concurrently.
type Chain struct {
	tb       testing.TB
	encoding *chain.Encoding
	chainID  string

	mu      sync.RWMutex
	app     *baseapp.BaseApp           // guarded by mu: for reading, its queries; for writing, blocks and CheckTx
	keepers *keepers                   // guarded by mu
	height  int64                      // guarded by mu
	now     time.Time                  // guarded by mu
	held    bool                       // guarded by mu: transactions wait for Block
	verdict *bool                      // guarded by mu: the validator's on every seal, nil for none
	mempool [][]byte                   // guarded by mu
	results map[string]*sdk.TxResponse // guarded by mu: by upper-case hash
}

// New starts a chain at height 1.
func New(tb testing.TB, options Options) *Chain {
	tb.Helper()
	if options.ChainID == "" {
		options.ChainID = "ipdm-fake-1"
	}
	if options.Market.Denom == "" {
		options.Market = markettypes.LocalnetParams()
	}
	if options.Porep.ProvingPeriod == 0 {
		options.Porep = poreptypes.LocalnetParams()
	}
	encoding, err := chain.NewEncoding()
	require.NoError(tb, err)
	c := &Chain{
		tb: tb, encoding: encoding, chainID: options.ChainID, now: Genesis, results: map[string]*sdk.TxResponse{},
	}
	c.app, c.keepers, err = newApp(encoding, options, c.judge)
	require.NoError(tb, err)
	_, err = c.app.InitChain(&abci.RequestInitChain{ChainId: options.ChainID, Time: Genesis, InitialHeight: 1})
	require.NoError(tb, err)
	c.Block(0)
	return c
}

// ChainID is the chain's id.
func (c *Chain) ChainID() string { return c.chainID }

// Now is the header time of the newest block.
func (c *Chain) Now() time.Time {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return c.now
}

// Block makes a block with what is in the mempool, whose header time is the given time after the last.
func (c *Chain) Block(after time.Duration) {
	c.tb.Helper()
	c.mu.Lock()
	defer c.mu.Unlock()
	require.NoError(c.tb, c.block(after))
}

// HoldTxs makes transactions wait in the mempool for the next call of Block, or not.
func (c *Chain) HoldTxs(held bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.held = held
}

// Refusals returns the reasons that providers gave for refusing replicas, in no order.
func (c *Chain) Refusals() []markettypes.RefusalReason {
	c.tb.Helper()
	c.mu.RLock()
	defer c.mu.RUnlock()
	var reasons []markettypes.RefusalReason
	for _, result := range c.results {
		for _, event := range result.Events {
			if event.Type != "ipdm.market.v1.EventReplicaRefused" {
				continue
			}
			parsed, err := sdk.ParseTypedEvent(event)
			require.NoError(c.tb, err)
			reasons = append(reasons, parsed.(*markettypes.EventReplicaRefused).Reason)
		}
	}
	return reasons
}

// query runs f on the newest state.
func (c *Chain) query(f func(ctx sdk.Context)) {
	c.tb.Helper()
	c.mu.RLock()
	defer c.mu.RUnlock()
	ctx, err := c.app.CreateQueryContext(0, false)
	require.NoError(c.tb, err)
	f(ctx)
}

// Deal returns a deal and its replicas.
func (c *Chain) Deal(id uint64) (markettypes.Deal, []markettypes.Replica) {
	c.tb.Helper()
	var answer *markettypes.QueryDealResponse
	c.query(func(ctx sdk.Context) {
		var err error
		answer, err = marketQueries(c.keepers).Deal(ctx, &markettypes.QueryDealRequest{Id: id})
		require.NoError(c.tb, err)
	})
	return answer.Deal, answer.Replicas
}

// Proving returns a provider's proving state of the open class, the zero value when there is none.
func (c *Chain) Proving(provider string) poreptypes.ProviderState {
	c.tb.Helper()
	return c.ProvingClass(provider, poreptypes.CLASS_OPEN)
}

// ProvingClass returns a provider's proving state of a class, the zero value when there is none.
func (c *Chain) ProvingClass(provider string, class poreptypes.Class) poreptypes.ProviderState {
	c.tb.Helper()
	var state poreptypes.ProviderState
	c.query(func(ctx sdk.Context) {
		answer, err := porepQueries(c.keepers).Provider(ctx, &poreptypes.QueryProviderRequest{Provider: provider, Class: class})
		if err == nil {
			state = answer.State
		}
	})
	return state
}

// Sectors returns a provider's sectors.
func (c *Chain) Sectors(provider string) []poreptypes.Sector {
	c.tb.Helper()
	var sectors []poreptypes.Sector
	c.query(func(ctx sdk.Context) {
		answer, err := porepQueries(c.keepers).Sectors(ctx, &poreptypes.QuerySectorsRequest{Provider: provider})
		require.NoError(c.tb, err)
		sectors = answer.Sectors
	})
	return sectors
}

// Units returns a provider's units of a class.
func (c *Chain) Units(provider string, class poreptypes.Class) []poreptypes.Unit {
	c.tb.Helper()
	var units []poreptypes.Unit
	c.query(func(ctx sdk.Context) {
		answer, err := porepQueries(c.keepers).Units(ctx, &poreptypes.QueryUnitsRequest{Provider: provider, Class: class})
		require.NoError(c.tb, err)
		units = answer.Units
	})
	return units
}

// Provider returns a provider, and whether there is one.
func (c *Chain) Provider(address string) (markettypes.Provider, bool) {
	c.tb.Helper()
	var provider markettypes.Provider
	var found bool
	c.query(func(ctx sdk.Context) {
		answer, err := marketQueries(c.keepers).Provider(ctx, &markettypes.QueryProviderRequest{Address: address})
		if err == nil {
			provider, found = answer.Provider, true
		}
	})
	return provider, found
}

// Invariants checks those of the modules.
func (c *Chain) Invariants() {
	c.tb.Helper()
	c.query(func(ctx sdk.Context) {
		require.NoError(c.tb, c.keepers.porep.Invariants(ctx))
		require.NoError(c.tb, c.keepers.market.CheckInvariants(ctx))
	})
}

// block makes a block. The caller holds mu.
func (c *Chain) block(after time.Duration) error {
	c.height++
	c.now = c.now.Add(after)
	txs := c.mempool
	c.mempool = nil
	hash := sha256.Sum256(binary.BigEndian.AppendUint64([]byte(c.chainID), uint64(c.height)))
	response, err := c.app.FinalizeBlock(&abci.RequestFinalizeBlock{Height: c.height, Time: c.now, Hash: hash[:], Txs: txs})
	if err != nil {
		return fmt.Errorf("failed to execute block %d: %w", c.height, err)
	}
	if _, err := c.app.Commit(); err != nil {
		return fmt.Errorf("failed to commit block %d: %w", c.height, err)
	}
	for i, result := range response.TxResults {
		hash := hashOf(txs[i])
		c.results[hash] = &sdk.TxResponse{
			TxHash: hash, Height: c.height, Code: result.Code, Codespace: result.Codespace, RawLog: result.Log,
			Data: strings.ToUpper(hex.EncodeToString(result.Data)), GasUsed: result.GasUsed, GasWanted: result.GasWanted, Events: result.Events,
		}
	}
	return nil
}

// broadcast checks a transaction and puts it in a block.
func (c *Chain) broadcast(tx []byte) (*sdk.TxResponse, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	check, err := c.app.CheckTx(&abci.RequestCheckTx{Tx: tx, Type: abci.CheckTxType_New})
	if err != nil {
		return nil, err
	}
	response := &sdk.TxResponse{TxHash: hashOf(tx), Code: check.Code, Codespace: check.Codespace, RawLog: check.Log}
	if check.Code != 0 {
		return response, nil
	}
	c.mempool = append(c.mempool, tx)
	if c.held {
		return response, nil
	}
	return response, c.block(time.Millisecond)
}

func hashOf(tx []byte) string {
	hash := sha256.Sum256(tx)
	return strings.ToUpper(hex.EncodeToString(hash[:]))
}
