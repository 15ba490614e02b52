package app_test

import (
	"context"
	"encoding/json"
	"math/rand"
	"path/filepath"
	"testing"
	"time"

	cmtabci "github.com/cometbft/cometbft/abci/types"
	dbm "github.com/cosmos/cosmos-db"
	"github.com/stretchr/testify/require"

	"github.com/cosmos/evm/crypto/ethsecp256k1"

	"github.com/cosmos/cosmos-sdk/crypto/keys/ed25519"
	"github.com/cosmos/cosmos-sdk/crypto/keys/secp256k1"
	cryptotypes "github.com/cosmos/cosmos-sdk/crypto/types"
	sdk "github.com/cosmos/cosmos-sdk/types"
	banktypes "github.com/cosmos/cosmos-sdk/x/bank/types"
	govv1 "github.com/cosmos/cosmos-sdk/x/gov/types/v1"
	upgradetypes "github.com/cosmos/cosmos-sdk/x/upgrade/types"

	"github.com/ipdm-network/ipdm/app"
	"github.com/ipdm-network/ipdm/app/abci"
	"github.com/ipdm-network/ipdm/app/params"
)

func simRand() *rand.Rand { return rand.New(rand.NewSource(1)) }

func TestChainAppliesVoteExtensions(t *testing.T) {
	c := newTestChain(t, 3)
	for range 5 {
		results := c.next()
		require.Equal(t, []*cmtabci.ExecTxResult{{}}, results, "the injection is no failed transaction")
	}
	last, err := c.app.Keepers.VoteExtensions.Last(c.query())
	require.NoError(t, err)
	require.Equal(t, abci.Applied{Height: 4, Entries: 3}, last)
}

// A node that replays blocks calls FinalizeBlock only. It must come to the same
// state as one that executed them optimistically.
func TestReplayComesToTheSameState(t *testing.T) {
	c := newTestChain(t, 3)
	state, err := json.Marshal(c.genesis())
	require.NoError(t, err)

	replayed := *c
	replayed.db, replayed.home = dbm.NewMemDB(), t.TempDir()
	replayed.open(app.Options{})
	replayed.init(state, app.DefaultConsensusParams().ToProto(), 1)

	for i := range 6 {
		var txs [][]byte
		if i > 0 {
			txs = append(txs, c.sign(c.user, banktypes.NewMsgSend(c.userAddress(), app.Authority(), sdk.NewCoins(params.IPDM(1)))))
		}
		req := c.propose(txs...)
		executed, err := c.app.FinalizeBlock(req)
		require.NoError(t, err)
		other, err := replayed.app.FinalizeBlock(req)
		require.NoError(t, err)
		require.Equal(t, executed.AppHash, other.AppHash)
		require.Equal(t, executed.TxResults, other.TxResults)
		require.Len(t, executed.TxResults, len(req.Txs))
		for _, result := range executed.TxResults {
			require.Zero(t, result.Code, result.Log)
		}

		c.vote()
		_, err = c.app.Commit()
		require.NoError(t, err)
		_, err = replayed.app.Commit()
		require.NoError(t, err)
	}
}

// A proposal that was executed optimistically and then not decided must leave
// nothing behind.
func TestAbortedProposalLeavesNothing(t *testing.T) {
	c := newTestChain(t, 3)
	c.next()
	c.next()

	c.propose(c.sign(c.user, banktypes.NewMsgSend(c.userAddress(), app.Authority(), sdk.NewCoins(params.IPDM(1_000)))))
	c.height--
	c.time = c.time.Add(-time.Second)
	require.Len(t, c.next(), 1, "the block that is decided has no transaction but the injection")

	balance := c.app.Keepers.Bank.GetBalance(c.query(), app.Authority(), params.BaseDenom)
	require.True(t, balance.IsZero())
}

