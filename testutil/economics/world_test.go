package economics_test

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"testing"
	"time"

	cmtabci "github.com/cometbft/cometbft/abci/types"
	"github.com/cometbft/cometbft/crypto/ed25519"
	cmtproto "github.com/cometbft/cometbft/proto/tendermint/types"
	dbm "github.com/cosmos/cosmos-db"
	"github.com/cosmos/gogoproto/proto"
	"github.com/stretchr/testify/require"

	"cosmossdk.io/log/v2"
	sdkmath "cosmossdk.io/math"

	"github.com/cosmos/cosmos-sdk/baseapp"
	simtestutil "github.com/cosmos/cosmos-sdk/testutil/sims"
	sdk "github.com/cosmos/cosmos-sdk/types"
	authtypes "github.com/cosmos/cosmos-sdk/x/auth/types"
	banktypes "github.com/cosmos/cosmos-sdk/x/bank/types"

	"github.com/ipdm-network/ipdm/app"
	"github.com/ipdm-network/ipdm/app/abci"
	"github.com/ipdm-network/ipdm/app/params"
	"github.com/ipdm-network/ipdm/sdk/go/format"
	incentivetypes "github.com/ipdm-network/ipdm/x/incentive/types"
	marketkeeper "github.com/ipdm-network/ipdm/x/market/keeper"
	markettypes "github.com/ipdm-network/ipdm/x/market/types"
	porepkeeper "github.com/ipdm-network/ipdm/x/porep/keeper"
	poreptypes "github.com/ipdm-network/ipdm/x/porep/types"

	"github.com/ipdm-network/ipdm/testutil/genesis"
)

const (
	chainID = "ipdm-economics-1"
	// standsFor is how many sectors of 4 MiB make the 1 GiB that one of them stands for.
	standsFor = 256
	// supplyIPDM exists at genesis.
	supplyIPDM = 1_000_000_000
	// wealthIPDM is what everyone begins with.
	wealthIPDM = 10_000
	stakeIPDM  = 1_000
	// minute is the longest time between two blocks: max_block_time, so that all of the emission is paid.
	minute = time.Minute
)

var genesisTime = time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC)

// world is the application's keepers, driven block by block.
type world struct {
	testing.TB
	app       *app.App
	validator ed25519.PrivKey
	// ctx is a branch of base, into which write writes it.
	base, ctx sdk.Context
	write     func()
	market    markettypes.QueryServer
	porep     poreptypes.QueryServer
	actors    []*actor
	// contents are what deals are about, proofs the seal proofs that wait for the validator, whose verdicts are counted.
	contents map[format.Digest]*content
	proofs   []sealProof
	verdicts map[bool]int
	// answers are the answers to windows that are under way; assigned and challenged are those who have something to look after.
	answers              []answer
	assigned, challenged map[string]bool
}

// answer is one that is on its way.
type answer struct {
	at    time.Time
	by    *actor
	class poreptypes.Class
}

// productionParams are the production parameters, with sectors of 4 MiB standing for those of 1 GiB.
func productionParams() (poreptypes.Params, markettypes.Params, incentivetypes.Params) {
	porep, market, incentive := poreptypes.DefaultParams(), markettypes.DefaultParams(), incentivetypes.DefaultParams()
	porep.SectorClasses = append(porep.SectorClasses, poreptypes.SECTOR_CLASS_TEST_4MIB)
	porep.SealDepositPerGib = porep.SealDepositPerGib.MulRaw(standsFor)
	market.PledgePerGib = market.PledgePerGib.MulRaw(standsFor)
	incentive.PledgeFloorPerGib = incentive.PledgeFloorPerGib.MulRaw(standsFor)
	incentive.BaselineBytes /= standsFor
	return porep, market, incentive
}

