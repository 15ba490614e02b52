package sectors_test

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	sdkmath "cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/ipdm-network/ipdm/sdk/go/format"
	"github.com/ipdm-network/ipdm/sidecar/consensus/chain"
	markettypes "github.com/ipdm-network/ipdm/x/market/types"
	poreptypes "github.com/ipdm-network/ipdm/x/porep/types"
)

const me = "ipdm1provider"

// ledger is the part of the chain that sectors are about: it keeps its rules, and draws nothing by chance.
type ledger struct {
	tb     testing.TB
	leaves uint32

	mu       sync.Mutex
	height   int64
	now      time.Time
	params   poreptypes.Params
	deals    []*markettypes.Assignment
	sectors  []*poreptypes.Sector
	units    []*poreptypes.Unit
	demands  []poreptypes.RecordDemand
	state    poreptypes.ProviderState
	deposits int
	sent     []sdk.Msg           // accepted
	refused  []sdk.Msg           // refused
	meddle   func(sdk.Msg) error // after a message was executed
}

func newLedger(tb testing.TB) *ledger {
	params := poreptypes.Params{
		SectorClasses: []poreptypes.SectorClass{poreptypes.SECTOR_CLASS_TEST_4MIB}, MaxPieces: 8, TicketMaxAgeBlocks: 50,
		PrecommitChallengeDelayBlocks: 3, SealChallenges: 4, ProveTimeout: time.Minute, SealDisputeTime: time.Minute,
		DemandResponseTime: 20 * time.Second, MaxDeclarationsPerTx: 2, FaultCutoff: 2 * time.Second,
	}
	return &ledger{
		tb: tb, leaves: 3, now: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC), height: 10, params: params,
		state: poreptypes.ProviderState{Provider: me, Class: poreptypes.CLASS_SEALED},
	}
}

func (l *ledger) block(after time.Duration) chain.Block {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.height++
	l.now = l.now.Add(after)
	return chain.Block{Height: l.height, Time: l.now}
}

// assign makes a deal and gives its sealed replica to the provider.
func (l *ledger) assign(sizeBytes uint64) uint64 { return l.assignFor(sizeBytes, 2*time.Minute) }

func (l *ledger) assignFor(sizeBytes uint64, given time.Duration) uint64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	id := uint64(len(l.deals) + 1)
	commD := format.Sum(binary.BigEndian.AppendUint64(nil, id))
	at, deadline := l.now, l.now.Add(given)
	l.deals = append(l.deals, &markettypes.Assignment{
		Deal: markettypes.Deal{Id: id, CommD: commD[:], SizeBytes: sizeBytes},
		Replica: markettypes.Replica{
			DealId: id, Index: 1, Class: poreptypes.CLASS_SEALED, Status: markettypes.REPLICA_STATUS_ASSIGNED, Provider: me,
			AssignedAt: &at, Deadline: &deadline,
		},
	})
	return id
}

// end ends a deal: its replica and its piece are gone.
func (l *ledger) end(deal uint64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.deals[deal-1].Replica.Status = markettypes.REPLICA_STATUS_ENDED
	for _, s := range l.sectors {
		for i := range s.Pieces {
			if s.Pieces[i].DealId == deal && s.Pieces[i].Status != poreptypes.PIECE_STATUS_GONE {
				s.Pieces[i].Status = poreptypes.PIECE_STATUS_GONE
				s.LivePieces--
			}
		}
	}
	l.sectors = slices.DeleteFunc(l.sectors, func(s *poreptypes.Sector) bool {
		return s.LivePieces == 0 && s.Status == poreptypes.SECTOR_STATUS_FINAL
	})
}

func (l *ledger) assignments() []markettypes.Assignment {
	l.mu.Lock()
	defer l.mu.Unlock()
	var list []markettypes.Assignment
	for _, a := range l.deals {
		if a.Replica.Provider == me && a.Replica.Status != markettypes.REPLICA_STATUS_ENDED {
			list = append(list, *a)
		}
	}
	return list
}

func (l *ledger) all() []poreptypes.Sector {
	l.mu.Lock()
	defer l.mu.Unlock()
	out := make([]poreptypes.Sector, len(l.sectors))
	for i, s := range l.sectors {
		out[i] = *s
		out[i].Pieces = slices.Clone(s.Pieces)
	}
	return out
}

func (l *ledger) find(id uint64) *poreptypes.Sector {
	for _, s := range l.sectors {
		if s.Id == id {
			return s
		}
	}
	return nil
}

// accept is the validators' verdict.
func (l *ledger) accept(id uint64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	s := l.find(id)
	s.Status = poreptypes.SECTOR_STATUS_DISPUTABLE
	for i := range s.Pieces {
		piece := &s.Pieces[i]
		unit := &poreptypes.Unit{
			Id: uint64(len(l.units) + 1), Provider: me, Class: poreptypes.CLASS_SEALED, DealId: piece.DealId, SectorId: id,
			StartNode: piece.StartNode, SizeBytes: piece.Nodes * 32, Status: poreptypes.UNIT_STATUS_ACTIVE,
		}
		l.units = append(l.units, unit)
		piece.Status, piece.UnitId = poreptypes.PIECE_STATUS_PROVEN, unit.Id
		l.deals[piece.DealId-1].Replica.Status = markettypes.REPLICA_STATUS_ACTIVE
		l.state.ActiveUnits++
	}
}

