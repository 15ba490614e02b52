package app_test

import (
	"bytes"
	"encoding/json"
	"slices"
	"testing"
	"time"

	cmtabci "github.com/cometbft/cometbft/abci/types"
	"github.com/cometbft/cometbft/crypto/ed25519"
	cmtproto "github.com/cometbft/cometbft/proto/tendermint/types"
	dbm "github.com/cosmos/cosmos-db"
	protoio "github.com/cosmos/gogoproto/io"
	"github.com/stretchr/testify/require"

	"github.com/cosmos/evm/crypto/ethsecp256k1"

	"cosmossdk.io/log/v2"

	"github.com/cosmos/cosmos-sdk/baseapp"
	cryptotypes "github.com/cosmos/cosmos-sdk/crypto/types"
	simtestutil "github.com/cosmos/cosmos-sdk/testutil/sims"
	sdk "github.com/cosmos/cosmos-sdk/types"
	authtypes "github.com/cosmos/cosmos-sdk/x/auth/types"
	banktypes "github.com/cosmos/cosmos-sdk/x/bank/types"
	govtypes "github.com/cosmos/cosmos-sdk/x/gov/types"
	govv1 "github.com/cosmos/cosmos-sdk/x/gov/types/v1"

	"github.com/ipdm-network/ipdm/app"
	"github.com/ipdm-network/ipdm/app/beaconkey"
	"github.com/ipdm-network/ipdm/app/params"
	beacontypes "github.com/ipdm-network/ipdm/x/beacon/types"

	"github.com/ipdm-network/ipdm/testutil/genesis"
)

const (
	chainID     = "ipdm-test-1"
	stakeIPDM   = 100
	balanceIPDM = 10_000
)

var genesisTime = time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC)

// testChain plays CometBFT with a few validators, all of whom run the one
// application: proposals, vote extensions and commits go the whole way.
type testChain struct {
	t          *testing.T
	app        *app.App
	db         dbm.DB
	home       string
	keys       []ed25519.PrivKey // by ascending address
	beaconKeys *beaconkey.Ring   // of all validators in the order of keys, since they share the application
	beacons    [][]byte          // public
	user       cryptotypes.PrivKey
	height     int64
	time       time.Time
	hash       []byte
	lastCommit cmtabci.ExtendedCommitInfo
}

// newTestChain makes a chain from genesis.
func newTestChain(t *testing.T, validators int) *testChain {
	t.Helper()
	user, err := ethsecp256k1.GenerateKey()
	require.NoError(t, err)
	c := &testChain{t: t, db: dbm.NewMemDB(), home: t.TempDir(), user: user, time: genesisTime}
	for range validators {
		c.keys = append(c.keys, ed25519.GenPrivKey())
	}
	slices.SortFunc(c.keys, func(a, b ed25519.PrivKey) int {
		return bytes.Compare(a.PubKey().Address(), b.PubKey().Address())
	})
	for range validators {
		c.beaconKeys, err = c.beaconKeys.Generate()
		require.NoError(t, err)
		c.beacons = append(c.beacons, c.beaconKeys.Newest().Public())
	}
	c.open(app.Options{})
	state, err := json.Marshal(c.genesis())
	require.NoError(t, err)
	c.init(state, app.DefaultConsensusParams().ToProto(), 1)
	return c
}

// open starts the application on the chain's database, as a node does.
func (c *testChain) open(opts app.Options) {
	c.t.Helper()
	opts.BeaconKeys = c.beaconKeys
	chain, err := app.New(log.NewNopLogger(), c.db, simtestutil.NewAppOptionsWithFlagHome(c.home), opts, baseapp.SetChainID(chainID))
	require.NoError(c.t, err)
	c.t.Cleanup(func() { _ = chain.Close() })
	c.app = chain
}

func (c *testChain) init(state json.RawMessage, consensus cmtproto.ConsensusParams, height int64) {
	c.t.Helper()
	_, err := c.app.InitChain(&cmtabci.RequestInitChain{
		ChainId: chainID, Time: c.time, InitialHeight: height, ConsensusParams: &consensus, AppStateBytes: state,
	})
	require.NoError(c.t, err)
	c.height = height - 1
	c.lastCommit = cmtabci.ExtendedCommitInfo{}
}

// genesis is a state with validators that bond in the first block, whose stake belongs to the user.
func (c *testChain) genesis() app.GenesisState {
	c.t.Helper()
	cdc, state := c.app.Encoding.Codec, c.app.DefaultGenesis()
	user := sdk.AccAddress(c.user.PubKey().Address())
	var validators []genesis.Validator
	for i, key := range c.keys {
		operator := sdk.ValAddress(key.PubKey().Address())
		if i == 0 {
			operator = sdk.ValAddress(user)
		}
		validators = append(validators, genesis.Validator{Key: key.PubKey(), Operator: operator, Delegator: user})
	}
	pool, err := genesis.Bond(cdc, state, params.IPDM(stakeIPDM), validators...)
	require.NoError(c.t, err)

	auth := authtypes.NewGenesisState(authtypes.DefaultParams(), authtypes.GenesisAccounts{authtypes.NewBaseAccountWithAddress(user)})
	state[authtypes.ModuleName] = cdc.MustMarshalJSON(auth)

	bank := banktypes.GetGenesisStateFromAppState(cdc, state)
	bank.Balances = append(bank.Balances,
		banktypes.Balance{Address: user.String(), Coins: sdk.NewCoins(params.IPDM(balanceIPDM))},
		pool)
	state[banktypes.ModuleName] = cdc.MustMarshalJSON(bank)

	beacon := beacontypes.DefaultGenesis()
	beacon.Params = beacontypes.LocalnetParams()
	for i, key := range c.keys {
		beacon.Keys = append(beacon.Keys, beacontypes.Key{
			ConsensusAddress: sdk.ConsAddress(key.PubKey().Address()).String(), PublicKey: c.beacons[i],
		})
	}
	state[beacontypes.ModuleName] = cdc.MustMarshalJSON(beacon)

	var gov govv1.GenesisState
	cdc.MustUnmarshalJSON(state[govtypes.ModuleName], &gov)
	voting := 5 * time.Second
	gov.Params.VotingPeriod = &voting
	gov.Params.MinDeposit = sdk.NewCoins(params.IPDM(1))
	expedited := 2 * time.Second
	gov.Params.ExpeditedVotingPeriod = &expedited
	state[govtypes.ModuleName] = cdc.MustMarshalJSON(&gov)
	return state
}