func TestAccountKeys(t *testing.T) {
	c := newTestChain(t, 1)
	c.next()
	eth, err := ethsecp256k1.GenerateKey()
	require.NoError(t, err)

	for name, test := range map[string]struct {
		key  cryptotypes.PrivKey
		code uint32
	}{
		"eth_secp256k1": {eth, 0},
		"secp256k1":     {secp256k1.GenPrivKey(), 0},
		"ed25519":       {ed25519.GenPrivKey(), 8}, // invalid pubkey
	} {
		t.Run(name, func(t *testing.T) {
			address := sdk.AccAddress(test.key.PubKey().Address())
			results := c.next(c.sign(c.user, banktypes.NewMsgSend(c.userAddress(), address, sdk.NewCoins(params.IPDM(2)))))
			require.Zero(t, results[1].Code, results[1].Log)

			raw := c.sign(test.key, banktypes.NewMsgSend(address, c.userAddress(), sdk.NewCoins(params.IPDM(1))))
			checked, err := c.app.CheckTx(&cmtabci.RequestCheckTx{Tx: raw, Type: cmtabci.CheckTxType_New})
			require.NoError(t, err)
			require.Equal(t, test.code, checked.Code, checked.Log)
			require.Equal(t, test.code, c.next(raw)[1].Code)
		})
	}
}

func TestCheckTxRefusesInjections(t *testing.T) {
	c := newTestChain(t, 1)
	c.next()
	raw, err := abci.Injection{Height: 1}.Encode()
	require.NoError(t, err)
	for _, kind := range []cmtabci.CheckTxType{cmtabci.CheckTxType_New, cmtabci.CheckTxType_Recheck} {
		resp, err := c.app.CheckTx(&cmtabci.RequestCheckTx{Tx: raw, Type: kind})
		require.NoError(t, err)
		require.NotZero(t, resp.Code)
		require.Contains(t, resp.Log, "injection")
	}
}

func TestReadersSurviveInjections(t *testing.T) {
	enc, err := app.NewEncodingConfig()
	require.NoError(t, err)
	raw, err := abci.Injection{Height: 1}.Encode()
	require.NoError(t, err)

	_, err = enc.TxConfig.TxDecoder()(raw)
	require.Error(t, err, "an injection is no transaction")
	tx, err := app.ReadableTxConfig(enc.TxConfig).TxDecoder()(raw)
	require.NoError(t, err)
	require.Empty(t, tx.GetMsgs())
	_, err = app.ReadableTxConfig(enc.TxConfig).TxDecoder()([]byte("garbage"))
	require.Error(t, err)
}

func TestExportImport(t *testing.T) {
	c := newTestChain(t, 3)
	c.next()
	stranger := sdk.AccAddress(secp256k1.GenPrivKey().PubKey().Address())
	for range 4 {
		results := c.next(c.sign(c.user, banktypes.NewMsgSend(c.userAddress(), stranger, sdk.NewCoins(params.IPDM(7)))))
		require.Zero(t, results[1].Code, results[1].Log)
	}
	exported, err := c.app.Export(nil)
	require.NoError(t, err)
	require.Equal(t, c.height+1, exported.Height)
	require.Len(t, exported.Validators, 3)
	require.Equal(t, int64(1), exported.ConsensusParams.Abci.VoteExtensionsEnableHeight)

	imported := *c
	imported.db, imported.home = dbm.NewMemDB(), t.TempDir()
	imported.open(app.Options{})
	var state app.GenesisState
	require.NoError(t, json.Unmarshal(exported.AppState, &state))
	require.NoError(t, imported.app.Basics().ValidateGenesis(imported.app.Encoding.Codec, imported.app.Encoding.TxConfig, state))
	imported.init(exported.AppState, exported.ConsensusParams, exported.Height)

	imported.next()
	imported.next()
	require.Equal(t, int64(28), imported.app.Keepers.Bank.GetBalance(imported.query(), stranger, params.BaseDenom).Amount.Quo(params.OneIPDM()).Int64())
	last, err := imported.app.Keepers.VoteExtensions.Last(imported.query())
	require.NoError(t, err)
	require.Equal(t, abci.Applied{Height: exported.Height, Entries: 3}, last, "vote extensions go on in the new chain")
	require.Zero(t, imported.next(imported.sign(imported.user, banktypes.NewMsgSend(imported.userAddress(), stranger, sdk.NewCoins(params.IPDM(1)))))[1].Code)
}

