package provider

import (
	"strings"
	"sync"
	"time"

	markettypes "github.com/ipdm-network/ipdm/x/market/types"
	poreptypes "github.com/ipdm-network/ipdm/x/porep/types"
)

// Status is the agent's state as far as it knows.
type Status struct {
	// Provider is the account's address.
	Provider string
	// Registered tells whether the chain knows the provider.
	Registered bool
	// DealsHeld counts replicas held, DealsPending those to be activated.
	DealsHeld, DealsPending uint64
	// ProvenBytes is what the next window samples.
	ProvenBytes uint64
	// WindowsProven and WindowsMissed count for ever.
	WindowsProven, WindowsMissed uint64
	// FaultyUnits counts units that were not proven and have not recovered.
	FaultyUnits uint64
	// NextDeadline is when the next proof is due at the latest, in chain time; zero when none is.
	NextDeadline time.Time
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

// board keeps the status.
type board struct {
	mu     sync.Mutex
	status Status // guarded by mu
}

func newBoard(address string, healing bool) *board {
	return &board{status: Status{Provider: address, Healing: healing, Earned: "0", Slashed: "0", Pledge: "0"}}
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

func (b *board) proving(state poreptypes.ProviderState, response time.Duration) {
	b.change(func(s *Status) {
		s.ProvenBytes = state.ActiveBytes
		s.WindowsProven, s.WindowsMissed = state.ProvenWindows, state.MissedWindows
		s.FaultyUnits = state.FaultyUnits
		s.NextDeadline = time.Time{}
		switch {
		case state.Window.Open && !state.Window.Submitted && state.Window.ClosesAt != nil:
			s.NextDeadline = *state.Window.ClosesAt
		case state.Scheduled:
			s.NextDeadline = state.NextOpenAt.Add(response)
		}
	})
}

func (b *board) assignments(list []markettypes.Assignment) {
	var held, pending uint64
	for _, a := range list {
		switch a.Replica.Status {
		case markettypes.REPLICA_STATUS_ACTIVE, markettypes.REPLICA_STATUS_FAULTY:
			held++
		case markettypes.REPLICA_STATUS_ASSIGNED:
			pending++
		}
	}
	b.change(func(s *Status) { s.DealsHeld, s.DealsPending = held, pending })
}
