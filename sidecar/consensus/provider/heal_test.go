package provider_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/ipdm-network/ipdm/sidecar/data"
	markettypes "github.com/ipdm-network/ipdm/x/market/types"
)

// held is a world whose providers all hold a replica of one deal.
func held(t *testing.T, providers int) (w *world, dealID uint64, layout *data.Layout) {
	t.Helper()
	w = newWorld(t, providers)
	w.startAll()
	dealID, layout = w.deal(1, uint32(providers), nil)
	w.untilActive(dealID)
	return w, dealID, layout
}

func (h *host) faulty() bool { return h.world.chain.Proving(h.address()).FaultyUnits > 0 }

func TestMissingBytesAreDeclaredHealedFromAnotherHolderAndProvenAgain(t *testing.T) {
	w, _, _ := held(t, 2)
	victim, other := w.providers[0], w.providers[1]
	w.client.online.Store(false)
	other.served.Store(0)
	victim.lose(t)
	w.until("the missing bytes are declared", victim.faulty)
	state := w.chain.Proving(victim.address())
	require.Zero(t, state.MissedWindows, "a proof with missing openings is not a missed window")
	require.Contains(t, victim.agent.Status().LastError, "cannot be answered")

	w.until("the unit has recovered", func() bool { return !victim.faulty() })
	require.Positive(t, other.served.Load(), "the other holder gave the bytes")
	proven := w.chain.Proving(victim.address()).ProvenWindows
	w.until("it is proven as before", func() bool { return w.chain.Proving(victim.address()).ProvenWindows > proven })
	w.chain.Invariants()
}

func TestNothingIsFetchedForAProofAndNothingHealedWhilePaused(t *testing.T) {
	w, dealID, _ := held(t, 2)
	victim := w.providers[0]
	victim.agent.SetHealing(false)
	require.False(t, victim.agent.Status().Healing)
	w.client.served.Store(0)
	w.providers[1].served.Store(0)
	victim.lose(t)
	w.until("the missing bytes are declared", victim.faulty)
	w.until("the replica is taken away", func() bool {
		_, replicas := w.chain.Deal(dealID)
		for _, replica := range replicas {
			for _, excluded := range replica.Excluded {
				if excluded == victim.address() {
					return true
				}
			}
		}
		return false
	})
	require.Zero(t, w.client.served.Load()+w.providers[1].served.Load(), "a paused provider fetches nothing")
	provider, _ := w.chain.Provider(victim.address())
	require.True(t, provider.Slashed.IsPositive())
	w.until("the layout is let go", func() bool { return victim.pins() == 0 })
	require.False(t, victim.faulty())
	w.chain.Invariants()
}

func TestResumedHealingRecovers(t *testing.T) {
	w, dealID, _ := held(t, 2)
	victim := w.providers[0]
	victim.halt()
	victim.cfg.HealingPaused = true
	victim.start()
	victim.lose(t)
	w.until("the missing bytes are declared", victim.faulty)
	victim.agent.SetHealing(true)
	w.until("the unit has recovered", func() bool { return !victim.faulty() })
	require.Equal(t, markettypes.DEAL_STATUS_ACTIVE, w.status(dealID))
	_, replicas := w.chain.Deal(dealID)
	for _, replica := range replicas {
		require.Equal(t, markettypes.REPLICA_STATUS_ACTIVE, replica.Status)
		require.Zero(t, replica.Repairs)
	}
}

func TestHealingSurvivesARestartAndAnAbsentSource(t *testing.T) {
	w, _, layout := held(t, 1)
	victim := w.providers[0]
	w.client.online.Store(false)
	victim.unhealable = true
	victim.lose(t)
	w.until("the missing bytes are declared", victim.faulty)
	w.until("the operator is told that nobody has them", func() bool {
		return strings.Contains(victim.agent.Status().LastError, errNobody.Error())
	})
	victim.halt()
	w.client.online.Store(true)
	victim.unhealable = false
	victim.start()
	w.until("the unit has recovered", func() bool { return !victim.faulty() })
	commD, sizeBytes, err := victim.data.Recompute(t.Context(), layout.Cid)
	require.NoError(t, err)
	require.Equal(t, layout.CommD, commD)
	require.Equal(t, layout.SizeBytes, sizeBytes)
}

func TestALostReplicaIsRepairedOnAnotherProvider(t *testing.T) {
	w := newWorld(t, 3)
	w.startAll()
	dealID, layout := w.deal(1, 2, nil)
	w.untilActive(dealID)
	var victim, spare *host
	for _, h := range w.providers {
		switch {
		case h.pins() == 0:
			spare = h
		case victim == nil:
			victim = h
		}
	}
	require.NotNil(t, spare)
	w.client.online.Store(false) // the spare has to find the other holder by itself
	victim.agent.SetHealing(false)
	victim.lose(t)
	w.until("the spare has taken over", func() bool {
		_, replicas := w.chain.Deal(dealID)
		for _, replica := range replicas {
			if replica.Provider == spare.address() && replica.Status == markettypes.REPLICA_STATUS_ACTIVE {
				return true
			}
		}
		return false
	})
	commD, _, err := spare.data.Recompute(t.Context(), layout.Cid)
	require.NoError(t, err)
	require.Equal(t, layout.CommD, commD)
	w.chain.Invariants()
}