// finish ends the time of disputes.
func (l *ledger) finish(id uint64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.find(id).Status = poreptypes.SECTOR_STATUS_FINAL
}

// reject is what validators or time do to a seal.
func (l *ledger) reject(id uint64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	s := l.find(id)
	s.Status = poreptypes.SECTOR_STATUS_DROPPED
	for _, piece := range s.Pieces {
		l.deals[piece.DealId-1].Replica.Provider = "another"
	}
}

func (l *ledger) demand(id uint64, index uint32) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.find(id).OpenDemands++
	l.demands = append(l.demands, poreptypes.RecordDemand{SectorId: id, Index: index, AnswerBy: l.now.Add(l.params.DemandResponseTime)})
}

// fault is what a missing opening does.
func (l *ledger) fault(unit uint64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.faultLocked(unit)
}

func (l *ledger) faultLocked(unit uint64) {
	at := l.now
	u := l.units[unit-1]
	u.Status, u.FaultedAt = poreptypes.UNIT_STATUS_FAULTY, &at
	l.state.FaultyUnits++
	l.state.ActiveUnits--
}

func (l *ledger) window(open bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.state.Window.Open = open
}

func (l *ledger) count(is func(sdk.Msg) bool) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	n := 0
	for _, msg := range l.sent {
		if is(msg) {
			n++
		}
	}
	return n
}

func (l *ledger) unit(id uint64) poreptypes.Unit {
	l.mu.Lock()
	defer l.mu.Unlock()
	return *l.units[id-1]
}

func (l *ledger) Address() string { return me }

func (l *ledger) Submit(ctx context.Context, msgs ...sdk.Msg) (*chain.TxResult, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	for _, msg := range msgs {
		if err := l.execute(msg); err != nil {
			l.refused = append(l.refused, msg)
			return nil, fmt.Errorf("%w: %w", chain.ErrRejected, err)
		}
		l.sent = append(l.sent, msg)
		if l.meddle != nil {
			if err := l.meddle(msg); err != nil {
				return nil, err
			}
		}
	}
	return &chain.TxResult{Height: l.height}, nil
}

func (l *ledger) SubmitUrgent(ctx context.Context, msgs ...sdk.Msg) (*chain.TxResult, error) {
	return l.Submit(ctx, msgs...)
}

func (l *ledger) execute(msg sdk.Msg) error {
	switch m := msg.(type) {
	case *poreptypes.MsgPreCommitSector:
		return l.preCommit(m)
	case *poreptypes.MsgProveSeal:
		s := l.find(m.SectorId)
		if s == nil || s.Status != poreptypes.SECTOR_STATUS_PRECOMMITTED || l.height <= s.ChallengeHeight || !l.now.Before(s.ProveBy) {
			return fmt.Errorf("sector %d is not to be proven", m.SectorId)
		}
		s.Status = poreptypes.SECTOR_STATUS_VERIFYING
		s.Proof = &poreptypes.SealProof{SealId: 1, Records: m.Records, Root: m.Root, LengthBytes: m.LengthBytes}
	case *poreptypes.MsgRevealSealRecord:
		for i, d := range l.demands {
			if d.SectorId == m.SectorId && d.Index == m.Index {
				if want := fmt.Sprintf("slice %d of %d of %x", m.Index, l.params.SealChallenges, l.find(m.SectorId).Proof.Root); want != string(m.Slice) {
					return fmt.Errorf("slice %q, want %q", m.Slice, want)
				}
				l.demands = slices.Delete(l.demands, i, i+1)
				l.find(m.SectorId).OpenDemands--
				return nil
			}
		}
		return fmt.Errorf("record %d is not demanded", m.Index)
	case *poreptypes.MsgDeclareFaults:
		if l.state.Window.Open || uint32(len(m.UnitIds)) > l.params.MaxDeclarationsPerTx {
			return fmt.Errorf("the map is frozen")
		}
		for _, id := range m.UnitIds {
			if l.units[id-1].Status != poreptypes.UNIT_STATUS_ACTIVE {
				return fmt.Errorf("unit %d is not active", id)
			}
			l.faultLocked(id)
		}
	default:
		return fmt.Errorf("message %T is not known", msg)
	}
	return nil
}

