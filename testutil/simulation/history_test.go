package simulation_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	cmtabci "github.com/cometbft/cometbft/abci/types"
	"github.com/stretchr/testify/require"

	errorsmod "cosmossdk.io/errors"
	sdkmath "cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/ipdm-network/ipdm/app/params"
	"github.com/ipdm-network/ipdm/sdk/go/format"
	incentivetypes "github.com/ipdm-network/ipdm/x/incentive/types"
	marketkeeper "github.com/ipdm-network/ipdm/x/market/keeper"
	markettypes "github.com/ipdm-network/ipdm/x/market/types"
	porepkeeper "github.com/ipdm-network/ipdm/x/porep/keeper"
	poreptypes "github.com/ipdm-network/ipdm/x/porep/types"
)

// anyOutcome is the place for the outcome of an order that may also succeed.
var anyOutcome *errorsmod.Error

// order is a message and what may come of it. Nil among the outcomes stands for success; with no outcomes it must succeed.
type order struct {
	name     string
	by       *account
	msg      sdk.Msg
	outcomes []*errorsmod.Error
}

// history is a random life of a chain.
type history struct {
	*chain
	// twin executes the same blocks.
	twin *chain
	// beside executes them as well, but came to its state in another way.
	beside *chain
	rng    *rand.Rand

	library   *library
	governor  *account
	providers []*provider
	clients   []*client
	voted     map[uint64]bool
	orders    []order
	books     *books
	// seals counts the sectors sealed, records are the seal proofs that can be fetched, by their roots.
	seals   int
	records map[format.Digest]sealProof

	// done counts outcomes by "name" and "name: error", hashes are the application hashes by block.
	done   map[string]int
	hashes [][]byte
}

func newHistory(t testing.TB, seed uint64) *history {
	t.Helper()
	h := &history{
		chain: newChain(t), twin: newChain(t), rng: rand.New(rand.NewPCG(seed, 0x1bd)),
		governor: newAccount("governor"), voted: map[uint64]bool{}, done: map[string]int{},
		records: map[format.Digest]sealProof{},
	}
	h.library = newLibrary(h.chain, h.rng)
	accounts := []*account{h.governor}
	for i, character := range []character{honest, honest, honest, careless, careless, sleepy, sleepy, lying} {
		p := &provider{
			account: newAccount(fmt.Sprintf("provider %d", i)), character: character,
			disk: &disk{h.library, map[format.Digest]bool{}},
		}
		h.providers = append(h.providers, p)
		accounts = append(accounts, p.account)
	}
	for i := range 3 {
		cl := &client{account: newAccount(fmt.Sprintf("client %d", i))}
		h.clients = append(h.clients, cl)
		accounts = append(accounts, cl.account)
	}
	state := h.genesis(accounts)
	h.setOwnParams(state, h.porepParams(), h.marketParams(), h.incentiveParams())
	h.start(state)
	h.twin.start(state)
	h.books = &books{supply: sdkmath.Int{}}
	return h
}

// porepParams are random parameters by which an honest provider that sees every block can keep up.
func (h *history) porepParams() poreptypes.Params {
	p := poreptypes.LocalnetParams()
	p.ResponseTime = maxStep + time.Second
	p.FaultCutoff = time.Second + time.Duration(h.rng.Int64N(int64(time.Second)))
	p.ProvingPeriod = 16*time.Second + time.Duration(h.rng.Int64N(int64(8*time.Second)))
	p.FaultMaxWindows = 1 + uint32(h.rng.IntN(3))
	p.OpeningsMin = 1 + uint32(h.rng.IntN(6))
	p.UnitsPerOpening = 1 + uint32(h.rng.IntN(4))
	p.RecoveryOpenings = 1 + uint32(h.rng.IntN(8))
	p.MaxDuePerBlock = 8 + uint32(h.rng.IntN(40))
	return p
}

// incentiveParams are random parameters under which a few thousand sealed bytes earn something.
func (h *history) incentiveParams() incentivetypes.Params {
	p := incentivetypes.LocalnetParams()
	p.BaselineBytes = 1 << 20
	p.HalfLife = time.Hour
	p.VestingTime = time.Duration(h.rng.Int64N(int64(5 * time.Minute)))
	p.VestedBps = uint32(h.rng.IntN(10_001))
	p.SlashBurnBps = uint32(h.rng.IntN(10_001))
	p.SlashRepairBps = uint32(h.rng.IntN(int(10_001 - p.SlashBurnBps)))
	p.SlashReporterBps = 10_000 - p.SlashBurnBps - p.SlashRepairBps
	return p
}