// next proposes, judges, votes on and commits a block with the given
// transactions, and returns the results of all transactions in it.
func (c *testChain) next(txs ...[]byte) []*cmtabci.ExecTxResult {
	c.t.Helper()
	req := c.propose(txs...)
	resp, err := c.app.FinalizeBlock(req)
	require.NoError(c.t, err)
	c.vote()
	_, err = c.app.Commit()
	require.NoError(c.t, err)
	c.hash = resp.AppHash
	return resp.TxResults
}

// propose makes the next block and has it accepted.
func (c *testChain) propose(txs ...[]byte) *cmtabci.RequestFinalizeBlock {
	c.t.Helper()
	c.height++
	c.time = c.time.Add(time.Second)
	proposer := c.proposer(c.height)
	blockHash := bytes.Repeat([]byte{byte(c.height)}, 32)

	prepared, err := c.app.PrepareProposal(&cmtabci.RequestPrepareProposal{
		MaxTxBytes: 1 << 20, Txs: txs, LocalLastCommit: c.lastCommit, Height: c.height, Time: c.time, ProposerAddress: proposer,
	})
	require.NoError(c.t, err)

	commit := cmtabci.CommitInfo{Round: c.lastCommit.Round}
	for _, v := range c.lastCommit.Votes {
		commit.Votes = append(commit.Votes, cmtabci.VoteInfo{Validator: v.Validator, BlockIdFlag: v.BlockIdFlag})
	}
	judged, err := c.app.ProcessProposal(&cmtabci.RequestProcessProposal{
		Txs: prepared.Txs, ProposedLastCommit: commit, Hash: blockHash, Height: c.height, Time: c.time, ProposerAddress: proposer,
	})
	require.NoError(c.t, err)
	require.True(c.t, judged.IsAccepted(), "height %d", c.height)

	return &cmtabci.RequestFinalizeBlock{
		Txs: prepared.Txs, DecidedLastCommit: commit, Hash: blockHash, Height: c.height, Time: c.time, ProposerAddress: proposer,
	}
}

// proposer is who proposes the block at height.
func (c *testChain) proposer(height int64) []byte {
	return c.keys[int(height)%len(c.keys)].PubKey().Address()
}

// vote makes the commit of the current height with signed extensions.
func (c *testChain) vote() {
	c.t.Helper()
	extended, err := c.app.ExtendVote(c.t.Context(), &cmtabci.RequestExtendVote{Height: c.height})
	require.NoError(c.t, err)
	var signBytes bytes.Buffer
	require.NoError(c.t, protoio.NewDelimitedWriter(&signBytes).WriteMsg(&cmtproto.CanonicalVoteExtension{
		Extension: extended.VoteExtension, Height: c.height, ChainId: chainID,
	}))

	c.lastCommit = cmtabci.ExtendedCommitInfo{}
	for _, key := range c.keys {
		verified, err := c.app.VerifyVoteExtension(&cmtabci.RequestVerifyVoteExtension{
			Height: c.height, VoteExtension: extended.VoteExtension, ValidatorAddress: key.PubKey().Address(),
		})
		require.NoError(c.t, err)
		require.True(c.t, verified.IsAccepted())
		signature, err := key.Sign(signBytes.Bytes())
		require.NoError(c.t, err)
		c.lastCommit.Votes = append(c.lastCommit.Votes, cmtabci.ExtendedVoteInfo{
			Validator:          cmtabci.Validator{Address: key.PubKey().Address(), Power: stakeIPDM},
			VoteExtension:      extended.VoteExtension,
			ExtensionSignature: signature,
			BlockIdFlag:        cmtproto.BlockIDFlagCommit,
		})
	}
}

// sign makes a transaction signed by the given key, whose account exists.
func (c *testChain) sign(key cryptotypes.PrivKey, msgs ...sdk.Msg) []byte {
	c.t.Helper()
	ctx := c.query()
	account := c.app.Keepers.Account.GetAccount(ctx, sdk.AccAddress(key.PubKey().Address()))
	require.NotNil(c.t, account)
	tx, err := simtestutil.GenSignedMockTx(simRand(), c.app.Encoding.TxConfig, msgs, sdk.NewCoins(), 1_000_000, chainID,
		[]uint64{account.GetAccountNumber()}, []uint64{account.GetSequence()}, key)
	require.NoError(c.t, err)
	raw, err := c.app.Encoding.TxConfig.TxEncoder()(tx)
	require.NoError(c.t, err)
	return raw
}

// query is a context on the newest committed state.
func (c *testChain) query() sdk.Context {
	return c.app.NewContextLegacy(true, cmtproto.Header{ChainID: chainID, Height: c.height, Time: c.time})
}

func (c *testChain) userAddress() sdk.AccAddress { return sdk.AccAddress(c.user.PubKey().Address()) }