func TestExportedStateIsStable(t *testing.T) {
	c := newTestChain(t, 2)
	for range 3 {
		c.next()
	}
	first, err := c.app.Export(nil)
	require.NoError(t, err)
	second, err := c.app.Export(nil)
	require.NoError(t, err)
	require.Equal(t, string(first.AppState), string(second.AppState))
}

func TestRestartGoesOn(t *testing.T) {
	c := newTestChain(t, 3)
	for range 3 {
		c.next()
	}
	hash := c.app.LastCommitID().Hash
	c.open(app.Options{})
	require.Equal(t, int64(3), c.app.LastBlockHeight())
	require.Equal(t, hash, c.app.LastCommitID().Hash)
	c.next()
	last, err := c.app.Keepers.VoteExtensions.Last(c.query())
	require.NoError(t, err)
	require.Equal(t, abci.Applied{Height: 3, Entries: 3}, last)
}

func TestUpgrade(t *testing.T) {
	c := newTestChain(t, 1)
	c.next()
	plan := upgradetypes.Plan{Name: "v2", Height: 15, Info: "test"}
	proposal, err := govv1.NewMsgSubmitProposal(
		[]sdk.Msg{&upgradetypes.MsgSoftwareUpgrade{Authority: app.Authority().String(), Plan: plan}},
		sdk.NewCoins(params.IPDM(1)), c.userAddress().String(), "", "v2", "go to v2", false)
	require.NoError(t, err)
	require.Zero(t, c.next(c.sign(c.user, proposal))[1].Code)
	require.Zero(t, c.next(c.sign(c.user, govv1.NewMsgVote(c.userAddress(), 1, govv1.OptionYes, "")))[1].Code)
	for c.height < plan.Height-1 {
		c.next()
	}

	// The old program stops at the height of the plan and leaves a note.
	req := c.propose()
	_, err = c.app.FinalizeBlock(req)
	require.ErrorContains(t, err, "UPGRADE \"v2\" NEEDED")
	require.FileExists(t, filepath.Join(c.home, "data", upgradetypes.UpgradeInfoFilename))

	// The new one carries the upgrade out and goes on.
	upgrade := app.Upgrade{Name: "v2", Migrate: func(ctx context.Context, k *app.Keepers) error {
		params, err := k.Porep.Params(ctx)
		if err != nil {
			return err
		}
		params.RecoveryOpenings = 42
		return k.Porep.SetParams(ctx, params)
	}}
	c.open(app.Options{Upgrades: []app.Upgrade{upgrade}})
	c.height--
	c.time = c.time.Add(-time.Second)
	c.next()
	proving, err := c.app.Keepers.Porep.Params(c.query())
	require.NoError(t, err)
	require.Equal(t, uint32(42), proving.RecoveryOpenings)
	height, err := c.app.Keepers.Upgrade.GetDoneHeight(c.query(), "v2")
	require.NoError(t, err)
	require.Equal(t, plan.Height, height)
	c.next()
}

func TestDefaultGenesisIsValid(t *testing.T) {
	c := newTestChain(t, 1)
	state := c.app.DefaultGenesis()
	require.NoError(t, c.app.Basics().ValidateGenesis(c.app.Encoding.Codec, c.app.Encoding.TxConfig, state))

	p := app.DefaultConsensusParams()
	require.NoError(t, p.ValidateBasic())
	require.Equal(t, int64(1), p.ABCI.VoteExtensionsEnableHeight)
	require.Equal(t, int64(3_628_800), p.Evidence.MaxAgeNumBlocks)
	require.Equal(t, 21*24*time.Hour, p.Evidence.MaxAgeDuration)
}