// marketParams are random parameters under which a few thousand bytes are worth something.
func (h *history) marketParams() markettypes.Params {
	p := markettypes.LocalnetParams()
	p.MaxReplicas = 4
	p.AssignmentTimeout = 5*time.Second + time.Duration(h.rng.Int64N(int64(time.Minute)))
	p.ActivationTimeout = 12*time.Second + time.Duration(h.rng.Int64N(int64(20*time.Second)))
	// 20 kB are backed by about 10 IPDM.
	p.PledgePerGib = params.OneIPDM().MulRaw(100_000 + int64(h.rng.IntN(900_000)))
	p.TerminationSlashBps = uint32(h.rng.IntN(10_001))
	p.LapseFee = params.OneIPDM().MulRaw(int64(h.rng.IntN(3)))
	p.MaxRefusals = 1 + uint32(h.rng.IntN(6))
	p.MaxExcluded = 1 + uint32(h.rng.IntN(4))
	p.MaxDuePerBlock = 1 + uint32(h.rng.IntN(30))
	p.AssignmentDraws = 1 + uint32(h.rng.IntN(8))
	p.ActivationOpenings = 1 + uint32(h.rng.IntN(8))
	p.MaxSettleDeals = 8
	return p
}

// maxStep is the longest time between two blocks, but for the rare long stops.
const maxStep = 5 * time.Second

// step is the time to the next block.
func (h *history) step() time.Duration {
	switch n := h.rng.IntN(200); {
	case n == 0:
		return time.Duration(h.rng.Int64N(int64(72 * time.Hour)))
	case n < 3:
		return time.Duration(h.rng.Int64N(int64(time.Minute)))
	case n < 100:
		return 50*time.Millisecond + time.Duration(h.rng.Int64N(int64(400*time.Millisecond)))
	default:
		return 50*time.Millisecond + time.Duration(h.rng.Int64N(int64(maxStep-50*time.Millisecond)))
	}
}

// order adds a message to the next block.
func (h *history) order(name string, by *account, msg sdk.Msg, outcomes ...*errorsmod.Error) {
	h.orders = append(h.orders, order{name, by, msg, outcomes})
}

// live executes the next block, with what everyone wants to do in it.
func (h *history) live() {
	h.Helper()
	step := h.step()
	at := h.time.Add(step)
	if step > maxStep {
		h.books.stopped = h.height + 1
	}
	h.orders = nil
	for _, p := range h.providers {
		p.act(h, at)
	}
	for _, cl := range h.clients {
		cl.act(h)
	}
	h.govern()
	h.rng.Shuffle(len(h.orders), func(i, j int) { h.orders[i], h.orders[j] = h.orders[j], h.orders[i] })

	txs := make([][]byte, 0, len(h.orders))
	for _, o := range h.orders {
		txs = append(txs, o.by.sign(h.chain, o.msg))
	}
	extension := h.judgeSeals()
	results, events := h.block(at, txs, extension...)
	h.hashes = append(h.hashes, h.hash)
	if h.twin != nil {
		h.twin.block(at, txs, extension...)
		require.Equal(h, h.hash, h.twin.hash, "block %d: two nodes disagree", h.height)
	}
	if h.beside != nil {
		others, _ := h.beside.block(at, txs, extension...)
		for i, other := range others {
			require.Equal(h, other.Code, results[i].Code, "block %d: %s: %s, on the other chain: %s",
				h.height, h.orders[i].name, results[i].Log, other.Log)
		}
	}
	h.judge(results)
	h.check(events)
}

// rest executes a block in which nobody does anything.
func (h *history) rest() []cmtabci.Event {
	h.Helper()
	_, events := h.block(h.time.Add(30*time.Second), nil)
	h.books.stopped = h.height
	return events
}

// judge compares what came of the orders with what may.
func (h *history) judge(results []*cmtabci.ExecTxResult) {
	h.Helper()
	for i, result := range results {
		o := h.orders[i]
		if result.Code == 0 {
			h.done[o.name]++
			require.True(h, len(o.outcomes) == 0 || slices.Contains(o.outcomes, anyOutcome),
				"block %d: %s by %s was accepted: %v", h.height, o.name, o.by.text, o.msg)
			continue
		}
		expected := slices.ContainsFunc(o.outcomes, func(e *errorsmod.Error) bool {
			return e != nil && e.Codespace() == result.Codespace && e.ABCICode() == result.Code
		})
		require.True(h, expected, "block %d: %s by %s: %s %d: %s", h.height, o.name, o.by.text, result.Codespace, result.Code, result.Log)
		h.done[fmt.Sprintf("%s: %s %d", o.name, result.Codespace, result.Code)]++
	}
}

// market and porep ask the chain what it knows.
func (h *history) market() markettypes.QueryServer {
	return marketkeeper.NewQueryServer(h.app.Keepers.Market)
}

func (h *history) porep() poreptypes.QueryServer {
	return porepkeeper.NewQueryServer(h.app.Keepers.Porep)
}

// one tells with a chance of one in n.
func (h *history) one(n int) bool { return h.rng.IntN(n) == 0 }
