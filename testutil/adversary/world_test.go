package adversary_test

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	mathrand "math/rand"
	"slices"
	"testing"
	"time"

	cmtabci "github.com/cometbft/cometbft/abci/types"
	"github.com/cometbft/cometbft/crypto/ed25519"
	cmtproto "github.com/cometbft/cometbft/proto/tendermint/types"
	dbm "github.com/cosmos/cosmos-db"
	protoio "github.com/cosmos/gogoproto/io"
	"github.com/cosmos/gogoproto/proto"
	"github.com/stretchr/testify/require"

	errorsmod "cosmossdk.io/errors"
	"cosmossdk.io/log/v2"
	sdkmath "cosmossdk.io/math"

	"github.com/cosmos/cosmos-sdk/baseapp"
	"github.com/cosmos/cosmos-sdk/crypto/keys/secp256k1"
	simtestutil "github.com/cosmos/cosmos-sdk/testutil/sims"
	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/ipdm-network/ipdm/app"
	"github.com/ipdm-network/ipdm/app/abci"
	"github.com/ipdm-network/ipdm/sdk/go/format"
	marketkeeper "github.com/ipdm-network/ipdm/x/market/keeper"
	markettypes "github.com/ipdm-network/ipdm/x/market/types"
	porepkeeper "github.com/ipdm-network/ipdm/x/porep/keeper"
	poreptypes "github.com/ipdm-network/ipdm/x/porep/types"
)

const (
	chainID = "ipdm-adversary-1"
	// step is the usual time between two blocks.
	step = 500 * time.Millisecond
	// txGas is what every transaction may use. It is more than any honest one needs.
	txGas = 50_000_000
)

var genesisTime = time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC)

// world is the application, driven as CometBFT drives it once a block is decided: real signed transactions, real votes with
// extensions. Everything in it comes from fixed keys and times, so that a test has one course.
type world struct {
	testing.TB
	app        *app.App
	validators []*validator
	height     int64
	time       time.Time
	// began tells that there is a block, so that the next one has a commit.
	began bool
	// log holds all events so far, and mempool what the next block executes.
	log     []cmtabci.Event
	mempool []queued

	accounts  []*account
	providers []*provider
	contents  map[format.Digest]*content
	// records are the seal proofs that can be had from the data plane, by their root; checked is what came of checking them.
	records map[format.Digest][]byte
	checked map[uint64]error
}

// queued is a transaction that must succeed.
type queued struct {
	by  *account
	msg sdk.Msg
}

// newWorld starts a chain with validators of equal stake.
func newWorld(t testing.TB, validators int, edit func(*poreptypes.Params), accounts ...*account) *world {
	t.Helper()
	w := &world{
		TB: t, time: genesisTime, accounts: accounts, contents: map[format.Digest]*content{},
		records: map[format.Digest][]byte{}, checked: map[uint64]error{},
	}
	for i := range validators {
		w.validators = append(w.validators, newValidator(fmt.Sprintf("validator %d", i)))
	}
	var err error
	w.app, err = app.New(log.NewNopLogger(), dbm.NewMemDB(), simtestutil.NewAppOptionsWithFlagHome(t.TempDir()),
		app.Options{}, baseapp.SetChainID(chainID))
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, w.app.Close()) })
	consensus := app.DefaultConsensusParams().ToProto()
	_, err = w.app.InitChain(&cmtabci.RequestInitChain{
		ChainId: chainID, Time: genesisTime, InitialHeight: 1, ConsensusParams: &consensus, AppStateBytes: w.genesis(edit),
	})
	require.NoError(t, err)
	w.block(step)
	return w
}

// state is a context on the newest committed state.
func (w *world) state() sdk.Context {
	return w.app.NewContextLegacy(true, cmtproto.Header{ChainID: chainID, Height: w.height, Time: w.time})
}

