package provider

import (
	"strings"
	"sync"
	"time"

	"github.com/ipdm-network/ipdm/sidecar/consensus/sectors"
	incentivetypes "github.com/ipdm-network/ipdm/x/incentive/types"
	markettypes "github.com/ipdm-network/ipdm/x/market/types"
	poreptypes "github.com/ipdm-network/ipdm/x/porep/types"
)

// Status is the agent's state as far as it knows.
type Status struct {
	// Provider is the account's address.
	Provider string
	// Registered tells whether the chain knows the provider.
	Registered bool
	// DealsHeld counts replicas held, DealsPending those to be activated, of both classes.
	DealsHeld, DealsPending uint64
	// Proving is that of the open class.
	Proving
	// Sealed is what is sealed.
	Sealed SealedStatus
	// Earned, Slashed and Pledge are in aipdm, decimal.
	Earned, Slashed, Pledge string
	// Healing tells that healing is not paused.
	Healing bool
	// LastError is the newest problem that the operator should know of, or empty.
	LastError string
	// LastErrorAt is when it last occurred, by this machine's clock.
	LastErrorAt time.Time
	// ChainHeight is the newest block seen.
	ChainHeight int64
}

// Proving is how the proofs of a class stand.
type Proving struct {
	// ProvenBytes is what the next window samples.
	ProvenBytes uint64
	// WindowsProven and WindowsMissed count for ever.
	WindowsProven, WindowsMissed uint64
	// FaultyUnits counts units that were not proven and have not recovered.
	FaultyUnits uint64
	// NextDeadline is when the next proof is due at the latest, in chain time; zero when none is.
	NextDeadline time.Time
}

// SealedStatus is the state of the sealed class.
type SealedStatus struct {
	Proving
	// Offered tells that new sealed replicas are taken.
	Offered bool
	// Held counts sealed replicas that are proven, Pending those on their way there.
	Held, Pending uint64
	// SealingBytes are the committed bytes of those that wait for a sector or are in one that is not accepted yet.
	SealingBytes uint64
	// NextSectorDeadline is the next deadline of a sector, in chain time; zero for none.
	NextSectorDeadline time.Time
	// RewardsEarned, RewardsClaimable and RewardsVesting are in aipdm, decimal.
	RewardsEarned, RewardsClaimable, RewardsVesting string
}

// board keeps the status.
type board struct {
	mu     sync.Mutex
	status Status // guarded by mu
}

func newBoard(address string, healing bool) *board {
	return &board{status: Status{
		Provider: address, Healing: healing, Earned: "0", Slashed: "0", Pledge: "0",
		Sealed: SealedStatus{RewardsEarned: "0", RewardsClaimable: "0", RewardsVesting: "0"},
	}}
}

func (b *board) read() Status {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.status
}

func (b *board) change(f func(*Status)) {
	b.mu.Lock()
	defer b.mu.Unlock()
	f(&b.status)
}

// problem records a problem and tells whether it is another one than the last.
func (b *board) problem(text string) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	fresh := b.status.LastError != text
	b.status.LastError, b.status.LastErrorAt = text, time.Now()
	return fresh
}

// solved forgets the last problem if it is of this kind.
func (b *board) solved(what string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if strings.HasPrefix(b.status.LastError, what+": ") {
		b.status.LastError, b.status.LastErrorAt = "", time.Time{}
	}
}

func (b *board) provider(p markettypes.Provider) {
	b.change(func(s *Status) {
		s.Registered = true
		s.Earned, s.Slashed, s.Pledge = p.Earned.String(), p.Slashed.String(), p.Pledge.String()
	})
}

func (b *board) proving(class poreptypes.Class, state poreptypes.ProviderState, deadline time.Time) {
	proving := Proving{
		ProvenBytes: state.ActiveBytes, WindowsProven: state.ProvenWindows, WindowsMissed: state.MissedWindows,
		FaultyUnits: state.FaultyUnits, NextDeadline: deadline,
	}
	b.change(func(s *Status) {
		if class == poreptypes.CLASS_SEALED {
			s.Sealed.Proving = proving
		} else {
			s.Proving = proving
		}
	})
}

// nextDeadline is when the next proof of a class is due at the latest, in chain time; zero when none is.
func nextDeadline(state poreptypes.ProviderState, response time.Duration) time.Time {
	switch {
	case state.Window.Open && !state.Window.Submitted && state.Window.ClosesAt != nil:
		return *state.Window.ClosesAt
	case state.Scheduled:
		return state.NextOpenAt.Add(response)
	}
	return time.Time{}
}

func (b *board) sectors(o sectors.Overview, offered bool) {
	b.change(func(s *Status) {
		s.Sealed.Offered, s.Sealed.SealingBytes, s.Sealed.NextSectorDeadline = offered, o.SealingBytes, o.NextDeadline
	})
}

func (b *board) rewards(r *incentivetypes.QueryAccountResponse) {
	b.change(func(s *Status) {
		s.Sealed.RewardsEarned, s.Sealed.RewardsClaimable = r.Account.Earned.String(), r.Claimable.String()
		s.Sealed.RewardsVesting = r.Vesting.String()
	})
}

func (b *board) assignments(list []markettypes.Assignment) {
	var held, pending, heldSealed, pendingSealed uint64
	for _, a := range list {
		sealed := uint64(0)
		if a.Replica.Class == poreptypes.CLASS_SEALED {
			sealed = 1
		}
		switch a.Replica.Status {
		case markettypes.REPLICA_STATUS_ACTIVE, markettypes.REPLICA_STATUS_FAULTY:
			held++
			heldSealed += sealed
		case markettypes.REPLICA_STATUS_ASSIGNED, markettypes.REPLICA_STATUS_SEALING:
			pending++
			pendingSealed += sealed
		}
	}
	b.change(func(s *Status) {
		s.DealsHeld, s.DealsPending = held, pending
		s.Sealed.Held, s.Sealed.Pending = heldSealed, pendingSealed
	})
}
