package simulation_test

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	mathrand "math/rand"
	"testing"
	"time"

	cmtabci "github.com/cometbft/cometbft/abci/types"
	"github.com/cometbft/cometbft/crypto/ed25519"
	cmtproto "github.com/cometbft/cometbft/proto/tendermint/types"
	dbm "github.com/cosmos/cosmos-db"
	"github.com/stretchr/testify/require"

	"cosmossdk.io/log/v2"

	"github.com/cosmos/cosmos-sdk/baseapp"
	"github.com/cosmos/cosmos-sdk/crypto/keys/secp256k1"
	simtestutil "github.com/cosmos/cosmos-sdk/testutil/sims"
	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/ipdm-network/ipdm/app"
	"github.com/ipdm-network/ipdm/app/abci"
)

const (
	chainID   = "ipdm-sim-1"
	stakeIPDM = 1_000
	// txGas is what every transaction may use. It is more than any honest one needs.
	txGas = 20_000_000
)

var genesisTime = time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC)

// chain is the application with one validator, driven as CometBFT drives it once
// a block is decided.
type chain struct {
	testing.TB
	app       *app.App
	validator ed25519.PrivKey
	height    int64
	time      time.Time
	hash      []byte
	// begun tells that the chain has a block, so that the next one has a commit.
	begun bool
}

// newChain starts the application on an empty database.
func newChain(t testing.TB) *chain {
	t.Helper()
	c := &chain{TB: t, validator: ed25519.GenPrivKeyFromSecret([]byte("validator")), time: genesisTime}
	var err error
	c.app, err = app.New(log.NewNopLogger(), dbm.NewMemDB(), simtestutil.NewAppOptionsWithFlagHome(t.TempDir()),
		app.Options{}, baseapp.SetChainID(chainID))
	require.NoError(t, err)
	t.Cleanup(func() { _ = c.app.Close() })
	return c
}

// begin sets the state up.
func (c *chain) begin(state json.RawMessage, consensus cmtproto.ConsensusParams, height int64, at time.Time) {
	c.Helper()
	_, err := c.app.InitChain(&cmtabci.RequestInitChain{
		ChainId: chainID, Time: at, InitialHeight: height, ConsensusParams: &consensus, AppStateBytes: state,
	})
	require.NoError(c, err)
	c.height, c.time = height-1, at
}

// block executes and commits a block. The results are those of the given transactions.
func (c *chain) block(at time.Time, txs [][]byte, extension ...byte) ([]*cmtabci.ExecTxResult, []cmtabci.Event) {
	c.Helper()
	c.height++
	c.time = at
	hash := sha256.Sum256(fmt.Appendf(nil, "block %d", c.height))
	req := &cmtabci.RequestFinalizeBlock{
		Height: c.height, Time: at, Hash: hash[:], ProposerAddress: c.validator.PubKey().Address(),
	}
	injection, err := abci.Injection{Height: c.height - 1, Entries: c.entries(extension)}.Encode()
	require.NoError(c, err)
	req.Txs = append(req.Txs, injection)
	if c.begun {
		req.DecidedLastCommit = cmtabci.CommitInfo{Votes: []cmtabci.VoteInfo{{
			Validator:   cmtabci.Validator{Address: c.validator.PubKey().Address(), Power: stakeIPDM},
			BlockIdFlag: cmtproto.BlockIDFlagCommit,
		}}}
	}
	injected := len(req.Txs)
	req.Txs = append(req.Txs, txs...)
	resp, err := c.app.FinalizeBlock(req)
	require.NoError(c, err)
	_, err = c.app.Commit()
	require.NoError(c, err)
	c.hash, c.begun = resp.AppHash, true
	events := resp.Events
	for _, result := range resp.TxResults {
		events = append(events, result.Events...)
	}
	return resp.TxResults[injected:], events
}

// state is a context on the newest committed state.
func (c *chain) state() sdk.Context {
	return c.app.NewContextLegacy(true, cmtproto.Header{ChainID: chainID, Height: c.height, Time: c.time})
}

// next starts a chain from this one's exported state.
func (c *chain) next() *chain {
	c.Helper()
	exported, err := c.app.Export(nil)
	require.NoError(c, err)
	imported := newChain(c.TB)
	var state app.GenesisState
	require.NoError(c, json.Unmarshal(exported.AppState, &state))
	require.NoError(c, imported.app.Basics().ValidateGenesis(imported.app.Encoding.Codec, imported.app.Encoding.TxConfig, state))
	imported.begin(exported.AppState, exported.ConsensusParams, exported.Height, c.time)
	return imported
}

// export returns the state of the given modules as JSON.
func (c *chain) export(modules ...string) map[string]json.RawMessage {
	c.Helper()
	exported, err := c.app.Export(modules)
	require.NoError(c, err)
	var state map[string]json.RawMessage
	require.NoError(c, json.Unmarshal(exported.AppState, &state))
	return state
}

// account signs transactions. It keeps count of them itself, so that several fit into a block.
type account struct {
	key      *secp256k1.PrivKey
	address  sdk.AccAddress
	text     string
	number   uint64
	sequence uint64
}

func newAccount(name string) *account {
	key := secp256k1.GenPrivKeyFromSecret([]byte(name))
	address := sdk.AccAddress(key.PubKey().Address())
	return &account{key: key, address: address, text: address.String()}
}

// sign makes the account's next transaction.
func (a *account) sign(c *chain, msgs ...sdk.Msg) []byte {
	c.Helper()
	tx, err := simtestutil.GenSignedMockTx(mathrand.New(mathrand.NewSource(int64(a.sequence))), c.app.Encoding.TxConfig, msgs,
		sdk.NewCoins(), txGas, chainID, []uint64{a.number}, []uint64{a.sequence}, a.key)
	require.NoError(c, err)
	raw, err := c.app.Encoding.TxConfig.TxEncoder()(tx)
	require.NoError(c, err)
	a.sequence++
	return raw
}