// block executes and commits a block with what is in the mempool and the given transactions, whose results it returns.
func (w *world) block(after time.Duration, txs ...[]byte) []*cmtabci.ExecTxResult {
	w.Helper()
	entries := w.votes()
	w.height++
	w.time = w.time.Add(after)
	injection, err := abci.Injection{Height: w.height - 1, Entries: entries}.Encode()
	require.NoError(w, err)
	hash := sha256.Sum256(fmt.Appendf(nil, "block %d", w.height))
	req := &cmtabci.RequestFinalizeBlock{
		Height: w.height, Time: w.time, Hash: hash[:], ProposerAddress: w.validators[0].address(), Txs: [][]byte{injection},
	}
	if w.began {
		for _, v := range w.validators {
			if v.power > 0 {
				req.DecidedLastCommit.Votes = append(req.DecidedLastCommit.Votes, cmtabci.VoteInfo{
					Validator: cmtabci.Validator{Address: v.address(), Power: v.power}, BlockIdFlag: cmtproto.BlockIDFlagCommit,
				})
			}
		}
	}
	// What is given is signed already, so that it goes first.
	req.Txs = append(req.Txs, txs...)
	waiting := w.mempool
	w.mempool = nil
	for _, o := range waiting {
		req.Txs = append(req.Txs, o.by.sign(w, o.msg))
	}
	resp, err := w.app.FinalizeBlock(req)
	require.NoError(w, err)
	_, err = w.app.Commit()
	require.NoError(w, err)
	w.began = true
	for _, update := range resp.ValidatorUpdates {
		w.setPower(update)
	}
	events := resp.Events
	given, ordered := resp.TxResults[1:1+len(txs)], resp.TxResults[1+len(txs):]
	for _, result := range resp.TxResults {
		events = append(events, result.Events...)
	}
	for i, result := range ordered {
		require.Zero(w, result.Code, "block %d: %T of %s: %s", w.height, waiting[i].msg, waiting[i].by.name, result.Log)
	}
	w.log = append(w.log, events...)
	for _, p := range w.providers {
		p.attend(w, events)
	}
	return given
}

// until makes blocks until a condition holds, for at most limit of header time.
func (w *world) until(what string, limit time.Duration, holds func() bool) {
	w.Helper()
	for ends := w.time.Add(limit); !holds(); w.block(step) {
		require.True(w, w.time.Before(ends), "waited in vain until %s", what)
	}
}

// pass lets time pass.
func (w *world) pass(long time.Duration) {
	w.Helper()
	for ends := w.time.Add(long); w.time.Before(ends); {
		w.block(step)
	}
}

// do executes a message that must succeed, into its response, which may be nil.
func (w *world) do(by *account, msg sdk.Msg, response proto.Message) {
	w.Helper()
	result := w.block(step, by.sign(w, msg))[0]
	require.Zero(w, result.Code, "%T of %s: %s", msg, by.name, result.Log)
	if response == nil {
		return
	}
	var data sdk.TxMsgData
	require.NoError(w, proto.Unmarshal(result.Data, &data))
	require.NoError(w, proto.Unmarshal(data.MsgResponses[0].Value, response))
}

// refused executes a message that must fail with an error of the chain and for a cause that its log tells.
func (w *world) refused(by *account, msg sdk.Msg, want *errorsmod.Error, cause error) {
	w.Helper()
	w.refusedTx(by.sign(w, msg), want, cause)
}

// refusedTx is refused for a signed transaction.
func (w *world) refusedTx(tx []byte, want *errorsmod.Error, cause error) {
	w.Helper()
	result := w.block(step, tx)[0]
	require.Equal(w, want.ABCICode(), result.Code, result.Log)
	require.Equal(w, want.Codespace(), result.Codespace, result.Log)
	if cause != nil {
		require.Contains(w, result.Log, cause.Error())
	}
}

// told returns the events of a kind so far, in their order.
func told[E proto.Message](w *world) []E {
	w.Helper()
	return parse[E](w, w.log)
}