func (l *ledger) preCommit(m *poreptypes.MsgPreCommitSector) error {
	age := l.height - m.TicketHeight
	if age < 0 || age > l.params.TicketMaxAgeBlocks {
		return fmt.Errorf("the ticket is %d blocks old", age)
	}
	for _, s := range l.sectors {
		if s.Number == m.Number {
			return fmt.Errorf("number %d is in use", m.Number)
		}
	}
	s := &poreptypes.Sector{
		Id: uint64(len(l.sectors) + 1), Provider: me, Number: m.Number, Class: m.Class, Status: poreptypes.SECTOR_STATUS_PRECOMMITTED,
		TicketHeight: m.TicketHeight, CommC: m.CommC, CommRLast: m.CommRLast, Deposit: sdkmath.OneInt(), PrecommittedAt: l.now,
		ChallengeHeight: l.height + l.params.PrecommitChallengeDelayBlocks, ProveBy: l.now.Add(l.params.ProveTimeout),
		SealChallenges: l.params.SealChallenges, LivePieces: uint32(len(m.Pieces)),
	}
	ticket := ticketAt(m.TicketHeight)
	s.ReplicaId = ticket[:]
	end := uint64(0)
	for _, p := range m.Pieces {
		a := l.deals[p.DealId-1]
		if a.Replica.Status != markettypes.REPLICA_STATUS_ASSIGNED || a.Replica.Index != p.ReplicaIndex || a.Replica.Provider != me {
			return fmt.Errorf("deal %d is not to be sealed", p.DealId)
		}
		nodes := (a.Deal.SizeBytes+31)/32 + uint64(l.leaves)
		if p.StartNode < end || p.StartNode+nodes > 4<<20/32 || string(p.LastLeaf) != fmt.Sprintf("last leaf of %x", a.Deal.CommD) {
			return fmt.Errorf("piece of deal %d is out of place", p.DealId)
		}
		end = p.StartNode + nodes
		s.Pieces = append(s.Pieces, poreptypes.Piece{
			DealId: p.DealId, ReplicaIndex: p.ReplicaIndex, CommD: a.Deal.CommD, TotalBytes: a.Deal.SizeBytes, Leaves: l.leaves,
			StartNode: p.StartNode, Nodes: nodes, Status: poreptypes.PIECE_STATUS_SEALING,
		})
	}
	for _, p := range m.Pieces {
		l.deals[p.DealId-1].Replica.Status, l.deals[p.DealId-1].Replica.SectorId = markettypes.REPLICA_STATUS_SEALING, s.Id
	}
	l.sectors = append(l.sectors, s)
	l.deposits++
	return nil
}

func ticketAt(height int64) [32]byte {
	return sha256.Sum256(binary.BigEndian.AppendUint64(nil, uint64(height)))
}

func (l *ledger) ChainID(context.Context) (string, error) { return "ipdm-test-1", nil }

func (l *ledger) ProofParams(context.Context) (poreptypes.Params, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.params, nil
}

func (l *ledger) Deal(_ context.Context, id uint64) (markettypes.Deal, []markettypes.Replica, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if id == 0 || id > uint64(len(l.deals)) {
		return markettypes.Deal{}, nil, chain.ErrNotFound
	}
	a := l.deals[id-1]
	return a.Deal, []markettypes.Replica{{DealId: id}, a.Replica}, nil
}

func (l *ledger) Sectors(context.Context, string) ([]poreptypes.Sector, error) { return l.all(), nil }

func (l *ledger) Sector(_ context.Context, id uint64) (poreptypes.Sector, error) {
	for _, s := range l.all() {
		if s.Id == id {
			return s, nil
		}
	}
	return poreptypes.Sector{}, chain.ErrNotFound
}

func (l *ledger) SealChallenges(_ context.Context, id uint64) ([]byte, []uint64, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.height <= l.find(id).ChallengeHeight {
		return nil, nil, chain.ErrNotFound
	}
	return make([]byte, 32), []uint64{4, 3, 2, id}, nil
}

func (l *ledger) Demands(_ context.Context, id uint64) ([]poreptypes.RecordDemand, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.DeleteFunc(slices.Clone(l.demands), func(d poreptypes.RecordDemand) bool { return d.SectorId != id }), nil
}

func (l *ledger) ProvingState(context.Context, string, poreptypes.Class) (poreptypes.ProviderState, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.state, nil
}

func (l *ledger) Faults(ctx context.Context, provider string, class poreptypes.Class) ([]poreptypes.Unit, error) {
	units, err := l.Units(ctx, provider, class)
	return slices.DeleteFunc(units, func(u poreptypes.Unit) bool { return u.Status != poreptypes.UNIT_STATUS_FAULTY }), err
}

func (l *ledger) Units(context.Context, string, poreptypes.Class) ([]poreptypes.Unit, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	var units []poreptypes.Unit
	for _, u := range l.units {
		units = append(units, *u)
	}
	return units, nil
}

func (l *ledger) Beacon(context.Context) (int64, [32]byte, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.height, ticketAt(l.height), nil
}

func (l *ledger) LastLeaf(_ context.Context, commD format.Digest) ([]byte, uint32, error) {
	return fmt.Appendf(nil, "last leaf of %x", commD[:]), l.leaves, nil
}
