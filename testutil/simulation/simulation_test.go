package simulation_test

import (
	"fmt"
	"os"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	banktypes "github.com/cosmos/cosmos-sdk/x/bank/types"

	anchortypes "github.com/ipdm-network/ipdm/x/anchor/types"
	beacontypes "github.com/ipdm-network/ipdm/x/beacon/types"
	incentivetypes "github.com/ipdm-network/ipdm/x/incentive/types"
	markettypes "github.com/ipdm-network/ipdm/x/market/types"
	poreptypes "github.com/ipdm-network/ipdm/x/porep/types"
)

const (
	defaultSeeds  = 3
	defaultBlocks = 500
	// besideBlocks is how long a chain and the one that its export began are compared.
	besideBlocks = 40
)

// number reads a positive number from the environment.
func number(t *testing.T, name string, otherwise uint64) uint64 {
	t.Helper()
	text, set := os.LookupEnv(name)
	if !set {
		return otherwise
	}
	n, err := strconv.ParseUint(text, 10, 32)
	require.NoError(t, err, name)
	return n
}

// TestRandomHistories lets chains live. See the package's documentation for what it checks and how to have more of it.
func TestRandomHistories(t *testing.T) {
	first, count := uint64(1), number(t, "SIM_SEEDS", defaultSeeds)
	if seed := number(t, "SIM_SEED", 0); seed != 0 {
		first, count = seed, 1
	}
	blocks := int(number(t, "SIM_BLOCKS", defaultBlocks))
	total := map[string]int{}
	for seed := first; seed < first+count; seed++ {
		t.Run(fmt.Sprintf("seed=%d", seed), func(t *testing.T) {
			h := newHistory(t, seed)
			for range blocks / 2 {
				h.live()
			}
			h.reincarnate()
			for range blocks / 2 {
				h.live()
			}
			h.windUp()
			for name, n := range h.done {
				total[name] += n
			}
			for name, n := range h.books.events {
				total[name] += n
			}
		})
	}
	if t.Failed() {
		return
	}
	var names []string
	for name := range total {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		t.Logf("%6d %s", total[name], name)
	}
	if count*uint64(blocks) < defaultSeeds*defaultBlocks {
		return // a short run need not see everything
	}
	for _, happened := range []string{
		"create", "activate", "activate falsely: market 19", "refuse", "prove CLASS_OPEN", "prove CLASS_SEALED", "prove falsely: porep 11",
		"recover CLASS_OPEN", "precommit", "prove seal", "challenge", "answer", "ipdm.porep.v1.EventSealAccepted",
		"ipdm.porep.v1.EventSealRejected", "ipdm.incentive.v1.EventRewardEarned", "ipdm.incentive.v1.EventSlashDistributed", "settle", "cancel",
		"withdraw", "vote", "ipdm.porep.v1.EventUnitFaulted", "ipdm.porep.v1.EventUnitRecovered", "ipdm.porep.v1.EventUnitTerminated",
		"ipdm.porep.v1.EventProviderTerminated", "ipdm.market.v1.EventReplicaLapsed", "ipdm.market.v1.EventReplicaLost",
		"ipdm.market.v1.EventSettled",
	} {
		require.NotZero(t, total[happened], "no %q in all histories: they test too little", happened)
	}
}

// reincarnate exports the state in the midst of everything, has a new chain begin with it, and compares both after they
// executed the same blocks. The history goes on with the new one.
func (h *history) reincarnate() {
	h.Helper()
	old := h.chain
	h.chain, h.twin = h.chain.next(), nil
	require.Equal(h, old.height, h.height)
	// What genesis sets up can be read once a block is committed.
	at := old.time.Add(time.Second)
	_, events := h.block(at, nil)
	h.check(events)
	old.block(at, nil)
	for range besideBlocks {
		h.beside = old
		h.live()
	}
	h.beside = nil
	modules := []string{anchortypes.ModuleName, beacontypes.ModuleName, incentivetypes.ModuleName, markettypes.ModuleName, poreptypes.ModuleName, banktypes.ModuleName}
	want, got := old.export(modules...), h.export(modules...)
	for _, module := range modules {
		require.Equal(h, string(want[module]), string(got[module]), module)
	}
}

// windUp lets all deals come to their end: nothing may be left of them but a refund.
func (h *history) windUp() {
	h.Helper()
	for range 60 {
		events := h.rest()
		h.check(events)
	}
	for _, deal := range h.books.deals {
		require.True(h, deal.Final(), "deal %d is %s at %s", deal.Id, deal.Status, h.time)
	}
}

// TestSameSeedSameHistory runs a history twice: everything that is random comes from the seed, so all hashes are equal.
func TestSameSeedSameHistory(t *testing.T) {
	var hashes [][][]byte
	for range 2 {
		h := newHistory(t, 99)
		h.twin = nil
		for range 60 {
			h.live()
		}
		hashes = append(hashes, h.hashes)
	}
	require.Equal(t, hashes[0], hashes[1])
}