func newWorld(t testing.TB, actors []*actor) *world {
	t.Helper()
	w := &world{
		TB: t, validator: ed25519.GenPrivKeyFromSecret([]byte("validator")), actors: actors, contents: map[format.Digest]*content{},
		verdicts: map[bool]int{}, assigned: map[string]bool{}, challenged: map[string]bool{},
	}
	var err error
	w.app, err = app.New(log.NewNopLogger(), dbm.NewMemDB(), simtestutil.NewAppOptionsWithFlagHome(t.TempDir()),
		app.Options{}, baseapp.SetChainID(chainID))
	require.NoError(t, err)
	t.Cleanup(func() { _ = w.app.Close() })
	raw, err := json.Marshal(w.genesis())
	require.NoError(t, err)
	consensus := app.DefaultConsensusParams().ToProto()
	_, err = w.app.InitChain(&cmtabci.RequestInitChain{
		ChainId: chainID, Time: genesisTime, InitialHeight: 1, ConsensusParams: &consensus, AppStateBytes: raw,
	})
	require.NoError(t, err)
	injection, err := abci.Injection{}.Encode()
	require.NoError(t, err)
	hash := sha256.Sum256([]byte("block 1"))
	_, err = w.app.FinalizeBlock(&cmtabci.RequestFinalizeBlock{
		Height: 1, Time: genesisTime, Hash: hash[:], ProposerAddress: w.validator.PubKey().Address(), Txs: [][]byte{injection},
	})
	require.NoError(t, err)
	_, err = w.app.Commit()
	require.NoError(t, err)

	header := cmtproto.Header{ChainID: chainID, Height: 1, Time: genesisTime, ProposerAddress: w.validator.PubKey().Address()}
	w.base = w.app.NewUncachedContext(false, header).WithChainID(chainID)
	w.ctx, w.write = w.base.CacheContext()
	w.market, w.porep = marketkeeper.NewQueryServer(w.app.Keepers.Market), porepkeeper.NewQueryServer(w.app.Keepers.Porep)
	return w
}

func (w *world) genesis() app.GenesisState {
	w.Helper()
	state := w.app.DefaultGenesis()
	stake := params.IPDM(stakeIPDM)
	cdc, operator := w.app.Encoding.Codec, sdk.AccAddress(w.validator.PubKey().Address())
	pool, err := genesis.Bond(cdc, state, stake, genesis.Validator{
		Key: w.validator.PubKey(), Operator: sdk.ValAddress(operator), Delegator: operator,
	})
	require.NoError(w, err)
	known := authtypes.GenesisAccounts{authtypes.NewBaseAccount(operator, nil, 0, 0)}
	left := params.IPDM(supplyIPDM).Sub(stake)
	balances := []banktypes.Balance{pool}
	for i, a := range w.actors {
		known = append(known, authtypes.NewBaseAccount(a.address, nil, uint64(i+1), 0))
		balances = append(balances, banktypes.Balance{Address: a.text, Coins: sdk.NewCoins(params.IPDM(wealthIPDM))})
		left = left.Sub(params.IPDM(wealthIPDM))
	}
	// Everyone else: the supply that pledges are reckoned by.
	rest := newActor("everyone else")
	known = append(known, authtypes.NewBaseAccount(rest.address, nil, uint64(len(known)), 0))
	balances = append(balances, banktypes.Balance{Address: rest.text, Coins: sdk.NewCoins(left)})
	state[authtypes.ModuleName] = cdc.MustMarshalJSON(authtypes.NewGenesisState(authtypes.DefaultParams(), known))
	genesis.Edit(cdc, state, banktypes.ModuleName, &banktypes.GenesisState{}, func(gs *banktypes.GenesisState) { gs.Balances = balances })
	porep, market, incentive := productionParams()
	genesis.Edit(cdc, state, poreptypes.ModuleName, &poreptypes.GenesisState{}, func(gs *poreptypes.GenesisState) { gs.Params = porep })
	genesis.Edit(cdc, state, markettypes.ModuleName, &markettypes.GenesisState{}, func(gs *markettypes.GenesisState) { gs.Params = market })
	genesis.Edit(cdc, state, incentivetypes.ModuleName, &incentivetypes.GenesisState{}, func(gs *incentivetypes.GenesisState) { gs.Params = incentive })
	return state
}

func (w *world) now() time.Time { return w.ctx.BlockTime() }

// next is the time of the next block: in a minute, or when an answer arrives.
func (w *world) next() time.Time {
	at := w.now().Add(minute)
	for _, answer := range w.answers {
		if answer.at.Before(at) {
			at = answer.at
		}
	}
	return at
}

// block executes the next block.
func (w *world) block() {
	w.Helper()
	k := &w.app.Keepers
	w.ctx = w.ctx.WithBlockTime(w.next()).WithBlockHeight(w.ctx.BlockHeight() + 1).WithEventManager(sdk.NewEventManager())
	require.NoError(w, k.Beacon.Advance(w.ctx, w.ctx.BlockHeight(), w.validator.PubKey().Address(), nil))
	w.judgeSeals()
	require.NoError(w, k.Incentive.BeginBlock(w.ctx))
	require.NoError(w, k.Porep.BeginBlock(w.ctx))
	require.NoError(w, k.Market.BeginBlock(w.ctx))
	w.hear()
	var later []answer
	for _, answer := range w.answers {
		if answer.at.After(w.now()) {
			later = append(later, answer)
			continue
		}
		w.answerWindow(answer.by, answer.class)
	}
	w.answers = later
	for _, a := range w.actors {
		if a.live != nil {
			a.live(w, a)
		}
	}
}