func parse[E proto.Message](w *world, events []cmtabci.Event) []E {
	w.Helper()
	var none E
	name := proto.MessageName(none)
	var found []E
	for _, event := range events {
		if event.Type != name {
			continue
		}
		event.Attributes = withoutMode(event.Attributes)
		parsed, err := sdk.ParseTypedEvent(event)
		require.NoError(w, err)
		found = append(found, parsed.(E))
	}
	return found
}

// withoutMode drops the attributes that are not of a typed event but of its place: BaseApp adds them.
func withoutMode(attributes []cmtabci.EventAttribute) []cmtabci.EventAttribute {
	var own []cmtabci.EventAttribute
	for _, a := range attributes {
		if a.Key != "mode" && a.Key != "msg_index" {
			own = append(own, a)
		}
	}
	return own
}

func (w *world) market() markettypes.QueryServer {
	return marketkeeper.NewQueryServer(w.app.Keepers.Market)
}

func (w *world) porep() poreptypes.QueryServer {
	return porepkeeper.NewQueryServer(w.app.Keepers.Porep)
}

// validator votes in every block while it has power.
type validator struct {
	key   ed25519.PrivKey
	power int64
	// lies makes it say yes to every seal, whatever its records are; blind that it never gives a verdict.
	lies, blind bool
}

func newValidator(name string) *validator {
	return &validator{key: ed25519.GenPrivKeyFromSecret([]byte(name)), power: stakeIPDM}
}

func (v *validator) address() []byte { return v.key.PubKey().Address() }

func (w *world) setPower(update cmtabci.ValidatorUpdate) {
	for _, v := range w.validators {
		if bytes.Equal(v.key.PubKey().Bytes(), update.PubKey.GetEd25519()) {
			v.power = update.Power
		}
	}
}

// votes are the vote extensions of the last block, as the next one carries them.
func (w *world) votes() []abci.Entry {
	w.Helper()
	if !w.began {
		return nil
	}
	var entries []abci.Entry
	for _, v := range w.validators {
		section, err := poreptypes.EncodeVerdicts(w.verdictsOf(v))
		require.NoError(w, err)
		if v.power == 0 || len(section) == 0 {
			continue
		}
		extension, err := abci.EncodePayload([]abci.Section{{Kind: abci.KindSealVerdicts, Data: section}})
		require.NoError(w, err)
		var signed bytes.Buffer
		require.NoError(w, protoio.NewDelimitedWriter(&signed).WriteMsg(&cmtproto.CanonicalVoteExtension{
			Extension: extension, Height: w.height, ChainId: chainID,
		}))
		signature, err := v.key.Sign(signed.Bytes())
		require.NoError(w, err)
		entries = append(entries, abci.Entry{Validator: v.address(), Signature: signature, Extension: extension})
	}
	slices.SortFunc(entries, func(a, b abci.Entry) int { return bytes.Compare(a.Validator, b.Validator) })
	return entries
}

// account signs transactions and keeps count of them.
type account struct {
	name     string
	key      *secp256k1.PrivKey
	address  sdk.AccAddress
	text     string
	number   uint64
	sequence uint64
}

func newAccount(name string) *account {
	key := secp256k1.GenPrivKeyFromSecret([]byte(name))
	address := sdk.AccAddress(key.PubKey().Address())
	return &account{name: name, key: key, address: address, text: address.String()}
}

// sign makes the account's next transaction.
func (a *account) sign(w *world, msg sdk.Msg) []byte {
	w.Helper()
	tx, err := simtestutil.GenSignedMockTx(mathrand.New(mathrand.NewSource(int64(a.sequence))), w.app.Encoding.TxConfig,
		[]sdk.Msg{msg}, sdk.NewCoins(), txGas, chainID, []uint64{a.number}, []uint64{a.sequence}, a.key)
	require.NoError(w, err)
	raw, err := w.app.Encoding.TxConfig.TxEncoder()(tx)
	require.NoError(w, err)
	a.sequence++
	return raw
}

// balance is what the account holds, in aipdm.
func (w *world) balance(a *account) sdkmath.Int {
	return w.app.Keepers.Bank.GetBalance(w.state(), a.address, denom).Amount
}