// hear takes note of what the block has told: windows that opened, assignments, and failures, of which there must be none.
func (w *world) hear() {
	w.Helper()
	for _, event := range w.ctx.EventManager().ABCIEvents() {
		switch event.Type {
		case "ipdm.porep.v1.EventHookFailed", "ipdm.porep.v1.EventDueFailed", "ipdm.market.v1.EventDueFailed":
			require.Fail(w, "the chain failed", "%s: %v", w.now(), event)
		case "ipdm.porep.v1.EventWindowOpened":
			told := parse[*poreptypes.EventWindowOpened](w, event)
			a := w.actor(told.Provider)
			delay := promptly
			if told.Class == poreptypes.CLASS_SEALED {
				delay = a.sealedDelay
			}
			w.answers = append(w.answers, answer{w.now().Add(delay), a, told.Class})
		case "ipdm.market.v1.EventReplicaAssigned":
			w.assigned[parse[*markettypes.EventReplicaAssigned](w, event).Provider] = true
		}
	}
}

func parse[E proto.Message](w *world, event cmtabci.Event) E {
	w.Helper()
	parsed, err := sdk.ParseTypedEvent(event)
	require.NoError(w, err)
	return parsed.(E)
}

func (w *world) actor(text string) *actor {
	w.Helper()
	for _, a := range w.actors {
		if a.text == text {
			return a
		}
	}
	require.Fail(w, "nobody has this address", text)
	return nil
}

// try executes a message as a transaction does: a failure leaves nothing behind.
func (w *world) try(msg sdk.Msg) (*sdk.Result, error) {
	w.Helper()
	handler := w.app.MsgServiceRouter().Handler(msg)
	require.NotNil(w, handler, "%T", msg)
	ctx, write := w.ctx.CacheContext()
	result, err := handler(ctx, msg)
	if err == nil {
		write()
	}
	return result, err
}

// do executes a message that must succeed, into its response.
func (w *world) do(msg sdk.Msg, response proto.Message) {
	w.Helper()
	result, err := w.try(msg)
	require.NoError(w, err, "%T", msg)
	require.Len(w, result.MsgResponses, 1)
	if response != nil {
		require.NoError(w, proto.Unmarshal(result.MsgResponses[0].Value, response))
	}
}

func (w *world) totalSupply() sdkmath.Int {
	return w.app.Keepers.Bank.GetSupply(w.ctx, params.BaseDenom).Amount
}

// flush writes the state through, so that what was deleted is not skipped for ever.
func (w *world) flush() {
	header := w.ctx.BlockHeader()
	w.write()
	w.ctx, w.write = w.base.CacheContext()
	w.ctx = w.ctx.WithBlockHeader(header).WithBlockHeight(header.Height).WithBlockTime(header.Time)
}

// check holds the state against the invariants of all modules.
func (w *world) check() {
	w.Helper()
	k := &w.app.Keepers
	require.NoError(w, k.Market.CheckInvariants(w.ctx), "%s", w.now())
	require.NoError(w, k.Porep.Invariants(w.ctx), "%s", w.now())
	require.NoError(w, k.Incentive.CheckInvariants(w.ctx), "%s", w.now())
	totals, err := k.Incentive.Totals(w.ctx)
	require.NoError(w, err)
	require.Equal(w, params.IPDM(supplyIPDM).Amount.Add(totals.Minted).Sub(totals.Burned).String(), w.totalSupply().String(),
		"supply = genesis + minted - burned")
	sum := sdkmath.ZeroInt()
	k.Bank.IterateAllBalances(w.ctx, func(_ sdk.AccAddress, coin sdk.Coin) bool {
		sum = sum.Add(coin.Amount)
		return false
	})
	require.Equal(w, w.totalSupply().String(), sum.String(), "balances")
}

func ipdm(amount sdkmath.Int) string {
	return fmt.Sprintf("%.2f", sdkmath.LegacyNewDecFromInt(amount).QuoInt(params.OneIPDM()).MustFloat64())
}
